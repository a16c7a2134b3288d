"""Lines to tables."""

from __future__ import annotations

from collections.abc import Sequence

from nordocr.results import BBox, Cell, Line, Table
from nordocr.tables.apart import sides_of
from nordocr.tables.blocks import blocks_of
from nordocr.tables.grid import Grid, GridRow, grid_of
from nordocr.tables.items import items_of, usual_height
from nordocr.tables.joining import joined
from nordocr.tables.judge import is_table
from nordocr.tables.rows import rows_of


def find_tables(lines: Sequence[Line], degrees: float = 0.0) -> list[Table]:
    """Return the tables that a page's lines stand in.

    Args:
        lines: The page's lines.
        degrees: By how much they climb to the right.

    Returns:
        The tables from top to bottom, those of one column of the page after another. Their cells name the lines by
        their numbers in ``lines``.
    """
    items = items_of(lines, degrees)
    if not items:
        return []
    height = usual_height(items)
    found = []
    for side in sides_of(items, height):
        for block in blocks_of(rows_of(side), height):
            grid = grid_of(block, height)
            if is_table(grid, height):
                found.append(_table(grid, lines))
    return found


def _table(grid: Grid, lines: Sequence[Line]) -> Table:
    used = sorted({c for row in grid.rows for place in row for c in (place.first, place.last)})
    places = {column: number for number, column in enumerate(used)}
    boxes: list[tuple[int, int]] = []
    for column in used:
        held = [p for row in grid.rows for p in row if p.first <= column <= p.last]
        own = [p for p in held if p.first == p.last] or held
        around = [lines[item.index].bbox for p in own for item in p.items]
        boxes.append((min(b.x for b in around), max(b.x + b.width for b in around)))
    rows = [_row(row, places, boxes, lines) for row in grid.rows]
    box = _around([cell.bbox for row in rows for cell in row])
    return Table(bbox=box, header_rows=grid.header_rows, rows=rows)


def _row(row: GridRow, places: dict[int, int], boxes: Sequence[tuple[int, int]], lines: Sequence[Line]) -> list[Cell]:
    around = _around([lines[item.index].bbox for place in row for item in place.items])
    cells: list[Cell] = []
    at = 0

    def empty(column: int) -> Cell:
        left, right = boxes[column]
        return Cell(text="", bbox=BBox(x=left, y=around.y, width=right - left, height=around.height))

    for place in row:
        first, last = places[place.first], places[place.last]
        cells += [empty(column) for column in range(at, first)]
        held = [lines[item.index] for item in place.items]
        text = joined([line.text for line in held])
        numbers = [item.index for item in place.items]
        cells.append(Cell(text=text, bbox=_around([h.bbox for h in held]), lines=numbers, colspan=last - first + 1))
        at = last + 1
    return cells + [empty(column) for column in range(at, len(boxes))]


def _around(boxes: Sequence[BBox]) -> BBox:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return BBox(x=left, y=top, width=right - left, height=bottom - top)
