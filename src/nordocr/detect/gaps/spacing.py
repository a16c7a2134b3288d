"""How wide a page's word spaces are, and how far apart its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components
from nordocr.detect.textline import TextLine, extent, percentile
from nordocr.medians import median

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
# Letters that stand at even distances, so large a share of them within so much of the usual, are typewritten: there a
# word space is one letter left out, and may be wider than that by so much.
_EVEN: Final = 0.55
_EVENLY: Final = 0.12
_LEFT_OUT: Final = 0.3
_ADVANCES: Final = (0.3, 2.2)
# Narrow columns of justified text and cells among them have gaps of all widths. Those taken for word spaces are none
# where their quartiles differ by this factor, and where of the narrower gaps more than those, so many at least, are so
# many times as wide as the rest, and wider than any between letters of print.
_ANY_WIDTH: Final = 1.35
_FEWEST_WORDS: Final = 20
_WIDER_THAN_LETTERS: Final = 2.0
_LEAST_OF_WORDS: Final = 0.45
# This many of a page's letters, in per cent, are no higher than its small ones.
_LETTER: Final = 35.0
_SURE_WORD: Final = 1.3
_WIDEST_WORD: Final = 3.5
_LEAST_WIDEST: Final = 3.2
_WIDEST_WORDS: Final = 4.5
_LEAST_STRIP: Final = 3.2
_MOST_STRIP: Final = 6.0


@dataclass(frozen=True)
class Spacing:
    """The page's usual space between words and distance between rows, both in letter heights.

    ``figures``: the space between words beside figures; narrower than ``word`` where narrow columns are justified.
    ``height``: how high the page's small letters are, in pixels.
    """

    word: float
    row: float
    figures: float
    height: float

    @property
    def mixed(self) -> bool:
        """Whether word spaces of prose and of tables differ."""
        return self.figures < self.word

    @property
    def sure(self) -> float:
        """Up to this gap two letters of a row are on one line without further question."""
        return surest(self.word)

    @property
    def widest(self) -> float:
        """Two pieces of a row farther apart are never one line: no justified space is so wide."""
        return widest(self.word)

    @property
    def strip(self) -> float:
        """How far above and below a row its neighbours are looked for."""
        return min(max(1.2 * self.row, _LEAST_STRIP), _MOST_STRIP)


def surest(word: float) -> float:
    """Return up to which gap letters are on one line without question where a ``word`` space is so wide."""
    return min(max(1.5 * word, _SURE_WORD), _WIDEST_WORD)


def widest(word: float) -> float:
    """Return how far apart two pieces of one line stand at most where a ``word`` space is so wide."""
    return max(_LEAST_WIDEST, _WIDEST_WORDS * word)


def measure(components: Components, lines: list[TextLine]) -> Spacing:
    """The page's own spacing."""
    word, figures = word_gaps(components, lines)
    heights = components.height[np.concatenate([line.letters for line in lines])] if lines else np.zeros(1, np.int64)
    return Spacing(word, row_pitch(components, lines), figures, percentile(heights, _LETTER))


def word_gaps(components: Components, lines: list[TextLine]) -> tuple[float, float]:
    """The page's usual space between words, and that beside figures, in letter heights.

    Gaps are of two kinds, within words and between them; Otsu's threshold tells them apart, in narrow print as in
    wide typewriting. Only rows of several words are asked: on a page of tables the gaps between cells are more than
    those between words, and every second figure would be joined to the first.
    """
    rows = [np.array([gap / line.unit for gap, *_ in gaps_of(components, line)]) for line in lines]
    rows = [row[row < _WIDEST_COUNTED] for row in rows]
    gaps = np.concatenate([row for row in rows if _words(row) >= _SEVERAL] or [np.zeros(0)])
    if len(gaps) < _FEWEST_GAPS:
        return _USUAL_WORD, _USUAL_WORD
    pitch = even_pitch(components, lines)
    while True:
        threshold = _two_kinds(gaps)
        narrow, wide = gaps[gaps <= threshold], gaps[gaps > threshold]
        if not len(wide):
            return _USUAL_WORD, _USUAL_WORD
        word = float(np.median(wide))
        # Wider than any word space in type so tight: those were columns, and words are among the rest.
        tight = float(np.median(narrow))
        typed = pitch + tight + _LEFT_OUT if pitch else 0.0
        if word <= max(_WIDE_WORD, _TIGHTEST * tight, typed) or len(narrow) < _FEWEST_GAPS:
            usual = _among_narrow(narrow, wide) if not pitch and len(narrow) >= _FEWEST_GAPS else 0.0
            return word, usual or word
        gaps = narrow


def _among_narrow(narrow: npt.NDArray[np.float64], wide: npt.NDArray[np.float64]) -> float:
    """The word space where it is among the ``narrow`` gaps and the ``wide`` ones are of all widths; else 0."""
    if percentile(wide, 75) < _ANY_WIDTH * percentile(wide, 25):
        return 0.0
    threshold = _two_kinds(narrow)
    letters, words = narrow[narrow <= threshold], narrow[narrow > threshold]
    if not len(letters) or len(words) < max(_FEWEST_WORDS, len(wide)):
        return 0.0
    word = median(words)
    return word if word >= max(_LEAST_OF_WORDS, _WIDER_THAN_LETTERS * median(letters)) else 0.0


def even_pitch(components: Components, lines: list[TextLine]) -> float:
    """Return how far apart the letters of a typewritten page stand, in letter heights; 0 for print."""
    advances = []
    for line in lines:
        middle = (components.left[line.letters] + components.right[line.letters]) / 2
        advances.append(np.diff(middle) / line.unit)
    found = np.concatenate(advances or [np.zeros(0)])
    found = found[(found > _ADVANCES[0]) & (found < _ADVANCES[1])]
    if len(found) < _FEWEST_GAPS:
        return 0.0
    counts, edges = np.histogram(found, bins=95, range=_ADVANCES)
    usual = float(edges[int(np.convolve(counts, np.ones(5), mode="same").argmax())]) + 0.01
    return usual if float((np.abs(found - usual) <= _EVENLY * usual).mean()) >= _EVEN else 0.0


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
    return int((gaps > max(_LEAST_WORD, 2.0 * median(gaps))).sum()) if len(gaps) else 0


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


def gaps_of(components: Components, line: TextLine) -> list[tuple[int, int, int, float]]:
    """Return ``(width, start, end, middle)`` in pixels of every gap between the line's members."""
    members = line.members
    order = members[np.argsort(components.left[members], kind="stable")]
    reached = np.maximum.accumulate(components.right[order])[:-1]
    following = components.left[order][1:]
    wide = following > reached
    pairs = zip(reached[wide].tolist(), following[wide].tolist(), strict=True)
    return [(end - start, start, end, (start + end) / 2) for start, end in pairs]
