"""Rows of type cut at gaps that part them, and pieces joined where none does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components, Ints
from nordocr.detect.gaps.judge import Page, parts
from nordocr.detect.gaps.spacing import gaps_of
from nordocr.detect.spaced import letter_gap
from nordocr.detect.textline import LineTable, TextLine, extent, fit_line

# Of letters set apart, in gaps between letters.
_WORD_APART: Final = 3.5


def split_lines(page: Page, lines: list[TextLine]) -> list[TextLine]:
    """Cut each line where its gaps part it."""
    pieces: list[TextLine] = []
    for line in lines:
        first, last = _led(page, line)
        apart = _WORD_APART * (letter_gap(page.components, line) or 0.0)
        cuts = [
            middle
            for gap, start, end, middle in gaps_of(page.components, line)
            if gap > apart and not (first <= end and start <= last) and parts(page, line, start, end)
        ]
        pieces += cut_at(page.components, line, cuts)
    return pieces


def _led(page: Page, line: TextLine) -> tuple[int, int]:
    """Where the line's leader dots begin and end; (1, 0) where it has none."""
    dots = line.marks[np.isin(line.marks, page.leaders)] if len(page.leaders) else page.leaders
    if not len(dots):
        return 1, 0
    return int(page.components.left[dots].min()), int(page.components.right[dots].max())


def merge_lines(page: Page, lines: list[TextLine], slope: float) -> list[TextLine]:
    """Join pieces of one row whose gap does not part them: a broken row, or wide spaces in running text."""
    pieces = sorted(lines, key=lambda line: extent(page.components, line)[0])
    table = LineTable(page.components, pieces)
    waiting = np.ones(len(pieces), dtype=np.bool_)
    done: list[TextLine] = []
    for number, line in enumerate(pieces):
        if not waiting[number]:
            continue
        waiting[number] = False
        while (follower := _follower(page, line, table, waiting)) is not None:
            waiting[follower] = False
            other = pieces[follower]
            marks = np.concatenate([line.marks, other.marks])
            line = fit_line(page.components, np.concatenate([line.letters, other.letters]), marks, slope)
        done.append(line)
    return done


def _follower(page: Page, line: TextLine, table: LineTable, waiting: npt.NDArray[np.bool_]) -> int | None:
    """Which of the ``waiting`` lines of ``table`` continues ``line`` or lies within it: the leftmost, or None."""
    left, right = extent(page.components, line)
    gap, unit = table.left - right, np.maximum(table.unit, line.unit)
    middle = np.where(gap < 0, table.left, (table.left + right) / 2)
    drift = np.abs(line.base + (line.slope or 0.0) * middle - table.base - table.slope * middle)
    low = np.minimum(table.unit, line.unit)
    fits = waiting & (table.left >= left) & (gap <= page.spacing.widest * unit) & (drift <= 0.35 * low)
    for number in (int(number) for number in np.flatnonzero(fits & (unit <= 1.9 * low))):
        both = replace(line, letters=np.concatenate([line.letters, table.lines[number].letters]))
        if not parts(page, both, right, int(table.left[number]), float(unit[number])):
            return number
    return None


def cut_at(components: Components, line: TextLine, cuts: list[float]) -> list[TextLine]:
    """Cut a line at columns, left to right; the parts that have letters."""
    if not cuts:
        return [line]

    def shares(labels: Ints) -> list[Ints]:
        where = np.searchsorted(cuts, (components.left[labels] + components.right[labels]) / 2)
        return [labels[where == i] for i in range(len(cuts) + 1)]

    # A piece of marks only (dot leaders, a rule's crumbs) is no line.
    return [
        fit_line(components, letters, marks, line.slope)
        for letters, marks in zip(shares(line.letters), shares(line.marks), strict=True)
        if len(letters)
    ]
