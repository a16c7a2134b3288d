"""A line crop straightened and cut to its ink, where it is askew or loose.

Detectors and people leave different amounts of paper above and below a line. At a fixed input height that paper costs
the letters their pixels: a line that fills half of its crop is read at half the resolution of one that fills it all,
and a line that climbs through its crop as well.
"""

from __future__ import annotations

import functools
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.medians import median

UInt8Array = npt.NDArray[np.uint8]
Stats = npt.NDArray[np.int32]

INK_SHARE: Final = 0.70
"""Share of the crop's height that the ink takes after cutting; crops with more ink are left alone."""
MOST_CLIMB: Final = 0.2
"""Share of the crop's height by which a line may climb or fall; one that does more is straightened."""

_LEAST_SHARE: Final = 0.2
"""Ink that takes less of the height is a dash, a row of dots or dirt; its size says nothing of the type's."""
_LOOKED_AT: Final = 36
"""Crops at least twice as high are reduced, to no fewer rows, before their ink is measured."""
_SPECK: Final = (0.06, 0.0015)
"""What is smaller than this share of the height in both directions, or of its square in area, is dirt."""
_LETTER: Final = (0.15, 0.95)
"""Least and greatest height of a letter as shares of the crop's."""
_STEEPEST: Final = 0.15
"""Slopes above this (8.5 degrees) are not a line's."""
_MOST_SCATTER: Final = 0.06
"""Median distance of the letters' feet from the slope, as a share of the height, above which there is no slope."""
_MOST_LETTERS: Final = 80
"""Letters whose feet are compared with each other, evenly taken from the line's."""


def frame(image: UInt8Array, least_rows: float) -> UInt8Array:
    """Straighten a crop that is askew, and cut a loose one so that its ink takes :data:`INK_SHARE` of the height.

    Args:
        image: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, dark on light.
        least_rows: Rows to keep at least: fewer would make the line wider than a recogniser takes.

    Returns:
        The crop, as wide as before; the image itself where it is straight and tight, or where its ink cannot be told.
    """
    reduced, scale = _reduced(image)
    stats = _components(reduced)
    slope = _slope(stats, reduced.shape[0])
    if abs(slope) * image.shape[1] > MOST_CLIMB * image.shape[0]:
        level = _sheared(image, slope)
        reduced_level, scale_level = _reduced(level)
        level = _cut(level, _ink_rows(_components(reduced_level), reduced_level.shape[0]), scale_level, least_rows)
        if level.shape[0] < image.shape[0]:  # else neighbours' ink that the ends climb to would count as the line's
            return level
    return _cut(image, _ink_rows(stats, reduced.shape[0]), scale, least_rows)


def _cut(image: UInt8Array, rows: tuple[int, int] | None, scale: int, least_rows: float) -> UInt8Array:
    """Cut the crop to the ink's ``rows``, which are in rows of the reduced crop, with margins."""
    if rows is None:
        return image
    height = image.shape[0]
    top, bottom = rows[0] * scale, rows[1] * scale
    wanted = max((bottom - top) / INK_SHARE, least_rows)
    if wanted >= height or bottom - top < _LEAST_SHARE * height:
        return image
    margin = (wanted - (bottom - top)) / 2
    return image[max(0, round(top - margin)) : min(height, round(bottom + margin))]


def _reduced(image: UInt8Array) -> tuple[UInt8Array, int]:
    """Return the crop in gray with at least :data:`_LOOKED_AT` rows, if it has as many, and by what it was divided."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    height, width = gray.shape
    divisor = height // _LOOKED_AT
    if divisor < 2:
        return np.asarray(gray, dtype=np.uint8), 1
    # Whole-number reduction is several times quicker, and cutting off the last few columns and rows changes nothing.
    whole = gray[: height // divisor * divisor, : max(width // divisor, 1) * divisor]
    size = (max(width // divisor, 1), height // divisor)
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), divisor


def _components(gray: UInt8Array) -> Stats:
    """Return OpenCV's statistics of the dark components, those that are no specks."""
    _, ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = np.asarray(stats[1:], dtype=np.int32)
    height = gray.shape[0]
    sizes = np.maximum(found[:, cv2.CC_STAT_HEIGHT], found[:, cv2.CC_STAT_WIDTH])
    seen: Stats = found[(sizes >= _SPECK[0] * height) & (found[:, cv2.CC_STAT_AREA] >= _SPECK[1] * height * height)]
    return seen


def _slope(stats: Stats, height: int) -> float:
    """Return by how many rows a column the letters' feet sink (Theil-Sen); 0 where too few letters agree."""
    lefts, tops, wides, highs = (stats[:, i].astype(np.float64) for i in range(4))
    letters = (highs >= _LETTER[0] * height) & (highs < _LETTER[1] * height) & (wides < 3 * highs)
    letters &= wides >= 0.1 * highs
    if not letters.any():
        return 0.0
    usual = median(highs[letters])
    letters &= (highs > 0.6 * usual) & (highs < 2.2 * usual)
    places, feet = (lefts + wides / 2)[letters], (tops + highs)[letters]
    if len(places) > _MOST_LETTERS:
        taken = np.linspace(0, len(places) - 1, _MOST_LETTERS).astype(np.intp)
        order = np.argsort(places)[taken]
        places, feet = places[order], feet[order]
    first, second = _pairs(len(places))
    apart = places[second] - places[first]
    far = np.abs(apart) > 1.5 * height
    if len(places) < 6 or np.count_nonzero(far) < 6 or np.ptp(places) < 3 * height:
        return 0.0
    slope = median((feet[second] - feet[first])[far] / apart[far])
    left = feet - slope * places
    scatter = median(np.abs(left - median(left)))
    return slope if abs(slope) <= _STEEPEST and scatter <= _MOST_SCATTER * height else 0.0


@functools.cache
def _pairs(count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the places of all pairs of ``count`` letters, at most :data:`_MOST_LETTERS`."""
    return np.triu_indices(count, 1)


def _sheared(image: UInt8Array, slope: float) -> UInt8Array:
    """Shift each column up or down until the line is level; the crop grows by what its ends climb."""
    height, width = image.shape[:2]
    more = int(np.ceil(abs(slope) * width / 2))
    matrix = np.asarray([[1, 0, 0], [-slope, 1, more + slope * width / 2]], dtype=np.float64)
    size = (width, height + 2 * more)
    moved = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def _ink_rows(stats: Stats, height: int) -> tuple[int, int] | None:
    """Return the first row of a line's ink and the row behind its last.

    What touches the crop's edge beyond the letters belongs to the lines above and below and does not count. None where
    fewer than two letters stand free of the edges: a cell cut at its rules, white on black, letters that were cut.
    """
    _, tops, wides, highs = (stats[:, i] for i in range(4))
    bottoms = tops + highs
    letters = (highs >= _LETTER[0] * height) & (highs < _LETTER[1] * height) & (wides < 8 * highs)
    letters &= (tops > 0) & (bottoms < height)
    if np.count_nonzero(letters) < 2:
        return None
    above = (tops == 0) & (bottoms <= median(tops[letters]))
    below = (bottoms == height) & (tops >= median(bottoms[letters]))
    own = ~(above | below)
    return int(tops[own].min()), int(bottoms[own].max())
