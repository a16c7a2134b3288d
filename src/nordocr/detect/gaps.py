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
from nordocr.detect.components import Components, Ints
from nordocr.detect.textline import LineTable, TextLine, extent, fit_line

# All in letter heights.
_WIDEST_COUNTED: Final = 3.0
_USUAL_WORD: Final = 0.8
_SURE_WORD: Final = 1.3
_WIDEST_WORD: Final = 3.5
_ALONE: Final = 3.5
WIDEST_JOIN: Final = 6.0
"""Two pieces of a row farther apart are never one line."""
_LEAST_STRIP: Final = 3.2
_MOST_STRIP: Final = 6.0
_CORRIDOR: Final = 1.0


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
    def strip(self) -> float:
        """How far above and below a row its neighbours are looked for."""
        return min(max(1.2 * self.row, _LEAST_STRIP), _MOST_STRIP)


def measure(components: Components, lines: list[TextLine]) -> Spacing:
    """The page's own spacing."""
    return Spacing(word_gap(components, lines), row_pitch(components, lines))


def word_gap(components: Components, lines: list[TextLine]) -> float:
    """The page's usual space between words, in letter heights.

    Gaps are of two kinds, within words and between them; Otsu's threshold tells them apart, in narrow print as in
    wide typewriting.
    """
    gaps = np.array([gap / line.unit for line in lines for gap, *_ in _gaps(components, line)])
    gaps = gaps[gaps < _WIDEST_COUNTED]
    if len(gaps) < 40:
        return _USUAL_WORD
    counts, edges = np.histogram(gaps, bins=60, range=(0.0, _WIDEST_COUNTED))
    values = (edges[:-1] + edges[1:]) / 2
    below, mass = np.cumsum(counts), np.cumsum(counts * values)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    threshold = edges[1 + int(np.nan_to_num(between).argmax())]
    return float(np.median(gaps[gaps > threshold])) if (gaps > threshold).any() else _USUAL_WORD


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


def split_lines(components: Components, lines: list[TextLine], text: Mask, spacing: Spacing) -> list[TextLine]:
    """Cut each line at gaps that are corridors. ``text``: bool ``[H, W]``, all that is text."""
    pieces: list[TextLine] = []
    for line in lines:
        cuts = [
            middle
            for gap, start, end, middle in _gaps(components, line)
            if gap > spacing.sure * line.unit and is_corridor(line, start, end, text, spacing)
        ]
        pieces += _cut(components, line, cuts)
    return pieces


def merge_lines(
    components: Components, lines: list[TextLine], text: Mask, spacing: Spacing, slope: float
) -> list[TextLine]:
    """Join pieces of one row whose gap is no corridor: a broken row, or wide spaces in running text."""
    pieces = sorted(lines, key=lambda line: extent(components, line)[0])
    table = LineTable(components, pieces)
    waiting = np.ones(len(pieces), dtype=np.bool_)
    done: list[TextLine] = []
    for number, line in enumerate(pieces):
        if not waiting[number]:
            continue
        waiting[number] = False
        while (follower := _follower(components, line, table, waiting, text, spacing)) is not None:
            waiting[follower] = False
            other = pieces[follower]
            marks = np.concatenate([line.marks, other.marks])
            line = fit_line(components, np.concatenate([line.letters, other.letters]), marks, slope)
        done.append(line)
    return done


def _follower(
    components: Components,
    line: TextLine,
    table: LineTable,
    waiting: npt.NDArray[np.bool_],
    text: Mask,
    spacing: Spacing,
) -> int | None:
    """Which of the ``waiting`` lines of ``table`` continues ``line`` or lies within it: the leftmost, or None."""
    left, right = extent(components, line)
    gap, unit = table.left - right, np.maximum(table.unit, line.unit)
    middle = np.where(gap < 0, table.left, (table.left + right) / 2)
    drift = np.abs(line.base + (line.slope or 0.0) * middle - table.base - table.slope * middle)
    low = np.minimum(table.unit, line.unit)
    fits = waiting & (table.left >= left) & (gap <= WIDEST_JOIN * unit) & (drift <= 0.35 * low) & (unit <= 1.9 * low)
    for number in (int(number) for number in np.flatnonzero(fits)):
        start = int(table.left[number])
        if gap[number] <= spacing.sure * unit[number] or not is_corridor(line, right, start, text, spacing):
            return number
    return None


def is_corridor(line: TextLine, start: int, end: int, text: Mask, spacing: Spacing) -> bool:
    """Whether the columns ``start`` to ``end`` beside ``line`` are white through the rows above and below as well."""
    unit, base = line.unit, line.baseline((start + end) / 2)
    rows = text.shape[0]
    strips = (
        (base - line.rise - spacing.strip * unit, base - line.rise - 0.45 * unit),
        (base + 0.5 * unit, base + spacing.strip * unit),
    )
    sides, covered = 0, np.zeros(max(0, end - start), dtype=np.bool_)
    for first, last in strips:
        band = slice(int(np.clip(first, 0, rows)), int(np.clip(last, 0, rows)))
        covered |= text[band, start:end].any(axis=0)
        sides += bool(text[band, max(0, start - int(3 * unit)) : end + int(3 * unit)].any())
    if sides == 0:
        return end - start > max(_ALONE, 2.6 * spacing.word) * unit
    # Spaces of two rows fall together by chance much more often than those of three.
    words = 1.5 if sides == 2 else 2.0
    return _longest_white(covered) >= max(_CORRIDOR, words * spacing.word, 0.35 * (end - start) / unit) * unit


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

    def parts(labels: Ints) -> list[Ints]:
        where = np.searchsorted(cuts, (components.left[labels] + components.right[labels]) / 2)
        return [labels[where == i] for i in range(len(cuts) + 1)]

    # A piece of marks only (dot leaders, a rule's crumbs) is no line.
    return [
        fit_line(components, letters, marks, line.slope)
        for letters, marks in zip(parts(line.letters), parts(line.marks), strict=True)
        if len(letters)
    ]
