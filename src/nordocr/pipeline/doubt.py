"""Pages whose text is probably wrong, or lacks a part: photographs, other scripts, type far askew, reverse type.

The recogniser reads something into everything. How sure it is of a page, by its calibrated confidences, tells most of
these pages from others; ``benchmarks/doubtful.py`` measures how well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Region
from nordocr.detect.cells import shrunk

LEAST_CONFIDENCE: Final = 0.5
"""A page that was read with less is doubtful."""

# Paper: at least this light; within this share of its sides, at most so much of it is darker by so many levels, and so
# much of the whole page lighter.
_PAPER: Final = 90
_EDGE: Final = 0.08
_OFF_TONE: Final = 64
_MOST_INK: Final = 0.1
_MOST_LIGHTER: Final = 0.02

# A dark part is thicker than this share of the page's shorter side, and all of them are this share of the page. Tones
# are those of cells of so many pixels a side, so that type within does not make a part light.
_THICKNESS: Final = 1 / 20
_LEAST_DARK: Final = 0.03
_CELL: Final = 8
_DARK_CELL: Final = 110
# Light type: so many spots of this tone that are as high as letters can be, most of them of about the same height.
_LIGHT: Final = 150
_FEWEST_LETTERS: Final = 40
_LEAST_HEIGHT: Final = 6
_HIGHEST: Final = 1 / 15
_ALIKE: Final = 1.6


def is_paper(gray: npt.NDArray[np.uint8]) -> bool:
    """Decide whether a page without lines may be called blank: light, and nearly all of one tone away from its edges.

    Args:
        gray: The page, uint8 ``[H, W]``.

    Returns:
        False for pictures, black pages and what a broken decoder leaves, on which it is better said that nothing was
        read.
    """
    height, width = gray.shape
    top, left = round(height * _EDGE), round(width * _EDGE)
    inner = gray[top : height - top, left : width - left].astype(np.int16)
    tone = float(np.median(inner))
    lighter = float((gray.astype(np.int16) - tone > _OFF_TONE).mean())
    return tone >= _PAPER and float((tone - inner > _OFF_TONE).mean()) <= _MOST_INK and lighter <= _MOST_LIGHTER


def has_unread_reverse(gray: npt.NDArray[np.uint8], regions: Sequence[Region]) -> bool:
    """Decide whether a dark part of a page holds light type in which no line was found.

    Args:
        gray: The page as it was searched for lines, uint8 ``[H, W]``, dark on light.
        regions: The lines that were found.

    Returns:
        True where many letters would be lost.
    """
    height, width = gray.shape
    if min(height, width) < 4 * _CELL:
        return False
    dark = (shrunk(gray, _CELL) < _DARK_CELL).astype(np.uint8)
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    thick = max(3, round(min(dark.shape) * _THICKNESS))
    dark = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8)), dtype=np.uint8)
    if dark.mean() < _LEAST_DARK:
        return False
    down, across = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    top, left = int(down[0]) * _CELL, int(across[0]) * _CELL
    dark = dark[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
    spots = dark.repeat(_CELL, axis=0).repeat(_CELL, axis=1)
    for region in regions:
        y, x = max(0, region.y - top), max(0, region.x - left)
        spots[y : max(0, region.y + region.height - top), x : max(0, region.x + region.width - left)] = 0
    spots &= gray[top : top + spots.shape[0], left : left + spots.shape[1]] > _LIGHT
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(spots, 8, cv2.CV_32S, cv2.CCL_BBDT)
    heights, widths = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    # Slivers of paper along the dark part's edge are no letters.
    shaped = (widths <= 4 * heights) & (4 * widths >= heights)
    letters = heights[(heights >= _LEAST_HEIGHT) & (heights <= _HIGHEST * height) & shaped]
    if len(letters) < _FEWEST_LETTERS:
        return False
    middle = float(np.median(letters))
    alike = (letters >= middle / _ALIKE) & (letters <= middle * _ALIKE)
    return bool(2 * alike.sum() > len(letters))
