"""What happens to the ink of a whole line: ribbon weave, fading, a doubled image, the ribbon's edge and smear.

All functions take uint8 ``[h, w]`` with 255 for full ink and return a new array of the same shape and dtype.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import UInt8Array

_TILE = (192, 2048)


@lru_cache(maxsize=1)
def _weave() -> UInt8Array:
    """A constant tile of ink lost to a ribbon's fabric: crossed threads over grain and worn places, 0-255."""
    rng = np.random.default_rng(1873)  # the year of the first typewriter sold; any fixed number would do
    high, wide = _TILE
    grain = cv2.GaussianBlur(rng.standard_normal(_TILE).astype(np.float32), (0, 0), 1.1)
    worn = cv2.GaussianBlur(rng.standard_normal(_TILE).astype(np.float32), (0, 0), 7.0)
    rows, columns = np.arange(high, dtype=np.float32)[:, None], np.arange(wide, dtype=np.float32)
    threads = np.sin(2.1 * columns + 0.5 * np.sin(0.05 * rows)) + np.sin(2.3 * rows + 0.5 * np.sin(0.03 * columns))
    loss = 0.9 * grain / grain.std() + 0.6 * worn / worn.std() + 0.35 * threads
    tile: UInt8Array = np.clip(70.0 + 75.0 * loss, 0.0, 255.0).astype(np.uint8)
    return tile


def weave(ink: UInt8Array, depth: float, dice: Dice) -> UInt8Array:
    """Return ink thinned by a ribbon's weave; ``depth`` (0-1) is the share lost where the weave lets least through."""
    tile = _weave()
    high, wide = ink.shape
    y, x = dice.integer(0, _TILE[0] - 1), dice.integer(0, _TILE[1] - 1)
    if y + high > _TILE[0] or x + wide > _TILE[1]:
        part = tile.take(np.arange(y, y + high), axis=0, mode="wrap").take(np.arange(x, x + wide), axis=1, mode="wrap")
    else:
        part = tile[y : y + high, x : x + wide]
    kept = cv2.bitwise_not(cv2.convertScaleAbs(part, alpha=depth))
    return np.asarray(cv2.multiply(ink, kept, scale=1.0 / 255.0), dtype=np.uint8)


def fade(ink: UInt8Array, depth: float, dice: Dice) -> UInt8Array:
    """Return ink that weakens and returns along the line; ``depth`` (0-1) is the share lost at the faintest place."""
    wide = ink.shape[1]
    knots = np.array([dice.unit() for _ in range(max(3, min(12, wide // 120 + 2)))])
    gains = 1.0 - depth * np.interp(np.linspace(0.0, len(knots) - 1.0, wide), np.arange(len(knots)), knots)
    faded: UInt8Array = (ink * gains.astype(np.float32)).astype(np.uint8)
    return faded


def doubled(ink: UInt8Array, aside: int, down: int, strength: float) -> UInt8Array:
    """Return ink with a second image of ``strength`` (0-1), ``aside`` columns and ``down`` rows away."""
    high, wide = ink.shape
    out = ink.copy()
    weak = cv2.convertScaleAbs(ink, alpha=strength)
    to = out[max(0, down) : high + min(0, down), max(0, aside) : wide + min(0, aside)]
    source = weak[max(0, -down) : high - max(0, down), max(0, -aside) : wide - max(0, aside)]
    np.maximum(to, source, out=to)
    return out


def ribbon_edge(ink: UInt8Array, row: int, strength: float, upper: bool) -> UInt8Array:
    """Return ink whose rows above (``upper``) or below ``row`` came from a ribbon's other half, weaker (0-1)."""
    gains = np.ones((ink.shape[0], 1), dtype=np.float32)
    gains[slice(0, max(0, row)) if upper else slice(max(0, row), None)] = strength
    lighter: UInt8Array = (ink * gains).astype(np.uint8)
    return lighter


def smear(ink: UInt8Array, reach: int, strength: float) -> UInt8Array:
    """Return ink with a weak shadow of the ribbon within ``reach`` pixels of the letters."""
    side = 2 * max(1, reach) + 1
    shadow = cv2.blur(ink, (side, side))
    return np.asarray(cv2.max(ink, cv2.convertScaleAbs(shadow, alpha=strength)), dtype=np.uint8)


def choose_ink(
    ink: UInt8Array, typed: float, em: float, baseline: float, dice: Dice, config: RenderConfig
) -> tuple[UInt8Array, list[str]]:
    """Choose and apply what happens to the ink of a line.

    Args:
        ink: uint8 ``[h, w]``.
        typed: The machine's wear (0-1); 0 for print.
        em: Type size in pixels.
        baseline: Row of the baseline.
        dice: Where the draws come from.
        config: Probabilities and ranges.

    Returns:
        The new ink, and the tags of what was done.
    """
    tags: list[str] = []
    if dice.chance(config.faded):
        ink, tags = fade(ink, dice.between(config.fade_depth), dice), [*tags, "faded"]
    if dice.chance(config.doubled):
        aside, down = round(dice.normal() * 0.03 * em), round(dice.normal() * 0.03 * em)
        ink = doubled(ink, aside or 1, down, dice.between((0.25, 0.6)))
        tags.append("doubled")
    if typed > 0.0:
        if dice.chance(config.ribbon_shadow):
            ink, tags = smear(ink, round(0.06 * em), dice.between((0.1, 0.35))), [*tags, "ribbon-shadow"]
        if dice.chance(config.ribbon_edge):
            row = round(baseline - dice.between((0.05, 0.5)) * em)
            ink = ribbon_edge(ink, row, dice.between((0.4, 0.75)), upper=dice.chance(0.5))
            tags.append("ribbon-edge")
        if dice.chance(config.ribbon):
            ink, tags = weave(ink, dice.between((0.2, 0.5 + 0.45 * typed)), dice), [*tags, "ribbon"]
    return ink, tags
