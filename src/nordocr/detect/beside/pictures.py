"""What of a page's lines may be none: strokes of a pen, and specks of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from nordocr.detect.base import Mask, Region
from nordocr.detect.components import Components
from nordocr.detect.textline import TextLine
from nordocr.medians import median

# Handwriting fills less of its strokes' boxes than type, and most of them are so many times as wide as high.
_PEN_FILL: Final = 0.3
_PEN_WIDE: Final = 1.6
# A photograph is darker than this over so many letter heights in both directions, seen in cells of so many pixels.
_TONE: Final = 200
_LARGE: Final = 6.0
_CELL: Final = 8


def is_written(components: Components, line: TextLine) -> bool:
    """Decide whether a line looks as if it were written by hand."""
    letters = line.letters
    width, height = components.width[letters], components.height[letters]
    boxes = int((width * height).sum())
    return bool(components.area[letters].sum() < _PEN_FILL * boxes) and median(width / height) >= _PEN_WIDE


def in_pictures(gray: np.ndarray, size: float, scale: float, regions: Sequence[Region]) -> list[bool]:
    """Decide which regions have their middle in a photograph of a gray page.

    Args:
        gray: The page as it was taken apart, uint8 ``[H, W]``.
        size: Its letter height in pixels.
        scale: The page that the regions lie on was scaled by it.
        regions: The regions.
    """
    pictures = _pictures(gray, size) if regions else None
    if pictures is None:
        return [False] * len(regions)
    found = []
    for region in regions:
        x, y, width, height = region.tight
        row, column = (int((start + extent / 2) * scale) // _CELL for start, extent in ((y, height), (x, width)))
        found.append(bool(pictures[min(row, len(pictures) - 1), min(column, pictures.shape[1] - 1)]))
    return found


def _pictures(gray: np.ndarray, size: float) -> Mask | None:
    """The photographs in cells, None where there are none; type has white between its lines."""
    rows, columns = gray.shape[0] // _CELL, gray.shape[1] // _CELL
    side = max(3, round(_LARGE * size / _CELL))
    if min(rows, columns) <= side:
        return None
    small = cv2.resize(gray[: rows * _CELL, : columns * _CELL], (columns, rows), interpolation=cv2.INTER_AREA)
    dark = (small < _TONE).astype(np.uint8)
    opened = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    return np.asarray(opened > 0, dtype=np.bool_) if opened.any() else None
