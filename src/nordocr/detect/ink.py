"""Page to ink: which pixels are dark on light paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask, PageArray

# A page is bilevel when this share of its pixels is within 20 levels of black or white.
_BILEVEL_SHARE: Final = 0.97
# The paper's tone is sought in cells of this many pixels: wider than any stroke, narrower than a shadow.
_CELL: Final = 8
# Below this tone a cell is no paper at all: scanner bed, black border, the dark half of an open book.
_DARKEST_PAPER: Final = 70
# Ink is at least this much darker than the paper around it, in levels of 255.
_LEAST_CONTRAST: Final = 28
_SAUVOLA_K: Final = 0.2
# From one cell to the next but one, the sheet's edge changes the tone by at least this factor.
_SHEET_STEP: Final = 1.15
_SHEET_SHARE: Final = 0.4
# Halftone, in windows of so many letter heights: a median takes away this share of its ink, or of its white where that
# is less; and it is this dark. Shaded cells, in which type can stand, are lighter.
_HALFTONE_WINDOW: Final = 3.0
_GRAIN_SHARE: Final = 0.5
_HALFTONE_INK: Final = 0.25
_LEAST_GRAIN: Final = 0.02


def to_gray(image: PageArray) -> npt.NDArray[np.uint8]:
    """The page as uint8 ``[H, W]``."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def is_bilevel(gray: npt.NDArray[np.uint8]) -> bool:
    """Whether nearly all pixels are black or white, so that a fixed threshold is right."""
    histogram = cv2.calcHist([gray], [0], None, [256], [0, 256]).reshape(-1)
    return bool(histogram[:20].sum() + histogram[-20:].sum() >= _BILEVEL_SHARE * gray.size)


def binarise(gray: npt.NDArray[np.uint8]) -> Mask:
    """Ink as bool ``[H, W]``: at mid-gray on bilevel pages, else against the paper's local tone.

    On a gray page a pixel is ink where it is below the threshold of Otsu (IEEE Trans. SMC, 1979), taken over pixels
    near edges only (over the whole page the paper's variation would win), or below that of Sauvola and Pietikäinen
    (Pattern Recognition, 2000), which also finds faint type beside strong type.
    """
    if is_bilevel(gray):
        return gray < 128
    level = np.asarray(cv2.GaussianBlur(flatten(gray), (3, 3), 0), dtype=np.uint8)
    edges = cv2.morphologyEx(level, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strongest = max(_LEAST_CONTRAST, int(np.percentile(edges[::4, ::4], 96)))
    near = level[cv2.dilate((edges >= strongest).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0]
    if near.size < 100:
        return np.zeros(gray.shape, dtype=np.bool_)
    otsu, _ = cv2.threshold(near.reshape(1, -1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = (level < otsu) | (level < _sauvola(level))
    return np.asarray(ink & (level < 255 - _LEAST_CONTRAST), dtype=np.bool_)


def halftone(ink: Mask, size: float) -> Mask:
    """The pictures of a page that was made black and white by a screen or by dither, bool ``[H, W]``.

    ``ink``: bool ``[H, W]``; ``size``: the letter height in pixels.
    """
    side = int(_HALFTONE_WINDOW * size) | 1
    level = ink.astype(np.uint8)
    changed = cv2.boxFilter(cv2.absdiff(level, cv2.medianBlur(level, 3)), cv2.CV_32F, (side, side))
    dark = cv2.boxFilter(level, cv2.CV_32F, (side, side))
    lesser = np.minimum(dark, 1.0 - dark)
    grain = (changed > _GRAIN_SHARE * lesser) & (lesser > _LEAST_GRAIN) & (dark > _HALFTONE_INK)
    inner = cv2.morphologyEx(grain.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8)) > 0
    if not inner.any():
        return np.asarray(inner, dtype=np.bool_)
    # To its edges, which the windows do not see: what hangs together with it but for a few pixels.
    solid = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4, ltype=cv2.CV_32S)
    whole = np.bincount(labels[inner], minlength=count) > 0.5 * stats[:, 4]
    whole[0] = False
    return np.asarray(inner | whole[labels], dtype=np.bool_)


def _sauvola(level: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Mean and deviation of a window as wide as a few letters give each pixel its own threshold."""
    side = max(21, max(level.shape) // 70) | 1
    mean, squares = cv2.boxFilter(level, cv2.CV_32F, (side, side)), cv2.sqrBoxFilter(level, cv2.CV_32F, (side, side))
    variance = cv2.subtract(squares, cv2.multiply(mean, mean))
    deviation = cv2.sqrt(cv2.threshold(variance, 0, 0, cv2.THRESH_TOZERO)[1])
    factor = cv2.addWeighted(deviation, _SAUVOLA_K / 128, deviation, 0, 1 - _SAUVOLA_K)
    return np.asarray(cv2.multiply(mean, factor), dtype=np.float32)


def flatten(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The page divided by its paper's local tone: paper becomes 255, shadows and yellowing vanish."""
    height, width = gray.shape
    paper = cv2.GaussianBlur(paper_tone(gray), (0, 0), 4)
    tone = cv2.resize(np.maximum(paper, _DARKEST_PAPER), (width, height), interpolation=cv2.INTER_LINEAR)
    flat = cv2.divide(gray, tone, scale=255)
    # The page's darkest surroundings are not ink.
    dark = cv2.resize((paper <= _DARKEST_PAPER).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    flat[dark > 0] = 255
    return np.asarray(flat, dtype=np.uint8)


def paper_tone(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The paper's tone in cells of 8 pixels, uint8 ``[H / 8, W / 8]``."""
    height, width = gray.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    small = cv2.resize(gray, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.dilate(cv2.medianBlur(small, 3), np.ones((7, 7), np.uint8)), dtype=np.uint8)


def off_sheet(gray: npt.NDArray[np.uint8]) -> Mask:
    """Where no type can stand, bool ``[H, W]``: the sheet's edges, and what lies beyond them.

    The paper's tone steps at an edge. Long steps divide the page into areas; those that reach the picture's border,
    other than the largest, are scanner bed, cloth or the neighbouring page. Bilevel pages have no tone: nowhere.
    """
    if is_bilevel(gray):
        return np.zeros(gray.shape, dtype=np.bool_)
    # An erosion undoes the dilation, so that the step lies where the sheet ends.
    tone = cv2.medianBlur(cv2.erode(paper_tone(gray), np.ones((7, 7), np.uint8)), 5).astype(np.float32)
    around = np.ones((3, 3), np.uint8)
    step = (cv2.dilate(tone, around) > _SHEET_STEP * np.maximum(cv2.erode(tone, around), 1)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(step, connectivity=8)
    # The sheet's edges are long; dense type and shaded boxes make short ones.
    long = (stats[:, 2] > _SHEET_SHARE * tone.shape[1]) | (stats[:, 3] > _SHEET_SHARE * tone.shape[0])
    long[0] = False
    off = cv2.dilate((long[labels] | _beyond(long[labels])).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.asarray(
        cv2.resize(off, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST) > 0, dtype=np.bool_
    )


def _beyond(edges: npt.NDArray[np.bool_]) -> Mask:
    """The areas between ``edges`` that touch the border, except the largest area of all."""
    _, areas, stats, _ = cv2.connectedComponentsWithStats((~edges).astype(np.uint8), connectivity=4)
    stats[0, 4] = 0
    bordering = np.zeros(len(stats), dtype=np.bool_)
    for side in (areas[0], areas[-1], areas[:, 0], areas[:, -1]):
        bordering[side] = True
    bordering[[0, int(stats[:, 4].argmax())]] = False
    return np.asarray(bordering[areas], dtype=np.bool_)
