"""Drawn boxes to tick, empty, ticked and crossed, each with its text."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.pages.beside.sites import free_site
from nordocr.synth.pages.model import UInt8Array
from nordocr.synth.pages.press import Style
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.writer import Writer
from nordocr.synth.render.layout import stamp_ink

SIGNS: Final = {"empty": "☐", "ticked": "☑", "crossed": "☒"}
"""What stands for a box in the truth, whatever charset the page keeps to."""

_SHIFT: Final = 4


def tick_boxes(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Place two to five rows of boxes with texts; return False where there is no room."""
    style = Style("body", dice.between((8.5, 11.0)))
    rows = [[_option(writer, dice) for _ in range(dice.integer(1, 3))] for _ in range(dice.integer(2, 5))]
    side = sheet.press.ascent(style) * dice.between((1.0, 1.5))
    thick, pen = dice.between((0.4, 1.0)), dice.between((0.7, 1.6))
    marks = dice.pick(("print", "pen"))
    column, step = dice.between((110.0, 150.0)), 1.7 * sheet.press.size(style)
    site = free_site(sheet, dice, column * 3, step * (len(rows) + 0.5))
    if site is None:
        return False
    x, y = site
    for number, row in enumerate(rows):
        base = y + step * (number + 1)
        for place, text in enumerate(row):
            while sheet.press.width(text, style) > column - side * 2.6 and " " in text:
                text = text.rsplit(" ", 1)[0]
            kind = dice.weighted((("empty", 0.4), ("ticked", 0.3), ("crossed", 0.3)))
            _put(sheet, dice, x + column * place, base, (side, thick, pen), kind, text, style, marks)
    return True


def _put(
    sheet: Sheet, dice: Dice, x: float, base: float, sizes: tuple[float, float, float], kind: str, text: str,
    style: Style, marks: str,
) -> None:  # fmt: skip
    """Place one box and its text on the baseline ``base`` as one line; ``sizes``: side, rule and pen in points."""
    side, thick, pen = (size * sheet.unit for size in sizes)
    layer = sheet.press.draw(text, style)
    room = round(side * 0.5)
    ascent = sheet.press.ascent(style) * sheet.unit
    # The box stands in the middle of the capitals' height; a pen reaches beyond it.
    above = round(max(layer.baseline, (ascent + side) / 2) + room)
    below = round(max(layer.ink.shape[0] - layer.baseline, (side - ascent) / 2) + room)
    left = round(side * dice.between((1.35, 1.8)))
    ink = np.zeros((above + below, room + left + layer.ink.shape[1] + 2), dtype=np.uint8)
    stamp_ink(ink, layer.ink, room + left, above - round(layer.baseline))
    top = above - (ascent + side) / 2
    _box(ink, room, top, side, max(1.0, thick))
    if kind != "empty":
        _mark(ink, dice, (room, top, side), kind, max(1.2, pen), by_pen=marks == "pen")
    sheet.patch(ink, x - room / sheet.unit, base - above / sheet.unit, f"{SIGNS[kind]} {text}", "option")


def _box(ink: UInt8Array, x: float, y: float, side: float, thick: float) -> None:
    corners = (round(x), round(y)), (round(x + side), round(y + side))
    cv2.rectangle(ink, corners[0], corners[1], (255.0,), max(1, round(thick)))


def _mark(ink: UInt8Array, dice: Dice, box: tuple[float, float, float], kind: str, pen: float, *, by_pen: bool) -> None:
    """Draw a tick or a cross into a box (x, y, side); a pen's reaches over it now and then."""
    x, y, side = box
    shaky = 0.12 * side if by_pen else 0.0
    reach = dice.between((-0.15, 0.3)) if by_pen else -0.18
    if kind == "crossed":
        a, b = -reach, 1.0 + reach
        strokes = [[(a, a), (b, b)], [(a, b), (b, a)]]
    else:
        strokes = [[(0.18, 0.5), (0.42, 0.85), (0.85 + max(reach, 0.0), 0.15 - max(reach, 0.0))]]
    for stroke in strokes:
        points = np.array([[x + side * px, y + side * py] for px, py in stroke])
        points += shaky * (2.0 * dice.rng.random(points.shape) - 1.0)
        fixed = np.rint(points * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(ink, [fixed], False, (255.0,), max(1, round(pen)), cv2.LINE_AA, _SHIFT)


def _option(writer: Writer, dice: Dice) -> str:
    words = writer.label().split() if dice.chance(0.6) else writer.sentence().rstrip(".").split()
    return " ".join(words[: dice.integer(1, 3)])
