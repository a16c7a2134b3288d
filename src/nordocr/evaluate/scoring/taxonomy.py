"""The error taxonomy: one class per line, so that failures can be taken apart by kind.

The definition is nordocr's own and is stated in full in ``docs/evaluation.md``; counts under the same names from
other tools need not agree with it. Two oddities follow from looking at lengths and prefixes alone: a phrase read twice
is leading garbage, and a long gap inside a line can pass for right truncation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Levenshtein

from nordocr.evaluate.scoring.units import normalise, unit_pair, without_spaces

_LEADERS: Final = frozenset("._-–=*~")
_LEADER: Final = 4
"""Of a row of dots it does not matter how many were read: a contents line is not cut short by fewer of them."""
_LONG_LEADER: Final = re.compile(rf"([{re.escape(''.join(sorted(_LEADERS)))}])\1{{{_LEADER},}}")


class ErrorClass(StrEnum):
    """The error classes, in the order in which they are tried; a line has the first that holds."""

    EXACT = "exact"
    SPACE_ONLY = "space_only"
    MISSED = "missed"
    SPURIOUS = "spurious"
    RIGHT_TRUNCATION = "right_truncation"
    LEFT_TRUNCATION = "left_truncation"
    LEADING_GARBAGE = "leading_garbage"
    TRAILING_GARBAGE = "trailing_garbage"
    MINOR = "minor"
    MAJOR = "major"


def classify(reference: str, hypothesis: str) -> ErrorClass:
    """Return the error class of one line.

    Texts are normalised first; spaces decide only between the first two classes.
    """
    return classify_normalised(normalise(reference), normalise(hypothesis))


def classify_normalised(reference: str, hypothesis: str) -> ErrorClass:
    """Return the error class of texts that :func:`~nordocr.evaluate.scoring.units.normalise` returned."""
    if reference == hypothesis:
        return ErrorClass.EXACT
    r, h = without_spaces(reference), without_spaces(hypothesis)
    if r == h:
        return ErrorClass.SPACE_ONLY
    if not h:
        return ErrorClass.MISSED
    if not r:
        return ErrorClass.SPURIOUS
    return _classify_units(*unit_pair(r, h))


def _classify_units(r: Sequence[str], h: Sequence[str]) -> ErrorClass:
    r, h = _short_leaders(r), _short_leaders(h)
    distance = Levenshtein.distance(r, h)
    cut, added = len(r) - len(h) >= 2, len(h) - len(r) >= 1
    if cut and _is_prefix(h, r, distance):
        return ErrorClass.RIGHT_TRUNCATION
    if cut and _is_prefix(h[::-1], r[::-1], distance):
        return ErrorClass.LEFT_TRUNCATION
    if added and _is_prefix(r[::-1], h[::-1], distance):
        return ErrorClass.LEADING_GARBAGE
    if added and _is_prefix(r, h, distance):
        return ErrorClass.TRAILING_GARBAGE
    if 10 * distance <= len(r) or (distance <= 2 and 2 * distance <= len(r)):
        return ErrorClass.MINOR
    return ErrorClass.MAJOR


def _short_leaders(units: Sequence[str]) -> Sequence[str]:
    """Cut runs of one leader character to :data:`_LEADER` of them."""
    if isinstance(units, str):  # nearly every line, and ten times faster than unit by unit
        return _LONG_LEADER.sub(lambda run: run[1] * _LEADER, units)
    kept: list[str] = []
    for unit in units:
        if unit not in _LEADERS or len(kept) < _LEADER or any(other != unit for other in kept[-_LEADER:]):
            kept.append(unit)
    return kept


def _is_prefix(short: Sequence[str], long: Sequence[str], distance: int) -> bool:
    """Decide whether ``long`` starts nearly as ``short`` does and its surplus explains most of their ``distance``.

    Whole numbers throughout (0.3 as 3 to 10), so that no limit depends on rounding.
    """
    surplus = len(long) - len(short)
    if 2 * surplus < distance:
        return False
    rest = Levenshtein.distance(long[: len(short)], short)
    return 2 * rest <= distance and 10 * rest <= 3 * len(short)
