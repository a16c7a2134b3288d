"""Rows of dots that lead from a label to its page or figure: all three are one line."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components, Ints
from nordocr.detect.grouping import REACH, link
from nordocr.detect.textline import LineTable, TextLine, fit_line, straight_line
from nordocr.medians import median

# A row of at least so many dots leads from a label to its page or figure; in dots, how far apart they are.
_LEADER: Final = 5
_SLOPE_DOTS: Final = 10
_DOT_REACH: Final = 5.0
# What a row of dots leads to begins within so many of its steps.
_NEXT: Final = 3.0
# Between a label and what stands in its row, dots lie on the line from one foot to the other within so many letter
# heights, and are lower than this share of its letters. So large a share of their steps is the usual one, within this
# part of it, and no step is longer than so many of them.
_OFF: Final = 0.2
_LOW: Final = 0.5
_REGULAR: Final = 0.6
_SPREAD: Final = 0.35
_LONGEST: Final = 5.0
# The first dot is no farther than this from the label, and the last from the figure, in letter heights.
_BESIDE: Final = 3.0
# A table's figure has at most so many letters, and fewer than so many dots within so many letter heights behind it.
_FIGURES: Final = 10
_FEW: Final = 3
_BEHIND: Final = 6.0
# So wide a gap, in letter heights, parts two of a table's figures.
_CELLS: Final = 1.5
# Dots that lead on are at least so densely set, as a share of those that led to the number.
_DENSE: Final = 0.5


def attach_leaders(components: Components, lines: list[TextLine], marks: Ints) -> tuple[list[TextLine], Ints]:
    """Make one line of a label, its row of dots and the page or figure that the dots lead to.

    Dots that stop short of the next column, or lead to the first of a table's figures, are no part of the label's line.

    Args:
        components: The page's components.
        lines: The lines.
        marks: Labels of what is too low for a letter, dots among it.

    Returns:
        The lines that are left, and the dots that are settled so.
    """
    high, wide = components.height[marks], components.width[marks]
    dots = marks[(wide <= 1.6 * high) & (high <= 1.6 * wide)]
    if len(dots) < _LEADER or not lines:
        return lines, np.zeros(0, dtype=np.int64)
    lines, led = _between(components, lines, dots)
    lines, stopped = _behind(components, lines, np.setdiff1d(dots, led))
    return lines, np.concatenate([led, stopped])


def _between(components: Components, lines: list[TextLine], dots: Ints) -> tuple[list[TextLine], Ints]:
    """Join what stands in one row with an even row of dots between, whatever specks lie about them."""
    lines = sorted(lines, key=lambda line: int(components.left[line.letters].min()))
    table = LineTable(components, lines)
    left = np.ones(len(lines), dtype=np.bool_)
    used: list[Ints] = [np.zeros(0, dtype=np.int64)]
    x = (components.left[dots] + components.right[dots]) / 2
    foot = components.bottom[dots]
    for number, line in enumerate(lines):
        if not left[number]:
            continue
        end = int(table.right[number])
        drift = np.abs(table.base + table.slope * table.left - line.baseline(0.0) - (line.slope or 0.0) * table.left)
        beside = left & (table.left > end + _LEADER) & (drift < 0.5 * table.unit) & (table.unit < 2 * line.unit)
        if not beside.any():
            continue
        other = int(np.where(beside, table.left, np.inf).argmin())
        start = int(table.left[other])
        rise = (lines[other].baseline(start) - line.baseline(end)) / (start - end)
        level = line.baseline(end) + rise * (x - end)
        row = dots[(x > end) & (x < start) & (np.abs(foot - level) <= _OFF * line.unit)]
        row = row[components.height[row] < _LOW * line.unit]
        if not _is_even(components, row, (end, start), line.unit):
            continue
        used.append(row)
        if _is_cell(components, table, left, other, dots, _step(components, row)):
            continue
        letters = np.concatenate([line.letters, lines[other].letters])
        marks = np.concatenate([line.marks, lines[other].marks, row])
        lines[number] = fit_line(components, letters, marks, rise)
        left[other] = False
    return [line for line, kept in zip(lines, left, strict=True) if kept], np.concatenate(used)


def _is_even(components: Components, row: Ints, ends: tuple[int, int], unit: float) -> bool:
    """Whether dots fill the stretch between two columns, most of them at the same distance from each other."""
    if len(row) < _LEADER:
        return False
    x = np.sort((components.left[row] + components.right[row]) / 2)
    steps = np.diff(x)
    usual = median(steps)
    if max(x[0] - ends[0], ends[1] - x[-1]) > max(_BESIDE * unit, _NEXT * usual) or steps.max() > _LONGEST * usual:
        return False
    return float((np.abs(steps - usual) <= max(1.0, _SPREAD * usual)).mean()) >= _REGULAR


def _behind(components: Components, lines: list[TextLine], dots: Ints) -> tuple[list[TextLine], Ints]:
    """The same for rows of dots by themselves, which may stop short of the next column."""
    table = LineTable(components, lines)
    left = np.ones(len(lines), dtype=np.bool_)
    used: list[Ints] = [np.zeros(0, dtype=np.int64)]
    for row in link(components, dots, _DOT_REACH):
        if len(row) < _LEADER:
            continue
        start, end = int(components.left[row].min()), int(components.right[row].max())
        slope, foot = _along(components, row)
        low = left & (median(components.height[row]) < 0.5 * table.unit)
        # A short label tells no slope of its own, a row of dots does.
        drift = np.abs(table.base + table.slope * table.right - foot - slope * table.right)
        before = low & (drift < 0.5 * table.unit) & (start >= table.right)
        before &= start - table.right < REACH * table.unit
        if not before.any():
            continue
        host = int(np.where(before, np.abs(start - table.right), np.inf).argmin())
        used.append(row)
        drift = np.abs(table.base + table.slope * table.left - foot - slope * table.left)
        after = low & (drift < 0.5 * table.unit) & (table.left >= end)
        after &= table.left - end < _NEXT * (end - start) / (len(row) - 1)
        if after.any():
            other = int(np.where(after, table.left, np.inf).argmin())
            if _is_cell(components, table, left, other, dots, _step(components, row)):
                continue
            letters = np.concatenate([lines[host].letters, lines[other].letters])
            lines[host] = fit_line(components, letters, np.concatenate([lines[host].marks, row]), slope)
            left[other] = False
    return [line for line, kept in zip(lines, left, strict=True) if kept], np.concatenate(used)


def _step(components: Components, row: Ints) -> float:
    """How far apart the dots of a row usually stand, whatever is missing."""
    return median(np.diff(np.sort(components.left[row]))) if len(row) > 1 else 0.0


def _is_cell(
    components: Components, table: LineTable, left: npt.NDArray[np.bool_], number: int, dots: Ints, step: float
) -> bool:
    """Whether line ``number`` is a table's cell and no page number: another short line that leads nowhere follows it.

    Args:
        components: The page's components.
        table: The lines.
        left: Which of them have not been joined to others.
        number: The line that dots lead to.
        dots: The page's dots.
        step: How far apart those of the leader stand; what follows the number less densely is pepper.
    """
    end, unit = table.right[number], table.unit[number]
    letters = table.lines[number].letters
    gaps = components.left[letters][1:] - components.right[letters][:-1]
    if len(gaps) and int(gaps.max()) > _CELLS * unit:
        return True  # two cells that have not been parted yet
    drift = np.abs(table.base + table.slope * end - table.base[number] - table.slope[number] * end)
    after = left & (table.left > end) & (drift < 0.5 * unit) & (table.unit < 2 * unit) & (unit < 2 * table.unit)
    if not after.any():
        return False
    other = int(np.where(after, table.left, np.inf).argmin())
    if len(table.lines[other].letters) > _FIGURES:
        return False
    level = table.base[other] + table.slope[other] * components.left[dots]
    behind = (components.left[dots] > table.right[other]) & (
        components.left[dots] < table.right[other] + _BEHIND * table.unit[other]
    )
    behind &= np.abs(components.bottom[dots] - level) <= _OFF * table.unit[other]
    least = max(_FEW, _DENSE * _BEHIND * float(table.unit[other]) / max(1.0, step))
    return int(behind.sum()) < least


def _along(components: Components, row: Ints) -> tuple[float, float]:
    """Slope and offset of the line that a row of dots stands on."""
    x, foot = (components.left[row] + components.right[row]) / 2, components.bottom[row]
    if len(row) < _SLOPE_DOTS:
        return 0.0, float(np.median(foot))
    slope, offset = straight_line(x, foot)
    kept = np.abs(foot - slope * x - offset) <= 2.0
    if kept.sum() >= _SLOPE_DOTS:
        slope, offset = straight_line(x[kept], foot[kept])
    return float(slope), float(offset)
