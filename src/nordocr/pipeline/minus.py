"""One minus sign on a page: a hyphen and a dash before amounts look alike in many faces, and a page keeps to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nordocr.results import Line

# A negative amount alone in its line, whatever stands for its minus, with a currency or per cent sign at most.
_AMOUNT: Final = re.compile(r"([-–—]) ?\d[\d .,']*(?: ?(?:%|€|£|kr\.?|[A-Z]{3}))?$")
# The sign that most amounts were read with counts so many times as much as the others, all of them weighed by their
# confidence; a sign surer than this stays what it was read as.
_MOSTLY: Final = 2.0
_SURE: Final = 0.9


def one_minus(lines: Sequence[Line]) -> list[Line]:
    """Give the unsure minus signs of a page's amounts the shape that most of them were read in.

    Args:
        lines: What was read on the page.

    Returns:
        The lines, some with another sign before the amount. Where no shape prevails all stay as they are.
    """
    signs = [_sign(line) for line in lines]
    weights: dict[str, float] = {}
    for line, sign in zip(lines, signs, strict=True):
        if sign:
            weights[sign] = weights.get(sign, 0.0) + line.char_confidences[0]
    if len(weights) < 2:
        return list(lines)
    usual = max(weights, key=lambda sign: weights[sign])
    if weights[usual] < _MOSTLY * (sum(weights.values()) - weights[usual]):
        return list(lines)
    return [
        _with_sign(line, usual) if sign and sign != usual and line.char_confidences[0] < _SURE else line
        for line, sign in zip(lines, signs, strict=True)
    ]


def _sign(line: Line) -> str:
    """The sign before the amount that a line is; empty where it is none, or its characters' confidences are unknown."""
    found = _AMOUNT.match(line.text)
    return found[1] if found and len(line.char_confidences) == len(line.text) else ""


def _with_sign(line: Line, sign: str) -> Line:
    words = [word.model_copy(update={"text": sign + word.text[1:]}) for word in line.words[:1]]
    return line.model_copy(update={"text": sign + line.text[1:], "words": words + line.words[1:]})
