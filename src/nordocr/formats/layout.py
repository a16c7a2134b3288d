"""Plain text that keeps the page's layout: rows stay rows and a table's columns stand under each other.

The page becomes a grid of characters. Cells that begin at one place on the page begin in one column of the grid;
figures, which printers set flush right, end in one. A column moves right where the text before it needs more room, for
all rows alike, so that a table stays a table.
"""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nordocr.detect.order import rows
from nordocr.formats.text import TextFormat
from nordocr.results import Line, Page

_FIGURE: Final = re.compile(r"[-–—+±(]*\s*(?:[A-Z]{3}\s)?[\d][\d\s.,:/]*\s*(?:%|kr|€|£|\))?[-–]?|[-–—]")
# Lines with fewer characters say little of the width of one.
_TELLING: Final = 5
# In characters: edges within this are one column, and cells of a row stand at least this far apart.
_SAME_EDGE: Final = 1.2
_APART: Final = 2
_MOST_BLANK_ROWS: Final = 2
# Slopes that a page is tried at, two degrees to either side.
_SLOPES: Final = tuple(step / 1000 for step in range(-35, 36))
# Centres of boxes of one row lie within this share of a box's height.
_NEAR: Final = 0.12


class LayoutTextFormat(TextFormat):
    """Plain text that keeps the page's layout; otherwise like :class:`TextFormat`."""

    def text_of(self, page: Page) -> str:
        """Return the page's lines on a grid of characters."""
        return layout_text(page)


@dataclass
class _Cell:
    """One line of print in its row; ``edge`` in characters of the grid, the right one where ``flush`` is true."""

    text: str
    edge: float
    flush: bool
    stop: _Stop | None = None

    def start(self) -> int:
        column = self.stop.column if self.stop is not None else round(self.edge)
        return column - len(self.text) if self.flush else column


@dataclass
class _Stop:
    """A column of the grid: where the edges of its cells are and, once known, the column that they get."""

    edge: float
    flush: bool
    cells: list[tuple[_Cell | None, _Cell]] = field(default_factory=list)
    column: int = 0


def layout_text(page: Page) -> str:
    """Return a page as text that keeps its rows and columns; an empty page gives an empty text.

    Lines on their side follow at the end.
    """
    aside = [line.text.strip() for line in page.lines if line.rotation in (90, 270) and line.text.strip()]
    lines = [line for line in page.lines if line.text.strip() and line.rotation not in (90, 270)]
    if not lines:
        return "\n".join(aside)
    width, left = _character_width(lines), min(line.bbox.x for line in lines)
    slope = page_slope(lines)
    boxes = [(b.x, round(b.y - slope * (b.x + b.width / 2)), b.width, b.height) for b in (line.bbox for line in lines)]
    found = [[lines[i] for i in row] for row in rows(range(len(lines)), boxes)]
    cells = [[_cell(line, left, width) for line in row] for row in found]
    _place(cells)
    pitch = _pitch(found)
    written: list[str] = []
    before: float | None = None
    for row, line_cells in zip(found, cells, strict=True):
        middle = _middle(row)
        if before is not None and pitch > 0:
            written += [""] * min(_MOST_BLANK_ROWS, max(0, round((middle - before) / pitch) - 1))
        written.append(_written(line_cells))
        before = middle
    return "\n".join([*written, *([""] if aside else []), *aside])


def page_slope(lines: Sequence[Line]) -> float:
    """Return by how much rows fall to the right, in pixels down per pixel across.

    This is the slope at which most lines stand in rows. On a page that is scanned half a degree askew, the last column
    of a table is a whole row off.
    """
    centres = np.array([(b.x + b.width / 2, b.y + b.height / 2) for b in (line.bbox for line in lines)])
    near = _NEAR * float(np.median([line.bbox.height for line in lines]))

    def in_rows(slope: float) -> int:
        heights = np.sort(centres[:, 1] - slope * centres[:, 0])
        return int((np.diff(heights) < near).sum())

    counts = [in_rows(slope) for slope in _SLOPES]
    # Of a run of slopes that are as good the middle one, of several runs the most level.
    good = [i for i, count in enumerate(counts) if count == max(counts)]
    first = last = min(good, key=lambda i: abs(_SLOPES[i]))
    while first - 1 in good:
        first -= 1
    while last + 1 in good:
        last += 1
    return (_SLOPES[first] + _SLOPES[last]) / 2


def _character_width(lines: Sequence[Line]) -> float:
    """Pixels a character, of the page's usual type."""
    telling = [line.bbox.width / len(line.text) for line in lines if len(line.text) >= _TELLING]
    return max(1.0, statistics.median(telling or [line.bbox.width / len(line.text) for line in lines]))


def _cell(line: Line, left: int, width: float) -> _Cell:
    text = line.text.strip()
    flush = _FIGURE.fullmatch(text) is not None
    pixels = line.bbox.x + line.bbox.width if flush else line.bbox.x
    return _Cell(text, (pixels - left) / width, flush)


def _place(table: Sequence[Sequence[_Cell]]) -> None:
    """Give every cell its column: edges that agree share one, and no cell runs into the next."""
    pairs = [(before, cell) for row in table for before, cell in zip([None, *row[:-1]], row, strict=True)]
    stops: list[_Stop] = []
    for before, cell in sorted(pairs, key=lambda pair: pair[1].edge):
        same = [s for s in stops if s.flush == cell.flush and cell.edge - s.edge <= _SAME_EDGE]
        if not same:
            same = [_Stop(cell.edge, cell.flush)]
            stops += same
        same[-1].cells.append((before, cell))
        cell.stop = same[-1]
    for stop in sorted(stops, key=lambda stop: stop.edge):
        needed = [round(stop.edge)]
        for before, cell in stop.cells:
            end = 0 if before is None else before.start() + len(before.text) + _APART
            needed.append(end + len(cell.text) if stop.flush else end)
        stop.column = max(needed)


def _written(row: Sequence[_Cell]) -> str:
    text = ""
    for cell in row:
        # Two cells of one stop in a row, where boxes overlap: the second follows the first.
        start = max(cell.start(), len(text) + (_APART if text else 0))
        text += " " * (start - len(text)) + cell.text
    return text


def _middle(row: Sequence[Line]) -> float:
    return statistics.fmean(line.bbox.y + line.bbox.height / 2 for line in row)


def _pitch(found: Sequence[Sequence[Line]]) -> float:
    """Pixels from one row to the next, as they usually are on the page; 0 where there is one row."""
    middles = [_middle(row) for row in found]
    steps = [b - a for a, b in itertools.pairwise(middles) if b > a]
    return statistics.median_low(steps) if steps else 0.0
