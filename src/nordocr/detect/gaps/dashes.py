"""Dashes that stand alone in a table's cell: no letter tells of them, but their row and their column do."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components, Ints
from nordocr.detect.textline import LineTable, TextLine

Floats = npt.NDArray[np.float64]

# In letter heights: how wide and how high a dash is, how far from what else stands in its row, and from other crumbs of
# what may be a broken rule; how many times as wide as high it is, and how much of its box it fills.
_WIDTH: Final = (0.3, 1.7)
_HEIGHT: Final = 0.3
_APART: Final = 0.8
_CRUMB: Final = 4.0
_LONG: Final = 1.7
_FILL: Final = 0.6
# It stands between these shares of the height of its row.
_LEVEL: Final = (0.2, 0.8)
# So many cells of its column end, or have their middle, where it does, within so many letter heights, no more than so
# many letter heights above or below it.
_CELLS: Final = 2
_FLUSH: Final = 0.4
_FAR: Final = 14.0
_MOST: Final = 2_000


def lone_dashes(components: Components, lines: list[TextLine], marks: Ints, slope: float) -> list[TextLine]:
    """Find the cells of tables that hold a dash and nothing else.

    Args:
        components: The page's components.
        lines: Its lines.
        marks: Labels of what may be dashes; those of ``lines`` are left alone.
        slope: The slope of its rows.

    Returns:
        A line for each such cell, the dash as its letter.
    """
    if len(lines) <= _CELLS:
        return []
    table = LineTable(components, lines)
    free = np.setdiff1d(marks, np.concatenate([line.members for line in lines]))
    width, height = components.width[free], components.height[free]
    unit = float(np.median(table.unit))
    likely = (width >= _WIDTH[0] * unit) & (width <= _WIDTH[1] * unit) & (height <= _HEIGHT * unit + 1)
    likely &= (width >= _LONG * height) & (components.area[free] >= _FILL * width * height)
    free = free[likely]
    if not len(free) or len(free) > _MOST:
        return []
    x = (components.left[free] + components.right[free]) / 2
    y = (components.top[free] + components.bottom[free]) / 2
    found = []
    for number, label in enumerate(free):
        crumbs = (np.abs(y - y[number] - slope * (x - x[number])) < 0.2 * unit) & (
            np.abs(x - x[number]) < _CRUMB * unit
        )
        row = _row(components, table, int(label))
        if crumbs.sum() == 1 and row is not None and in_column(components, table, free[number : number + 1], slope):
            host = lines[row]
            base = host.baseline(float(x[number])) - slope * float(x[number])
            none = np.zeros(0, dtype=np.int64)
            found.append(TextLine(np.array([label]), none, host.unit, base, host.rise, slope))
    return found


def _row(components: Components, table: LineTable, label: int) -> int | None:
    """The nearest line in whose row a dash stands, beside it and at the height of a dash; None for none."""
    left, right = int(components.left[label]), int(components.right[label])
    y = (components.top[label] + components.bottom[label]) / 2
    up = (table.base + table.slope * (left + right) / 2 - y) / table.rise
    beside = np.maximum(table.left - right, left - table.right)
    level = (up >= _LEVEL[0]) & (up <= _LEVEL[1])
    if not level.any() or (beside[level] < _APART * table.unit[level]).any():
        return None
    return int(np.where(level, beside, np.inf).argmin())


def in_column(components: Components, table: LineTable, labels: Ints, slope: float) -> bool:
    """Decide whether cells above or below are flush with what stands alone in a cell.

    Args:
        components: The page's components.
        table: Its lines.
        labels: What stands alone.
        slope: The slope of its rows.
    """
    left, right = int(components.left[labels].min()), int(components.right[labels].max())
    y = (components.top[labels].min() + components.bottom[labels].max()) / 2
    away = table.base + table.slope * (table.left + table.right) / 2 - y
    near = (np.abs(away) > table.unit) & (np.abs(away) <= _FAR * table.unit)
    shift = slope * away
    ends = np.abs(table.right + shift - right)
    middles = np.abs((table.left + table.right) / 2 + shift - (left + right) / 2)
    flush = [(distance <= _FLUSH * table.unit) & near for distance in (ends, middles)]
    return any(int(which.sum()) >= _CELLS for which in flush)
