"""What is on a page besides text: logos, signatures, stamps, punch holes, the scanner's black edges."""

from __future__ import annotations

import math

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.pages.model import UInt8Array
from nordocr.synth.pages.press import Style
from nordocr.synth.pages.sheet import Points, Sheet

_MM = 72.0 / 25.4


def logo(sheet: Sheet, dice: Dice, x: float, y: float, side: float) -> None:
    """Draw a mark of plain shapes within the square of ``side`` points whose corner is (x, y)."""
    centre = np.array([x + side / 2, y + side / 2])
    kind = dice.integer(0, 5)
    if kind == 0:
        sheet.area(_ring(centre, side / 2), 255.0)
        _cut_ring(sheet, centre, side)
    elif kind == 1:
        for number in range(3):
            wide = side * (0.5 + 0.25 * number)
            sheet.band(x, y + side * (0.1 + 0.3 * number), x + wide, y + side * (0.28 + 0.3 * number))
    elif kind == 2:
        sheet.area(np.array([[x, y + side], [x + side / 2, y], [x + side, y + side]]))
    elif kind == 3:
        sheet.box(x, y, x + side, y + side, side * 0.08)
        sheet.area(_ring(centre, side * 0.28))
    elif kind == 4:
        for number in range(dice.integer(3, 6)):
            angle = number * math.pi / 3
            tip = centre + side / 2 * np.array([math.cos(angle), math.sin(angle)])
            sheet.curve(np.array([centre, tip]), side * 0.11)
    else:
        waves = np.linspace(0, 2 * math.pi, 40)
        for number in range(3):
            level = y + side * (0.25 + 0.25 * number)
            sheet.curve(
                np.stack([x + side * waves / (2 * math.pi), level + side * 0.08 * np.sin(waves)], 1), side * 0.09
            )


def _cut_ring(sheet: Sheet, centre: Points, side: float) -> None:
    """A slanting white bar through a disc."""
    k = sheet.unit
    a, b = (centre + side / 2 * np.array([-1.0, 0.45])) * k, (centre + side / 2 * np.array([1.0, -0.45])) * k
    cv2.line(
        sheet.canvas.ink, (round(a[0]), round(a[1])), (round(b[0]), round(b[1])), (0.0,),
        max(2, round(side * k * 0.13)), cv2.LINE_AA,
    )  # fmt: skip


def _ring(centre: Points, radius: float) -> Points:
    angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    return np.stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)], axis=1)


def signature(sheet: Sheet, dice: Dice, x: float, y: float, width: float) -> None:
    """Draw a name written by pen from x on, about ``width`` points long, on the line at height ``y``."""
    thick = dice.between((0.6, 1.5))
    ink = dice.between((170.0, 255.0))
    letters = dice.integer(5, 11)
    tall, low = dice.between((11.0, 19.0)), dice.between((2.5, 5.0))
    slant = dice.between((0.15, 0.55))
    # Two capitals, the name's and the surname's, with loops; small letters that run flat towards the end.
    capitals = (0, dice.integer(2, letters - 2))
    knots, left = [(x - dice.between((0.0, 8.0)), y - tall * dice.between((0.1, 0.7)))], x
    for number in range(letters):
        step = width / letters * dice.between((0.6, 1.5))
        fading = 1.0 - 0.6 * number / letters
        high = tall * dice.between((0.75, 1.1)) if number in capitals else low * fading * dice.between((0.5, 1.6))
        if number not in capitals and dice.chance(0.2):
            high = tall * dice.between((0.5, 0.8))
        dip = tall * dice.between((0.25, 0.6)) if dice.chance(0.18) else 0.0
        if high > tall * 0.45 and dice.chance(0.7):  # a loop: up on the right, down on the left
            knots += [(left + slant * high + step * 0.55, y - high * 0.8), (left + slant * high + step * 0.2, y - high)]
            knots += [(left + step * 0.15, y + dip * 0.6), (left + step * 0.6, y - low * 0.5)]
        else:
            knots += [(left + slant * high + step * 0.3, y - high), (left + step * 0.55, y + dip)]
        left += step
    knots.append((left + width * dice.between((0.05, 0.35)), y - low * dice.between((-0.5, 2.0))))
    sheet.curve(_smooth(np.array(knots, dtype=np.float64)), thick, ink)
    if dice.chance(0.35):
        under = np.array([[x + width * 0.1, y + 5.0], [x + width * 0.6, y + 3.0], [x + width * 1.1, y + 4.5]])
        sheet.curve(_smooth(under), thick, ink)


def _smooth(knots: Points) -> Points:
    """A Catmull-Rom curve through the knots."""
    padded = np.concatenate([knots[:1], knots, knots[-1:]])
    t = np.linspace(0.0, 1.0, 9)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(pieces)


def stamp(sheet: Sheet, dice: Dice, words: tuple[str, ...]) -> bool:
    """Place a rubber stamp where there is no text; return False where no place is found in a few tries."""
    word = dice.pick(words)
    style = Style("bold", dice.between((13.0, 22.0)), 0.05)
    degrees = dice.normal() * 5.0
    ink = sheet.press.turned(word, style, degrees, dice.between((0.6, 1.0)))
    wide, high = ink.shape[1] / sheet.unit, ink.shape[0] / sheet.unit
    pad = 9.0
    for _ in range(8):
        x = 60.0 + dice.unit() * (sheet.size[0] - wide - 120.0)
        y = 50.0 + dice.unit() * (sheet.size[1] - high - 110.0)
        if sheet.free(x - pad - 3, y - pad - 3, x + wide + pad + 3, y + high + pad + 3) and not _inked(
            sheet, x - pad, y - pad, wide + 2 * pad, high + 2 * pad
        ):
            sheet.patch(ink, x, y, word, "stamp")
            if dice.chance(0.7):
                _frame(
                    sheet,
                    (x + wide / 2, y + high / 2),
                    sheet.press.width(word, style) + 16.0,
                    style.points * 1.7,
                    degrees,
                )
            return True
    return False


def _inked(sheet: Sheet, x: float, y: float, wide: float, high: float) -> bool:
    k = sheet.unit
    return bool(sheet.canvas.ink[round(y * k) : round((y + high) * k), round(x * k) : round((x + wide) * k)].any())


def _frame(sheet: Sheet, centre: tuple[float, float], wide: float, high: float, degrees: float) -> None:
    # getRotationMatrix2D turns anticlockwise, boxPoints clockwise.
    corners = cv2.boxPoints((centre, (wide, high), -degrees)).astype(np.float64)
    sheet.curve(np.concatenate([corners, corners[:1]]), 1.4, 190.0)


def punch_holes(sheet: Sheet, dice: Dice) -> None:
    """Draw two holes 80 mm apart, or the four of Swedish binders (21, 70, 21 mm), dark on the scanner's black lid."""
    middle = sheet.size[1] / 2 + dice.between((-6.0, 6.0))
    x = dice.between((10.0, 13.0)) * _MM
    offsets = (-56.0, -35.0, 35.0, 56.0) if dice.chance(0.5) else (-40.0, 40.0)
    full = dice.chance(0.6)
    for offset in offsets:
        ring = _ring(np.array([x, middle + offset * _MM]), 2.75 * _MM)
        if full:
            sheet.area(ring, 245.0)
        else:
            sheet.curve(np.concatenate([ring[:30]]), 1.2, 200.0)


def scanner_edges(page: UInt8Array, dice: Dice, dpi: int) -> None:
    """Draw slightly slanting black edges where the paper did not cover the lid, on uint8 ``[H, W]`` in place."""
    high, wide = page.shape
    most = 4.5 / 25.4 * dpi
    for edge in range(4):
        if not dice.chance(0.45):
            continue
        a, b = dice.unit() * most, dice.unit() * most
        corners = {
            0: [(0, 0), (wide, 0), (wide, b), (0, a)],
            1: [(0, high), (wide, high), (wide, high - b), (0, high - a)],
            2: [(0, 0), (a, 0), (b, high), (0, high)],
            3: [(wide, 0), (wide - a, 0), (wide - b, high), (wide, high)],
        }[edge]
        cv2.fillPoly(page, [np.rint(np.array(corners)).astype(np.int32)], (12.0,))
