"""Photographs and drawings."""

from __future__ import annotations

import cv2
import numpy as np

from nordocr.synth.degrade.tiles import add_noise, field
from nordocr.synth.dice import Dice
from nordocr.synth.pages.beside.sites import free_site
from nordocr.synth.pages.model import UInt8Array
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.writer import Writer


def picture(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Place a photograph or a line drawing; return False where there is no room."""
    wide, high = dice.between((110.0, 240.0)), dice.between((80.0, 170.0))
    site = free_site(sheet, dice, wide, high, 10.0)
    if site is None:
        return False
    k = sheet.unit
    x, y = round(site[0] * k), round(site[1] * k)
    shape = round(high * k), round(wide * k)
    ink = _photograph(shape, dice, k) if dice.chance(0.6) else _drawing(shape, dice, k)
    part = sheet.canvas.ink[y : y + shape[0], x : x + shape[1]]
    np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)
    return True


def _photograph(shape: tuple[int, int], dice: Dice, unit: float) -> UInt8Array:
    """Tones without edges, some bodies with edges before them, grain; printed with a screen now and then."""
    tone = field(shape, dice.rng, 20, 235, dice.between((18.0, 60.0)) * unit)
    fine = field(shape, dice.rng, 0, 255, dice.between((3.0, 9.0)) * unit)
    tone = cv2.addWeighted(tone, 0.75, fine, 0.25, 0.0).astype(np.uint8)
    for _ in range(dice.integer(2, 6)):
        centre = dice.integer(0, shape[1]), dice.integer(shape[0] // 3, shape[0])
        axes = dice.integer(shape[1] // 16, shape[1] // 4), dice.integer(shape[0] // 10, shape[0] // 2)
        cv2.ellipse(tone, centre, axes, dice.between((-40.0, 40.0)), 0, 360, (float(dice.integer(10, 245)),), -1)
    tone = cv2.GaussianBlur(tone, (0, 0), 0.35 * unit).astype(np.uint8)
    tone = add_noise(tone, "fine", 8.0, dice.rng)
    if dice.chance(0.4):
        return _screened(tone, max(4, round(dice.between((0.9, 1.4)) * unit)))
    return tone


def _screened(tone: UInt8Array, period: int) -> UInt8Array:
    """Dots of one distance whose size is the tone."""
    rows, columns = np.arange(tone.shape[0])[:, None], np.arange(tone.shape[1])[None, :]
    wave = np.cos(2 * np.pi * (rows + columns) / period) + np.cos(2 * np.pi * (rows - columns) / period)
    return np.where(tone > 127.0 + 63.0 * wave, 255, 0).astype(np.uint8)


def _drawing(shape: tuple[int, int], dice: Dice, unit: float) -> UInt8Array:
    """A chart: axes, bars or lines, without words."""
    ink = np.zeros(shape, dtype=np.uint8)
    thick = max(1, round(0.8 * unit))
    high, wide = shape
    cv2.line(ink, (thick, 0), (thick, high - thick), (255.0,), thick)
    cv2.line(ink, (thick, high - thick), (wide, high - thick), (255.0,), thick)
    count = dice.integer(4, 9)
    xs = np.linspace(0.08, 0.95, count) * wide
    ys = np.array([dice.between((0.1, 0.9)) for _ in range(count)]) * high
    if dice.chance(0.5):
        half = 0.3 * wide / count
        for x, y in zip(xs, ys, strict=True):
            cv2.rectangle(
                ink, (round(x - half), round(y)), (round(x + half), high - thick), (255.0,),
                -1 if dice.chance(0.5) else thick,
            )  # fmt: skip
    else:
        points = np.rint(np.stack([xs, ys], axis=1)).astype(np.int32)
        cv2.polylines(ink, [points], False, (255.0,), thick, cv2.LINE_AA)
        for x, y in points.tolist():
            cv2.circle(ink, (x, y), 2 * thick, (255.0,), -1)
    return ink
