"""Whether a gap ends a line: by rules, by its width, by the columns that the rows around it stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.combs import Comb
from nordocr.detect.components import Chosen, Components, Ints
from nordocr.detect.gaps.edges import Edge
from nordocr.detect.gaps.spacing import Spacing, surest, widest
from nordocr.detect.textline import TextLine

# All in letter heights.
_ALONE: Final = 2.2
# A gap this wide may hold a rule, which covers this share of the letters' height.
_RULED: Final = 0.25
_RULE_SHARE: Final = 0.7
_CORRIDOR: Final = 1.0
# What stands within so many letter heights of a gap are figures where no more than that share is lower than this, in
# the heights of the page's small letters.
_BESIDE: Final = 9.0
_LOW: Final = 0.25
_FIGURE: Final = 1.15


@dataclass(frozen=True)
class Page:
    """What gaps are judged by: the components, where text and rules are (bool ``[H, W]``), and the page's spacing.

    ``leaders``: labels of the dots that lead from one thing to another. ``combs``: rows of boxes, one line each.
    ``edges``: right edges of columns.
    """

    components: Components
    text: Mask | Chosen
    rules: Mask
    leaders: Ints
    spacing: Spacing
    combs: tuple[Comb, ...] = ()
    edges: tuple[Edge, ...] = ()


def parts(page: Page, line: TextLine, start: int, end: int, unit: float | None = None) -> bool:
    """Whether the gap from column ``start`` to ``end`` ends the line; ``unit`` is its letter height where not its own.

    An upright rule always does, and so does a gap wider than any between words; one narrower than the page's surest
    word space never does, and between these a corridor does.
    """
    if page.combs:
        y = line.baseline((start + end) / 2) - line.rise / 2
        if any(comb.holds(start, end, y) for comb in page.combs):
            return False
        if any(comb.ends_in(start, end, y) for comb in page.combs):
            return True
    wide = (end - start) / (unit or line.unit)
    if wide > _RULED and _is_ruled(page, line, start, end):
        return True
    if any(wide >= edge.least and edge.ends(start, line.baseline(start)) for edge in page.edges):
        return True
    word = page.spacing.word
    if page.spacing.mixed and not _is_prose(page, line, start, end):
        word = page.spacing.figures
    if wide <= surest(word):
        return False
    return wide > widest(word) or is_corridor(page, line, start, end, word)


def _is_prose(page: Page, line: TextLine, start: int, end: int) -> bool:
    """Whether words stand on both sides of a gap: many of their letters are lower than figures."""
    components, letters = page.components, line.letters
    left, right, height = components.left[letters], components.right[letters], components.height[letters]
    reach, least = _BESIDE * line.unit, _FIGURE * page.spacing.height
    before, behind = height[(right <= start) & (right > start - reach)], height[(left >= end) & (left < end + reach)]
    return all(not len(near) or float((near < least).mean()) > _LOW for near in (before, behind))


def _is_ruled(page: Page, line: TextLine, start: int, end: int) -> bool:
    """Whether an upright rule stands in the gap, at least as high as the letters beside it."""
    base = line.baseline((start + end) / 2)
    top, bottom = int(max(0.0, base - line.rise)), int(max(1.0, base))
    ruled = page.rules[top:bottom, max(0, start - 1) : end + 1]
    return bool(ruled.any() and (ruled.mean(axis=0) > _RULE_SHARE).any())


def is_corridor(page: Page, line: TextLine, start: int, end: int, word: float) -> bool:
    """Whether the columns ``start`` to ``end`` beside ``line`` are white through the rows above and below as well.

    ``word``: the word space there, in letter heights. A level rule through the gap ends the table:
    what stands beyond is no row of it, unless there is nothing else.
    """
    unit = line.unit
    strips = _strips(page, line, start, end)
    sides, covered = _seen(page.text, _within_rules(page.rules, strips, start, end), start, end, unit)
    if sides == 0:
        sides, covered = _seen(page.text, strips, start, end, unit)
    if sides == 0:
        return end - start > max(_ALONE, 2.6 * word) * unit
    # Spaces of two rows fall together by chance much more often than those of three.
    words = 1.5 if sides == 2 else 2.0
    return _longest_white(covered) >= max(_CORRIDOR, words * word, 0.35 * (end - start) / unit) * unit


def _strips(page: Page, line: TextLine, start: int, end: int) -> tuple[slice, slice]:
    """Where the rows above and below the gap are looked for."""
    unit, base = line.unit, line.baseline((start + end) / 2)
    rows, reach = page.text.shape[0], page.spacing.strip * unit
    ends = (base - line.rise - reach, base - line.rise - 0.45 * unit, base + 0.5 * unit, base + reach)
    above, to_line, from_line, below = (int(np.clip(y, 0, rows)) for y in ends)
    return slice(above, to_line), slice(from_line, below)


def _within_rules(rules: Mask, strips: tuple[slice, slice], start: int, end: int) -> tuple[slice, slice]:
    """``strips`` up to the level rule that is nearest to the line."""
    above, below = strips
    over, under = (np.flatnonzero(rules[band, start:end].mean(axis=1) > _RULE_SHARE) for band in strips)
    if len(over):
        above = slice(above.start + int(over[-1]) + 1, above.stop)
    if len(under):
        below = slice(below.start, below.start + int(under[0]))
    return above, below


def _seen(
    text: Mask | Chosen, strips: tuple[slice, slice], start: int, end: int, unit: float
) -> tuple[int, npt.NDArray[np.bool_]]:
    """In how many of ``strips`` there is text near the gap, and which of its columns any of it covers."""
    covered = np.zeros(max(0, end - start), dtype=np.bool_)
    near = slice(max(0, start - int(3 * unit)), end + int(3 * unit))
    for band in strips:
        covered |= text[band, start:end].any(axis=0)
    return sum(bool(text[band, near].any()) for band in strips), covered


def _longest_white(covered: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[1], covered.astype(np.int8), [1]])))
    return int((edges[1::2] - edges[::2]).max(initial=0))
