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
from nordocr.detect.textline import TextLine, fit_line, percentile
from nordocr.medians import median

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
# In letter heights: an accent stands no farther above what it belongs to, and is no wider; beyond a line's ends nothing
# stands so far above its letters; a speck is so small, and none of the line's own so far below its baseline.
_ACCENT: Final = 0.4
_ACCENT_WIDTH: Final = 1.2
_OVER: Final = 0.2
_UNDER: Final = 0.2
_SPECK: Final = 0.3
# So many specks by themselves, their levels so many letter heights apart (standard deviation), over so many times the
# height of the line's highest letter, are pepper.
_PEPPER: Final = 4
_SPREAD: Final = 0.3
_SCATTERED: Final = 1.3
_LOW: Final = 0.65


def without_corners(components: Components, line: TextLine) -> TextLine:
    """The line without the corners of a frame around it: far higher than its letters, and hardly any ink."""
    letters = line.letters
    box = np.maximum(components.width[letters] * components.height[letters], 1)
    corner = (components.height[letters] >= _CORNER * line.unit) & (components.area[letters] < _CORNER_INK * box)
    if not corner.any() or (~corner).sum() < 2:
        return line
    return fit_line(components, letters[~corner], line.marks, line.slope)


def without_strays(components: Components, line: TextLine) -> TextLine:
    """The line without marks that are none of its own: far above or below its letters, or a rule's pieces over them.

    They make its box higher than its type.
    """
    marks, letters = line.marks, line.letters
    if not len(marks):
        return line
    middle = (components.left[marks] + components.right[marks]) / 2
    level = line.base + (line.slope or 0.0) * middle
    middles = (components.left[letters] + components.right[letters]) / 2
    highest = float((line.base + (line.slope or 0.0) * middles - components.top[letters]).max())
    above = level - highest - components.bottom[marks]
    beyond = (components.left[marks] >= components.right[letters].max()) | (
        components.right[marks] <= components.left[letters].min()
    )
    stray = (above > _OVER * line.unit) & beyond
    stray |= (above > 0) & (components.width[marks] > _ACCENT_WIDTH * line.unit)
    speck = np.maximum(components.width[marks], components.height[marks]) < _SPECK * line.unit
    stray |= speck & (components.top[marks] > level + _UNDER * line.unit)
    for place in np.flatnonzero((above > _ACCENT * line.unit) & ~stray):
        stray[place] = _to_below(components, line, int(marks[place])) > _ACCENT * line.unit
    return replace(line, marks=marks[~stray]) if stray.any() else line


def _to_below(components: Components, line: TextLine, mark: int) -> float:
    """How far above the nearest of the line's components below it a mark stands, in pixels."""
    members = line.members[line.members != mark]
    slack = _ACCENT * line.unit
    below = components.left[members] - slack < components.right[mark]
    below &= components.right[members] + slack > components.left[mark]
    below &= components.top[members] >= components.bottom[mark]
    apart = components.top[members[below]] - components.bottom[mark]
    return float(apart.min()) if len(apart) else float("inf")


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
    if last - first == len(fragments):
        return line
    kept = np.concatenate(fragments[first:last])
    letters = line.letters[np.isin(line.letters, kept)]
    if len(letters) == 0:
        return line
    return replace(line, letters=letters, marks=line.marks[np.isin(line.marks, kept)])


def _fragments(components: Components, line: TextLine) -> list[Ints]:
    members = line.members[np.argsort(components.left[line.members], kind="stable")]
    reached = np.maximum.accumulate(components.right[members])[:-1]
    cuts = np.flatnonzero(components.left[members][1:] - reached > _FRAGMENT_GAP * line.unit) + 1
    return np.split(members, cuts) if len(cuts) else [members]


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
    if _is_pepper(components, line, fragment):
        return True
    if alone and _is_wall(components, line, int(largest)):
        return True
    if abs(_centre(components, line, fragment) - _centre(components, line, rest)) <= max(4.0, height / 8):
        return False
    middle = float(components.left[fragment].min() + components.right[fragment].max()) / 2
    base = line.baseline(middle)
    size = np.maximum(components.width[fragment], components.height[fragment])
    large = size >= _SPECK * line.unit
    typed = fragment[large] if large.any() else fragment  # specks beside it tell nothing
    top, bottom = float(components.top[typed].min()), float(components.bottom[typed].max())
    own = _OWN * line.unit
    feet = median(components.bottom[typed])
    stands = abs(feet - base) <= own and top >= base - 1.8 * line.rise
    between = top >= base - 1.7 * line.rise - own and bottom <= base + own
    return not (stands or between)


def _is_pepper(components: Components, line: TextLine, fragment: Ints) -> bool:
    """Whether a fragment is specks at many levels, more of them than letters have; a row of dots has one."""
    if len(fragment) < _PEPPER or (components.height[fragment] >= _LOW * line.unit).any():
        return False
    reach = float(components.bottom[fragment].max() - components.top[fragment].min())
    if reach < _SCATTERED * float(components.height[line.letters].max()):
        return False  # the pieces of a broken letter
    middle = (components.left[fragment] + components.right[fragment]) / 2
    level = (components.top[fragment] + components.bottom[fragment]) / 2 - (line.slope or 0.0) * middle
    return float(level.std()) >= _SPREAD * line.unit


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
