"""A line crop straightened, cut to its ink and rid of pepper, where it is askew, loose or peppered.

Detectors and people leave different amounts of paper above and below a line. At a fixed input height that paper costs
the letters their pixels: a line that fills half of its crop is read at half the resolution of one that fills it all,
and a line that climbs through its crop as well.
"""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.medians import median

UInt8Array = npt.NDArray[np.uint8]
Stats = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

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
_GRAIN: Final = 2
"""Pixels of a grain of pepper: of what scanners and faxes strew over a page, not of type."""
_PEPPER: Final = 1.5
"""Grains in a square of a crop's height that lie apart from all letters, from which all grains are taken out. Fewer, or
those beside letters alone, may be what is left of thin strokes and dots."""
_APART: Final = 3
"""Pixels from other ink at which a grain lies apart."""
_LETTER: Final = (0.15, 0.95)
"""Least and greatest height of a letter as shares of the crop's."""
_SMALL_LETTER: Final = 0.08
"""The least where too few letters are higher, as of a long line in a crop that holds all of its climb."""
_STEEPEST: Final = 0.15
"""Slopes above this (8.5 degrees) are not a line's."""
_MOST_SCATTER: Final = 0.06
"""Median distance of the letters' feet from the slope, as a share of the height, above which there is no slope."""
_SLOPES: Final = 101
"""Slopes that are tried, an odd number, where a crop shows several lines."""
_SAME_LINE: Final = 0.3
"""Feet nearer to each other than this share of the letters' height are of one line."""
_CLEARER: Final = 1.3
"""How many times as many feet must agree at a slope as they do at none."""
_OFF_MIDDLE: Final = 0.6
"""How far from the middle of its crop a line's letters may be centred, in their usual heights."""
_BANDS: Final = ((3.0, 1.5), (2.2, 0.9))
"""How far a straightened line's ink is looked for above and below its letters' feet, in their usual heights. A long
line that is much askew takes a small share of its crop, or is not alone in it, and its ink is only told in a band: one
with room for accents on capitals and a line that is not quite straight, or one that neighbours do not reach."""
_WORTH_IT: Final = 0.9
"""A band is taken where the crop loses a tenth of its rows by it."""
_MOST_LETTERS: Final = 80
"""Letters whose feet are compared with each other, evenly taken from the line's."""


class _Line(NamedTuple):
    """What a line's letters stand on, in pixels of the crop that was looked at.

    ``slope``: rows a column by which it sinks; ``foot``: its row at the left edge; ``high``: the letters' usual height.
    """

    slope: float
    foot: float
    high: float


def frame(image: UInt8Array, least_rows: float) -> UInt8Array:
    """Straighten a crop that is askew, and cut a loose one so that its ink takes :data:`INK_SHARE` of the height.

    Of a low crop that is strewn with pepper the grains are taken out first; high ones lose them when they are reduced.

    Args:
        image: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, dark on light.
        least_rows: Rows to keep at least: fewer would make the line wider than a recogniser takes.

    Returns:
        The crop, as wide as before; the image itself where it is straight, tight and clean, or where its ink cannot be
        told.
    """
    reduced, scale = _reduced(image)
    stats = _components(reduced)
    if scale == 1 and _many(int(np.count_nonzero(stats[:, cv2.CC_STAT_AREA] <= _GRAIN)), reduced.shape):
        cleaned = _without_pepper(image, reduced)
        if cleaned is not image:
            image, (reduced, _) = cleaned, _reduced(cleaned)
            stats = _components(reduced)
    stats = _without_dirt(stats, reduced.shape[0])
    line = _letters_line(stats, reduced.shape[0])
    if line is not None and abs(line.slope) * image.shape[1] > MOST_CLIMB * image.shape[0]:
        level = _sheared(image, line.slope)
        parts = [level]
        if _dark_on_light(stats, reduced):
            parts += [level[_band(line, scale, image.shape, level.shape[0], *reach)] for reach in _BANDS]
        straight = image
        for part in parts:
            cut = _cut_to_ink(part, least_rows)
            # Neighbours' ink that the ends climb to must not count as the line's: then the next part has fewer rows.
            if cut.shape[0] < (1.0 if part is level else _WORTH_IT) * straight.shape[0]:
                straight = cut
        if straight is not image:
            return straight
    return _cut(image, _ink_rows(stats, reduced.shape[0]), scale, least_rows)


def _dark_on_light(stats: Stats, gray: UInt8Array) -> bool:
    """Whether less than half of a crop is ink."""
    return bool(2 * stats[:, cv2.CC_STAT_AREA].sum() < gray.size)


def _cut_to_ink(image: UInt8Array, least_rows: float) -> UInt8Array:
    reduced, scale = _reduced(image)
    stats = _without_dirt(_components(reduced), reduced.shape[0])
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
    """Return OpenCV's statistics of the dark components."""
    return np.asarray(cv2.connectedComponentsWithStats(_ink(gray), connectivity=8)[2][1:], dtype=np.int32)


def _ink(gray: UInt8Array) -> UInt8Array:
    """Return the dark pixels as 255, the others as 0."""
    _, ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    return np.asarray(ink, dtype=np.uint8)


def _without_dirt(stats: Stats, height: int) -> Stats:
    """Return the components that are no specks."""
    sizes = np.maximum(stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH])
    seen: Stats = stats[(sizes >= _SPECK[0] * height) & (stats[:, cv2.CC_STAT_AREA] >= _SPECK[1] * height * height)]
    return seen


def _without_pepper(image: UInt8Array, gray: UInt8Array) -> UInt8Array:
    """Give grains of pepper the median of what is around them, where many of them lie apart from all letters."""
    ink = _ink(gray)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= _GRAIN
    small[0] = False
    grains = small[labels]
    letters = np.where(grains, np.uint8(0), ink)
    beside = cv2.dilate(letters, np.ones((2 * _APART + 1, 2 * _APART + 1), np.uint8)) > 0
    if not _many(len(np.unique(labels[grains & ~beside])), gray.shape):
        return image
    cleaned = image.copy()
    cleaned[grains] = cv2.medianBlur(image, 5)[grains]
    return cleaned


def _many(grains: int, shape: tuple[int, ...]) -> bool:
    """Whether so many grains are pepper in a gray crop of that shape."""
    return grains * shape[0] > _PEPPER * shape[1]


def _letters_line(stats: Stats, height: int) -> _Line | None:
    """Return the line that the letters stand on; None where too few of them agree on one."""
    lefts, tops, wides, highs = (stats[:, i].astype(np.float64) for i in range(4))
    shaped = (highs < _LETTER[1] * height) & (wides < 3 * highs) & (wides >= 0.1 * highs)
    letters = shaped & (highs >= _LETTER[0] * height)
    if np.count_nonzero(letters) < 6:
        letters = shaped & (highs >= _SMALL_LETTER * height)
    if not letters.any():
        return None
    usual = median(highs[letters])
    letters &= (highs > 0.6 * usual) & (highs < 2.2 * usual)
    places, feet = (lefts + wides / 2)[letters], (tops + highs)[letters]
    if len(places) < 6 or np.ptp(places) < 3 * height:
        return None
    if len(places) > _MOST_LETTERS:
        taken = np.linspace(0, len(places) - 1, _MOST_LETTERS).astype(np.intp)
        order = np.argsort(places)[taken]
        places, feet = places[order], feet[order]
    line = _common_line(places, feet, usual, height)
    return line or _middle_line(places, feet, usual, height)


def _common_line(places: Floats, feet: Floats, usual: float, height: int) -> _Line | None:
    """The line that all letters stand on (Theil-Sen); None where they do not."""
    first, second = _pairs(len(places))
    apart = places[second] - places[first]
    far = np.abs(apart) > 1.5 * height
    if np.count_nonzero(far) < 6:
        return None
    slope = median((feet[second] - feet[first])[far] / apart[far])
    left = feet - slope * places
    foot = median(left)
    scatter = median(np.abs(left - foot))
    steady = abs(slope) <= _STEEPEST and scatter <= _MOST_SCATTER * height
    return _Line(slope, foot, usual) if steady else None


def _middle_line(places: Floats, feet: Floats, usual: float, height: int) -> _Line | None:
    """The line through the middle of a crop that shows parts of its neighbours, as the box of one askew does.

    Feet are counted by the row that they would be level on, for many slopes; at the lines' own slope they fall into the
    fewest rows (the projection profile of Postl, 1986).
    """
    inside = feet < height
    places, feet = places[inside], feet[inside]
    slopes = np.linspace(-_STEEPEST, _STEEPEST, _SLOPES)
    middle = (places.min() + places.max()) / 2
    level = feet - slopes[:, None] * (places - middle)
    near = np.abs(level[:, :, None] - level[:, None, :]) < _SAME_LINE * usual
    agreeing = near.sum(axis=(1, 2))
    best = int(agreeing.argmax())
    if agreeing[best] < _CLEARER * agreeing[_SLOPES // 2]:
        return None
    own = np.abs(level[best] - usual / 2 - height / 2) < _OFF_MIDDLE * usual
    if np.count_nonzero(own) < 6 or np.ptp(places[own]) < np.ptp(places) / 2:
        return None
    foot = median(level[best][own])
    own = np.abs(level[best] - foot) < _SAME_LINE * usual
    slope, at_left = np.polyfit(places[own], feet[own], 1)
    return _Line(float(slope), float(at_left), usual)


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


def _band(line: _Line, scale: int, shape: tuple[int, ...], rows: int, above: float, below: float) -> slice:
    """Return the rows about the line in the straightened crop, which is ``rows`` high; ``shape``: the crop's before."""
    foot = line.foot * scale + line.slope * shape[1] / 2 + (rows - shape[0]) / 2
    high = line.high * scale
    return slice(max(0, round(foot - above * high)), max(1, round(foot + below * high)))


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
