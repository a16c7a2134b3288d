"""What a table's cell holds and no letter tells of: a figure in pieces, a word of low letters.

Neither is as high as a letter, but their row and their column tell of them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nordocr.detect.components import Components, Ints
from nordocr.detect.gaps.dashes import in_column
from nordocr.detect.textline import LineTable, TextLine

# In letter heights: how long a piece is at least, how wide a figure is and how high at most, how far apart its pieces
# are upwards and sideways, how far its foot and head may stand from those of its row, and how far it stands from what
# else is there.
_PIECE: Final = 0.12
_WIDTH: Final = (0.3, 1.1)
_HEIGHT: Final = 1.8
_GAP: Final = (0.35, 0.15)
_FOOT: Final = 0.15
_HEAD: Final = 0.2
_APART: Final = 0.8
# How much of its box a figure fills.
_FILL: Final = (0.12, 0.8)
_MOST: Final = 1_500
# A low word is at least so high, in the page's letter heights, and so many times as wide, specks lower than that aside;
# so many others begin where it does, within so many letter heights.
_LOW: Final = 0.55
_WORD: Final = 0.9
_SPECK: Final = 0.35
_OTHERS: Final = 2
_FLUSH: Final = 0.3


def broken_figures(components: Components, lines: list[TextLine], pieces: Ints, slope: float) -> list[TextLine]:
    """Find the cells of tables that hold one figure and nothing else, in pieces one above the other.

    Args:
        components: The page's components.
        lines: Its lines.
        pieces: Labels of what may be ink of letters; those of ``lines`` are left alone.
        slope: The slope of its rows.

    Returns:
        A line for each such cell, the pieces as its letters.
    """
    if len(lines) < 2:
        return []
    table = LineTable(components, lines)
    unit = float(np.median(table.unit))
    free = np.setdiff1d(pieces, np.concatenate([line.members for line in lines]))
    long = np.maximum(components.width[free], components.height[free])
    free = free[(long >= _PIECE * unit) & (components.width[free] <= _WIDTH[1] * unit)]
    if not 2 <= len(free) <= _MOST:
        return []
    found: list[TextLine] = []
    taken: set[int] = set()
    for lower in free[np.argsort(-components.bottom[free], kind="stable")]:
        if int(lower) in taken:
            continue
        figure = _figure(components, free, int(lower), unit)
        row = None if figure is None else _row(components, table, figure)
        if figure is None or row is None or not in_column(components, table, figure, slope):
            continue
        host = lines[row]
        left, bottom = int(components.left[figure].min()), float(components.bottom[figure].max())
        height = bottom - float(components.top[figure].min())
        none = np.zeros(0, dtype=np.int64)
        found.append(TextLine(figure, none, height, bottom - (host.slope or 0.0) * left, height, host.slope))
        taken.update(figure.tolist())
    return found


def _figure(components: Components, free: Ints, lower: int, unit: float) -> Ints | None:
    """The pieces above and beside the ``lower`` one that make a figure with it; None where they make none."""
    figure = np.array([lower])
    while True:
        left, right = components.left[figure].min(), components.right[figure].max()
        top, bottom = components.top[figure].min(), components.bottom[figure].max()
        if right - left > _WIDTH[1] * unit or bottom - top > _HEIGHT * unit:
            return None
        near = (components.left[free] <= right + _GAP[1] * unit) & (components.right[free] >= left - _GAP[1] * unit)
        near &= (components.bottom[free] >= top - _GAP[0] * unit) & (components.bottom[free] <= bottom)
        grown = np.union1d(figure, free[near])
        if len(grown) == len(figure):
            break
        figure = grown
    width, height = float(right - left), float(bottom - top)
    fill = float(components.area[figure].sum()) / max(1.0, width * height)
    fits = _WIDTH[0] * unit <= width <= height and _FILL[0] <= fill <= _FILL[1]
    return figure if len(figure) > 1 and fits else None


def _row(components: Components, table: LineTable, both: Ints) -> int | None:
    """The nearest line in whose row the pieces stand, with its foot and as high as its figures; None for none."""
    left, right = int(components.left[both].min()), int(components.right[both].max())
    top, bottom = int(components.top[both].min()), int(components.bottom[both].max())
    base = table.base + table.slope * (left + right) / 2
    beside = np.maximum(table.left - right, left - table.right)
    level = (bottom > base - table.rise) & (top < base)
    if (beside[level] < _APART * table.unit[level]).any():
        return None
    stands = (np.abs(bottom - base) <= _FOOT * table.unit) & (np.abs(base - table.rise - top) <= _HEAD * table.unit)
    return int(np.where(stands, beside, np.inf).argmin()) if stands.any() else None


def low_words(components: Components, lines: list[TextLine], others: list[TextLine], size: float) -> list[TextLine]:
    """Find the cells that hold a word of low letters, such as a unit: ``st``.

    Args:
        components: The page's components.
        lines: Its lines.
        others: What is too low for a line.
        size: The page's letter height in pixels.

    Returns:
        Those of ``others`` that stand in a row with a line, and begin where others of them or lines begin.
    """
    words = [line for line in others if len(line.letters) == 1 and _is_low(components, line, size)]
    if not words or len(words) > _MOST or not lines:
        return []
    table, both = LineTable(components, lines), LineTable(components, lines + words)
    found = []
    for line in words:
        (start, end), foot = line.extent(components), int(components.bottom[line.letters[0]])
        beside = np.maximum(table.left - end, start - table.right)
        level = np.abs(table.base + table.slope * start - foot) <= _FOOT * table.unit
        away = np.abs(both.base + both.slope * start - foot)
        flush = (np.abs(both.left - start) <= _FLUSH * size) & (away > size) & (both.unit <= 2 * size)
        in_row = bool(level.any()) and not bool((beside[level] < _APART * size).any())
        if in_row and int(flush.sum()) >= _OTHERS:
            found.append(line)
    return found


def _is_low(components: Components, line: TextLine, size: float) -> bool:
    members = line.members
    members = members[np.maximum(components.width[members], components.height[members]) >= _SPECK * size]
    width = int(components.right[members].max() - components.left[members].min())
    height = int(components.bottom[members].max() - components.top[members].min())
    fill = float(components.area[members].sum()) / max(1, width * height)
    return height >= _LOW * size and width >= _WORD * height and _FILL[0] <= fill <= _FILL[1]
