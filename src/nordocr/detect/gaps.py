"""Where a row of type ends: the space between words, or the gap between columns and cells of a table.

How wide a word space is differs between print and typewriter by a factor of three, so the page's own is measured.
A gap that is wider is a column's edge if the rows above and below are white there too, a white corridor; in running
text they cover it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.combs import Comb
from nordocr.detect.components import Components, Ints
from nordocr.detect.spaced import letter_gap
from nordocr.detect.textline import LineTable, TextLine, extent, fit_line

# All in letter heights.
_WIDEST_COUNTED: Final = 3.0
_USUAL_WORD: Final = 0.8
_LEAST_WORD: Final = 0.35
# Rows with so many word spaces are text, and so many gaps in them tell the page's word space.
_SEVERAL: Final = 3
_FEWEST_GAPS: Final = 40
# A word space is no wider than this, or than so many of the gaps between letters: typewriters leave wide gaps in both.
_WIDE_WORD: Final = 1.8
_TIGHTEST: Final = 5.0
_SURE_WORD: Final = 1.3
_WIDEST_WORD: Final = 3.5
_ALONE: Final = 2.2
_LEAST_WIDEST: Final = 3.2
_WIDEST_WORDS: Final = 4.5
# A gap this wide may hold a rule, which covers this share of the letters' height.
_RULED: Final = 0.25
_RULE_SHARE: Final = 0.7
_LEAST_STRIP: Final = 3.2
_MOST_STRIP: Final = 6.0
_CORRIDOR: Final = 1.0
# Of letters set apart, in gaps between letters.
_WORD_APART: Final = 3.5


@dataclass(frozen=True)
class Spacing:
    """The page's usual space between words and distance between rows, both in letter heights."""

    word: float
    row: float

    @property
    def sure(self) -> float:
        """Up to this gap two letters of a row are on one line without further question."""
        return min(max(1.5 * self.word, _SURE_WORD), _WIDEST_WORD)

    @property
    def widest(self) -> float:
        """Two pieces of a row farther apart are never one line: no justified space is so wide."""
        return max(_LEAST_WIDEST, _WIDEST_WORDS * self.word)

    @property
    def strip(self) -> float:
        """How far above and below a row its neighbours are looked for."""
        return min(max(1.2 * self.row, _LEAST_STRIP), _MOST_STRIP)


def measure(components: Components, lines: list[TextLine]) -> Spacing:
    """The page's own spacing."""
    return Spacing(word_gap(components, lines), row_pitch(components, lines))


def word_gap(components: Components, lines: list[TextLine]) -> float:
    """The page's usual space between words, in letter heights.

    Gaps are of two kinds, within words and between them; Otsu's threshold tells them apart, in narrow print as in
    wide typewriting. Only rows of several words are asked: on a page of tables the gaps between cells are more than
    those between words, and every second figure would be joined to the first.
    """
    rows = [np.array([gap / line.unit for gap, *_ in _gaps(components, line)]) for line in lines]
    rows = [row[row < _WIDEST_COUNTED] for row in rows]
    gaps = np.concatenate([row for row in rows if _words(row) >= _SEVERAL] or [np.zeros(0)])
    if len(gaps) < _FEWEST_GAPS:
        return _USUAL_WORD
    while True:
        threshold = _two_kinds(gaps)
        narrow, wide = gaps[gaps <= threshold], gaps[gaps > threshold]
        if not len(wide):
            return _USUAL_WORD
        word = float(np.median(wide))
        # Wider than any word space in type so tight: those were columns, and words are among the rest.
        if word <= max(_WIDE_WORD, _TIGHTEST * float(np.median(narrow))) or len(narrow) < _FEWEST_GAPS:
            return word
        gaps = narrow


def _two_kinds(gaps: npt.NDArray[np.float64]) -> float:
    """Otsu's threshold between two kinds of gaps."""
    counts, edges = np.histogram(gaps, bins=60, range=(0.0, _WIDEST_COUNTED))
    values = (edges[:-1] + edges[1:]) / 2
    below, mass = np.cumsum(counts), np.cumsum(counts * values)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    return float(edges[1 + int(np.nan_to_num(between).argmax())])


def _words(gaps: npt.NDArray[np.float64]) -> int:
    """How many of a row's gaps are too wide to stand within a word."""
    return int((gaps > max(_LEAST_WORD, 2.0 * float(np.median(gaps)))).sum()) if len(gaps) else 0


def row_pitch(components: Components, lines: list[TextLine]) -> float:
    """The page's usual distance from one row to the next, in letter heights; 2.6 where there are too few rows."""
    ends = np.array([extent(components, line) for line in lines], dtype=float).reshape(-1, 2)
    base = np.array([line.baseline(float(x)) for line, x in zip(lines, ends.mean(axis=1), strict=True)])
    pitches = []
    for line, (left, right), own in zip(lines, ends, base, strict=True):
        below = (base - own > line.unit) & (ends[:, 0] < right) & (ends[:, 1] > left)
        if below.any() and len(line.letters) > 3:
            pitches.append((base[below].min() - own) / line.unit)
    return float(np.median(pitches)) if len(pitches) >= 4 else 2.6


@dataclass(frozen=True)
class Page:
    """What gaps are judged by: the components, where text and rules are (bool ``[H, W]``), and the page's spacing.

    ``leaders``: labels of the dots that lead from one thing to another. ``combs``: rows of boxes, one line each.
    """

    components: Components
    text: Mask
    rules: Mask
    leaders: Ints
    spacing: Spacing
    combs: tuple[Comb, ...] = ()


def split_lines(page: Page, lines: list[TextLine]) -> list[TextLine]:
    """Cut each line where its gaps part it."""
    pieces: list[TextLine] = []
    for line in lines:
        first, last = _led(page, line)
        apart = _WORD_APART * (letter_gap(page.components, line) or 0.0)
        cuts = [
            middle
            for gap, start, end, middle in _gaps(page.components, line)
            if gap > apart and not (first <= end and start <= last) and parts(page, line, start, end)
        ]
        pieces += _cut(page.components, line, cuts)
    return pieces


def _led(page: Page, line: TextLine) -> tuple[int, int]:
    """Where the line's leader dots begin and end; (1, 0) where it has none."""
    dots = line.marks[np.isin(line.marks, page.leaders)]
    if not len(dots):
        return 1, 0
    return int(page.components.left[dots].min()), int(page.components.right[dots].max())


def merge_lines(page: Page, lines: list[TextLine], slope: float) -> list[TextLine]:
    """Join pieces of one row whose gap does not part them: a broken row, or wide spaces in running text."""
    pieces = sorted(lines, key=lambda line: extent(page.components, line)[0])
    table = LineTable(page.components, pieces)
    waiting = np.ones(len(pieces), dtype=np.bool_)
    done: list[TextLine] = []
    for number, line in enumerate(pieces):
        if not waiting[number]:
            continue
        waiting[number] = False
        while (follower := _follower(page, line, table, waiting)) is not None:
            waiting[follower] = False
            other = pieces[follower]
            marks = np.concatenate([line.marks, other.marks])
            line = fit_line(page.components, np.concatenate([line.letters, other.letters]), marks, slope)
        done.append(line)
    return done


def _follower(page: Page, line: TextLine, table: LineTable, waiting: npt.NDArray[np.bool_]) -> int | None:
    """Which of the ``waiting`` lines of ``table`` continues ``line`` or lies within it: the leftmost, or None."""
    left, right = extent(page.components, line)
    gap, unit = table.left - right, np.maximum(table.unit, line.unit)
    middle = np.where(gap < 0, table.left, (table.left + right) / 2)
    drift = np.abs(line.base + (line.slope or 0.0) * middle - table.base - table.slope * middle)
    low = np.minimum(table.unit, line.unit)
    fits = waiting & (table.left >= left) & (gap <= page.spacing.widest * unit) & (drift <= 0.35 * low)
    for number in (int(number) for number in np.flatnonzero(fits & (unit <= 1.9 * low))):
        if not parts(page, line, right, int(table.left[number]), float(unit[number])):
            return number
    return None


def parts(page: Page, line: TextLine, start: int, end: int, unit: float | None = None) -> bool:
    """Whether the gap from column ``start`` to ``end`` ends the line; ``unit`` is its letter height where not its own.

    An upright rule always does, and so does a gap wider than any between words; one narrower than the page's surest
    word space never does, and between these a corridor does.
    """
    if page.combs:
        y = line.baseline((start + end) / 2) - line.rise / 2
        if any(comb.holds(start, end, y) for comb in page.combs):
            return False
    wide = (end - start) / (unit or line.unit)
    if wide > _RULED and _is_ruled(page, line, start, end):
        return True
    if wide <= page.spacing.sure:
        return False
    return wide > page.spacing.widest or is_corridor(page, line, start, end)


def _is_ruled(page: Page, line: TextLine, start: int, end: int) -> bool:
    """Whether an upright rule stands in the gap, at least as high as the letters beside it."""
    base = line.baseline((start + end) / 2)
    top, bottom = int(max(0.0, base - line.rise)), int(max(1.0, base))
    ruled = page.rules[top:bottom, max(0, start - 1) : end + 1]
    return bool(ruled.size and (ruled.mean(axis=0) > _RULE_SHARE).any())


def is_corridor(page: Page, line: TextLine, start: int, end: int) -> bool:
    """Whether the columns ``start`` to ``end`` beside ``line`` are white through the rows above and below as well.

    A level rule through the gap ends the table: what stands beyond is no row of it, unless there is nothing else.
    """
    unit, spacing = line.unit, page.spacing
    strips = _strips(page, line, start, end)
    sides, covered = _seen(page.text, _within_rules(page.rules, strips, start, end), start, end, unit)
    if sides == 0:
        sides, covered = _seen(page.text, strips, start, end, unit)
    if sides == 0:
        return end - start > max(_ALONE, 2.6 * spacing.word) * unit
    # Spaces of two rows fall together by chance much more often than those of three.
    words = 1.5 if sides == 2 else 2.0
    return _longest_white(covered) >= max(_CORRIDOR, words * spacing.word, 0.35 * (end - start) / unit) * unit


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
    text: Mask, strips: tuple[slice, slice], start: int, end: int, unit: float
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


def _gaps(components: Components, line: TextLine) -> list[tuple[int, int, int, float]]:
    """``(width, start, end, middle)`` of every gap between the line's members."""
    members = line.members
    order = members[np.argsort(components.left[members], kind="stable")]
    reached = np.maximum.accumulate(components.right[order])[:-1]
    following = components.left[order][1:]
    return [(int(b - a), int(a), int(b), float(a + b) / 2) for a, b in zip(reached, following, strict=True) if b > a]


def _cut(components: Components, line: TextLine, cuts: list[float]) -> list[TextLine]:
    if not cuts:
        return [line]

    def shares(labels: Ints) -> list[Ints]:
        where = np.searchsorted(cuts, (components.left[labels] + components.right[labels]) / 2)
        return [labels[where == i] for i in range(len(cuts) + 1)]

    # A piece of marks only (dot leaders, a rule's crumbs) is no line.
    return [
        fit_line(components, letters, marks, line.slope)
        for letters, marks in zip(shares(line.letters), shares(line.marks), strict=True)
        if len(letters)
    ]
