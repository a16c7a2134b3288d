"""Comb fields: rows of small boxes with one character each, which together are one number or name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.components import Components, Ints
from nordocr.detect.textline import TextLine, extent, fit_line

FEWEST_WALLS: Final = 4
"""A comb has at least so many walls."""

# In letter heights: a wall is at least so high and at most so thick, and walls stand no farther apart than this.
_LEAST_HEIGHT: Final = 1.2
_MOST_HEIGHT: Final = 7.0
_THICK: Final = 0.4
_WIDEST_BOX: Final = 7.0
# The level rules that a wall stands between lie within so many pixels of its ends.
_TOUCH: Final = 3
# So large a share of a comb's boxes is of one width, within this share of it, and holds
# at most one letter.
_ALIKE: Final = 0.8
_SPREAD: Final = 0.3
_LOWEST_LETTER: Final = 0.55
# Pieces of one letter are together at most so many times as wide as high.
_ONE: Final = 1.0
# What is no farther to either side of a wall than this share of a box is a part of the wall.
_ON_WALL: Final = 0.2


@dataclass
class Comb:
    """A row of boxes. ``walls``: the columns of its upright rules, left to right; ``top`` and ``bottom`` in pixels."""

    top: int
    bottom: int
    walls: list[int] = field(default_factory=list)

    def holds(self, left: float, right: float, y: float) -> bool:
        """Whether a stretch of row ``y`` lies within the comb."""
        return self.walls[0] <= left and right <= self.walls[-1] and self.top <= y <= self.bottom

    def frames(self, left: float, right: float, y: float) -> bool:
        """Whether a line from ``left`` to ``right`` stands in the comb, crumbs of its outer walls and all."""
        slack = _ON_WALL * (self.walls[-1] - self.walls[0]) / max(1, len(self.walls) - 1)
        return self.holds(left + slack, right - slack, y)

    def ends_in(self, start: float, end: float, y: float) -> bool:
        """Whether an outer wall of the comb stands in a stretch of row ``y``."""
        return self.top <= y <= self.bottom and any(start < self.walls[side] < end for side in (0, -1))

    def empty(self, left: Ints, right: Ints) -> list[float]:
        """Return the middles of the boxes that hold none of the letters from columns ``left`` to ``right``."""
        middles = (np.array(self.walls[:-1]) + np.array(self.walls[1:])) / 2
        filled = np.searchsorted(self.walls, (left + right) / 2) - 1
        return [float(middle) for box, middle in enumerate(middles) if box not in filled]


def find_walls(components: Components, rules: Mask, size: float) -> Ints:
    """Return the labels of the upright rules too short for others that stand between two level ones.

    Args:
        components: The page's components without its rules.
        rules: The rules found so far, bool ``[H, W]``.
        size: The letter height in pixels.
    """
    height, width = components.height, components.width
    thin = (width <= _THICK * size + 2) & (height >= _LEAST_HEIGHT * size) & (height <= _MOST_HEIGHT * size)
    thin &= components.area > 0.7 * width * height
    between = []
    for label in np.flatnonzero(thin):
        columns = slice(max(0, int(components.left[label]) - _TOUCH), int(components.right[label]) + _TOUCH)
        top, bottom = int(components.top[label]), int(components.bottom[label])
        # An outer wall goes through the level rules, and the others end at them.
        ends = (slice(max(0, at - _TOUCH), at + _TOUCH) for at in (top, bottom))
        if all(rules[end, columns].any() for end in ends):
            between.append(label)
    return np.array(between, dtype=np.int64)


def upright_rules(rules: Mask, size: float) -> list[tuple[int, int, int]]:
    """Return the left edge, top and bottom of those upright rules that are no higher than a comb."""
    length = max(2, round(_LEAST_HEIGHT * size))
    upright = cv2.morphologyEx(rules.astype(np.uint8), cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(upright, 8, cv2.CV_32S, cv2.CCL_BBDT)
    short = stats[1:][(stats[1:, 3] <= _MOST_HEIGHT * size) & (stats[1:, 2] <= _THICK * size + 2)]
    return [(int(x), int(y), int(y + height)) for x, y, _, height, _ in short]


def find_combs(
    components: Components, walls: list[tuple[int, int, int]], letters: npt.NDArray[np.bool_], size: float
) -> list[Comb]:
    """Return the combs that ``walls`` form.

    Several rows of boxes one upon the other are a table, whatever its cells hold.

    Args:
        components: The page's components without its rules.
        walls: The left edge, top and bottom of the upright rules.
        letters: Which components may be text, bool ``[labels]``.
        size: The letter height in pixels.
    """
    rows: list[Comb] = []
    near: list[tuple[Comb, int, int]] = []  # those whose last wall, from row to row, is not too far left of this one
    for left, top, bottom in sorted(walls):
        near = [one for one in near if left - one[0].walls[-1] <= _WIDEST_BOX * size]
        for place, (row, *ends) in enumerate(near):
            if max(abs(ends[0] - top), abs(ends[1] - bottom)) <= 0.3 * size:
                row.walls.append(left)
                near[place] = (row, top, bottom)  # a row askew climbs from wall to wall
                break
        else:
            rows.append(Comb(top, bottom, [left]))
            near.append((rows[-1], top, bottom))
    rows = [row for row in rows if len(row.walls) >= FEWEST_WALLS]
    high = np.flatnonzero(letters & (components.height >= _LOWEST_LETTER * size))
    return [row for row in rows if is_comb(row, components, high) and not any(is_stacked(row, o, size) for o in rows)]


def is_comb(row: Comb, components: Components, letters: Ints) -> bool:
    """Decide whether a row of boxes is a comb field.

    Args:
        row: The boxes.
        components: The page's components.
        letters: The labels of those that may be letters.

    Returns:
        True where the boxes are of one width and hardly any holds more than one letter.
    """
    widths = np.diff(row.walls)
    if (np.abs(widths - np.median(widths)) <= _SPREAD * np.median(widths)).mean() < _ALIKE:
        return False
    letters = np.setdiff1d(letters, wall_crumbs(row, components, letters))
    x = (components.left[letters] + components.right[letters]) / 2
    y = (components.top[letters] + components.bottom[letters]) / 2
    inside = (y > row.top) & (y < row.bottom) & (x > row.walls[0]) & (x < row.walls[-1])
    boxes = np.searchsorted(row.walls, x[inside]) - 1
    counts = np.bincount(boxes, minlength=len(widths))
    for box in np.flatnonzero(counts > 1):
        counts[box] = 1 if _is_one(components, letters[inside][boxes == box]) else counts[box]
    return bool(counts.any() and (counts <= 1).mean() >= _ALIKE)


def _is_one(components: Components, pieces: Ints) -> bool:
    """Whether the pieces are no wider than one broken letter: two figures beside each other are."""
    width = components.right[pieces].max() - components.left[pieces].min()
    return bool(width <= _ONE * (components.bottom[pieces].max() - components.top[pieces].min()))


def wall_crumbs(row: Comb, components: Components, among: Ints) -> Ints:
    """Return what is left of the walls between a comb's boxes: what lies on a wall, where no character can stand.

    Args:
        row: The boxes.
        components: The page's components.
        among: The labels asked about.
    """
    pitch = float(np.median(np.diff(row.walls)))
    left, right = components.left[among], components.right[among]
    middle = (components.top[among] + components.bottom[among]) / 2
    walls = np.array(row.walls)
    place = np.clip(np.searchsorted(walls, (left + right) / 2 - pitch / 2), 0, len(walls) - 1)
    off = np.maximum(np.abs(left - walls[place]), np.abs(right - 1 - walls[place]))
    slack = 0.25 * pitch
    crumbs: Ints = among[(off <= _ON_WALL * pitch) & (middle > row.top - slack) & (middle < row.bottom + slack)]
    return crumbs


def is_stacked(row: Comb, other: Comb, size: float) -> bool:
    """Whether two rows of boxes share a level rule."""
    beside = row.walls[0] < other.walls[-1] and other.walls[0] < row.walls[-1]
    apart = min(abs(row.top - other.bottom), abs(other.top - row.bottom))
    return row is not other and beside and apart <= max(2.0 * _TOUCH, _THICK * size)


def join_boxes(components: Components, lines: list[TextLine], combs: Sequence[Comb], slope: float) -> list[TextLine]:
    """Make one line of the pieces that stand in the boxes of one comb: empty boxes part them."""
    for comb in combs:
        inside = [line for line in lines if comb.frames(*extent(components, line), line.base - line.rise / 2)]
        if len(inside) > 1:
            letters, marks = (np.concatenate([getattr(line, kind) for line in inside]) for kind in ("letters", "marks"))
            lines = [line for line in lines if all(line is not one for one in inside)] + [
                fit_line(components, letters, marks, slope)
            ]
    return lines
