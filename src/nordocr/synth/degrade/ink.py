"""What ink does before any scanner sees it: spreading, wearing, carbon copies, duplicators, gray ink."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from nordocr.synth.degrade.optics import gaussian
from nordocr.synth.degrade.scan import Scan, UInt8Array
from nordocr.synth.degrade.tiles import SIGMA, textured


@lru_cache(maxsize=512)
def sigmoid_table(centre: float, width: float) -> UInt8Array:
    """Return a soft threshold as look-up table, uint8 ``[256]``: 50 % at ``centre``, 27 % at ``width`` levels below."""
    levels = np.arange(256, dtype=np.float64)
    curve = 1.0 / (1.0 + np.exp(np.clip((centre - levels) / width, -60.0, 60.0)))
    low, high = curve[0], curve[-1]
    table: UInt8Array = np.rint((curve - low) / max(high - low, 1e-9) * 255.0).astype(np.uint8)
    return table


def moved_edges(image: UInt8Array, pixels: float, softness: float = 22.0) -> UInt8Array:
    """Move edges outward by ``pixels`` (inward where negative), in fractions of a pixel.

    A blurred edge crosses each gray level at a known distance, so a soft threshold away from the middle moves it.
    """
    sigma = max(0.55, 1.1 * abs(pixels))
    # The slope of a Gaussian edge at its middle: 255 / (sigma sqrt(2 pi)) levels a pixel.
    shift = min(max(pixels * 255.0 / (sigma * 2.5), -85.0), 85.0)
    return cv2.LUT(gaussian(image, sigma), sigmoid_table(round(127.5 + shift), softness))  # type: ignore[return-value]


def spread(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Let ink soak into the paper: strokes grow."""
    return moved_edges(image, scan.amount(scan.config.spread) * scan.scale)


def erode(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Print with a worn ribbon or thin ink: strokes shrink."""
    return moved_edges(image, -0.45 * scan.amount(scan.config.spread) * scan.scale)


def _worn(image: UInt8Array, scan: Scan, kind: str, loss: float, bias: float) -> UInt8Array:
    """Ink thinned by a texture: ``loss`` is the part lost where the texture is one sigma above ``bias`` sigmas."""
    levels = (np.arange(256) - 128.0) / SIGMA
    keep = np.clip(1.0 - loss * np.maximum(levels - bias, 0.0), 0.0, 1.0)
    table = np.rint(keep * 255.0).astype(np.uint8)

    def blend(part: UInt8Array, noise: UInt8Array) -> UInt8Array:
        ink = cv2.multiply(cv2.bitwise_not(part), cv2.LUT(noise, table), scale=1 / 255)
        return cv2.bitwise_not(ink)  # type: ignore[return-value]

    return textured(image, kind, scan.rng, blend)  # type: ignore[arg-type]


def carbon(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Make a carbon copy or use a dry ribbon: fuzzy strokes, grain within the ink, uneven pressure."""
    soft = gaussian(image, (0.25 + 0.45 * scan.amount((0.0, 1.0))) * scan.scale)
    kind = "fine" if scan.scale < 0.9 else "grain" if scan.scale < 1.8 else "coarse"
    soft = _worn(soft, scan, kind, 0.10 + 0.35 * scan.amount((0.0, 1.0)), -0.8)
    return _worn(soft, scan, "blotch", 0.30 * scan.amount((0.0, 1.0)), -0.3)


def mimeograph(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Print with a stencil duplicator: spread ink, pinholes in the strokes, flecks around them."""
    full = moved_edges(image, 0.35 * scan.scale * scan.amount((0.3, 1.0)), 30.0)
    holes = _worn(full, scan, "grain", 0.5 + 0.4 * scan.amount((0.0, 1.0)), 0.9)
    gain = 0.9 * scan.amount((0.0, 1.0))
    levels = (np.arange(256) - 128.0) / SIGMA
    table = np.rint(255.0 - 160.0 * gain * np.clip(levels - 2.3, 0.0, 1.0)).astype(np.uint8)

    def flecks(part: UInt8Array, noise: UInt8Array) -> UInt8Array:
        return cv2.min(part, cv2.LUT(noise, table))  # type: ignore[return-value]

    return textured(holes, "fine", scan.rng, flecks)


def ink_tone(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Turn black ink gray: 0 becomes a gray level, 255 stays."""
    floor = min(scan.amount(scan.config.ink_gray), 170.0)
    return cv2.convertScaleAbs(image, alpha=(255.0 - floor) / 255.0, beta=floor)  # type: ignore[return-value]
