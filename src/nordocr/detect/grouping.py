"""Components to lines: neighbours of like height that stand side by side are linked; marks join their line.

The nearest-neighbour idea is O'Gorman's docstrum (IEEE PAMI, 1993). Unlike a dilation of the whole page it reaches as
far as each letter is high, so that small and large type on one page are grouped alike, and it does not bridge to the
lines above and below.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.components import Components, Ints
from nordocr.detect.textline import LineTable, TextLine, extent

Floats = npt.NDArray[np.float64]

# All lengths are in letter heights.
REACH: Final = 3.0
"""Letters farther apart are never linked directly."""

_OVERLAP: Final = 0.5
_SIZE_RATIO: Final = 2.7
_MARK_ABOVE: Final = 0.5
_MARK_BELOW: Final = 0.55
SPECK: Final = 0.3
"""A dot is smaller than this."""

# A dot stands no farther from its line's end than so much and that share of a mark's reach.
_NEAR: Final = 0.3
_NEARER: Final = 0.4
# So many letters are compared with their neighbours at once, for memory.
_AT_ONCE: Final = 1_000
# A mark as high as a small letter follows a line's end within so much of a letter height, so many times at most.
_SMALL_LETTER: Final = 0.35
_NEXT_LETTER: Final = 0.6
_MOST_FOLLOWING: Final = 12
# A chain of at most this many letters may be a longer line's punctuation.
_SCRAP: Final = 3


class _Union:
    """Disjoint sets of integers."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def join(self, pairs: list[tuple[int, int]]) -> None:
        parent = self._parent
        for one, other in pairs:
            while parent[one] != one:
                parent[one] = one = parent[parent[one]]
            while parent[other] != other:
                parent[other] = other = parent[parent[other]]
            parent[other] = one

    def roots(self) -> list[int]:
        """The integer that stands for the set of each."""
        roots = self._parent
        for item, root in enumerate(roots):
            while roots[root] != root:
                root = roots[root]
            roots[item] = root
        return roots


def link(components: Components, letters: Ints, reach: float = REACH) -> list[Ints]:
    """Group ``letters`` (labels) into chains of side-by-side neighbours, each returned left to right."""
    order = letters[np.argsort(components.left[letters], kind="stable")]
    left, right = components.left[order], components.right[order]
    top, bottom = components.top[order], components.bottom[order]
    if len(order) == 0:
        return []
    height = bottom - top
    union = _Union(len(order))
    farthest = right + np.ceil(reach * np.maximum(height, np.median(height))).astype(np.int64)
    ends = np.searchsorted(left, farthest, side="right")
    for first in range(0, len(order), _AT_ONCE):
        union.join(_neighbours((left, right, top, bottom), ends, first, min(first + _AT_ONCE, len(order)), reach))
    roots = np.array(union.roots())
    by_root = np.argsort(roots, kind="stable")
    cuts = np.flatnonzero(np.diff(roots[by_root])) + 1
    chained = order[by_root]
    return [chained[start:end] for start, end in itertools.pairwise([0, *cuts.tolist(), len(chained)])]


def _neighbours(
    sides: tuple[Ints, Ints, Ints, Ints], ends: Ints, first: int, last: int, reach: float
) -> list[tuple[int, int]]:
    """Return which letters belong together, for letters ``first`` to ``last`` and those that begin behind them.

    Args:
        sides: Left, right, top and bottom of all letters, in the order of their left sides.
        ends: For each, the number of the first letter that begins too far behind it.
        first: The first letter asked.
        last: The one after the last.
        reach: The widest gap, in letter heights.
    """
    left, right, top, bottom = sides
    counts = np.maximum(ends[first:last] - np.arange(first, last) - 1, 0)
    if not counts.any():
        return []
    one = np.repeat(np.arange(first, last), counts)
    starts = np.cumsum(counts) - counts
    other = one + 1 + np.arange(len(one)) - np.repeat(starts, counts)
    # Most pairs stand in different rows: they go first.
    overlap = np.minimum(bottom[one], bottom[other]) - np.maximum(top[one], top[other])
    near = overlap > 0
    one, other, overlap = one[near], other[near], overlap[near]
    height_one, height_other = bottom[one] - top[one], bottom[other] - top[other]
    lower, higher = np.minimum(height_one, height_other), np.maximum(height_one, height_other)
    gap = left[other] - right[one]
    fits = (overlap >= _OVERLAP * lower) & (higher <= _SIZE_RATIO * lower) & (gap <= reach * higher)
    one, other, gap = one[fits], other[fits], gap[fits]
    # Pieces of one broken letter lie within each other; of the rest only the nearest is the neighbour.
    inside = gap < 0
    pairs = list(zip(one[inside].tolist(), other[inside].tolist(), strict=True))
    one, other, gap = one[~inside], other[~inside], gap[~inside]
    drift = np.abs((top + bottom)[other] - (top + bottom)[one]) / 2
    best = np.lexsort((other, gap + drift, one))
    nearest = best[np.concatenate([[True], np.diff(one[best]) > 0])] if len(best) else best
    return pairs + list(zip(one[nearest].tolist(), other[nearest].tolist(), strict=True))


def attach_marks(components: Components, lines: list[TextLine], marks: Ints, reach: float) -> None:
    """Give each mark to the nearest line that it stands in or right beside; the rest are left over.

    Done twice, so that a row of dots can follow a word. Beside larger type the small letters of a caption are marks
    too: as long as a line's end is followed by such a letter, the line goes on.

    Args:
        components: The page's components.
        lines: Lines without marks, which get theirs.
        marks: Labels of dots, accents, commas, dashes and small letters.
        reach: How far beside a line's ends a mark may stand, in letter heights.
    """
    owner = np.full(len(marks), -1)
    # Small letters first: else a line below takes those at the end of one set tight above it for accents.
    _attach_letters(components, lines, marks, owner, inside=True)
    for _ in range(2):
        _attach(components, lines, marks, owner, reach)
    _attach_letters(components, lines, marks, owner, inside=False)


def _attach_letters(components: Components, lines: list[TextLine], marks: Ints, owner: Ints, *, inside: bool) -> None:
    """Give small letters to the lines whose ends they follow, one after the other; ``inside``: only what stands so."""
    usual = float(np.median([line.unit for line in lines])) if lines else 0.0
    for _ in range(_MOST_FOLLOWING):
        free = np.flatnonzero((owner < 0) & (components.height[marks] >= _SMALL_LETTER * usual))
        if not len(free):
            return
        taken = np.full(len(free), -1)
        _attach(components, lines, marks[free], taken, _NEXT_LETTER, inside=inside)
        if (taken < 0).all():
            return
        owner[free] = taken


def _attach(
    components: Components, lines: list[TextLine], marks: Ints, owner: Ints, reach: float, *, inside: bool = False
) -> None:
    """Find the ``owner``, a line's number or -1, of each mark that has none, and give it to that line.

    ``inside``: only marks between the line's baseline and the top of its letters.
    """
    if not len(marks) or not lines:
        return
    table = LineTable(components, lines)
    pairs = _near(components, table, marks, reach)
    free = owner[pairs[1]] < 0
    if inside:
        free &= _within(components, table, pairs[0], marks[pairs[1]])
    number, mark = pairs[0][free], pairs[1][free]
    distance = _distances(components, table, number, marks[mark])
    best = np.lexsort((number, distance, mark))
    nearest = best[np.concatenate([[True], np.diff(mark[best]) > 0])] if len(best) else best
    owner[mark[nearest]] = number[nearest]
    for owned in np.unique(owner[owner >= 0]):
        line = lines[owned]
        line.marks = np.union1d(line.marks, marks[owner == owned])


def _near(components: Components, table: LineTable, marks: Ints, reach: float) -> tuple[Ints, Ints]:
    """Which marks may belong to which lines: pairs of the numbers of lines and of ``marks``."""
    order = np.argsort(components.top[marks] + components.bottom[marks], kind="stable")
    start, end = components.left[marks][order], components.right[marks][order]
    y = ((components.top[marks] + components.bottom[marks]) / 2)[order]
    # Marks of other rows are not compared. A line's baseline is level enough that its ends tell where its row is.
    levels = [table.base + table.slope * side for side in (float(start.min()), float(end.max()))]
    high = np.minimum(*levels) - 1.5 * table.rise - _MARK_ABOVE * table.unit - 1
    first = np.searchsorted(y, high)
    counts = np.maximum(np.searchsorted(y, np.maximum(*levels) + _MARK_BELOW * table.unit + 1) - first, 0)
    number = np.repeat(np.arange(len(counts)), counts)
    place = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(len(number))
    unit = table.unit[number]
    left, right = table.left[number], table.right[number]
    beside = np.maximum(np.maximum(left - end[place], start[place] - right), 0)
    fits = beside <= reach * unit
    number, place, unit, beside, left = (values[fits] for values in (number, place, unit, beside, left))
    base = table.base[number] + table.slope[number] * ((start[place] + end[place]) / 2)
    rise, y, mark = table.rise[number], y[place], order[place]
    size = np.maximum(components.width[marks], components.height[marks])[mark]
    # A speck stands nearer than a dash: a full stop follows its word, and what lies farther off is dirt.
    far = np.where(size < SPECK * unit, min(reach, _NEAR + _NEARER * reach), reach)
    fits = (beside <= far * unit) & (y > base - 1.5 * rise - _MARK_ABOVE * unit) & (y < base + _MARK_BELOW * unit)
    # Outside the line's ends only what stands between x-height and baseline is its own: no stray specks.
    fits &= (beside == 0) | ((y > base - 1.6 * rise) & (y < base + 0.3 * unit))
    # No line begins with a full stop: a small dot to the left is dirt.
    fits &= (end[place] > left) | (size >= 0.22 * unit)
    return number[fits], mark[fits]


def _distances(components: Components, table: LineTable, number: Ints, marks: Ints) -> Floats:
    """How far off the lines ``number`` of the table the ``marks`` (labels) are, in letter heights, ``[pairs]``."""
    start, end = components.left[marks], components.right[marks]
    y = (components.top[marks] + components.bottom[marks]) / 2
    base = table.base[number] + table.slope[number] * ((start + end) / 2)
    unit, rise = table.unit[number], table.rise[number]
    band = np.maximum(np.maximum(base - rise - y, y - base), 0) / unit
    beside = np.maximum(np.maximum(table.left[number] - end, start - table.right[number]), 0)
    apart = np.zeros(len(marks))
    outside = np.flatnonzero(~_within(components, table, number, marks))
    for part in np.array_split(outside, max(1, len(outside) // _AT_ONCE)):
        apart[part] = _to_letters(components, table, number[part], marks[part])
    return np.asarray(apart + 0.2 * band + 0.3 * beside / unit, dtype=np.float64)


def absorb_scraps(components: Components, lines: list[TextLine], reach: float) -> list[TextLine]:
    """Give short chains that stand in a longer line's row (quotation marks, a lone comma, an accent) to that line.

    ``reach``: how far beside a line's ends, in letter heights.
    """
    long = [line for line in lines if len(line.letters) > _SCRAP]
    left = np.array([extent(components, line)[0] for line in long], dtype=float)
    right = np.array([extent(components, line)[1] for line in long], dtype=float)
    unit, base = np.array([line.unit for line in long]), np.array([line.base for line in long])
    slope, rise = np.array([line.slope or 0.0 for line in long]), np.array([line.rise for line in long])
    kept = list(long)
    for scrap in (line for line in lines if len(line.letters) <= _SCRAP):
        start, end = extent(components, scrap)
        top, bottom = int(components.top[scrap.letters].min()), int(components.bottom[scrap.letters].max())
        level = base + slope * (start + end) / 2
        fits = (start - right <= reach * unit) & (left - end <= reach * unit) & (bottom - top <= 1.3 * rise)
        fits &= ((top + bottom) / 2 > level - 1.7 * rise) & (bottom < level + 0.6 * unit)
        # What stands on the baseline itself is a word, and words are joined by their gaps.
        fits &= (np.abs(bottom - level) > 0.3 * unit) | ((start < right) & (left < end))
        if fits.any():
            host = long[int(np.where(fits, np.abs(level - rise / 2 - (top + bottom) / 2), np.inf).argmin())]
            host.marks = np.concatenate([host.marks, scrap.letters])
        else:
            kept.append(scrap)
    return kept


def _within(components: Components, table: LineTable, number: Ints, marks: Ints) -> Mask:
    """Which marks stand wholly between the baseline of the lines ``number`` and the top of their letters.

    All but accents do. Beside larger type the small letters of a line (its n and r) are marks too, and only its tall
    ones letters: what stands in the line belongs to it, however far the next tall letter, and a tall one of the next
    line however near.
    """
    base = table.base[number] + table.slope[number] * ((components.left[marks] + components.right[marks]) / 2)
    slack = 0.12 * table.unit[number]
    within = components.bottom[marks] <= base + slack
    return np.asarray(within & (components.top[marks] >= base - table.rise[number] - slack), dtype=np.bool_)


def _to_letters(components: Components, table: LineTable, number: Ints, marks: Ints) -> Floats:
    """Upright distance from marks to the letters beside, above or below them of the lines ``number`` of the table.

    Returns:
        In letter heights, at most 1, ``[pairs]``.
    """
    if not len(marks):
        return np.zeros(0)
    counts = np.array([len(line.letters) for line in table.lines])[number]
    starts = np.cumsum(counts) - counts
    letters = np.concatenate([table.lines[line].letters for line in number.tolist()])
    mark, unit = np.repeat(marks, counts), np.repeat(table.unit[number], counts)
    slack = 0.4 * unit
    close = components.left[letters] - slack < components.right[mark]
    close &= components.right[letters] + slack > components.left[mark]
    above, below = components.top[letters] - components.bottom[mark], components.top[mark] - components.bottom[letters]
    apart = np.where(close, np.minimum(np.maximum(np.maximum(above, below), 0) / unit, 1.0), 1.0)
    return np.asarray(np.minimum.reduceat(apart, starts), dtype=np.float64)
