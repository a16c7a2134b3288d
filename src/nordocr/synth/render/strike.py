"""The typewriter: every letter struck by its own type, through a ribbon, with its own force and misplacement.

Each type of a machine has lasting faults (its height, its tilt, dirt in its counters, a worn face or one that is not
parallel to the paper), each strike has passing ones (force, a double strike, a wrong letter typed over); capitals share
the error of the shift key, and small types strike deeper than large ones.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import Glyph, GlyphTable, UInt8Array
from nordocr.synth.render.layout import Setting

Placed = tuple[UInt8Array, int, int]

_COUNTERS = frozenset("abdegopqæøåäöð0469ABDOPQRÆØÅÄÖ8&@")
_SMALL = frozenset(".,:;-–'\"‘’“”°")
_MISTYPED = "abdefghijklmnoprstuvy"


_ONE_AT_A_LETTER = re.compile(r"[^\W\d_]1|1[^\W\d_]")


def without_ones(text: str) -> str:
    """Return what a typist struck on a machine without a key for 1, as most were into the 1960s: an l in its place.

    A text in which a 1 touches a letter is returned unchanged: nobody could tell such an l from a letter.
    """
    return text if _ONE_AT_A_LETTER.search(text) else text.replace("1", "l")


class Type(NamedTuple):
    """One type of a machine: its ink as it prints, with the lasting faults in raster pixels and share of ink."""

    ink: UInt8Array
    left: int
    top: int
    x: float
    y: float
    force: float


class Machine:
    """One line's typewriter: draws its wear at construction, and each type's lasting faults when it is first struck.

    Args:
        table: The face's glyphs.
        em: Type size in pixels.
        dice: Where the draws come from.
        config: Wear and faults.
        cell: Raster pixels of the equal cell that a proportional face's letters are fitted to, or None.
    """

    def __init__(
        self, table: GlyphTable, em: float, dice: Dice, config: RenderConfig, cell: float | None = None
    ) -> None:
        self.table, self.dice, self.config, self.cell = table, dice, config, cell
        self.wear = dice.between(config.wear)
        self.pixel = table.raster / em
        self.shift = config.type_shift_em * table.raster / 3.0 * self.wear
        self.jitter = config.type_jitter_em * table.raster / 3.0 * self.wear
        low, high = config.strike_force
        self.force = high - (high - low) * 0.6 * dice.unit() * self.wear
        self.floor = low
        self.clogged = dice.chance(config.clogged)
        self.hard_point = dice.unit() if dice.chance(config.hard_point) else 0.0
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
        """Return every letter of the line as (ink, column, row from the baseline) in raster pixels."""
        count = len(setting.text)
        noise = np.clip(self.dice.rng.standard_normal((count, 3)), -3.0, 3.0).tolist()
        luck = self.dice.rng.random((count, 3)).tolist()
        half, ghost = self.config.half_struck * self.wear, self.config.ghost * self.wear
        wrong = self.config.overtyped * self.wear
        drift = self._drift(count)
        placed: list[Placed] = []
        for place, (char, pen) in enumerate(zip(setting.text, setting.pens, strict=True)):
            kept = self._type(char)
            if not kept.ink.size:
                continue
            (up, side, hard), (first, second, third) = noise[place], luck[place]
            force = min(1.0, max(self.floor, kept.force + drift[place] + 0.07 * self.wear * hard))
            ink = cv2.convertScaleAbs(kept.ink, alpha=force)
            if first < half:
                fault = _fade_to_side if self.dice.chance(0.6) else blotted
                ink = fault(ink, self.dice, (0.3, 0.85))
            x = round(pen + kept.left + kept.x + side * self.jitter)
            y = round(kept.top + kept.y + up * self.shift * 0.5)
            placed.append((np.asarray(ink, dtype=np.uint8), x, y))
            if second < ghost:
                placed.append(self._again(ink, x, y))
            if third < wrong and char.isalnum():
                other = self._type(self.dice.pick(_MISTYPED))
                weak = cv2.convertScaleAbs(other.ink, alpha=force * self.dice.between((0.25, 0.5)))
                placed.append((np.asarray(weak, dtype=np.uint8), round(pen + other.left + other.x), other.top))
        return placed

    def _type(self, char: str) -> Type:
        """The machine's type of ``char``, cut at its first strike."""
        kept = self.types.get(char)
        if kept is None:
            kept = self.types[char] = self._make(char)
        return kept

    def _drift(self, count: int) -> list[float]:
        """What the typist's strength adds to the ink of each of ``count`` letters: it wanders over about a word."""
        knots = np.array([self.dice.normal() for _ in range(min(24, count // 5 + 2))]) / 3.0
        at = np.linspace(0.0, len(knots) - 1.0, count)
        drift = np.interp(at, np.arange(len(knots)), knots) * (self.config.force_drift * self.wear)
        return [float(share) for share in drift]

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
        worn = dice.chance(config.worn_type * self.wear)
        point = self.hard_point if char in _SMALL else 0.0
        force = min(1.0, force + 0.3 * point)
        if char.isupper():
            y += self.case_shift
        if not glyph.ink.size:
            return Type(glyph.ink, 0, 0, 0.0, 0.0, 1.0)
        ink, left, top = glyph.ink, glyph.left, glyph.top
        if self.cell is not None:
            ink, left = _celled(ink, self.cell)
        spread = self.spread + round(0.07 * self.table.raster * point)
        if spread:
            ink, left, top = thicken(ink, left, top, spread)
        if point and char == "." and dice.chance(config.punched * self.wear):
            ink = _ring(ink)
        if self.clogged and filled and char in _COUNTERS:
            ink = _clog(ink, self.table.metrics.x_height, dice.between((0.35, 1.0)) * self.wear)
        if uneven:
            ink = _fade_to_side(ink, dice, (0.15, 0.5))
        if worn and char not in _SMALL:
            ink = blotted(ink, dice, (0.3, 0.8))
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


def _celled(ink: UInt8Array, cell: float) -> tuple[UInt8Array, int]:
    """The letter in the middle of a cell, no wider than 0.94 of it, a narrow one with wider feet: (ink, left)."""
    high, wide = ink.shape
    fit = min(wide, round(0.94 * cell))
    if high > 0.5 * cell:
        fit = max(fit, min(round(1.35 * wide), round(0.55 * cell)))
    if fit != wide:
        ink = np.asarray(cv2.resize(ink, (max(1, fit), high), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
    return ink, round((cell - ink.shape[1]) / 2.0)


def blotted(ink: cv2.typing.MatLike, dice: Dice, depth: tuple[float, float]) -> UInt8Array:
    """Return ink that is missing in smooth patches of about a third of the letter: a worn or dirty type."""
    high, wide = ink.shape[:2]
    lost = dice.between(depth)
    knots = np.array([[max(0.0, dice.unit() * 2.0 - 1.0) for _ in range(3)] for _ in range(4)], dtype=np.float32)
    kept = np.rint(255.0 * (1.0 - lost * knots)).astype(np.uint8)
    mask = cv2.resize(kept, (wide, high), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(ink, mask, scale=1.0 / 255.0), dtype=np.uint8)


def _ring(ink: UInt8Array) -> UInt8Array:
    """A full stop that cut through the paper: its middle is as light as paper, its rim inked."""
    high, wide = ink.shape
    ring = ink.copy()
    axes = (max(1, round(0.24 * wide)), max(1, round(0.24 * high)))
    cv2.ellipse(ring, (wide // 2, high // 2), axes, 0.0, 0.0, 360.0, (40.0,), -1, cv2.LINE_AA)
    return ring


def thicken(ink: UInt8Array, left: int, top: int, by: int) -> tuple[UInt8Array, int, int]:
    """Return the letter with strokes ``by`` pixels wider and rounder corners, as (ink, left, top)."""
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
