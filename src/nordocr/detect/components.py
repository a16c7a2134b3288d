"""Connected components of ink, the type size they tell, and what of them is no text: rules, borders, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask

Ints = npt.NDArray[np.int64]

# All lengths below are in letter heights.
_RULE_LENGTH: Final = 5.0
_RULE_THICKNESS: Final = 0.4
_UPRIGHT_RULE_LENGTH: Final = 4.0
_PICTURE: Final = 9.0
# Half of the boldest stroke, as a share of its letter's own height.
_HALF_STROKE: Final = 0.22
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


def find_components(ink: Mask) -> Components:
    """The 8-connected components of ``ink``."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    table = stats.astype(np.int64)
    table[0] = 0
    x, y, width, height, area = table.T
    return Components(np.asarray(labels, dtype=np.int32), x, y, x + width, y + height, area)


def letter_height(components: Components, among: npt.NDArray[np.bool_] | None = None) -> float:
    """The page's usual letter height in pixels, about its x-height, or 0 where there is no text.

    ``among``: which components count, bool ``[labels]``; all of them by default.

    The peak of the heights' histogram on a logarithmic scale, each component counted by its size, so that neither
    thousands of specks nor a few pictures decide.
    """
    height, width = components.height, components.width
    usable = (
        (height >= 5) & (height <= 0.6 * components.labels.shape[0]) & (width <= 5 * height) & (height <= 8 * width)
    )
    usable &= components.area < 0.85 * np.maximum(width * height, 1)
    if among is not None:
        usable &= among
    # Dot leaders are many and all alike, and no letters.
    round_ = (width <= 1.35 * height) & (height <= 1.35 * width) & (components.area > 0.7 * width * height)
    usable &= ~(round_ & (height <= 12))
    # A picture or a few giant letters must not outweigh the text.
    most = max(30, components.labels.shape[0] // 30)
    heights = height[usable]
    weights = np.minimum(np.minimum(width, height), most)[usable] * np.minimum(heights, most)
    if len(heights) == 0:
        return 0.0
    steps = np.round(8 * np.log2(heights)).astype(np.int64)
    histogram = np.convolve(np.bincount(steps, weights), [0.5, 1.0, 1.0, 1.0, 0.5], mode="same")
    peak = 2 ** (int(histogram.argmax()) / 8)
    near = (heights > peak / 1.35) & (heights < peak * 1.35)
    return float(np.median(heights[near])) if near.any() else float(peak)


def find_rules(ink: Mask, size: float) -> Mask:
    """Table rules, underlines and frames: long thin runs of ink, across or upright; ``size`` is the letter height."""
    rules = np.zeros(ink.shape, dtype=np.uint8)
    source = ink.astype(np.uint8)
    for across, share in ((True, _RULE_LENGTH), (False, _UPRIGHT_RULE_LENGTH)):
        length = max(15, round(share * size))
        shape = (1, length) if across else (length, 1)
        # A rule that slopes by a pixel now and then is one run once it is a pixel thicker.
        thick = cv2.dilate(source, np.ones((3, 1) if across else (1, 3), np.uint8))
        opened = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
        extent = np.maximum(stats[:, 2] if across else stats[:, 3], 1)
        thin = stats[:, 4] / extent <= _RULE_THICKNESS * size + 2
        thin[0] = False
        if count > 1:
            rules |= thin[labels].astype(np.uint8)
    return np.asarray(rules.astype(np.bool_) & ink, dtype=np.bool_)


def text_mask(components: Components, size: float) -> npt.NDArray[np.bool_]:
    """Which components may be text by size and place, ``[labels]``; borders, pictures, blots and specks may not."""
    rows, columns = components.labels.shape
    height, width = components.height, components.width
    at_edge = (components.left <= 1) | (components.top <= 1) | (components.right >= columns - 1)
    at_edge |= components.bottom >= rows - 1
    border = at_edge & ((height > 2.5 * size) | (width > 5 * size))
    picture = (height > _PICTURE * size) | ((height > 4 * size) & (width > 14 * size))
    fill = components.area / np.maximum(width * height, 1)
    blot = (fill > 0.68) & (height > 1.5 * size) & (width > 1.2 * size)
    blot |= _thick(components, size, border | picture | blot)
    blot |= _square_frames(components, size)
    speck = (components.area < max(3.0, 0.012 * size * size)) | (np.maximum(height, width) < 0.1 * size)
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
        sides = (own[:edge].any(0), own[-edge:].any(0), own[:, :edge].any(1), own[:, -edge:].any(1))
        frames[label] = min(float(side.mean()) for side in sides) > _STRAIGHT
    return frames
