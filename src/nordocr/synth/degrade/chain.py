"""One call from a rendered image to a scanned one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from nordocr.synth.degrade.config import DegradeConfig
from nordocr.synth.degrade.guard import Original
from nordocr.synth.degrade.scan import Scan, UInt8Array, stroke_width, text_scale
from nordocr.synth.degrade.stories import BILEVEL, STORIES, play

_RELIEF = (1.0, 0.45, 0.15)
"""Strength of the first try and of the two after it."""


@dataclass(frozen=True)
class Degraded:
    """A scanned image and how it came about.

    Attributes:
        image: uint8 ``[H, W]`` gray; 1-bit results hold only 0 and 255.
        steps: The story's name, then what was applied, in order; "1-bit" last where the result is bilevel; empty for
            the identity.
    """

    image: UInt8Array
    steps: tuple[str, ...]


def degrade(
    image: UInt8Array,
    rng: np.random.Generator,
    config: DegradeConfig,
    *,
    dpi: int = 200,
    behind: UInt8Array | None = None,
) -> Degraded:
    """Print, age and scan a rendered line or page.

    A result whose letters are lost is tried again milder, twice; after that only the faintest treatment is left. The
    result depends on the arguments alone.

    Args:
        image: uint8 ``[H, W]``, black on white; not changed.
        rng: Where the draws come from.
        config: Stories, steps and ranges.
        dpi: Resolution of ``image``.
        behind: uint8 gray of any size, what shows through from the other side; None: the image's own mirror image.

    Returns:
        An image of the same shape, except after the ``resample`` step, which scales H and W alike unless
        ``config.keep_size``.

    Raises:
        ValueError: If ``image`` has another dtype or shape, or is empty.
    """
    if image.dtype != np.uint8 or image.ndim != 2 or 0 in image.shape:
        raise ValueError(f"an image to degrade must be uint8 [H, W] and not empty, not {image.dtype} {image.shape}")
    story = _choose(config, rng)
    result, bitonal = image, False
    steps: tuple[str, ...] = ()
    if story is not None:
        result, taken, bitonal = _legible(story, image, rng, config, dpi, behind)
        steps = (story, *taken)
    if config.inverted and rng.random() < config.inverted:
        result, steps = np.bitwise_not(result), (*steps, "inverted")
    elif config.banded and not config.keep_size and rng.random() < config.banded:
        result, steps = _banded(result, image, rng), (*steps, "banded")
    if result is image:
        result = image.copy()
    return Degraded(np.ascontiguousarray(result), (*steps, "1-bit") if bitonal else steps)


def _banded(result: UInt8Array, image: UInt8Array, rng: np.random.Generator) -> UInt8Array:
    """Return ``result`` in white on a black band whose edges lie between the crop's and the ink of ``image``."""
    ink = (image < 128).astype(np.uint8)
    x, y, wide, high = cv2.boundingRect(ink)
    scale_x, scale_y = result.shape[1] / image.shape[1], result.shape[0] / image.shape[0]
    top, bottom = y * scale_y, result.shape[0] - (y + high) * scale_y
    left, right = x * scale_x, result.shape[1] - (x + wide) * scale_x
    shares = rng.random(4) * 0.7
    ends = rng.random(2) < 0.3
    y0, y1 = int(top * shares[0]), result.shape[0] - int(bottom * shares[1])
    x0, x1 = int(left * shares[2] * ends[0]), result.shape[1] - int(right * shares[3] * ends[1])
    out = result.copy()
    out[y0:y1, x0:x1] = np.bitwise_not(result[y0:y1, x0:x1])
    return out


def _choose(config: DegradeConfig, rng: np.random.Generator) -> str | None:
    names = sorted(name for name, weight in config.profiles.items() if weight > 0)
    if not names:
        return None
    edges = np.cumsum([config.profiles[name] for name in names])
    return names[min(int(np.searchsorted(edges, rng.random() * edges[-1], side="right")), len(names) - 1)]


def _legible(
    story: str,
    image: UInt8Array,
    rng: np.random.Generator,
    config: DegradeConfig,
    dpi: int,
    behind: UInt8Array | None,
) -> tuple[UInt8Array, tuple[str, ...], bool]:
    stroke = stroke_width(image)
    original = Original(image, stroke) if config.floor > 0 else None
    low, high = config.strength
    strength = low + (high - low) * rng.random() ** config.strength_power
    if not stroke:
        strength *= _RELIEF[-1]  # blank paper: no threshold could tell its noise from ink
    scale = text_scale(stroke, dpi)
    for relief in _RELIEF:
        scan = Scan(rng, config, strength * relief, scale, behind)
        played = play(story, image, scan)
        # In gray much of the correlation that is lost is mere noise; after a threshold it is shape.
        shaped = not BILEVEL.isdisjoint(played.taken)
        floor = config.floor + (1 - config.floor) / 4 if shaped else config.floor
        if original is None or original.compare(played.judged).passes(floor):
            return played.image, played.taken, played.bitonal
    if any(name in BILEVEL for place in STORIES[story] for name in place.steps.split()):
        # High above the middle, because the letter that failed was most likely a faint one.
        return cv2.threshold(image, 185, 255, cv2.THRESH_BINARY)[1], ("mild",), True  # type: ignore[return-value]
    return cv2.convertScaleAbs(image, alpha=0.85, beta=25.0), ("mild",), False  # type: ignore[return-value]
