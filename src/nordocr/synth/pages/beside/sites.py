"""Where on a sheet there is room."""

from __future__ import annotations

from nordocr.synth.dice import Dice
from nordocr.synth.pages.sheet import Sheet

_TRIES = 60
_MARGIN = 40.0


def free_site(
    sheet: Sheet, dice: Dice, wide: float, high: float, pad: float = 8.0, left: float | None = None
) -> tuple[float, float] | None:
    """Return the corner of a free rectangle of a size in points, None where none is found in a few tries.

    Args:
        sheet: The sheet.
        dice: Where the draws come from.
        wide: Width in points.
        high: Height in points.
        pad: White around it.
        left: Where it begins; None for anywhere.
    """
    for _ in range(_TRIES):
        x = _MARGIN + dice.unit() * (sheet.size[0] - wide - 2 * _MARGIN) if left is None else left
        y = _MARGIN + dice.unit() * (sheet.size[1] - high - 2 * _MARGIN)
        if x < 0 or y < 0:
            return None
        if sheet.free(x - pad, y - pad, x + wide + pad, y + high + pad) and not inked(
            sheet, x - pad, y - pad, wide + 2 * pad, high + 2 * pad
        ):
            return x, y
    return None


def inked(sheet: Sheet, x: float, y: float, wide: float, high: float) -> bool:
    """Return whether rules, logos or strokes lie in a rectangle, in points."""
    k = sheet.unit
    rows = slice(max(0, round(y * k)), max(0, round((y + high) * k)))
    return bool(sheet.canvas.ink[rows, max(0, round(x * k)) : max(0, round((x + wide) * k))].any())
