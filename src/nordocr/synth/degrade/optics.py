"""Lens and sampling: blur, defocus, motion, film halo, resolution."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.synth.degrade.scan import Scan, UInt8Array


def gaussian(image: UInt8Array, sigma: float) -> UInt8Array:
    """Blur by ``sigma`` pixels with a kernel no longer than needed; below 0.15 px return the image itself."""
    if sigma < 0.15:
        return image
    size = 2 * max(1, math.ceil(2.6 * sigma)) + 1
    return cv2.GaussianBlur(image, (size, size), sigma, borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def blur(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Blur as soft optics do."""
    sigma = scan.amount(scan.config.blur_sigma) * scan.scale
    return gaussian(image, sigma)


def defocus(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Put the lens out of focus: convolve with a disc whose edge is smoothed over one pixel."""
    radius = scan.amount(scan.config.defocus_radius) * scan.scale
    return cv2.filter2D(image, -1, _disc(round(radius, 1)), borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _disc(radius: float) -> npt.NDArray[np.float32]:
    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0.0, 1.0).astype(np.float32)
    kernel: npt.NDArray[np.float32] = disc / disc.sum()
    return kernel


def motion(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Move the paper or the lamp: a short box along x, or along y as feeders do."""
    length = scan.amount(scan.config.motion_length) * scan.scale
    reach = max(1, math.ceil((length - 1) / 2))
    taps = np.clip(length / 2 + 0.5 - np.abs(np.arange(-reach, reach + 1)), 0.0, 1.0).astype(np.float32)
    kernel = taps / taps.sum()
    one = np.ones(1, dtype=np.float32)
    first, second = (one, kernel) if scan.coin(0.6) else (kernel, one)
    return cv2.sepFilter2D(image, -1, first, second, borderType=cv2.BORDER_REPLICATE)  # type: ignore[return-value]


def halo(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Overshoot around strokes, as film and sharpening scanners do: unsharp masking with a wide box."""
    gain = 0.15 + 0.6 * scan.amount((0.0, 1.0))
    reach = 2 * round(2.5 * scan.scale) + 3
    wide = cv2.blur(image, (reach, reach), borderType=cv2.BORDER_REPLICATE)
    return cv2.addWeighted(image, 1.0 + gain, wide, -gain, 0.0)  # type: ignore[return-value]


def resample(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Scan at another resolution: scale H and W alike, and back again where ``keep_size`` asks for it.

    Lines stay between 14 and 130 px high where they were so, and not wider than 4000 px.
    """
    height, width = image.shape
    low, high = scan.config.resample
    factor = math.exp(scan.uniform(math.log(low), math.log(high)))
    if scan.config.keep_size:
        factor = min(factor, 0.85)
    else:
        factor = min(factor, max(130 / height, 1.0), max(4000 / width, 1.0))
    factor = max(factor, min(14 / height, 1.0))
    # Strokes thinner than 1.1 px after the scan would be gone.
    factor = max(factor, min(0.45 / scan.scale, 1.0))
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    if size == (width, height):
        return image
    how = cv2.INTER_AREA if factor < 1 else (cv2.INTER_LINEAR if scan.coin() else cv2.INTER_CUBIC)
    small = cv2.resize(image, size, interpolation=how)
    if scan.config.keep_size:
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)  # type: ignore[return-value]
    scan.scale *= factor
    return small  # type: ignore[return-value]


def halation(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Let light of the bright ground spread into strokes, as in film: thin and lone strokes fade most."""
    loss = min(scan.amount(scan.config.halation), 0.75)
    near = gaussian(image, scan.uniform(1.2, 3.0) * scan.scale)
    ink = cv2.bitwise_not(image)
    return cv2.bitwise_not(cv2.subtract(ink, cv2.multiply(ink, near, scale=loss / 255)))  # type: ignore[return-value]


def reduce(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Reduce to about 100 dpi by area, as archives of faxed forms keep pages: 1-bit becomes gray.

    The text keeps at least 11 px of height; with ``keep_size`` it is enlarged again.
    """
    height, width = image.shape
    dpi = scan.uniform(*scan.config.reduced_dpi)
    factor = max(min(dpi / 200.0 / scan.scale, 1.0), min(11 / height, 1.0))
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    if size == (width, height):
        return image
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    if scan.config.keep_size:
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]
    scan.scale *= factor
    return small  # type: ignore[return-value]
