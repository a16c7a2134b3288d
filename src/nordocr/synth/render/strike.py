"""The typewriter: every letter struck by its own type, through a ribbon, with its own force and misplacement.

Each type of a machine has lasting faults (its height, its tilt, dirt in its counters, a face that is not parallel
to the paper), each strike has passing ones (force, a double strike); capitals share the error of the shift key.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.dice import Dice
from nordocr.synth.render.glyphs import Glyph, GlyphTable, UInt8Array
from nordocr.synth.render.layout import Setting

Placed = tuple[UInt8Array, int, int]

_COUNTERS = frozenset("abdegopqæøåäöð0469ABDOPQRÆØÅÄÖ8&@")


class Type(NamedTuple):
    """One type of a machine: its ink as it prints, with the lasting faults in raster pixels and share of ink."""

    ink: UInt8Array
    left: int
    top: int
    x: float
    y: float
    force: float


class Machine:
    """A typewriter of one line: draws its wear from ``dice`` and its types as they are first struck."""

    def __init__(self, table: GlyphTable, em: float, dice: Dice, config: RenderConfig) -> None:
        self.table, self.dice, self.config = table, dice, config
        self.wear = dice.between(config.wear)
        self.pixel = table.raster / em
        self.shift = config.type_shift_em * table.raster / 3.0 * self.wear
        self.jitter = config.type_jitter_em * table.raster / 3.0 * self.wear
        low, high = config.strike_force
        self.force = high - (high - low) * 0.6 * dice.unit() * self.wear
        self.floor = low
        self.clogged = dice.chance(config.clogged)
        self.case_shift = dice.normal() * self.shift
        self.spread = self._spread(dice.between(config.type_weight_em))
        self.types: dict[str, Type] = {}

    def _spread(self, weight: float) -> int:
        """Raster pixels to thicken by: faces drawn after typewriters are thinner than what a ribbon leaves."""
        stem = self.table.glyph("l").ink
        if not stem.size:
            return 0
        middle = stem[stem.shape[0] // 2 - 1 : stem.shape[0] // 2 + 2].mean(axis=0)
        return max(0, round(weight * self.table.raster - float(middle.sum()) / 255.0))

    def strike(self, setting: Setting) -> list[Placed]:
        """Every letter of the line as (ink, column, row from the baseline) in raster pixels."""
        count = len(setting.text)
        noise = np.clip(self.dice.rng.standard_normal((count, 3)), -3.0, 3.0).tolist()
        luck = self.dice.rng.random((count, 2)).tolist()
        half, ghost = self.config.half_struck * self.wear, self.config.ghost * self.wear
        placed: list[Placed] = []
        for char, pen, (up, side, hard), (first, second) in zip(setting.text, setting.pens, noise, luck, strict=True):
            kept = self.types.get(char)
            if kept is None:
                kept = self.types[char] = self._make(char)
            if not kept.ink.size:
                continue
            force = min(1.0, max(self.floor, kept.force + 0.07 * self.wear * hard))
            ink = cv2.convertScaleAbs(kept.ink, alpha=force)
            if first < half:
                ink = _fade_to_side(ink, self.dice, (0.3, 0.85))
            x = round(pen + kept.left + kept.x + side * self.jitter)
            y = round(kept.top + kept.y + up * self.shift * 0.5)
            placed.append((np.asarray(ink, dtype=np.uint8), x, y))
            if second < ghost:
                placed.append(self._again(ink, x, y))
        return placed

    def _again(self, ink: cv2.typing.MatLike, x: int, y: int) -> Placed:
        weak = cv2.convertScaleAbs(ink, alpha=self.dice.between((0.35, 0.9)))
        aside = self.dice.between((1.0, 2.0)) * self.pixel * self.dice.pick((-1.0, 1.0))
        return np.asarray(weak, dtype=np.uint8), round(x + aside), round(y + self.dice.normal() * 0.5 * self.pixel)

    def _make(self, char: str) -> Type:
        glyph, dice, config = self.table.glyph(char), self.dice, self.config
        x, y = dice.normal() * self.jitter * 0.7, dice.normal() * self.shift * 0.7
        tilt = dice.normal() / 3.0 * config.type_tilt_degrees * self.wear
        force = self.force + 0.12 * self.wear * dice.normal()
        uneven, filled = dice.chance(0.15 * self.wear), dice.chance(0.6)
        if char.isupper():
            y += self.case_shift
        if not glyph.ink.size:
            return Type(glyph.ink, 0, 0, 0.0, 0.0, 1.0)
        ink, left, top = glyph.ink, glyph.left, glyph.top
        if self.spread:
            ink, left, top = thicken(ink, left, top, self.spread)
        if self.clogged and filled and char in _COUNTERS:
            ink = _clog(ink, self.table.metrics.x_height, dice.between((0.35, 1.0)) * self.wear)
        if uneven:
            ink = _fade_to_side(ink, dice, (0.15, 0.5))
        if abs(tilt) > 0.35:
            ink, left, top = _turn(Glyph(ink, left, top, 0.0), tilt)
        return Type(ink, left, top, x, y, force)


def _fade_to_side(ink: cv2.typing.MatLike, dice: Dice, depth: tuple[float, float]) -> UInt8Array:
    """Ink that weakens towards one side, as from a type that met the paper askew; up and down the likeliest."""
    high, wide = ink.shape[:2]
    lost, start = dice.between(depth), dice.between((0.1, 0.5))
    down, across = dice.pick((-1.0, 1.0)), dice.between((-0.7, 0.7))
    rows = np.linspace(-0.5, 0.5, high, dtype=np.float32) * np.float32(down)
    columns = np.linspace(-0.5, 0.5, wide, dtype=np.float32) * np.float32(across)
    ramp = np.clip((rows[:, None] + columns + np.float32(0.5 - start)) * np.float32(2.0), 0.0, 1.0)
    faded: UInt8Array = (ink * (np.float32(1.0) - np.float32(lost) * ramp)).astype(np.uint8)
    return faded


def thicken(ink: UInt8Array, left: int, top: int, by: int) -> tuple[UInt8Array, int, int]:
    """The letter with strokes wider by ``by`` pixels and rounder corners: (ink, left, top)."""
    high, wide = ink.shape
    before = by // 2
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (by + 1, by + 1))
    spread = np.zeros((high + by, wide + by), dtype=np.uint8)
    spread[before : before + high, before : before + wide] = ink
    return np.asarray(cv2.dilate(spread, kernel), dtype=np.uint8), left - before, top - before


def _clog(ink: UInt8Array, x_height: float, strength: float) -> UInt8Array:
    """Fill what a letter encloses with ``strength`` of ink: closing by half an x-height, kept inside the letter."""
    side = max(3, round(x_height * 0.5)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    pad = side // 2 + 1
    wide = cv2.copyMakeBorder(ink, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0.0,))
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, kernel)[pad:-pad, pad:-pad]
    filled: UInt8Array = np.maximum(ink, cv2.convertScaleAbs(closed, alpha=min(1.0, strength)))
    return filled


def _turn(glyph: Glyph, degrees: float) -> tuple[UInt8Array, int, int]:
    """The letter turned about its middle: (ink, left, top)."""
    high, wide = glyph.ink.shape
    pad = 1 + int(max(high, wide) * 0.5 * abs(degrees) * 0.0175)
    angle = np.deg2rad(degrees)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    cx, cy = (wide - 1) / 2.0, (high - 1) / 2.0
    matrix = np.array(
        [[cos, sin, pad + cx - cos * cx - sin * cy], [-sin, cos, pad + cy + sin * cx - cos * cy]], dtype=np.float64
    )
    turned = cv2.warpAffine(glyph.ink, matrix, (wide + 2 * pad, high + 2 * pad), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, dtype=np.uint8), glyph.left - pad, glyph.top - pad
