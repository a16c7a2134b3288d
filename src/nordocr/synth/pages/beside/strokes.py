"""Strokes of a pen: notes by hand, and signatures and stamps' edges over amounts."""

from __future__ import annotations

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.pages.beside.sites import free_site
from nordocr.synth.pages.ornaments import signature
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.writer import Writer


def handwriting(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Write one to three lines of one to three words by pen; return False where there is no room."""
    lines = dice.integer(1, 3)
    site = free_site(sheet, dice, 190.0, 34.0 * lines, 12.0)
    if site is None:
        return False
    for line in range(lines):
        x, base = site[0] + dice.between((0.0, 14.0)), site[1] + 34.0 * line + 24.0
        for _ in range(dice.integer(1, 3)):
            wide = dice.between((32.0, 58.0))
            signature(sheet, dice, x, base + dice.between((-2.0, 2.0)), wide)
            x += wide + dice.between((6.0, 14.0))
    return True


def over_amount(sheet: Sheet, dice: Dice, writer: Writer) -> bool:
    """Draw a signature or a stamp's edge over one amount; return False where the page has none."""
    amounts = [laid for laid in sheet.laid if sum(c.isdigit() for c in laid.text) >= 3 and not laid.rotation]
    if not amounts:
        return False
    chosen, k = dice.pick(amounts), sheet.unit
    high, wide = chosen.ink.shape
    middle = (chosen.x + wide * dice.between((0.2, 0.8))) / k, (chosen.y + high * dice.between((0.3, 0.7))) / k
    before = sheet.canvas.ink.copy()
    if dice.chance(0.6):
        long = dice.between((60.0, 100.0))
        signature(sheet, dice, middle[0] - long * dice.between((0.2, 0.5)), middle[1] + 3.0, long)
    else:
        size = (dice.between((70.0, 120.0)), dice.between((24.0, 44.0)))
        frame = cv2.boxPoints((middle, size, dice.normal() * 6.0)).astype(np.float64)
        frame += np.array([0.0, size[1] / 2])  # its upper edge runs through the amount
        sheet.curve(np.concatenate([frame, frame[:1]]), dice.between((1.2, 2.2)), 220.0)
    struck = np.maximum(sheet.canvas.ink, 0) > np.maximum(before, 96)
    for number, laid in enumerate(sheet.laid):
        rows, columns = laid.ink.shape
        part = struck[max(0, laid.y) : laid.y + rows, max(0, laid.x) : laid.x + columns]
        own = laid.ink[: part.shape[0], : part.shape[1]] > 96
        if (part & own).any():
            sheet.flag(number, "overlapped")
    return True
