"""The legibility guard: a result must still show the ink of the original, down to dots and accents.

Both images are shrunk until strokes are about 1.1 px wide (roughly what a recogniser of 32 px sees), then compared in
two ways. Normalised cross-correlation in windows of about a letter sees noise, filled counters and blots; levels of
ink and paper, slow shadows and gain cancel out of it. The contrast that each connected piece of ink keeps, beside
what the middle piece keeps, sees lost points, accents and faint letters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.synth.degrade.scan import UInt8Array

_STROKE = 1.1
_WINDOW = 9
_SEEN_HEIGHT = 32
"""Lines are not shrunk below the height at which they are read: dots of bold letters would run into them."""
_LINE_HEIGHT = 200
_MOST_PIXELS = 3e6
"""Pages are shrunk at least to this, to keep the float arrays small."""
_INK_VARIANCE = 60.0
"""Gray levels squared: a window with less holds no more than a fleck."""
_INK_LEVEL = 60.0
"""Darker than paper by this counts as a piece of ink."""
_PIECE = 110.0
"""Contrast in gray levels, summed over a piece and divided by the stroke's width squared, of the least piece that must
survive; a full stop has about 200."""

_LEAST_GAIN = 0.22
_LEAST_KEPT = 0.30

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Legibility:
    """What is left of the text; every measure is 1 for an untouched image.

    Attributes:
        usual: The correlation that nine of ten letters reach.
        worst: The weakest letter's correlation.
        gain: Contrast of the median piece of ink.
        kept: Contrast of the weakest piece relative to the median one. On pages the weakest 2 in 1,000 may go: they
            hold that many flecks.
    """

    usual: float
    worst: float
    gain: float
    kept: float

    def passes(self, floor: float) -> bool:
        """Return whether the text can still be read at ``floor``; the weakest letter may have half of it."""
        return (
            self.usual >= floor and self.worst >= 0.5 * floor and self.gain >= _LEAST_GAIN and self.kept >= _LEAST_KEPT
        )


_UNTOUCHED = Legibility(1.0, 1.0, 1.0, 1.0)


class Original:
    """The reference side of the comparison, computed once per image.

    Args:
        image: uint8 ``[H, W]``, black on white.
        stroke: Width of its strokes in pixels.
    """

    def __init__(self, image: UInt8Array, stroke: float) -> None:
        height, width = image.shape
        shrink = _STROKE / stroke if stroke > 0 else 1.0
        if height <= _LINE_HEIGHT:
            shrink = max(shrink, _SEEN_HEIGHT / height)
        shrink = min(shrink, 1.0, math.sqrt(_MOST_PIXELS / (height * width)))
        self._size = (max(math.ceil(width * shrink), 1), max(math.ceil(height * shrink), 1))
        sharp = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        small = _smooth(sharp)
        self._detail = small - _box(small)
        variance = _box(self._detail * self._detail)
        # Every third column and row is enough: windows overlap by far.
        self._inked = variance[1::3, 1::3] > _INK_VARIANCE
        self._variance = variance[1::3, 1::3][self._inked]
        # From the image before smoothing, so that letters set close do not become one piece.
        ink = (sharp < 255.0 - _INK_LEVEL).astype(np.uint8)
        self._count, self._labels = cv2.connectedComponents(ink, connectivity=8, ltype=cv2.CV_32S)
        weights = self._by_piece(self._detail)
        self._pieces = weights < -_PIECE * max(stroke * shrink, 1.0) ** 2
        self._weights = weights[self._pieces]
        self.blank = stroke <= 0 or not self._variance.size or not self._weights.size

    def _by_piece(self, detail: Float32Array) -> npt.NDArray[np.float64]:
        return np.bincount(self._labels.ravel(), detail.ravel(), self._count)[1:].astype(np.float64, copy=False)

    def compare(self, result: UInt8Array) -> Legibility:
        """Return how well ``result`` (of any size, black on white) shows what the original did."""
        if self.blank:
            return _UNTOUCHED
        small = _smooth(cv2.resize(result, self._size, interpolation=cv2.INTER_AREA))
        detail = small - _box(small)
        covariance = _box(self._detail * detail)[1::3, 1::3][self._inked]
        variance = _box(detail * detail)[1::3, 1::3][self._inked]
        correlation = np.sort(covariance / np.sqrt(self._variance * np.maximum(variance, 1.0)))
        kept = np.sort(self._by_piece(detail)[self._pieces] / self._weights)
        gain = float(kept[kept.size // 2])
        return Legibility(
            usual=float(correlation[int(0.1 * correlation.size)]),
            worst=float(correlation[int(0.002 * correlation.size)]),
            gain=gain,
            kept=float(kept[int(0.002 * kept.size)]) / max(gain, 1e-6),
        )


def _smooth(image: npt.NDArray[np.integer[Any]] | cv2.typing.MatLike) -> Float32Array:
    return cv2.blur(image, (3, 3), borderType=cv2.BORDER_REPLICATE).astype(np.float32)


def _box(image: Float32Array) -> Float32Array:
    return cv2.blur(image, (_WINDOW, _WINDOW), borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]
