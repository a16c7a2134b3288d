"""A page's tables in the form of a reading's result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nordocr.results import BBox, Cell, Table
from nordocr.synth.pages.model import PageCell, PageLine, PageTable

Extent = tuple[int, int]


def table_truth(table: PageTable, lines: Sequence[PageLine]) -> Table:
    """Return a table as results hold it, with an empty cell wherever nothing stands.

    Args:
        table: The table.
        lines: All lines of its page.
    """
    columns: list[Extent] = []
    for column in range(table.columns):
        held = [c for row in table.rows for c in row if c.column <= column < c.column + c.colspan]
        # Where only cells that span it stand, a column has their extent.
        own = [c for c in held if c.colspan == 1] or held
        columns.append(_extent((lines[line].bbox[0], lines[line].bbox[2]) for c in own for line in c.lines))
    rows = [_row(row, columns, lines) for row in table.rows]
    return Table(bbox=_around([cell.bbox for row in rows for cell in row]), header_rows=table.header_rows, rows=rows)


def _row(cells: Sequence[PageCell], columns: Sequence[Extent], lines: Sequence[PageLine]) -> list[Cell]:
    top, bottom = _extent((lines[line].bbox[1], lines[line].bbox[3]) for cell in cells for line in cell.lines)
    made: list[Cell] = []
    at = 0
    for cell in sorted(cells, key=lambda cell: cell.column):
        made += [_empty(column, top, bottom) for column in columns[at : cell.column]]
        text = " ".join(lines[line].text for line in cell.lines)
        box = _around([_box(lines[line]) for line in cell.lines])
        made.append(Cell(text=text, bbox=box, lines=list(cell.lines), colspan=cell.colspan))
        at = cell.column + cell.colspan
    return made + [_empty(column, top, bottom) for column in columns[at:]]


def _empty(column: Extent, top: int, bottom: int) -> Cell:
    return Cell(text="", bbox=BBox(x=column[0], y=top, width=column[1] - column[0], height=bottom - top))


def _extent(spans: Iterable[tuple[int, int]]) -> Extent:
    held = list(spans)
    return min(start for start, _ in held), max(start + length for start, length in held)


def _box(line: PageLine) -> BBox:
    x, y, width, height = line.bbox
    return BBox(x=x, y=y, width=width, height=height)


def _around(boxes: Sequence[BBox]) -> BBox:
    left, right = _extent((box.x, box.width) for box in boxes)
    top, bottom = _extent((box.y, box.height) for box in boxes)
    return BBox(x=left, y=top, width=right - left, height=bottom - top)
