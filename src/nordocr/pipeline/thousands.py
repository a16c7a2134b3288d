"""Points between thousands that a narrow face hides: a page that parts its thousands by points parts them all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nordocr.pipeline.amounts import EVENED, known
from nordocr.results import Line, Word

# An amount alone in its line: a sign, digits with points or spaces between them, decimals.
_AMOUNT: Final = re.compile(r"([-–—] ?)?(\d[\d. ]*\d)(,\d{2})?$")
_PARTED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+$")
# An amount shows its thousands from so many digits on. A page parts them where so many of its amounts are parted
# right, and so large a share of those that are long enough.
_LONG: Final = 4
_FEWEST: Final = 6
_SHARE: Final = 0.6


def parted(lines: Sequence[Line]) -> list[Line]:
    """Put the points that are missing into amounts of a page that parts thousands by points.

    What has no point at all and no decimals may be a year or an account number and stays as it is, and so does what has
    a point where no thousands end.

    Args:
        lines: What was read on the page.

    Returns:
        The lines; their digits are the same, and those with new points have the flag :data:`EVENED`.
    """
    amounts = [_digits(line) for line in lines]
    long = [digits for digits in amounts if sum(c.isdigit() for c in digits) >= _LONG]
    right = sum(_PARTED.match(digits) is not None for digits in long)
    if right < max(_FEWEST, _SHARE * len(long)):
        return list(lines)
    return [
        _with_points(line, digits) if _lacks(digits, line.text) else line
        for line, digits in zip(lines, amounts, strict=True)
    ]


def _digits(line: Line) -> str:
    """The whole part of the amount that a line is, as it was read; empty where it is none."""
    found = _AMOUNT.match(line.text)
    return found[2] if found is not None and known(line) and not line.char_boxes else ""


def _lacks(digits: str, text: str) -> bool:
    """Whether points are missing in an amount: it has one, or decimals, and what it has stand between thousands."""
    bare = re.sub("[. ]", "", digits)
    if len(bare) < _LONG or _PARTED.match(digits):
        return False
    groups = re.split("[. ]", digits)
    fits = all(len(group) % 3 == 0 for group in groups[1:]) and "" not in groups
    return fits and ("." in digits or (text.endswith(tuple("0123456789")) and "," in text and " " not in digits))


def _with_points(line: Line, digits: str) -> Line:
    """The line with a point between all thousands, as sure as the less sure of the digits beside it."""
    start = line.text.index(digits)
    text, sure = list(line.text[:start]), list(line.char_confidences[:start])
    left = sum(c.isdigit() for c in digits)
    for place, character in enumerate(digits, start):
        if not character.isdigit():
            continue
        if left % 3 == 0 and text and text[-1].isdigit():
            gap = not line.text[place - 1].isdigit()
            own = line.char_confidences[place - 1] if gap else min(sure[-1], line.char_confidences[place])
            text.append(".")
            sure.append(own)
        text.append(character)
        sure.append(line.char_confidences[place])
        left -= 1
    rest = start + len(digits)
    whole = "".join(text) + line.text[rest:]
    values = [*sure, *line.char_confidences[rest:]]
    words, flags = _words(line, whole), [*line.flags, EVENED]
    return line.model_copy(update={"text": whole, "char_confidences": values, "words": words, "flags": flags})


def _words(line: Line, text: str) -> list[Word]:
    """The words of the new text: with a space less, two of them become one."""
    parts = text.split()
    if not line.words:
        return []
    if len(parts) == len(line.words):
        return [word.model_copy(update={"text": part}) for word, part in zip(line.words, parts, strict=True)]
    sure = min(word.confidence for word in line.words)
    return [Word(text=text, confidence=sure, bbox=line.bbox)]
