"""From gray to 1 bit: global and local thresholds, dithering, fax, photocopies. Results hold only 0 and 255."""

from __future__ import annotations

import cv2
import numpy as np

from nordocr.synth.degrade.optics import gaussian
from nordocr.synth.degrade.scan import Scan, UInt8Array
from nordocr.synth.degrade.tiles import add_noise

_BAND = 512
"""Rows that a step with wide temporaries takes at once."""

_LEAST_CONTRAST = 40.0
"""Gray levels: under it there is no ink, only noise."""


def _tones(image: UInt8Array) -> tuple[float, float]:
    """Gray levels of ink and paper: what 0.5 % are darker than (a short line holds little ink), what 60 % are."""
    counts = cv2.calcHist([image], [0], None, [256], [0, 256]).ravel()
    part = np.cumsum(counts) / max(float(counts.sum()), 1.0)
    return float(np.searchsorted(part, 0.005)), float(np.searchsorted(part, 0.6))


def _cut(image: UInt8Array, level: float) -> UInt8Array:
    return cv2.threshold(image, min(max(level, 1.0), 254.0), 255, cv2.THRESH_BINARY)[1]  # type: ignore[return-value]


def _shift(scan: Scan) -> float:
    return scan.amount(scan.config.threshold_shift) * (1 if scan.coin(0.6) else -1)


def _middle(image: UInt8Array, scan: Scan) -> float:
    ink, white = _tones(image)
    if white - ink < _LEAST_CONTRAST:
        # Nothing but paper (or nothing but ink): what stands out by noise alone is left white.
        return ink - 40.0
    return ink + (white - ink) * min(max(0.5 + _shift(scan), 0.12), 0.85)


def threshold(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Cut at one level, above or below the middle between ink and paper."""
    return _cut(image, _middle(image, scan))


def otsu(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Cut at Otsu's level (IEEE Trans. SMC 9, 1979), moved a little as drivers do."""
    level, _ = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink, white = _tones(image)
    if white - ink < _LEAST_CONTRAST:
        return _cut(image, ink - 40.0)
    return _cut(image, level + 0.4 * _shift(scan) * (white - ink))


def sauvola(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Cut at m (1 + k (s / 128 - 1)) over a square window: Sauvola and Pietikäinen (Pattern Recognition 33, 2000)."""
    k = scan.uniform(0.08, 0.34)
    half = max(round(scan.uniform(9, 20) * scan.scale), 4)
    size = (2 * half + 1, 2 * half + 1)
    height = image.shape[0]
    out = np.empty_like(image)
    for top in range(0, height, _BAND):
        first, last = max(top - half, 0), min(top + _BAND + half, height)
        part = image[first:last]
        mean = cv2.boxFilter(part, cv2.CV_32F, size, borderType=cv2.BORDER_REPLICATE)
        square = cv2.sqrBoxFilter(part, cv2.CV_32F, size, borderType=cv2.BORDER_REPLICATE)
        deviation = np.sqrt(np.maximum(square - mean * mean, 0.0))
        level = mean * (deviation * (k / 128.0) + (1.0 - k))
        keep = slice(top - first, top - first + min(_BAND, height - top))
        out[top : top + _BAND] = (part > level)[keep]
    out *= 255
    return out


def adaptive(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Cut where a pixel is darker than the local mean by a constant: scanner firmware's "dynamic threshold"."""
    ink, white = _tones(image)
    drop = max((white - ink) * scan.uniform(0.12, 0.3), 4.0)
    size = 2 * max(round(scan.uniform(10, 24) * scan.scale), 3) + 1
    return cv2.adaptiveThreshold(image, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, size, drop)  # type: ignore[return-value]


_BAYER2 = np.array([[0, 2], [3, 1]])
_BAYER4 = np.kron(np.ones((2, 2), dtype=np.int64), _BAYER2 * 4) + np.kron(_BAYER2, np.ones((2, 2), dtype=np.int64))
_BAYER8 = np.kron(np.ones((2, 2), dtype=np.int64), _BAYER4 * 4) + np.kron(_BAYER2, np.ones((4, 4), dtype=np.int64))


def ordered(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Dither with Bayer's matrix (ICC 1973), 4 x 4 or 8 x 8."""
    matrix, size = (_BAYER4, 16) if scan.coin() else (_BAYER8, 64)
    levels = ((matrix + 0.5) * (255.0 / size)).astype(np.uint8)
    height, width = image.shape
    n = levels.shape[0]
    grid = np.tile(levels, (-(-height // n), -(-width // n)))[:height, :width]
    return cv2.compare(_stretched(image, scan), np.ascontiguousarray(grid), cv2.CMP_GT)  # type: ignore[return-value]


def diffusion(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Diffuse the error as Floyd and Steinberg do (Proc. SID 17, 1976).

    A pixel at (y, x) needs only pixels with a smaller x + 2 y, so each such diagonal is computed at once.
    """
    height, width = image.shape
    rows = np.arange(height)
    steps = width + 2 * (height - 1)
    skewed = np.full((steps, height), 255, dtype=np.uint8)
    source = _stretched(image, scan)
    for y in range(height):
        skewed[2 * y : 2 * y + width, y] = source[y]
    e1, e2, e3 = (np.zeros(height + 1, dtype=np.float32) for _ in range(3))
    for t in range(steps):
        value = skewed[t] + e1[1:] * (7 / 16) + e1[:-1] * (3 / 16) + e2[:-1] * (5 / 16) + e3[:-1] * (1 / 16)
        black = value < 128.0
        error = np.zeros(height + 1, dtype=np.float32)
        # Off the image nothing is left over: its right and left neighbours take no error.
        inside = (rows <= t // 2) & (t - 2 * rows < width)
        error[1:] = np.where(inside, value - np.where(black, np.float32(0), np.float32(255)), np.float32(0))
        skewed[t] = np.where(black, 0, 255)
        e1, e2, e3 = error, e1, e2
    out = np.empty_like(image)
    for y in range(height):
        out[y] = skewed[2 * y : 2 * y + width, y]
    return out


def _stretched(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Nearly full contrast, so that dithered paper holds few dots and dithered ink is nearly closed."""
    ink, white = _tones(image)
    alpha = 255.0 * scan.uniform(0.85, 1.1) / max(white - ink, 40.0)
    top = scan.uniform(238.0, 262.0)
    return cv2.convertScaleAbs(np.maximum(image, np.uint8(ink)), alpha=alpha, beta=top - alpha * white)  # type: ignore[return-value]


def fax_grid(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Send by group 3 fax (ITU-T T.4): 204 dots an inch across, 98 or 196 down, 1 bit, then enlarged."""
    height, width = image.shape
    scale = max(scan.scale, 0.75)
    down = 0.49 if scan.coin(0.5) and scan.strength > 0.2 else 0.98
    size = (max(round(width * 1.02 / scale), 1), max(round(height * down / scale), 1))
    size = (min(size[0], width), min(size[1], height))
    small = add_noise(cv2.resize(image, size, interpolation=cv2.INTER_AREA), "white", 3 + 9 * scan.strength, scan.rng)  # type: ignore[arg-type]
    dots = _cut(small, _middle(small, scan))
    if scan.coin(0.55):
        return cv2.resize(dots, (width, height), interpolation=cv2.INTER_NEAREST)  # type: ignore[return-value]
    return _cut(cv2.resize(dots, (width, height), interpolation=cv2.INTER_LINEAR), 127.0)  # type: ignore[arg-type]


def generations(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Photocopy a photocopy, two or three times: counters fill, thin strokes break, edges go round."""
    for _ in range(3 if scan.coin(0.3) else 2):
        soft = gaussian(image, (0.4 + 0.75 * scan.amount((0.0, 1.0))) * scan.scale)
        soft = add_noise(soft, "fine", 4 + 14 * min(scan.strength, 2.0), scan.rng)
        image = _cut(soft, _middle(soft, scan))
    return image


def ragged(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Fray edges: blur, add correlated noise and cut, so that noise shows only where ink meets paper."""
    soft = gaussian(image, (0.5 + 0.5 * scan.amount((0.0, 1.0))) * scan.scale)
    kind = "grain" if scan.scale < 1.6 else "coarse"
    ink, white = _tones(soft)
    sigma = (0.03 + 0.09 * min(scan.strength, 2.0) * scan.uniform(0.4, 1.0)) * max(white - ink, 8.0)
    soft = add_noise(soft, kind, sigma, scan.rng)  # type: ignore[arg-type]
    return _cut(soft, _middle(soft, scan))
