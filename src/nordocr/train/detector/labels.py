"""What the network is to say about a page: shrunk lines, threshold borders, and where nothing is taught.

The shrinking differs from the paper's: its offset follows area over perimeter, which leaves a sixth of the height of a
long line. Here a line keeps half its height, because the gap to the next line is what must stay open,
and loses a fifth of its height at each end, so that the cells of a table stay apart.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

KEPT_HEIGHT: Final = 0.5
LEAST_HEIGHT: Final = 5.0
LEAST_WIDTH: Final = 6.0
END_SHRINK: Final = 0.2
BORDER: Final = 0.25
"""Half the width of the threshold's border, in line heights."""
FULL_AREA: Final = 120.0
MOST_WEIGHT: Final = 2.0
"""Cores smaller than ``FULL_AREA`` pixels count more, up to so many times: a lone digit is a line like any other."""
LOW, HIGH = 0.3, 0.7
"""The threshold's range (section 3.5 of the paper)."""


def shrunk(box: npt.NDArray[np.float32]) -> tuple[float, float, float, float]:
    """Return (left, top, right, bottom) of the line's core, in the pixels of ``box`` (x, y, width, height).

    A lone digit's core is wider than its ink: what is smaller than a few pixels of the map is not learned.
    """
    x, y, width, height = (float(value) for value in box)
    tall = max(LEAST_HEIGHT, KEPT_HEIGHT * height)
    wide = max(LEAST_WIDTH, width - 2 * END_SHRINK * height)
    return x + (width - wide) / 2, y + (height - tall) / 2, x + (width + wide) / 2, y + (height + tall) / 2


def page_labels(
    shape: tuple[int, int], boxes: FloatArray, ignored: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (core, threshold, weight), float32 ``[H, W]`` each, for the ``boxes`` ``[N, 4]`` of a page.

    Core and threshold are 0 to 1. The weight is 0 where nothing is taught, 1 elsewhere and more in small cores.
    """
    core, border = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    weight = np.ones(shape, np.float32)
    for box, unused in zip(boxes, ignored, strict=True):
        x, y, width, height = (float(value) for value in box)
        if unused:
            weight[_rows(y, y + height, shape[0]), _rows(x, x + width, shape[1])] = 0.0
            continue
        left, top, right, bottom = shrunk(box)
        inside = _rows(top, bottom, shape[0]), _rows(left, right, shape[1])
        core[inside] = 1.0
        weight[inside] = min(MOST_WEIGHT, max(1.0, FULL_AREA / ((bottom - top) * (right - left))))
        reach = max(2.0, BORDER * height)
        across, down = _rows(x - reach, x + width + reach, shape[1]), _rows(y - reach, y + height + reach, shape[0])
        columns = np.arange(across.start, across.stop, dtype=np.float32) + 0.5
        rows = np.arange(down.start, down.stop, dtype=np.float32)[:, None] + 0.5
        outside = np.maximum(
            np.abs(columns - (x + width / 2)) - width / 2, np.abs(rows - (y + height / 2)) - height / 2
        )
        part = border[down, across]
        np.maximum(part, np.clip(1.0 - np.abs(outside) / reach, 0.0, 1.0), out=part)
    return core, border * np.float32(HIGH - LOW) + np.float32(LOW), weight


def _rows(start: float, stop: float, limit: int) -> slice:
    first = min(max(round(start), 0), limit)
    return slice(first, min(max(round(stop), first), limit))
