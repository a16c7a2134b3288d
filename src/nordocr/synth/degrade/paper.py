"""The sheet: tone, texture, shadows, folds, the other side showing through, uneven light, weak contrast."""

from __future__ import annotations

import cv2
import numpy as np

from nordocr.synth.degrade.optics import gaussian
from nordocr.synth.degrade.scan import Scan, UInt8Array
from nordocr.synth.degrade.tiles import add_noise, field


def _times(image: UInt8Array, light: UInt8Array) -> UInt8Array:
    return cv2.multiply(image, light, scale=1 / 255)  # type: ignore[return-value]


def _toned(image: UInt8Array, white: float) -> UInt8Array:
    return cv2.convertScaleAbs(image, alpha=white / 255.0)  # type: ignore[return-value]


def paper(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Tone the paper: white becomes a light gray; reflectances multiply, so ink darkens in proportion."""
    return _toned(image, scan.falling(scan.config.light_paper))


def dark_paper(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Print on brown, yellowed or under-exposed paper: a middle gray."""
    return _toned(image, scan.uniform(*scan.config.dark_paper))


def texture(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Add fibres and mottle of the sheet, a few gray levels."""
    sigma = 1.0 + 4.0 * scan.amount((0.0, 1.0))
    image = add_noise(image, "fibre", sigma, scan.rng)
    return add_noise(image, "blotch", 0.8 * sigma, scan.rng)


def illumination(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Light unevenly: a smooth surface over the whole image."""
    loss = min(scan.amount(scan.config.illumination), 0.8)
    cell = scan.uniform(150.0, 900.0) * scan.scale
    return _times(image, field(image.shape, scan.rng, round(255 * (1 - loss)), 255, cell))


def shadow(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Darken one side, as a bound book or a raised lid does."""
    height, width = image.shape
    depth = 0.15 + 0.5 * scan.amount((0.0, 1.0))
    side = int(scan.rng.integers(0, 4))
    along = width if side < 3 else height
    reach = max(scan.uniform(0.1, 0.5) * min(along, 800 * scan.scale), 1.0)
    # An exponential fall-off, as light has at a gutter.
    light = 255.0 * (1.0 - min(depth, 0.75) * np.exp(-np.arange(along) / (0.4 * reach)))
    if side == 1:
        light = light[::-1]
    ramp = np.rint(light).astype(np.uint8)
    ramp = np.repeat(ramp[None, :], height, 0) if side < 3 else np.repeat(ramp[:, None], width, 1)
    return _times(image, np.ascontiguousarray(ramp))


def crease(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Fold the paper: one thin line at any slant, dark beside light."""
    height, width = image.shape
    depth = 15.0 + 60.0 * scan.amount((0.0, 1.0))
    thick = max(1, round(scan.scale * scan.uniform(0.6, 1.6)))
    mask = np.zeros_like(image)
    if scan.coin(0.7) or height > width:
        x = int(scan.rng.integers(0, width))
        first, last = (x, 0), (x + round(scan.uniform(-0.3, 0.3) * height), height - 1)
        step = (thick, 0)
    else:
        y = int(scan.rng.integers(0, height))
        first, last = (0, y), (width - 1, y + round(scan.uniform(-0.02, 0.02) * width))
        step = (0, thick)
    cv2.line(mask, first, last, 255, thick, cv2.LINE_AA)
    darker = cv2.addWeighted(image, 1.0, gaussian(mask, 0.6 * scan.scale), -depth / 255.0, 0.0)
    mask[:] = 0
    cv2.line(mask, (first[0] + step[0], first[1] + step[1]), (last[0] + step[0], last[1] + step[1]), 255, thick)
    return cv2.addWeighted(darker, 1.0, mask, 0.6 * depth / 255.0, 0.0)  # type: ignore[return-value]


def bleed(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Let the other side show through: mirrored, blurred, faint, in patches, never in step with the lines."""
    height, width = image.shape
    source = image if scan.behind is None else scan.behind
    if source.shape != image.shape:
        source = cv2.resize(source, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    other = cv2.flip(source, 1)
    down = round(scan.uniform(0.2, 0.8) * min(height, 100 * scan.scale)) * (1 if scan.coin() else -1)
    side = int(scan.rng.integers(0, width))
    moved = np.full_like(image, 255)
    rows = height - abs(down)
    into, out_of = (slice(down, None), slice(0, rows)) if down >= 0 else (slice(0, rows), slice(-down, None))
    moved[into, side:] = other[out_of, : width - side]
    moved[into, :side] = other[out_of, width - side :]
    soft = gaussian(moved, scan.uniform(0.8, 1.8) * scan.scale)
    faint = min(scan.amount(scan.config.bleed), 0.8)
    patches = field(image.shape, scan.rng, 0, round(255 * faint), 220.0 * scan.scale)
    ink = cv2.multiply(cv2.bitwise_not(soft), patches, scale=1 / 255)
    return _times(image, cv2.bitwise_not(ink))  # type: ignore[arg-type]


def contrast(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Weaken the contrast: draw all levels towards one gray."""
    left = min(scan.falling(scan.config.contrast_left), 1.0)
    middle = scan.uniform(110.0, 235.0)
    return cv2.convertScaleAbs(image, alpha=left, beta=middle * (1.0 - left))  # type: ignore[return-value]


def ground(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Expose the ground unevenly, as film and old copiers do: patches a few letters wide, darker or lighter."""
    depth = min(scan.amount(scan.config.ground), 0.7)
    patches = field(image.shape, scan.rng, round(255 * (1 - depth)), 255, scan.uniform(18.0, 90.0) * scan.scale)
    return _times(image, patches)


def dirt(image: UInt8Array, scan: Scan) -> UInt8Array:
    """Scatter gray specks, blots and hairs of dust over the picture."""
    height, width = image.shape
    rng, scale = scan.rng, max(scan.scale, 0.5)
    low, high = scan.config.dirt
    density = low + (high - low) * min(scan.strength, 1.5) * rng.random() ** 2
    mask = np.zeros_like(image)
    for _ in range(min(int(rng.poisson(density * height * width / scale**2)) + 1, 4000)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        level = int(rng.integers(60, 230))
        if rng.random() < 0.06:  # a hair
            reach, heading = 14.0 * scale * (0.4 + rng.random()), rng.random() * 6.28
            t = np.linspace(0.0, 1.0, 8)
            bend = heading + (rng.random() - 0.5) * 3.0 * t
            points = np.stack([x + reach * t * np.cos(bend), y + reach * t * np.sin(bend)], axis=1)
            cv2.polylines(mask, [np.rint(points).astype(np.int32)], False, (level,), 1, cv2.LINE_AA)
        else:
            radius = 0.35 + 0.9 * rng.random() ** 2
            axes = (round(16 * radius * scale), round(16 * radius * scale * (0.5 + rng.random())))
            cv2.ellipse(mask, (x * 16, y * 16), axes, rng.random() * 180, 0, 360, (level,), -1, cv2.LINE_AA, 4)
    soft = gaussian(mask, 0.45 * scale)
    dark = soft if scan.coin(0.75) else cv2.convertScaleAbs(soft, alpha=0.5)
    return cv2.subtract(image, cv2.multiply(image, dark, scale=1 / 255))  # type: ignore[return-value]
