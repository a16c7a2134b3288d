"""Type that does not stand upright: notes in margins, heads of narrow columns, lines upside down."""

from __future__ import annotations

import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.pages.beside.sites import free_site
from nordocr.synth.pages.press import Style
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.writer import Writer


def put_turned(sheet: Sheet, x: float, y: float, text: str, style: Style, kind: str, rotation: int) -> None:
    """Place a line whose ink, turned clockwise by ``rotation`` degrees, can be read; (x, y) is its corner in points."""
    ink = np.ascontiguousarray(np.rot90(sheet.press.draw(text, style).ink, rotation // 90))
    sheet.patch(ink, x, y, text, kind, rotation)


def extent(sheet: Sheet, text: str, style: Style) -> tuple[float, float]:
    """Return width and height of a text's ink in points, as it is read."""
    high, wide = sheet.press.draw(text, style).ink.shape
    return wide / sheet.unit, high / sheet.unit


def turned_note(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Place one to three lines along a margin; return False where there is no room."""
    style = Style("body", dice.between((6.5, 9.5)))
    texts = []
    for _ in range(dice.integer(1, 3)):
        words = (writer.sentence() if dice.chance(0.6) else f"{writer.company} {writer.orgnr}").split()
        texts.append(" ".join(words[: dice.integer(3, 8)]))
    rotation = dice.pick((90, 90, 270))
    sizes = [extent(sheet, text, style) for text in texts]
    step = 1.3 * sheet.press.size(style)
    long, deep = max(size[0] for size in sizes), step * len(texts)
    left = dice.between((16.0, 24.0)) if dice.chance(0.6) else sheet.size[0] - deep - dice.between((14.0, 24.0))
    site = free_site(sheet, dice, deep, long, 4.0, left)
    if site is None:
        return False
    x, y = site
    for number, (text, size) in enumerate(zip(texts, sizes, strict=True)):
        if rotation == 90:  # upwards: the first line on the left, its beginning at the foot
            put_turned(sheet, x + number * step, y + long - size[0], text, style, "margin", 90)
        else:
            put_turned(sheet, x + deep - (number + 1) * step, y, text, style, "margin", 270)
    return True


def turned_heads(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Place a table of narrow columns whose heads read upwards; return False where there is no room."""
    body, head = Style("body", dice.between((8.0, 10.0))), Style(dice.pick(("body", "bold")), dice.between((7.5, 9.5)))
    columns, rows = dice.integer(3, 6), dice.integer(3, 6)
    rotation = dice.pick((90, 90, 90, 270))
    heads = [_short(writer, dice) for _ in range(columns)]
    sizes = [extent(sheet, text, head) for text in heads]
    pitch, step = dice.between((30.0, 40.0)), 1.4 * sheet.press.size(body)
    tall, label = max(size[0] for size in sizes), 110.0
    site = free_site(sheet, dice, label + pitch * columns, tall + step * (rows + 1) + 6.0)
    if site is None:
        return False
    x, y = site
    for number, (text, size) in enumerate(zip(heads, sizes, strict=True)):
        at = x + label + pitch * (number + 1) - size[1] - 2.0
        put_turned(sheet, at, y + (tall - size[0] if rotation == 90 else 0.0), text, head, "label", rotation)
    foot = y + tall + 4.0
    if dice.chance(0.6):
        sheet.rule(x, foot, x + label + pitch * columns, 0.6)
    if dice.chance(0.4):
        for number in range(columns + 1):
            sheet.upright(x + label + pitch * number + 1.0, y - 2.0, foot + step * rows + 4.0, 0.5)
    for row in range(rows):
        base = foot + step * (row + 1)
        sheet.text(x, base, writer.label(), body, "label", room=label - 8.0)
        for number in range(columns):
            value = str(writer.dice.integer(10, 999))
            sheet.text(x + label + pitch * (number + 1) - 2.0, base, value, body, "figure", align="right")
    return True


def upside_down(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Place one to three lines upside down; return False where there is no room."""
    style = Style(dice.pick(("body", "bold")), dice.between((8.5, 13.0)))
    texts = [" ".join(writer.sentence().split()[: dice.integer(2, 6)]) for _ in range(dice.integer(1, 3))]
    sizes = [extent(sheet, text, style) for text in texts]
    step = 1.35 * sheet.press.size(style)
    wide, high = max(size[0] for size in sizes), step * len(texts)
    site = free_site(sheet, dice, wide, high)
    if site is None:
        return False
    x, y = site
    for number, (text, size) in enumerate(zip(texts, sizes, strict=True)):
        put_turned(sheet, x + wide - size[0], y + high - (number + 1) * step, text, style, "paragraph", 180)
    return True


def _short(writer: Writer, dice: Dice) -> str:
    words = writer.label().split()
    text = " ".join(words[: dice.integer(1, 2)])
    return text if len(text) <= 22 else words[0][:22]
