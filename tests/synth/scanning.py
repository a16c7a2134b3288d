"""What tests of degradation share: a line without a font file, a scan's state, a yardstick."""

from __future__ import annotations

import hashlib
from functools import cache

import cv2
import numpy as np

from nordocr.synth.degrade import DegradeConfig, degrade
from nordocr.synth.degrade.scan import Scan, UInt8Array

TEXT = "Summa kortfristiga skulder 1 234 567,89 (12.3 %)"


@cache
def line(height: int = 48, scale: float = 0.9, thickness: int = 2) -> UInt8Array:
    """A line drawn with OpenCV's own strokes: no font file needed. uint8 [H, W], black on white."""
    (width, _), _ = cv2.getTextSize(TEXT, cv2.FONT_HERSHEY_DUPLEX, scale, thickness)
    image = np.full((height, width + 16), 255, np.uint8)
    cv2.putText(image, TEXT, (8, round(height * 0.7)), cv2.FONT_HERSHEY_DUPLEX, scale, 0, thickness, cv2.LINE_AA)
    image.flags.writeable = False
    return image


def scan(seed: int = 3, strength: float = 0.8, **changes: object) -> Scan:
    config = DegradeConfig(**changes)  # type: ignore[arg-type]
    return Scan(np.random.default_rng(seed), config, strength, 1.0)


def digest(seed: int, story: str | None = None) -> str:
    config = DegradeConfig() if story is None else DegradeConfig().only(story)
    result = degrade(line(), np.random.default_rng(seed), config)
    return hashlib.sha256(repr((result.steps, result.image.shape)).encode() + result.image.tobytes()).hexdigest()


def levels(image: UInt8Array) -> set[int]:
    return {int(v) for v in np.unique(image)}


def worth(original: UInt8Array, result: UInt8Array) -> float:
    """Correlation of the two, blurred and brought to one size; an own yardstick, not the guard's."""
    size = (original.shape[1] // 2, original.shape[0] // 2)
    a, b = (
        cv2.GaussianBlur(cv2.resize(x, size, interpolation=cv2.INTER_AREA), (0, 0), 1.0) for x in (original, result)
    )
    return float(np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1])
