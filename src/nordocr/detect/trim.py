"""Garbage at a line's ends: pieces of neighbouring lines and dirt that were grouped with it.

A fragment at either end whose vertical centre of mass is off the line's by more than max(4, height / 8) pixels is
cut off (the rule of the system that nordocr follows), unless it is plainly the line's own: punctuation between its
x-height and its baseline, or type that stands on its baseline.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from nordocr.detect.components import Components, Ints
from nordocr.detect.textline import TextLine, fit_line, median, percentile

# Members closer than this, in letter heights, are one fragment.
_FRAGMENT_GAP: Final = 0.5
# How far, in letter heights, the line's own type may stand off its baseline or x-height.
_OWN: Final = 0.3
# A frame's corner is so many times as high as the line's letters, and so small a share of its box is ink. A wall's
# crumb is so narrow for its height and reaches so many letter heights beyond the line's letters at both ends.
_CORNER: Final = 1.7
_CORNER_INK: Final = 0.2
_NARROW: Final = 0.2
_BEYOND: Final = 0.12
# What stands by itself beside so many letters and is so many times as high is a logo.
_WORD: Final = 5
_LOGO: Final = 2.2
_ALONE: Final = 0.8
# What holds more than this share of the rest's ink is a part of the line, not garbage.
_LARGEST: Final = 0.5


def without_corners(components: Components, line: TextLine) -> TextLine:
    """The line without the corners of a frame around it: far higher than its letters, and hardly any ink."""
    letters = line.letters
    box = np.maximum(components.width[letters] * components.height[letters], 1)
    corner = (components.height[letters] >= _CORNER * line.unit) & (components.area[letters] < _CORNER_INK * box)
    if not corner.any() or (~corner).sum() < 2:
        return line
    return fit_line(components, letters[~corner], line.marks, line.slope)


def trim_ends(components: Components, line: TextLine) -> TextLine:
    """The line without foreign fragments at its ends; the line itself where nothing is foreign."""
    fragments = _fragments(components, line)
    if len(fragments) < 2:
        return line
    first, last = 0, len(fragments)
    while last - first > 1 and _is_foreign(components, line, fragments[first], fragments[first:last]):
        first += 1
    while last - first > 1 and _is_foreign(components, line, fragments[last - 1], fragments[first:last]):
        last -= 1
    kept = np.concatenate(fragments[first:last])
    letters = line.letters[np.isin(line.letters, kept)]
    if len(kept) == len(line.members) or len(letters) == 0:
        return line
    return replace(line, letters=letters, marks=line.marks[np.isin(line.marks, kept)])


def _fragments(components: Components, line: TextLine) -> list[Ints]:
    members = line.members[np.argsort(components.left[line.members], kind="stable")]
    reached = np.maximum.accumulate(components.right[members])[:-1]
    cuts = np.flatnonzero(components.left[members][1:] - reached > _FRAGMENT_GAP * line.unit) + 1
    return np.split(members, cuts)


def _is_foreign(components: Components, line: TextLine, fragment: Ints, others: list[Ints]) -> bool:
    rest = np.concatenate([other for other in others if other is not fragment])
    tops, bottoms = components.top[line.members], components.bottom[line.members]
    height = percentile(bottoms, 95) - percentile(tops, 5)
    largest = fragment[int(components.area[fragment].argmax())]
    alone = components.area[largest] > _ALONE * components.area[fragment].sum()
    if alone and len(rest) >= _WORD and components.height[largest] >= _LOGO * line.unit:
        return True
    if components.area[fragment].sum() > _LARGEST * components.area[rest].sum():
        return False
    if alone and _is_wall(components, line, int(largest)):
        return True
    if abs(_centre(components, line, fragment) - _centre(components, line, rest)) <= max(4.0, height / 8):
        return False
    middle = float(components.left[fragment].min() + components.right[fragment].max()) / 2
    base = line.baseline(middle)
    top, bottom = float(components.top[fragment].min()), float(components.bottom[fragment].max())
    own = _OWN * line.unit
    feet = median(components.bottom[fragment])
    stands = abs(feet - base) <= own and top >= base - 1.8 * line.rise
    between = top >= base - 1.7 * line.rise - own and bottom <= base + own
    return not (stands or between)


def _is_wall(components: Components, line: TextLine, label: int) -> bool:
    """Whether a component is a crumb of an upright rule: a bar that reaches beyond the letters above and below."""
    base = line.baseline(float(components.left[label]))
    beyond = min(base - line.rise - components.top[label], components.bottom[label] - base)
    narrow = components.width[label] <= _NARROW * components.height[label]
    return bool(narrow and beyond >= max(2.0, _BEYOND * line.unit))


def _centre(components: Components, line: TextLine, labels: Ints) -> float:
    """Vertical centre of mass of the components' ink above the baseline, in pixels (negative is up)."""
    x = (components.left[labels] + components.right[labels]) / 2
    y = (components.top[labels] + components.bottom[labels]) / 2
    area = components.area[labels].astype(float)
    return float(((y - line.base - (line.slope or 0.0) * x) * area).sum() / max(area.sum(), 1.0))
