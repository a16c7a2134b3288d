"""Pepper on dark bands: where a scanner thresholds locally, a band's own ground breaks up between its light type."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.components import Components, Ints

# Bands are told apart on every fourth row and column: they are many times as wide.
_STEP: Final = 4
_LEAST_WIDTH: Final = 4.0
# A band is peppered where so large a share of it is light and it has so many specks (lower and narrower than that share
# of a letter height) in a letter height of its width. Of 14 bands with clean type none had more than 0.04 and 0.34, of
# 5 peppered ones none less than 0.14 and 0.63.
_LIGHT: Final = 0.1
_SPECKS: Final = 0.5
_SPECK: Final = 0.45
# In letter heights: how high and how wide letters on a band are, how far apart, and how level they stand.
_LETTER: Final = (0.55, 2.2)
_WIDEST: Final = 3.0
_NEAR: Final = 0.8
_LEVEL: Final = 0.1
# So many letters in a row with one foot and one head are type. So are two beside each other, so near, where within a
# letter height there are so few specks for those on the whole band.
_RUN: Final = 3
_NEXT: Final = 0.35
_ABOVE: Final = 0.5
_AROUND: Final = 1.0
_CLEAR: Final = 0.3
_SHARED: Final = 0.5


def pepper(components: Components, bands: Mask, size: float) -> Ints:
    """Find what on peppered bands is no type.

    Args:
        components: The page's components, light ones on the bands.
        bands: Where the page is light on dark, bool ``[H, W]``.
        size: The letter height in pixels.

    Returns:
        The labels of all components on peppered bands that do not stand in a row of letters.
    """
    small = np.ascontiguousarray(bands[::_STEP, ::_STEP]).view(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(small, connectivity=8, ltype=cv2.CV_32S)
    y, x = (components.top + components.bottom) // 2 // _STEP, (components.left + components.right) // 2 // _STEP
    owner = labels[np.minimum(y, labels.shape[0] - 1), np.minimum(x, labels.shape[1] - 1)]
    owner[0] = 0
    largest = np.maximum(components.width, components.height)
    found = []
    for band in range(1, count):
        wide = _STEP * int(stats[band, cv2.CC_STAT_WIDTH])
        if wide < _LEAST_WIDTH * size:
            continue
        own = np.flatnonzero(owner == band)
        light = float(components.area[own].sum()) / (_STEP**2 * int(stats[band, cv2.CC_STAT_AREA]))
        if light >= _LIGHT and (largest[own] < _SPECK * size).sum() >= _SPECKS * wide / size:
            found.append(np.setdiff1d(own, _type(components, own, size)))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _type(components: Components, own: Ints, size: float) -> Ints:
    """The components of one band that stand in a row of letters, with their marks."""
    high = components.height[own]
    letter = (high >= _LETTER[0] * size) & (high <= _LETTER[1] * size) & (components.width[own] <= _WIDEST * size)
    letters, others = own[letter], own[~letter]
    letters = letters[np.argsort(components.left[letters], kind="stable")]
    if len(letters) < 2:
        return letters[:0]
    gap = components.left[letters[1:]] - components.right[letters[:-1]]
    level = max(1.5, _LEVEL * size)
    foot = np.abs(np.diff(components.bottom[letters])) <= level
    head = np.abs(np.diff(components.top[letters])) <= level
    clear = _is_clear(components, letters, own[np.maximum(high, components.width[own]) < _SPECK * size], size)
    rows = _runs(foot & head & (gap <= _NEAR * size), _RUN)
    shared = np.minimum(components.bottom[letters[1:]], components.bottom[letters[:-1]])
    shared = shared - np.maximum(components.top[letters[1:]], components.top[letters[:-1]])
    lower = np.minimum(components.height[letters[1:]], components.height[letters[:-1]])
    words = _runs((shared >= _SHARED * lower) & (gap <= _NEXT * size) & clear[1:] & clear[:-1], 2)
    kept = rows | words
    if not kept.any():
        return letters[:0]
    return np.concatenate([letters[kept], _marks(components, letters[kept], others, size)])


def _is_clear(components: Components, letters: Ints, specks: Ints, size: float) -> npt.NDArray[np.bool_]:
    """Which letters stand where there are few specks for those on the band."""
    places = np.sort((components.left[specks] + components.right[specks]) / 2)
    if not len(places):
        return np.ones(len(letters), dtype=np.bool_)
    left, right = components.left[letters] - _AROUND * size, components.right[letters] + _AROUND * size
    near = np.searchsorted(places, right, side="right") - np.searchsorted(places, left)
    usual = len(places) / max(1.0, float(places[-1] - places[0]))
    return np.asarray(near <= _CLEAR * usual * (right - left), dtype=np.bool_)


def _runs(linked: npt.NDArray[np.bool_], fewest: int) -> npt.NDArray[np.bool_]:
    """Which letters stand in a row of at least ``fewest``; ``linked`` tells whether each and the next one do."""
    kept = np.zeros(len(linked) + 1, dtype=np.bool_)
    first = 0
    for last in range(len(kept)):
        if last == len(linked) or not linked[last]:
            kept[first : last + 1] = last + 1 - first >= fewest
            first = last + 1
    return kept


def _marks(components: Components, letters: Ints, others: Ints, size: float) -> Ints:
    """The points, commas and dots of ``others`` that stand within or beside ``letters``."""
    middle = (components.left[others] + components.right[others]) / 2
    before = np.searchsorted(components.left[letters], middle, side="right") - 1
    before = letters[np.maximum(before, 0)]
    near = (middle >= components.left[before]) & (middle <= components.right[before] + _NEXT * size)
    near &= components.top[others] >= components.top[before] - _ABOVE * size
    near &= components.bottom[others] <= components.bottom[before] + _ABOVE * size
    near &= components.height[others] <= _LETTER[0] * size
    return others[near]
