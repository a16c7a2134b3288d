"""What a scanner or a fax drew through the whole page: thin upright streaks of dirt, and rows or columns left white.

A speck on a scanner's glass draws a line from the first row to the last, black or white, and a fax loses rows. Both run
through type, and no rule does so: they are taken out of the ink, and the strokes that they cross are closed.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask

Ints = npt.NDArray[np.int64]

# A streak is at most so many pixels thick, black and white, covers so large a share of the page from the first to the
# last row, in each of so many parts of it, and keeps that share of the page's width away from its borders.
_THICK: Final = 5
_THIN: Final = 3
_COVER: Final = 0.85
_PARTS: Final = 8
_BORDER: Final = 0.012
# White rows and columns are so white, beside so many pixels of ink on both sides; of what has ink on one side so large
# a share has it on the other too.
_WHITE: Final = 0.02
_FEWEST: Final = 25
_BOTH: Final = 0.7
# So large a share of the page at each side is not asked whether a row is white.
_EDGE: Final = 0.02
# In pixels: what is longer beside a white row is a rule, and its distance to the next rule is no fault.
_STROKE: Final = 40


def without_streaks(ink: Mask) -> Mask | None:
    """Take streaks out of a page's ink and close what white rows and columns part, in place.

    Args:
        ink: bool ``[H, W]``.

    Returns:
        The pixels of black streaks that are no stroke's, bool ``[H, W]``; None where there are none.
    """
    if min(ink.shape) < 200:
        return None
    level = ink.view(np.uint8)
    streaks = _black(ink, level)
    # The scanner's edges are dark in a white row too.
    down, across = (round(_EDGE * side) for side in ink.shape)
    _close(ink, _sums(level[down:-down], upright=True))
    _close(ink.T, _sums(level[:, across:-across], upright=False))
    return streaks


def _sums(level: npt.NDArray[np.uint8], *, upright: bool) -> Ints:
    """The ink of each column, or row."""
    found = cv2.reduce(level, 0 if upright else 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return np.asarray(found, dtype=np.int64).reshape(-1)


def _black(ink: Mask, level: npt.NDArray[np.uint8]) -> Mask | None:
    rows, columns = ink.shape
    dark = _sums(level, upright=True) >= _COVER * rows
    edge = max(_THICK, round(_BORDER * columns))
    dark[:edge] = dark[-edge:] = False
    streaks: Mask | None = None
    for group in _groups(np.flatnonzero(dark)):
        first, end = int(group[0]), int(group[-1]) + 1
        if end - first > _THICK:
            continue
        there = ink[:, first:end].any(axis=1)
        if min(float(part.mean()) for part in np.array_split(there, _PARTS)) < _COVER:
            continue
        # Ragged sides belong to it: a pixel more at either side, where nothing goes on from there.
        first, end = first - 1, end + 1
        left, right = _grown(ink[:, first - 1]), _grown(ink[:, end])
        own = ink[:, first:end] & ~(left & right)[:, None]
        if streaks is None:
            streaks = np.zeros(ink.shape, dtype=np.bool_)
        streaks[:, first:end] = own
        ink[:, first:end] &= ~own
    return streaks


def _close(ink: Mask, sums: Ints) -> None:
    """Close the strokes that white columns of ``ink`` part; ``sums``: the ink of each column."""
    beside = np.maximum.reduce([np.roll(sums, shift) for shift in (-_THIN - 1, -_THIN, _THIN, _THIN + 1)])
    white = (sums <= _WHITE * beside) & (beside >= _FEWEST)
    white[: _THIN + 1] = white[-_THIN - 1 :] = False
    for group in _groups(np.flatnonzero(white)):
        first, end = int(group[0]), int(group[-1]) + 1
        if end - first > _THIN or sums[first - 1] < _FEWEST or sums[end] < _FEWEST:
            continue
        left, right = _strokes(ink[:, first - 1]), _strokes(ink[:, end])
        both = (left & _grown(right)) | (right & _grown(left))
        if both.sum() < max(_FEWEST, _BOTH * (left | right).sum()):
            continue
        ink[:, first:end] |= both[:, None]


def _strokes(side: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A column of ink without what is as long as a rule."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], side.view(np.int8), [0]])))
    kept = side.copy()
    for start, end in edges.reshape(-1, 2):
        if end - start > _STROKE:
            kept[start:end] = False
    return kept


def _grown(side: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A column of ink with a pixel more at both ends of each stroke."""
    grown = side.copy()
    grown[1:] |= side[:-1]
    grown[:-1] |= side[1:]
    return grown


def _groups(places: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Places that follow each other."""
    return np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []
