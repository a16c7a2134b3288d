"""Probability map to cores: the middles of lines, as pieces of the map that hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Ints

# The paper's threshold for reading.
_CERTAIN: Final = 0.3
# A core's best pixel, and its pixels' mean, are at least so certain.
_PEAK: Final = 0.5
_MEAN: Final = 0.4
_LEAST_PIXELS: Final = 3
# Between the pieces of one line the probability stays above this; their gap is at most so many thicknesses wide.
_BRIDGE: Final = 0.1
_WIDEST_BRIDGE: Final = 4.0
# A map of noise has no more cores than this that are worth a look.
_MOST_CORES: Final = 3_000


@dataclass(frozen=True)
class Cores:
    """``labels``: int32 ``[H, W]`` in page pixels, 0 for none. The rest is by label, entry 0 unused: upright boxes in
    page pixels (``right`` and ``bottom`` exclusive), usual ``thickness`` in page pixels, mean ``certainty``."""

    labels: npt.NDArray[np.int32]
    left: Ints
    top: Ints
    right: Ints
    bottom: Ints
    thickness: npt.NDArray[np.float64]
    certainty: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.left) - 1


def find_cores(scores: npt.NDArray[np.float32], shape: tuple[int, int]) -> Cores:
    """The cores of a map that covers a page of ``shape`` (rows, columns)."""
    certain = (scores > _CERTAIN).astype(np.uint8)
    count, *found = cv2.connectedComponentsWithStats(certain, connectivity=4)
    labels, stats = (np.asarray(one, dtype=np.int32) for one in found[:2])
    area = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
    mean = np.bincount(labels.ravel(), scores.ravel(), minlength=count) / np.maximum(area, 1)
    peak = np.zeros(count)
    inside = labels > 0
    np.maximum.at(peak, labels[inside], scores[inside])
    kept = (area >= _LEAST_PIXELS) & (mean >= _MEAN) & (peak >= _PEAK)
    kept[0] = False
    chosen = np.flatnonzero(kept)
    if len(chosen) > _MOST_CORES:
        chosen = np.sort(chosen[np.argsort(-area[chosen], kind="stable")[:_MOST_CORES]])
    fresh = np.zeros(count, np.uint16)
    fresh[chosen] = np.arange(1, len(chosen) + 1)
    return _measured(scores, _bridged(scores, fresh[labels], stats[chosen]), shape)


def _bridged(
    scores: npt.NDArray[np.float32], labels: npt.NDArray[np.uint16], stats: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint16]:
    """Cores that stand in one row, with a probability between them that never drops to nothing, become one.

    ``labels``: uint16 ``[H, W]``; ``stats``: OpenCV's, of labels 1, 2, ...
    """
    x, y, width, height, area = stats.T
    right, bottom = x + width, y + height
    thick = area / np.maximum(np.hypot(width, height), 1.0)
    target = np.arange(len(stats) + 1)
    for here in np.argsort(x, kind="stable"):
        gap = x - right[here]
        common = np.minimum(bottom, bottom[here]) - np.maximum(y, y[here])
        near = (gap > 0) & (gap <= _WIDEST_BRIDGE * thick[here]) & (common >= 0.5 * np.minimum(height, height[here]))
        for there in np.flatnonzero(near):
            rows = slice(max(y[here], y[there]), min(bottom[here], bottom[there]))
            if scores[rows, right[here] : x[there]].max(axis=0).min() > _BRIDGE:
                target[target == target[there + 1]] = target[here + 1]
    kept = np.unique(target)
    return np.searchsorted(kept, target).astype(np.uint16)[labels]


def _measured(scores: npt.NDArray[np.float32], labels: npt.NDArray[np.uint16], shape: tuple[int, int]) -> Cores:
    """The cores ``labels`` (1, 2, ... without gaps) of a map, measured in the pixels of a page of ``shape``."""
    count = int(labels.max(initial=0)) + 1
    x0, y0 = np.full(count, scores.shape[1]), np.full(count, scores.shape[0])
    x1, y1 = np.zeros(count, np.int64), np.zeros(count, np.int64)
    rows, columns = np.nonzero(labels)
    mine = labels[rows, columns]
    for bound, value, choose in ((x0, columns, np.minimum), (y0, rows, np.minimum)):
        choose.at(bound, mine, value)
    for bound, value in ((x1, columns), (y1, rows)):
        np.maximum.at(bound, mine, value + 1)
    area = np.bincount(mine, minlength=count).astype(np.float64)
    mean = np.bincount(mine, scores[rows, columns], minlength=count) / np.maximum(area, 1)
    # A line askew has a box much higher than itself; its area tells how thick it is.
    thick = area / np.maximum(np.hypot(x1 - x0, y1 - y0), 1.0)
    across, down = shape[1] / scores.shape[1], shape[0] / scores.shape[0]

    def pixels(values: npt.NDArray[np.int64], factor: float) -> Ints:
        whole: Ints = np.rint(values * factor).astype(np.int64)
        return whole

    large = cv2.resize(labels, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST).astype(np.int32)
    bounds = pixels(x0, across), pixels(y0, down), pixels(x1, across), pixels(y1, down)
    return Cores(large, *bounds, thick * down, mean)
