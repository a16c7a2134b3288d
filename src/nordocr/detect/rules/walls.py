"""The broken walls of cells: thin upright pieces that stand in one line between two level rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components
from nordocr.detect.rules.pieces import beside_letters, between_letters, pieces_of
from nordocr.detect.rules.runs import Run
from nordocr.medians import median

Floats = npt.NDArray[np.float64]

# In letter heights: pieces are at least so high, and level rules reach so far beyond their ends.
_SHORTEST: Final = 0.15
_REACH: Final = 1.0
# Pieces of one wall lie within so many pixels of its line. One of them touches a rule, within so many pixels; together
# they cover so large a share of the cell's height, and leave out no more than that share at either end. So many need
# touch none, and cover less.
_OFF: Final = 2.5
_TOUCH: Final = 3.0
_COVER: Final = 0.35
_OPEN: Final = 0.3
_SEVERAL: Final = 3
_COVER_SEVERAL: Final = 0.2
# Pieces so large a share of which stand within words are the commas of a column of amounts.
_WORDS: Final = 0.5
# No cell is higher than this, in letter heights.
_HIGHEST: Final = 40.0


def walls_between(components: Components, levels: Sequence[Run], size: float, arms: Floats) -> list[Run]:
    """Find the walls that stand between level rules.

    Args:
        components: The page's components without its whole rules.
        levels: The level rules, whole and broken, as far as they reach.
        size: The letter height in pixels.
        arms: The upright arms of corners.

    Returns:
        Each wall from rule to rule.
    """
    if len(levels) < 2:
        return []
    pieces = pieces_of(components, [], size, across=False, arms=arms, shortest=_SHORTEST)
    x, middle = (pieces.first + pieces.last) / 2, (pieces.start + pieces.end) / 2
    above, below, upper, lower = _neighbours(levels, x, middle, size)
    slope = float(np.median([level_slope(level) for level in levels]))
    # On a page askew walls lean as much as its rules climb.
    between = (above >= 0) & (below >= 0)
    line = x + slope * (middle - np.where(between, upper, middle))
    usable = np.flatnonzero(between & (lower - upper <= _HIGHEST * size))
    order = usable[np.lexsort((line[usable], below[usable], above[usable]))]
    if not len(order):
        return []
    new = (np.diff(above[order]) != 0) | (np.diff(below[order]) != 0) | (np.diff(line[order]) > _OFF)
    walls = []
    for group in np.split(order, np.flatnonzero(new) + 1):
        top, bottom = median(upper[group]), median(lower[group])
        start, end = float(pieces.start[group].min()), float(pieces.end[group].max())
        high = max(1.0, bottom - top)
        several = len(group) >= _SEVERAL
        touches = several or min(start - top, bottom - end) <= _TOUCH
        reaches = max(start - top, bottom - end) <= _OPEN * high
        covers = float((pieces.end - pieces.start)[group].sum()) >= (_COVER_SEVERAL if several else _COVER) * high
        if not (touches and reaches and covers):
            continue
        labels = pieces.label[group]
        if beside_letters(components, labels, size).any():
            continue
        if between_letters(components, labels, size).mean() < _WORDS:
            at = median(line[group])
            thick = median(pieces.thick[group])
            walls.append(Run(False, top, bottom, at, at - slope * high, thick))
    return walls


def level_slope(rule: Run) -> float:
    """Return by how many pixels a rule falls for each that it runs."""
    return (rule.last - rule.first) / max(1.0, rule.end - rule.start)


def _neighbours(
    levels: Sequence[Run], x: Floats, y: Floats, size: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats, Floats]:
    """The level rules next above and below each place, -1 for none, and where they are."""
    upper, lower = np.full(len(x), -np.inf), np.full(len(x), np.inf)
    above, below = np.full(len(x), -1), np.full(len(x), -1)
    for number, level in enumerate(levels):
        at = level.first + level_slope(level) * (x - level.start)
        beside = (x >= level.start - _REACH * size) & (x <= level.end + _REACH * size)
        over, under = beside & (at <= y) & (at > upper), beside & (at > y) & (at < lower)
        upper[over], above[over] = at[over], number
        lower[under], below[under] = at[under], number
    return above, below, upper, lower
