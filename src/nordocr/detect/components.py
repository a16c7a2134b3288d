"""Connected components of ink, the type size they tell, and what of them is no text: rules, borders, pictures."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask

Ints = npt.NDArray[np.int64]

# All lengths below are in letter heights.
_PICTURE: Final = 9.0
# Type lower than the page's usual by this factor, in pixels at least so high, and so many components of it, may be the
# usual after all; it is where so large a share of those asked stands in rows.
_LOWER_TYPE: Final = 1.5
_LEAST_LOWER: Final = 7
_FEWEST_LOWER: Final = 30
_ASKED: Final = 400
_IN_ROWS: Final = 0.5
# What is so much longer than high, that long in letter heights and has so many pixels is a dash and no speck.
_DASH_LONG: Final = 2.5
_DASH: Final = 0.15
_DASH_AREA: Final = 8
# What fills so much of its box is no letter, unless it is narrow.
_SOLID: Final = 0.9
# Half of the boldest stroke, as a share of its letter's own height.
_HALF_STROKE: Final = 0.22
# A heavy letter fills no more of its box than this, and has one beside it within this share of its height, whose foot
# is on its level within that share, and which is no lower than that share.
_HEAVY: Final = 0.75
_RIGHT_BESIDE: Final = 0.4
_SAME_LEVEL: Final = 0.1
_SMALL: Final = 0.6
# A frame's ink is at most this share of its box, and covers that share of each of its sides.
_HOLLOW: Final = 0.5
_STRAIGHT: Final = 0.88


@dataclass
class Components:
    """Connected components by label; entry 0 is the background and has size 0. All lengths in pixels.

    ``labels``: int32 ``[H, W]``. ``left``, ``top``, ``right``, ``bottom`` (the latter two exclusive) and ``area``
    are ``[labels]``.
    """

    labels: npt.NDArray[np.int32]
    left: Ints
    top: Ints
    right: Ints
    bottom: Ints
    area: Ints

    @property
    def width(self) -> Ints:
        """Widths in pixels."""
        return self.right - self.left

    @property
    def height(self) -> Ints:
        """Heights in pixels."""
        return self.bottom - self.top

    def add(self, left: int, top: int, right: int, bottom: int, area: int) -> int:
        """Append a component and give its label; the caller paints it."""
        for name, value in zip(
            ("left", "top", "right", "bottom", "area"), (left, top, right, bottom, area), strict=True
        ):
            setattr(self, name, np.append(getattr(self, name), value))
        return len(self.left) - 1

    def extend(self, left: Ints, top: Ints, right: Ints, bottom: Ints, area: Ints) -> None:
        """Append several components; the caller paints them."""
        fresh = {"left": left, "top": top, "right": right, "bottom": bottom, "area": area}
        for name, values in fresh.items():
            setattr(self, name, np.concatenate([getattr(self, name), values]))


class Chosen:
    """The ink of chosen components, looked up a window at a time.

    Args:
        components: The page's components.
        chosen: Which of them, bool; those that were made since by cutting others belong to them too.
    """

    def __init__(self, components: Components, chosen: npt.NDArray[np.bool_]) -> None:
        self._labels = components.labels
        self._chosen = np.ones(len(components.left), dtype=np.bool_)
        self._chosen[: len(chosen)] = chosen
        self.shape = components.labels.shape

    def without(self, labels: Ints) -> Chosen:
        """Return the same without some components."""
        other = copy(self)
        other._chosen = self._chosen.copy()
        other._chosen[labels] = False
        return other

    def __getitem__(self, window: tuple[slice, slice]) -> Mask:
        """The ink of a window, bool."""
        return np.asarray(self._chosen[self._labels[window]])


def find_components(ink: Mask) -> Components:
    """The 8-connected components of ``ink``."""
    # Block-based: half the time of OpenCV's default.
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(ink.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_BBDT)
    table = stats.astype(np.int64)
    table[0] = 0
    x, y, width, height, area = table.T
    return Components(np.asarray(labels, dtype=np.int32), x, y, x + width, y + height, area)


def letter_height(components: Components, among: npt.NDArray[np.bool_] | None = None) -> float:
    """Return the page's usual letter height, about its x-height.

    The peak of the heights' histogram on a logarithmic scale, each component counted by its size, so that neither
    thousands of specks nor a few pictures decide. On a page of large headings over small type the headings have the
    more ink: a lower peak of more components wins where most of those stand in rows, which specks do not.

    Args:
        components: The page's components.
        among: Which of them count, bool ``[labels]``; all of them by default.

    Returns:
        The height in pixels, 0 where there is no text.
    """
    usable = _letter_like(components)
    if among is not None:
        usable &= among
    labels = np.flatnonzero(usable)
    if len(labels) == 0:
        return 0.0
    # A picture or a few giant letters must not outweigh the text.
    most = max(30, components.labels.shape[0] // 30)
    heights = components.height[labels]
    weights = np.minimum(np.minimum(components.width[labels], heights), most) * np.minimum(heights, most)
    steps = np.round(8 * np.log2(heights)).astype(np.int64)
    peak = 2 ** (int(_smoothed(np.bincount(steps, weights)).argmax()) / 8)
    lower = labels[(heights < peak / _LOWER_TYPE) & (heights >= _LEAST_LOWER)]
    if len(lower) >= _FEWEST_LOWER:
        counts = _smoothed(np.bincount(np.round(8 * np.log2(components.height[lower])).astype(np.int64)))
        other = 2 ** (int(counts.argmax()) / 8)
        near = lower[_is_near(components.height[lower], other)]
        if len(near) > max(_FEWEST_LOWER, _is_near(heights, peak).sum()) and _stand_in_rows(components, near):
            peak = other
    near = heights[_is_near(heights, peak)]
    return float(np.median(near)) if len(near) else float(peak)


def _letter_like(components: Components) -> npt.NDArray[np.bool_]:
    """Which components have a letter's proportions, ``[labels]``."""
    height, width = components.height, components.width
    usable = (height >= 5) & (height <= 0.6 * components.labels.shape[0])
    usable &= (width <= 5 * height) & (height <= 8 * width)
    usable &= components.area < 0.85 * np.maximum(width * height, 1)
    # Dot leaders are many and all alike, and no letters.
    round_ = (width <= 1.35 * height) & (height <= 1.35 * width) & (components.area > 0.7 * width * height)
    return np.asarray(usable & ~(round_ & (height <= 12)), dtype=np.bool_)


def _smoothed(histogram: npt.NDArray[np.float64] | Ints) -> npt.NDArray[np.float64]:
    return np.asarray(np.convolve(histogram, [0.5, 1.0, 1.0, 1.0, 0.5], mode="same"), dtype=np.float64)


def _is_near(heights: Ints, peak: float) -> npt.NDArray[np.bool_]:
    return np.asarray((heights > peak / 1.35) & (heights < peak * 1.35), dtype=np.bool_)


def _stand_in_rows(components: Components, labels: Ints) -> bool:
    """Whether most of the components have a neighbour beside them that stands on the same baseline, as letters do."""
    some = labels[:: max(1, len(labels) // _ASKED)]
    height = components.height[some][:, None]
    gap = components.left[labels][None] - components.right[some][:, None]
    level = np.abs(components.bottom[labels][None] - components.bottom[some][:, None]) <= np.maximum(1, 0.12 * height)
    beside = level & (gap >= -1) & (gap <= 0.8 * height)
    return bool(beside.any(axis=1).mean() > _IN_ROWS)


def text_mask(components: Components, size: float) -> npt.NDArray[np.bool_]:
    """Which components may be text by size and place, ``[labels]``; borders, pictures, blots and specks may not."""
    rows, columns = components.labels.shape
    height, width = components.height, components.width
    at_edge = (components.left <= 1) | (components.top <= 1) | (components.right >= columns - 1)
    at_edge |= components.bottom >= rows - 1
    border = at_edge & ((height > 2.5 * size) | (width > 5 * size))
    picture = (height > _PICTURE * size) | ((height > 4 * size) & (width > 14 * size))
    fill = components.area / np.maximum(width * height, 1)
    blot = (fill > _SOLID) & (height > 1.5 * size) & (width > 1.2 * size)
    thick = _thick(components, size, border | picture | blot)
    blot |= thick & ~_among_letters(components, thick, ~(border | picture | blot | thick))
    blot |= _square_frames(components, size)
    dash = (width >= _DASH_LONG * height) & (width >= _DASH * size) & (components.area >= _DASH_AREA)
    speck = (components.area < max(3.0, 0.012 * size * size)) & ~dash
    speck |= np.maximum(height, width) < 0.1 * size
    mask = ~(border | picture | blot | speck)
    mask[0] = False
    return np.asarray(mask, dtype=np.bool_)


def _thick(components: Components, size: float, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Components with a stroke that no type of their height has: punch holes, stains; not those ``known``."""
    thick = np.zeros(len(components.left), dtype=np.bool_)
    height, width = components.height, components.width
    for label in np.flatnonzero((height > 1.5 * size) & (width > size) & ~known):
        top, left = int(components.top[label]), int(components.left[label])
        window = components.labels[top : int(components.bottom[label]), left : int(components.right[label])]
        own = np.pad((window == label).astype(np.uint8), 1)
        half = float(cv2.distanceTransform(own, cv2.DIST_L2, 3).max())
        thick[label] = half > max(_HALF_STROKE * float(height[label]), 0.4 * size)
    return thick


def _among_letters(
    components: Components, thick: npt.NDArray[np.bool_], letters: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which ``thick`` components are letters of a heavy face: one that is no thicker stands right beside them.

    Its foot and its top are theirs, or its foot and a small letter's top. What is known to be a letter so speaks for
    its next neighbour.
    """
    found = np.zeros(len(components.left), dtype=np.bool_)
    asked = [int(label) for label in np.flatnonzero(thick)]
    known = np.flatnonzero(letters & (components.height > 5))
    while asked:
        known = known[np.argsort(components.bottom[known], kind="stable")]
        fresh = [label for label in asked if _has_neighbour(components, label, known)]
        if not fresh:
            break
        found[fresh] = True
        known = np.array(fresh)
        asked = [label for label in asked if not found[label]]
    return found


def _has_neighbour(components: Components, label: int, letters: Ints) -> bool:
    """Whether one of ``letters``, sorted by their feet, stands right beside a component, on its level and as high."""
    height = float(components.height[label])
    fill = components.area[label] / max(1.0, float(components.width[label]) * height)
    if fill > _HEAVY:
        return False
    # Sorted by their feet: noise has tens of thousands.
    foot, slack = int(components.bottom[label]), _SAME_LEVEL * height
    ends = np.searchsorted(components.bottom[letters], (foot - slack, foot + slack + 1e-6))
    letters = letters[ends[0] : ends[1]]
    gap = np.maximum(
        components.left[letters] - components.right[label], components.left[label] - components.right[letters]
    )
    high = (components.bottom[letters] - components.top[letters]) / height
    return bool(((gap >= -1) & (gap <= _RIGHT_BESIDE * height) & (high > _SMALL) & (high < 1.15)).any())


def _square_frames(components: Components, size: float) -> npt.NDArray[np.bool_]:
    """Hollow squares with four straight sides: boxes to be ticked, and what is left of a cell's frame."""
    frames = np.zeros(len(components.left), dtype=np.bool_)
    height, width = components.height, components.width
    fits = (height > size) & (height < 5 * size) & (width > 0.8 * height) & (width < 1.25 * height)
    fits &= components.area < _HOLLOW * width * height
    for label in np.flatnonzero(fits):
        top, left = int(components.top[label]), int(components.left[label])
        own = components.labels[top : int(components.bottom[label]), left : int(components.right[label])] == label
        edge = max(2, round(0.12 * size))
        # One side after the other: most components fail at the first.
        sides = ((own[:edge], 0), (own[-edge:], 0), (own[:, :edge], 1), (own[:, -edge:], 1))
        frames[label] = all(np.count_nonzero(side.any(axis)) / side.shape[1 - axis] > _STRAIGHT for side, axis in sides)
    return frames
