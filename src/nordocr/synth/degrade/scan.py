"""The state of one scan, that every step gets: its generator, strength and scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from nordocr.synth.degrade.config import DegradeConfig

UInt8Array = npt.NDArray[np.uint8]

_USUAL_STROKE = 2.0
"""Pixels: 10 pt text of usual weight at 200 dpi."""


@dataclass
class Scan:
    """The state of one scan, which every step may read.

    Attributes:
        rng: Where the draws come from.
        config: Ranges of the steps.
        strength: 0 mild, 1 the ends of the ranges.
        scale: Pixels of this image per pixel at 200 dpi.
        behind: uint8 gray, the other side of the paper, or None.
    """

    rng: np.random.Generator
    config: DegradeConfig
    strength: float
    scale: float
    behind: UInt8Array | None = None

    def amount(self, span: tuple[float, float], gain: float = 1.0) -> float:
        """Return a value of ``span`` between 0.4 and all of the way to its high end that the strength allows."""
        low, high = span
        return low + (high - low) * self.strength * gain * (0.4 + 0.6 * self.rng.random())

    def falling(self, span: tuple[float, float]) -> float:
        """Return a value as :meth:`amount` does, from the high end down; never less than half of the low end."""
        low, high = span
        return max(high + low - self.amount(span), low / 2)

    def uniform(self, low: float, high: float) -> float:
        """Return a value between ``low`` and ``high`` whatever the strength."""
        return low + (high - low) * self.rng.random()

    def coin(self, chance: float = 0.5) -> bool:
        """Return True with probability ``chance``."""
        return self.rng.random() < chance


def stroke_width(image: UInt8Array) -> float:
    """Return the mean width in pixels of the strokes of a gray ``[H, W]`` image; 0 where there is no ink.

    It is twice the area of the ink over its outline (counted along both axes): a rule adds area and outline alike.
    """
    if min(image.shape) < 2:
        return 0.0
    _, ink = cv2.threshold(image, 160, 255, cv2.THRESH_BINARY_INV)
    edges = cv2.countNonZero(cv2.bitwise_xor(ink[:, 1:], ink[:, :-1]))
    edges += cv2.countNonZero(cv2.bitwise_xor(ink[1:], ink[:-1]))
    return 2.0 * cv2.countNonZero(ink) / edges if edges else 0.0


def text_scale(stroke: float, dpi: int) -> float:
    """Return the pixels of the image per pixel at 200 dpi: from ``dpi``, held near what the strokes' width says.

    So a line drawn large gets blur to match even where its resolution is stated roughly, and 6 pt print survives.
    """
    stated = dpi / 200
    if stroke <= 0:
        return min(max(stated, 0.4), 4.0)
    seen = stroke / _USUAL_STROKE
    return min(max(stated, 0.7 * seen, 0.35), 1.35 * seen, 4.0)
