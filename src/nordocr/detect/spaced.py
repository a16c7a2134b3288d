"""Letters set apart, in headings and in the boxes of a form: where their words really end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nordocr.detect.combs import Comb
from nordocr.detect.components import Components
from nordocr.detect.textline import TextLine, percentile
from nordocr.medians import median

# A line is set apart where it has so many letters, the usual gap between them is so wide, in letter heights (0.3 in
# typewriting, and single figures in a row of cells stand farther apart), and so small a share of the gaps is less than
# this part of it.
_FEWEST: Final = 5
_APART: Final = 0.4
_MOST_APART: Final = 1.6
_FEW: Final = 0.15
_EVEN: Final = 0.55
# A gap ends a word where it is wider than the usual one by so many letter heights and by this factor.
_WIDER: Final = 0.45
_TIMES: Final = 1.6


def word_ends(components: Components, line: TextLine, combs: Sequence[Comb]) -> list[float] | None:
    """Return the columns at which the words of a line end whose letters are set apart.

    Args:
        components: The page's components.
        line: The line.
        combs: The page's comb fields; an empty box ends a word.

    Returns:
        Columns in pixels, empty for one word; None for a line whose letters are not set apart.
    """
    letters = line.letters
    left, right = components.left[letters], components.right[letters]
    middle = line.baseline(float(left.min() + right.max()) / 2) - line.rise / 2
    for comb in combs:
        if comb.frames(float(left.min()), float(right.max()), middle):
            return [column for column in comb.empty(left, right) if left.min() < column < right.max()]
    usual = letter_gap(components, line)
    if usual is None:
        return None
    order = np.argsort(left, kind="stable")
    reached = np.maximum.accumulate(right[order])[:-1]
    gaps = left[order][1:] - reached
    wide = (gaps > usual + _WIDER * line.unit) & (gaps > _TIMES * usual)
    return [float(column) for column in ((reached + left[order][1:]) / 2)[wide]]


def letter_gap(components: Components, line: TextLine) -> float | None:
    """Return the usual gap in pixels between the letters of a line that are set apart; None where they are not."""
    left, right = components.left[line.letters], components.right[line.letters]
    order = np.argsort(left, kind="stable")
    gaps = (left[order][1:] - np.maximum.accumulate(right[order])[:-1]) / line.unit
    if len(gaps) < _FEWEST - 1:
        return None
    # Spaces between words are the fewer.
    usual = median(gaps[gaps <= percentile(gaps, 85)])
    if not _APART <= usual <= _MOST_APART or float((gaps < _EVEN * usual).mean()) > _FEW:
        return None
    return usual * line.unit
