"""Cells: areas that rules close off, in forms and ruled tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask, Region

_SHRINK: Final = 4
"""Rules are looked at so many times smaller: what a scanner breaks by a few pixels stays closed."""


@dataclass(frozen=True)
class Cells:
    """``labels``: int32, the page :data:`_SHRINK` times smaller than it was when its rules were found; 0 is the open
    page and the rules. ``scale``: of that page to the page's pixels. ``extent``: top and bottom of each label, in page
    pixels.
    """

    labels: npt.NDArray[np.int32]
    scale: float
    extent: tuple[tuple[float, float], ...]

    def of(self, region: Region) -> int:
        """The label of the cell that the middle of the region's ink lies in, 0 for none."""
        x, y, width, height = region.tight
        row, column = (int((at + size / 2) * self.scale / _SHRINK) for at, size in ((y, height), (x, width)))
        rows, columns = self.labels.shape
        return int(self.labels[min(row, rows - 1), min(column, columns - 1)])


def shrunk(gray: npt.NDArray[np.uint8], times: int) -> npt.NDArray[np.uint8]:
    """Return the means of squares of ``times`` pixels a side, a power of two; what is left at the ends is left out.

    Halving again and again takes a tenth of the time of one step.
    """
    rows, columns = gray.shape[0] // times, gray.shape[1] // times
    gray = gray[: rows * times, : columns * times]
    while gray.shape[0] > rows:
        half = gray.shape[1] // 2, gray.shape[0] // 2
        gray = np.asarray(cv2.resize(gray, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return gray


def find_cells(rules: Mask, scale: float) -> Cells | None:
    """The cells that ``rules`` (bool ``[H, W]``) close off on a page that was scaled by ``scale``; None for none."""
    rows, columns = rules.shape[0] // _SHRINK, rules.shape[1] // _SHRINK
    if not rows or not columns or not rules.any():
        return None
    thick = cv2.dilate(shrunk(rules.view(np.uint8) * np.uint8(255), _SHRINK), np.ones((3, 3), np.uint8)) > 0
    # Beyond the rules there is no cell.
    down, across = np.flatnonzero(thick.any(axis=1)), np.flatnonzero(thick.any(axis=0))
    if not len(down):
        return None
    top = int(down[0])
    window = np.s_[top : down[-1] + 1, across[0] : across[-1] + 1]
    white = np.asarray(~thick[window], dtype=np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(white, connectivity=4, ltype=cv2.CV_32S)
    open_page = np.zeros(count, dtype=np.bool_)
    for side in (found[0], found[-1], found[:, 0], found[:, -1]):
        open_page[side] = True
    if open_page[1:].all():
        return None
    labels = np.zeros(thick.shape, dtype=np.int32)
    labels[window] = np.where(open_page, 0, np.arange(count))[found]
    back = _SHRINK / scale
    extent = tuple(((top + float(row[1])) * back, (top + float(row[1] + row[3])) * back) for row in stats)
    return Cells(labels, scale, extent)
