"""One way of writing amounts on a page: signs that look alike in many faces follow those that most were read with.

A hyphen or a dash stands before all of its negative amounts, and a comma, once most have one, before all decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from nordocr.results import Line

EVENED: Final = "evened"
"""The flag of lines with a sign that follows the page's other lines."""

# A negative amount alone in its line, whatever stands for its minus, with a currency or per cent sign at most.
_NEGATIVE: Final = re.compile(r"([-–—]) ?\d[\d .,']*(?: ?(?:%|€|£|kr\.?|[A-Z]{3}))?$")
_DECIMAL: Final = re.compile(r"(?:[-–—] ?)?(?:\d{1,3}(?:[ .]\d{3})*|\d+)([.,])\d{2}$")
# The sign that most amounts were read with counts so many times as much as the others, all of them weighed by their
# confidence; a sign surer than this stays what it was read as.
_MOSTLY: Final = 2.0
_SURE: Final = 0.9


def one_way(lines: Sequence[Line]) -> list[Line]:
    """Give the unsure signs of a page's amounts the shape that most of them were read in.

    Points become commas and never the other way round: a comma loses its tail on a scan, and no point grows one.

    Args:
        lines: What was read on the page.

    Returns:
        The lines, some with another sign before the amount or its decimals and the flag :data:`EVENED`. Where no shape
        prevails they stay.
    """
    negative = {n: 0 for n, line in enumerate(lines) if known(line) and _NEGATIVE.match(line.text)}
    lines = _outvoted(lines, negative, None)
    decimal = {n: len(line.text) - 3 for n, line in enumerate(lines) if known(line) and _DECIMAL.match(line.text)}
    return _outvoted(lines, decimal, ",")


def known(line: Line) -> bool:
    """Decide whether the confidences of a line's characters are known."""
    return len(line.char_confidences) == len(line.text) > 0


def _outvoted(lines: Sequence[Line], places: Mapping[int, int], only: str | None) -> list[Line]:
    """The lines, their signs at ``places`` (by the line's number) as most of them are, if that is the ``only`` one."""
    weights: dict[str, float] = {}
    for number, place in places.items():
        sign = lines[number].text[place]
        weights[sign] = weights.get(sign, 0.0) + lines[number].char_confidences[place]
    made = list(lines)
    if len(weights) < 2:
        return made
    usual = max(weights, key=lambda sign: weights[sign])
    if weights[usual] < _MOSTLY * (sum(weights.values()) - weights[usual]) or only not in (None, usual):
        return made
    for number, place in places.items():
        if made[number].text[place] != usual and made[number].char_confidences[place] < _SURE:
            made[number] = _with_sign(made[number], place, usual)
    return made


def _with_sign(line: Line, place: int, sign: str) -> Line:
    number = line.text[:place].count(" ")
    within = place - line.text.rfind(" ", 0, place) - 1
    words = [
        word.model_copy(update={"text": word.text[:within] + sign + word.text[within + 1 :]}) if n == number else word
        for n, word in enumerate(line.words)
    ]
    text = line.text[:place] + sign + line.text[place + 1 :]
    return line.model_copy(update={"text": text, "words": words, "flags": [*line.flags, EVENED]})
