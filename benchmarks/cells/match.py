"""Which cells of the tables found stand where the truth has them, and say what it says."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nordocr.results import BBox, Page, Table

# Boxes of one cell share so much of their union.
LEAST_IOU = 0.5

Found = TypeVar("Found", bound=Hashable)


@dataclass(frozen=True)
class Placed:
    """A cell that is not empty: its table, row, first and last column, box and text."""

    table: int
    row: int
    columns: range
    box: BBox
    text: str


@dataclass
class CellTally:
    """Counts over pages. ``right``: place and text; ``in_place``: the place alone; ``heads``: of tables."""

    pages: int = 0
    tables: int = 0
    tables_found: int = 0
    heads: int = 0
    cells: int = 0
    found: int = 0
    in_place: int = 0
    right: int = 0

    def __add__(self, other: CellTally) -> CellTally:
        return CellTally(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def f1(self, right: int) -> float:
        """The harmonic mean of precision and recall of cells; 1 where there are none and none were found."""
        return 2 * right / (self.cells + self.found) if self.cells + self.found else 1.0


def cells_of(tables: Sequence[Table]) -> list[Placed]:
    """Return the cells that are not empty."""
    return [
        Placed(number, row, range(column, column + cell.colspan), cell.bbox, plain(cell.text))
        for number, table in enumerate(tables)
        for row, column, cell in table.placed()
        if cell.lines
    ]


def plain(text: str) -> str:
    """NFC with runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def tally(truth: Page, found: Sequence[Table]) -> CellTally:
    """Compare a page's tables with its truth.

    Cells are paired by their boxes. A table, a row or a column found stands for the true one that most of its cells are
    paired with, and no two for the same. A cell is in place where its row stands for its pair's row, and
    its columns meet those of its pair. It is right where its text is the same too.
    """
    true, other = cells_of(truth.tables), cells_of(found)
    pairs = paired([cell.box for cell in true], [cell.box for cell in other])
    tables = _stands_for((other[j].table, true[i].table) for i, j in pairs)
    inside = [(i, j) for i, j in pairs if tables.get(other[j].table) == true[i].table]
    rows = _stands_for(((other[j].table, other[j].row), true[i].row) for i, j in inside)
    columns = _stands_for(
        ((other[j].table, other[j].columns[0]), true[i].columns[0])
        for i, j in inside
        if len(true[i].columns) == len(other[j].columns) == 1
    )
    in_place = [
        (i, j)
        for i, j in inside
        if rows.get((other[j].table, other[j].row)) == true[i].row
        and any(columns.get((other[j].table, column)) in true[i].columns for column in other[j].columns)
    ]
    heads = sum(found[f].header_rows == truth.tables[t].header_rows for f, t in tables.items())
    right = sum(true[i].text == other[j].text for i, j in in_place)
    counts = (len(truth.tables), len(found), heads, len(true), len(other), len(in_place), right)
    return CellTally(1, *counts)


def paired(true: Sequence[BBox], found: Sequence[BBox]) -> list[tuple[int, int]]:
    """Return one-to-one pairs of boxes that overlap, best first."""
    overlaps = sorted(((iou(a, b), i, j) for i, a in enumerate(true) for j, b in enumerate(found)), reverse=True)
    taken_i: set[int] = set()
    taken_j: set[int] = set()
    pairs = []
    for value, i, j in overlaps:
        if value < LEAST_IOU:
            break
        if i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
            pairs.append((i, j))
    return pairs


def _stands_for(votes: Iterable[tuple[Found, int]]) -> dict[Found, int]:
    """Return for each thing found the true one that most votes name, each true one once within its own table."""
    counted = sorted(Counter(votes).items(), key=lambda pair: (-pair[1], str(pair[0])))
    chosen: dict[Found, int] = {}
    taken: set[tuple[object, int]] = set()
    for (found, true), _ in counted:
        own = found[0] if isinstance(found, tuple) else None
        if found not in chosen and (own, true) not in taken:
            chosen[found] = true
            taken.add((own, true))
    return chosen


def iou(a: BBox, b: BBox) -> float:
    """Intersection over union of two boxes."""
    across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(0, across) * max(0, down)
    return shared / max(1, a.width * a.height + b.width * b.height - shared)
