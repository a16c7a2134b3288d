"""Gray that a scanner made black and white by dither comes back by smoothing: paper, tinted rows of tables.

Dither turns gray into a pepper of single pixels that touches the type, so no threshold and no filter of specks leaves
type alone. What was meant is a gray page, or gray parts of one, and those are read as such. Pictures are left to the
detector: they are told by their tones, which vary.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask, PageArray
from nordocr.detect.ink import is_bilevel

# Cells of so many pixels are looked at, four rows of each, since a screen may leave every second row empty; each with
# its neighbours.
_CELL: Final = 16
_ROWS: Final = 4
_AROUND: Final = 3
# Dither is where so large a share of the rarer of black and white, and of all, are pixels that touch none of their own
# above, below or beside them. Of type few are, in faxes of 100 dpi as well; specks are fewer.
_SINGLE: Final = 0.4
_LEAST: Final = 0.07
# Cells that a line of type within a tint is high at most.
_TYPE: Final = 7
# A page is dithered as a whole where so much of it is. Lesser parts are tints where the middle half of their cells
# differs by no more than this in its blackness.
_WHOLE: Final = 0.3
_FLAT: Final = 0.28
# The deviation of the smoothing, in pixels: wider than the grain, which is one pixel, narrower than strokes at 200 dpi.
_SIGMA: Final = 1.2


def descreened(image: PageArray) -> PageArray:
    """Return a page, uint8 ``[H, W]`` or ``[H, W, 3]``, its dithered parts in gray; the image itself without any."""
    if image.ndim != 2 or min(image.shape) < _AROUND * _CELL or not is_bilevel(image):
        return image
    cells = _dithered_cells(image)
    if cells is None:
        return image
    smooth = np.asarray(cv2.GaussianBlur(image, (0, 0), _SIGMA), dtype=np.uint8)
    if cells.mean() > _WHOLE:
        return smooth
    within = cv2.resize(cells.astype(np.uint8), image.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return np.where(within, smooth, image)


def _dithered_cells(image: PageArray) -> Mask | None:
    """The dithered cells of a page, bool ``[cells down, cells across]``; None where there are none."""
    count = image.shape[0] // _CELL
    # The rows with one more above and below, [cells down, rows, columns].
    band = image[: count * _CELL].reshape(count, _CELL, -1)[:, _CELL // 2 - _ROWS // 2 - 1 :][:, : _ROWS + 2] < 128
    rows = band[:, 1:-1]
    inner, left, right = rows[..., 1:-1], rows[..., :-2], rows[..., 2:]
    above, below = band[:, :-2, 1:-1], band[:, 2:, 1:-1]
    single = np.where(inner, ~(above | below | left | right), above & below & left & right)
    alone, black = _means(single), _means(inner)
    rarer = np.minimum(black, 1 - black)
    grain = (alone > np.maximum(_SINGLE * rarer, _LEAST)).astype(np.uint8)
    closed = cv2.morphologyEx(grain, cv2.MORPH_CLOSE, np.ones((_TYPE, _TYPE), np.uint8))
    grain = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    if not grain.any():
        return None
    if grain.mean() <= _WHOLE:
        grain = _tints(grain, black)
    grown = cv2.dilate(grain, np.ones((_AROUND, _AROUND), np.uint8)) > 0
    return grown if grain.any() else None


def _means(pixels: Mask) -> npt.NDArray[np.float32]:
    """The share of ``pixels``, ``[cells down, rows, columns]``, in and around each cell."""
    count, rows, columns = pixels.shape
    cells = (max(1, columns // _CELL), count)
    flat = np.ascontiguousarray(pixels).view(np.uint8).reshape(count * rows, columns) * np.uint8(255)
    shares = cv2.resize(flat, cells, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.asarray(cv2.blur(shares, (_AROUND, _AROUND)), dtype=np.float32)


def _tints(grain: npt.NDArray[np.uint8], black: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """The parts of even tone."""
    count, labels = cv2.connectedComponents(grain, connectivity=4)
    kept = np.zeros_like(grain)
    for label in range(1, count):
        own = labels == label
        low, high = np.percentile(black[own], (25, 75))
        if high - low <= _FLAT:
            kept |= own.astype(np.uint8)
    return kept
