"""Pieces of rules: whole ones, thin components, and the straight arms of corners and crossings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components, Ints
from nordocr.detect.rules.runs import Run

Floats = npt.NDArray[np.float64]
UInt8s = npt.NDArray[np.uint8]

NO_ARMS: Final[Floats] = np.zeros((0, 7))

SLOPE: Final = 0.035
"""Rules of a page laid on a scanner slope by no more than this (2 degrees); pages askew by more are made straight."""

# All in letter heights. A piece is at most so thick (and two pixels), or as much thicker as it slopes, and at least so
# long, across and upright, and so many times as long as thick.
_THICK: Final = 0.3
_SHORTEST: Final = 0.35
_SHORTEST_UPRIGHT: Final = 0.5
_LONG: Final = 1.6
# What has arms is at least so large, fills at most so much of its box, and its arms are at least so long.
_ARMED: Final = 0.8
_HOLLOW: Final = 0.45
_ARM: Final = 0.5
# What has any lies within so many letter heights of a level rule: a comb's boxes stand in a cell.
_AWAY: Final = 2.5
# A letter has another one beside it within this share of its own height, and is at least so high. A figure before the
# thousands' space stands so far off, and is as high as the next and stands as it does, within this share.
_BESIDE: Final = 0.45
_LETTER: Final = 0.4
_THOUSANDS: Final = 0.85
_SAME: Final = 0.08
# What has a letter on both sides within so many letter heights, no lower than that share of one, stands in a word.
_TIGHT: Final = 0.35
_WHOLE: Final = 0.6
# More pieces than this are noise: the longest ones count.
_MOST: Final = 1_500


@dataclass
class Pieces:
    """Pieces by number, ``[pieces]`` each, in the order of their starts.

    Attributes:
        start: As :class:`~nordocr.detect.rules.runs.Run` says.
        end: As there.
        first: As there.
        last: As there.
        thick: As there.
        slack: By how many pixels ``first`` and ``last`` may be off.
        label: The component, 0 for a whole rule.
    """

    start: Floats
    end: Floats
    first: Floats
    last: Floats
    thick: Floats
    slack: Floats
    label: Ints


def pieces_of(
    components: Components,
    runs: Sequence[Run],
    size: float,
    *,
    across: bool,
    arms: Floats = NO_ARMS,
    shortest: float | None = None,
) -> Pieces:
    """Return what may be pieces of rules that run ``across`` the page, or upright.

    Args:
        components: The page's components without its whole rules.
        runs: Those.
        size: The letter height in pixels.
        across: The direction.
        arms: What :func:`arms_of` found in that direction.
        shortest: The least length of a thin component, in letter heights; None for that of pieces that nothing else
            says are rules.
    """
    begin, finish, low, high = components.left, components.right, components.top, components.bottom
    if not across:
        begin, finish, low, high = low, high, begin, finish
    length, breadth = finish - begin, high - low
    most = _THICK * size + 2
    least = (_SHORTEST if across else _SHORTEST_UPRIGHT) if shortest is None else shortest
    label = np.flatnonzero((breadth <= most + SLOPE * length) & (length >= np.maximum(least * size, _LONG * breadth)))
    thick = components.area[label] / np.maximum(length[label], 1)
    middle = (low[label] + high[label]) / 2
    slack = np.maximum(0.0, (breadth[label] - thick) / 2)
    whole = [(r.start, r.end, r.first, r.last, r.thick, 1.0, 0.0) for r in runs if r.across is across]
    thin = np.stack([begin[label], finish[label], middle, middle, thick, slack, label], axis=1)
    table = np.concatenate([np.array(whole).reshape(-1, 7), thin, arms])
    if len(table) > _MOST:
        table = table[np.argsort(table[:, 0] - table[:, 1], kind="stable")[:_MOST]]
    table = table[np.argsort(table[:, 0], kind="stable")]
    start, end, first, last, thick, slack = table[:, :6].T
    return Pieces(start, end, first, last, thick, slack, table[:, 6].astype(np.int64))


def arms_of(components: Components, levels: Sequence[Run], size: float) -> tuple[Floats, Floats]:
    """Find the straight thin arms of corners and crossings: of what is no letter by its look and lies near level rules.

    Args:
        components: The page's components without its whole rules.
        levels: The level rules found so far.
        size: The letter height in pixels.

    Returns:
        Those that run across and the upright ones, float64 ``[arms, 7]`` for :func:`pieces_of`.
    """
    high, wide = components.height, components.width
    most = _THICK * size + 2
    armed = (np.maximum(high, wide) >= _ARMED * size) & (np.minimum(high, wide) > most)
    armed &= (components.area <= _HOLLOW * high * wide) & ((high <= 6 * size) | (wide <= 6 * size))
    labels = np.flatnonzero(armed)
    near = np.zeros(len(labels), dtype=np.bool_)
    middle = (components.left[labels] + components.right[labels]) / 2
    for level in levels:
        y = level.first + (level.last - level.first) * (middle - level.start) / max(1.0, level.end - level.start)
        beside = (middle >= level.start - _AWAY * size) & (middle <= level.end + _AWAY * size)
        near |= beside & (components.top[labels] <= y + _AWAY * size) & (components.bottom[labels] >= y - _AWAY * size)
    kernel = np.ones((1, max(4, round(_ARM * size))), np.uint8)
    found: tuple[list[tuple[float, ...]], list[tuple[float, ...]]] = ([], [])
    for label in labels[near]:
        left, top = int(components.left[label]), int(components.top[label])
        window = components.labels[top : int(components.bottom[label]), left : int(components.right[label])]
        own = (window == label).astype(np.uint8)
        found[0].extend((*arm, float(label)) for arm in _arms(own, left, top, kernel, most))
        found[1].extend((*arm, float(label)) for arm in _arms(np.ascontiguousarray(own.T), top, left, kernel, most))
    across, upright = (np.array(arms, dtype=np.float64).reshape(-1, 7) for arms in found)
    return across, upright


def _arms(own: UInt8s, along: int, beside: int, kernel: UInt8s, most: float) -> Iterator[tuple[float, ...]]:
    """Start, end, middle, middle, thickness and slack of the level arms of a component at ``along``, ``beside``."""
    arms = cv2.morphologyEx(own, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    rows = np.flatnonzero(arms.any(axis=1))
    cuts = np.flatnonzero(rows[1:] - rows[:-1] > 1) + 1
    for group in np.split(rows, cuts) if len(cuts) else [rows]:
        columns = np.flatnonzero(arms[group].any(axis=0)) if len(group) else group
        if not len(columns) or len(group) > most:
            continue
        middle = beside + float(group[0] + group[-1] + 1) / 2
        start, end = along + int(columns[0]), along + int(columns[-1]) + 1
        yield start, end, middle, middle, float(len(group)), len(group) / 2


def beside_letters(components: Components, labels: Ints, size: float) -> npt.NDArray[np.bool_]:
    """Decide which of the upright pieces ``labels`` are letters or figures: others stand right beside them.

    Args:
        components: The page's components.
        labels: The pieces.
        size: The letter height in pixels.

    Returns:
        True where another one of its height, which is none of the pieces, stands on its level beside it.
    """
    beside = np.zeros(len(labels), dtype=np.bool_)
    height = components.height
    letters = height >= _LETTER * size
    letters[labels] = False
    others = np.flatnonzero(letters)
    others = others[np.argsort(components.bottom[others], kind="stable")]  # noise has tens of thousands
    bottom, tall = components.bottom[others], height[others]
    left, right = components.left[others], components.right[others]
    for number, label in enumerate(labels):
        high, level = int(height[label]), int(components.bottom[label])
        first = np.searchsorted(bottom, level - 0.25 * high, side="left")
        last = np.searchsorted(bottom, level + 0.25 * high, side="right")
        near = np.flatnonzero((tall[first:last] > 0.6 * high) & (tall[first:last] < 1.7 * high)) + first
        gap = np.maximum(left[near] - components.right[label], components.left[label] - right[near])
        same = np.maximum(np.abs(tall[near] - high), np.abs(bottom[near] - level)) <= max(1.0, _SAME * high)
        beside[number] = ((gap >= -1) & (gap <= np.where(same, _THOUSANDS, _BESIDE) * high)).any()
    return beside


def between_letters(components: Components, labels: Ints, size: float) -> npt.NDArray[np.bool_]:
    """Decide which of the pieces ``labels`` stand right between two letters, as the commas of a column of amounts do.

    Args:
        components: The page's components.
        labels: The pieces.
        size: The letter height in pixels.

    Returns:
        True where letters of the page's height stand at both sides on the piece's level.
    """
    letters = (components.height >= _WHOLE * size) & (components.height <= size / _WHOLE)
    letters[labels] = False
    letters[0] = False
    others = np.flatnonzero(letters)
    left, right = components.left[others], components.right[others]
    between = np.zeros(len(labels), dtype=np.bool_)
    for number, label in enumerate(labels):
        level = (components.top[others] < components.bottom[label]) & (
            components.bottom[others] > components.top[label]
        )
        before, behind = components.left[label] - right[level], left[level] - components.right[label]
        near = _TIGHT * size
        between[number] = ((before >= -1) & (before <= near)).any() and ((behind >= -1) & (behind <= near)).any()
    return between
