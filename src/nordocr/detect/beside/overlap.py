"""Lines over which a stamp or a pen has gone: letters under its strokes may be lost or misread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nordocr.detect.components import Ints
from nordocr.detect.sheet import Sheet
from nordocr.detect.textline import TextLine

# In letter heights of the page: a stroke's component is so high, or so wide and so high.
_HIGH: Final = 1.9
_WIDE: Final = (4.0, 1.2)
_MOST: Final = 2_000
# In the line's own: letters reach so far above its baseline, as a multiple of its small letters' height, and so far
# below it. A stroke reaches beyond that, above or below, by so much.
_ABOVE: Final = 1.75
_BELOW: Final = 0.55
_BEYOND: Final = 0.6
# It lies within so much of the line's ends, has ink in so many columns between its baseline and its small letters'
# heads, and so much of it; a wall has ink in fewer columns.
_ASIDE: Final = 0.8
_COLUMNS: Final = 0.5
_INK: Final = 0.12
# A rule is looked for so far above and below a line's baseline, which is off where a rule has cut its letters in two.
# It runs over so many letter heights, and letters have ink within so many pixels above and below it in so large a share
# of its columns: underlines meet a descender now and then.
_AROUND: Final = (2.4, 1.2)
_STRUCK: Final = 1.5
_TOUCHING: Final = 2
_CUT: Final = 0.1
# What fills its box so much is a blot or a picture beside the line.
_SOLID: Final = 0.6


def overlapped_lines(sheet: Sheet, lines: Sequence[TextLine]) -> list[bool]:
    """Decide for each line of a page whether strokes that are not its own run over it.

    Args:
        sheet: The page.
        lines: Its upright lines.
    """
    strokes = _strokes(sheet)
    return [_is_struck(sheet, line) or (len(strokes) > 0 and _is_overlapped(sheet, line, strokes)) for line in lines]


def _strokes(sheet: Sheet) -> Ints:
    """Components larger than letters that are thin for their size."""
    components, size = sheet.components, sheet.size
    height, width = components.height, components.width
    large = (height >= _HIGH * size) | ((width >= _WIDE[0] * size) & (height >= _WIDE[1] * size))
    large &= (components.area < _SOLID * height * width) & (components.area > 0)
    for tick in sheet.ticks:
        large[tick.labels[tick.labels < len(large)]] = False
    return np.flatnonzero(large)[:_MOST]


def _is_struck(sheet: Sheet, line: TextLine) -> bool:
    """Whether a rule, the edge of a stamp say, runs through a line's letters: they have ink above and below it."""
    left, right = line.extent(sheet.components)
    base = line.baseline((left + right) / 2)
    rows = slice(max(0, round(base - _AROUND[0] * line.unit)), max(0, round(base + _AROUND[1] * line.unit)))
    ruled = sheet.rules[rows, left:right]
    if not ruled.any():
        return False
    # A wall runs on beyond the line; columns without a rule say nothing.
    columns = np.flatnonzero(ruled.any(axis=0) & ~ruled[0] & ~ruled[-1])
    if len(columns) < _STRUCK * line.unit:
        return False
    top, bottom = ruled.argmax(axis=0)[columns], len(ruled) - 1 - ruled[::-1].argmax(axis=0)[columns]
    ink = sheet.components.labels[rows, left:right] > 0
    above, below = np.zeros(len(columns), dtype=np.bool_), np.zeros(len(columns), dtype=np.bool_)
    for step in range(1, _TOUCHING + 1):
        above |= ink[np.maximum(top - step, 0), columns]
        below |= ink[np.minimum(bottom + step, len(ink) - 1), columns]
    return float((above & below).mean()) >= _CUT


def _is_overlapped(sheet: Sheet, line: TextLine, strokes: Ints) -> bool:
    components = sheet.components
    left, right = line.extent(components)
    base = line.baseline((left + right) / 2)
    top, bottom = base - _ABOVE * line.rise, base + _BELOW * line.rise
    reach, beyond = _ASIDE * line.unit, _BEYOND * line.unit
    near = (components.left[strokes] < right + reach) & (components.right[strokes] > left - reach)
    near &= (components.top[strokes] < base) & (components.bottom[strokes] > base - line.rise)
    near &= (components.top[strokes] < top - beyond) | (components.bottom[strokes] > bottom + beyond)
    if not near.any():
        return False
    rows = slice(max(0, round(base - line.rise)), max(0, round(base)))
    columns = slice(max(0, round(left - reach)), max(0, round(right + reach)))
    window = components.labels[rows, columns]
    if sheet.bands is not None and sheet.bands[rows, columns].any():
        return False
    for label in strokes[near]:
        ink = window == label
        enough = ink.sum() >= _INK * line.unit * line.unit
        if enough and ink.any(axis=0).sum() >= _COLUMNS * line.unit:
            return True
    return False
