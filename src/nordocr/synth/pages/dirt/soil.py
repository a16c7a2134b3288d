"""Dirt that comes after scanning, on a finished picture with its lines: 1-bit pictures stay 1-bit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.synth.degrade.tiles import add_noise, field
from nordocr.synth.dice import Dice
from nordocr.synth.pages.dirt.config import DirtConfig
from nordocr.synth.pages.model import PageLine, UInt8Array
from nordocr.synth.render.canvas import Bar, Canvas

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Soiled:
    """A page with its dirt.

    Attributes:
        image: uint8 ``[H, W]``, larger than before where it was surrounded.
        lines: The truth, with boxes in pixels of ``image``.
        tags: The kinds of dirt.
    """

    image: UInt8Array
    lines: tuple[PageLine, ...]
    tags: tuple[str, ...]


def soil(
    image: UInt8Array, lines: tuple[PageLine, ...], dice: Dice, config: DirtConfig, *, dpi: int, bilevel: bool
) -> Soiled:
    """Return the scanned page with the dirt that ``dice`` and ``config`` give it.

    Args:
        image: uint8 ``[H, W]``, black on white; not changed.
        lines: Its truth.
        dice: Where the draws come from, made from a generator.
        config: Shares of pages.
        dpi: Resolution, which sizes follow.
        bilevel: Whether the result may only hold 0 and 255.
    """
    image = image.copy()
    scale = dpi / 200.0
    tags = []
    if dice.chance(config.pepper):
        _pepper(image, lines, dice, scale, bilevel)
        tags.append("pepper")
    if dice.chance(config.wedge):
        _wedge(image, lines, dice, scale, bilevel)
        tags.append("wedge")
    if dice.chance(config.ragged_edges):
        _ragged_edges(image, dice, scale, bilevel)
        tags.append("ragged-edges")
    if dice.chance(config.surround):
        image, (dx, dy) = _surrounded(image, dice, bilevel)
        lines = tuple(replace(line, bbox=(line.bbox[0] + dx, line.bbox[1] + dy, *line.bbox[2:])) for line in lines)
        tags.append("surround")
    return Soiled(image, lines, tuple(tags))


def break_rules(canvas: Canvas, rules: list[Bar], dice: Dice, scale: float) -> None:
    """Break most of the ``rules`` (in pixels of ``canvas``) into dashes of 2 to 40 px with gaps of 1 to 12 px."""
    share = dice.between((0.4, 1.0))
    gap = dice.between((2.0, 12.0)) * scale
    dash = dice.between((4.0, 40.0)) * scale
    for bar in rules:
        if not dice.chance(share):
            continue
        x0, y0, x1, y1 = int(bar.x0), int(bar.y0), int(np.ceil(bar.x1)), int(np.ceil(bar.y1))
        along = max(x1 - x0, y1 - y0)
        count = int(along / max(gap + dash, 2.0)) + 1
        starts = np.sort(dice.rng.integers(0, max(along, 1), count))
        lengths = np.maximum(1, dice.rng.exponential(gap, count)).astype(int)
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            if x1 - x0 >= y1 - y0:
                canvas.ink[max(y0, 0) : y1, max(x0 + start, 0) : x0 + start + length] = 0
            else:
                canvas.ink[max(y0 + start, 0) : y0 + start + length, max(x0, 0) : x1] = 0


def _dark(shape: tuple[int, int], dice: Dice, bilevel: bool) -> UInt8Array:
    """Return the lid's blackness: 0, or uneven dark gray."""
    if bilevel:
        return np.zeros(shape, dtype=np.uint8)
    level = dice.integer(5, 55)
    return add_noise(field(shape, dice.rng, max(level - 8, 0), level + 8, 300.0), "white", 3.0, dice.rng)


def _paint(image: UInt8Array, where: Mask, dice: Dice, bilevel: bool) -> None:
    image[where] = _dark((image.shape[0], image.shape[1]), dice, bilevel)[where]


def _ragged_edges(image: UInt8Array, dice: Dice, scale: float, bilevel: bool) -> None:
    """Draw strips whose inner edge wanders and frays, along one to four borders."""
    high, wide = image.shape
    sides = [side for side in range(4) if dice.chance(0.6)] or [dice.integer(0, 3)]
    where = np.zeros((high, wide), dtype=bool)
    for side in sides:
        along = wide if side < 2 else high
        least, most = sorted((dice.between((3.0, 15.0)) * scale, dice.between((3.0, 15.0)) * scale))
        knots = dice.rng.random(max(2, along // round(120 * scale) + 2))
        slow = np.interp(np.linspace(0, len(knots) - 1, along), np.arange(len(knots)), knots)
        fray = dice.rng.exponential(1.2 * scale, along) * (dice.rng.random(along) < 0.5)
        reach = np.minimum(least + (most - least) * slow + fray, 1.3 * most)
        distance = np.arange(round(20 * scale))
        strip = distance[:, None] < reach[None, :]
        # The strip itself is not all black: paper fibres and light show in it.
        strip &= dice.rng.random(strip.shape) < 0.97
        rows = len(distance)
        if side == 0:
            where[:rows] |= strip
        elif side == 1:
            where[high - rows :] |= strip[::-1]
        elif side == 2:
            where[:, :rows] |= strip.T
        else:
            where[:, wide - rows :] |= strip[::-1].T
    _paint(image, where, dice, bilevel)


def _wedge(image: UInt8Array, lines: tuple[PageLine, ...], dice: Dice, scale: float, bilevel: bool) -> None:
    """Draw a slanting black area along the top, clear of the first line of text."""
    high, wide = image.shape
    first = min((line.bbox[1] for line in lines), default=high)
    most = min(max(first - 8.0 * scale, 4.0), dice.between((15.0, 90.0)) * scale)
    ends = (most, most * dice.between((0.0, 0.35)))
    left, right = ends if dice.chance(0.5) else ends[::-1]
    edge = np.linspace(left, right, wide) + dice.rng.random(wide) * 1.5 * scale
    rows = int(most + 3 * scale)
    where = np.zeros((high, wide), dtype=bool)
    where[:rows] = np.arange(rows)[:, None] < edge[None, :]
    _paint(image, where, dice, bilevel)


def _pepper(image: UInt8Array, lines: tuple[PageLine, ...], dice: Dice, scale: float, bilevel: bool) -> None:
    """Scatter specks in clouds; between the lines more than on them."""
    high, wide = image.shape
    cloud = field((high, wide), dice.rng, 0, 255, dice.between((120.0, 700.0)) * scale).astype(np.float32) / 255.0
    side = dice.integer(0, 3)
    ramp = np.linspace(0.0, 1.0, wide if side < 2 else high, dtype=np.float32)
    ramp = ramp[::-1] if side % 2 else ramp
    cloud = np.clip(1.3 * cloud - 0.6 + 0.7 * (ramp[None, :] if side < 2 else ramp[:, None]) ** 3, 0.0, 1.0)
    near = np.zeros((high, wide), dtype=bool)
    pad = round(2 * scale)
    for line in lines:
        x, y, w, h = line.bbox
        near[max(y - pad, 0) : y + h + pad, max(x - pad, 0) : x + w + pad] = True
    cloud[near] *= 0.25
    density = dice.between((0.004, 0.06))
    grain = add_noise(np.full((high, wide), 128, np.uint8), "fine" if scale < 1.2 else "grain", 36.0, dice.rng)
    # Specks are where a smooth noise is far below its mean: their share of the area follows the cloud.
    level = 128.0 - 36.0 * np.sqrt(np.maximum(-2.0 * np.log(np.maximum(density * cloud, 1e-6)), 0.0)) * 0.85
    where = grain < level
    image[where] = 0 if bilevel else np.minimum(image[where], dice.integer(20, 120))


def _surrounded(image: UInt8Array, dice: Dice, bilevel: bool) -> tuple[UInt8Array, tuple[int, int]]:
    """Return the page on black and where its corner lies: a narrow frame, or more black than paper."""
    high, wide = image.shape
    most = 0.08 if dice.chance(0.6) else 0.45
    left, right, top, bottom = (round(dice.between((0.01, most)) * side) for side in (wide, wide, high, high))
    out = _dark((high + top + bottom, wide + left + right), dice, bilevel)
    out[top : top + high, left : left + wide] = image
    if bilevel and dice.chance(0.5):
        specks = dice.rng.random(out.shape) < dice.between((0.0002, 0.004))
        specks[top : top + high, left : left + wide] = False
        out[specks] = 255
    return out, (left, top)


def lightened(image: UInt8Array, dice: Dice) -> UInt8Array:
    """Return the page (black on white) in light ink: gray levels of 110 to 190 on clean paper."""
    floor = dice.between((110.0, 190.0))
    return np.asarray(cv2.convertScaleAbs(image, alpha=(255.0 - floor) / 255.0, beta=floor), dtype=np.uint8)
