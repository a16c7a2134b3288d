"""Columns that the rows around show: what stands flush with them is a cell, however narrow the gap before it.

A header's years and a quantity's unit stand no farther from what is before them than two words. The rows below do not
reach over that gap, and have a cell where the header has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components
from nordocr.detect.gaps.judge import Page
from nordocr.detect.gaps.rows import cut_at
from nordocr.detect.gaps.spacing import gaps_of
from nordocr.detect.textline import LineTable, TextLine

Floats = npt.NDArray[np.float64]

# A gap is wider than a word space by this factor, and at least so many letter heights.
_WIDER: Final = 1.25
_LEAST: Final = 0.8
# A narrower one than this may stand between a figure's thousands.
_SURE: Final = 1.1
# So many rows next to this one have a cell there, whose edge is the same within so many letter heights; the first is no
# farther than so many rows, and neither is one of them from the next. Its type is as high within that factor.
_ROWS: Final = 3
_SAME: Final = 0.25
_APART: Final = 3.2
_ALIKE: Final = 1.3
# So many of them have something before them in their rows, no farther than so many letter heights.
_LED: Final = 2
_NEXT: Final = 40.0


@dataclass(frozen=True)
class _Cells:
    """The page's lines made level: ``[lines]`` each. ``led``: another line stands before it in its row."""

    left: Floats
    right: Floats
    level: Floats
    unit: Floats
    led: npt.NDArray[np.bool_]


def cut_columns(page: Page, lines: list[TextLine], slope: float) -> list[TextLine]:
    """Cut lines at the gaps behind which the rows around them have cells.

    Args:
        page: What gaps are judged by.
        lines: The lines of the page, cut at all gaps that part them for themselves.
        slope: The slope of its rows.
    """
    if len(lines) <= _ROWS:
        return lines
    cells = _cells(page.components, lines, slope)
    pieces: list[TextLine] = []
    for number, line in enumerate(lines):
        least = max(_WIDER * page.spacing.word, _LEAST) * line.unit
        cuts: list[float] = []
        end = float(cells.right[number])
        for width, start, stop, middle in reversed(gaps_of(page.components, line)):
            y = line.baseline(start)
            if width < least or any(comb.holds(start, stop, y - line.rise / 2) for comb in page.combs):
                continue
            if np.isin(line.marks, page.leaders).any():
                break
            if width < _SURE * line.unit and not _ends_column(cells, number, start + slope * y):
                continue
            if _is_cell(cells, number, (start + slope * y, stop + slope * y, end), page.spacing.row):
                cuts.append(middle)
                end = start + slope * y
        pieces += cut_at(page.components, line, sorted(cuts))
    return pieces


def _ends_column(cells: _Cells, number: int, right: float) -> bool:
    """Whether what ends at column ``right`` of a line is flush with another line's end: thousands end no column."""
    flush = np.abs(cells.right - right) <= _SAME * cells.unit[number]
    flush[number] = False
    return bool(flush.any())


def _cells(components: Components, lines: list[TextLine], slope: float) -> _Cells:
    table = LineTable(components, lines)
    middle = (table.left + table.right) / 2
    y = table.base + table.slope * middle
    left, right, level = table.left + slope * y, table.right + slope * y, y - slope * middle
    gap = left[:, None] - right[None]
    beside = (gap > 0) & (gap <= _NEXT * table.unit[:, None])
    beside &= np.abs(level[:, None] - level[None]) <= 0.35 * np.minimum(table.unit[:, None], table.unit[None])
    return _Cells(left, right, level, table.unit, np.asarray(beside.any(axis=1), dtype=np.bool_))


def _is_cell(cells: _Cells, number: int, span: tuple[float, float, float], row: float) -> bool:
    """Whether what stands from ``span[1]`` to ``span[2]``, behind a gap from ``span[0]``, is flush with other cells."""
    unit, level = float(cells.unit[number]), float(cells.level[number])
    before, left, right = span
    alike = (cells.unit < _ALIKE * unit) & (unit < _ALIKE * cells.unit) & (np.abs(cells.level - level) > 0.5 * unit)
    behind = alike & (cells.left > before)
    for flush in (np.abs(cells.right - right) <= _SAME * unit, np.abs(cells.left - left) <= _SAME * unit):
        members = np.flatnonzero(behind & flush)
        for side in (members[cells.level[members] > level], members[cells.level[members] < level]):
            near = side[np.argsort(np.abs(cells.level[side] - level), kind="stable")][:_ROWS]
            if len(near) < _ROWS or cells.led[near].sum() < _LED:
                continue
            steps = np.diff(np.concatenate([[0.0], np.abs(cells.level[near] - level)]))
            low, high = sorted((level, float(cells.level[near[-1]])))
            crossed = (cells.level > low + 0.5 * unit) & (cells.level < high - 0.5 * unit)
            crossed &= (cells.left < before) & (cells.right > left)
            if steps.max() <= _APART * row * unit and not crossed.any():
                return True
    return False
