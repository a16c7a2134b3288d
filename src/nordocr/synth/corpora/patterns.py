"""Patterns of numbers: ``08-### ## ##``, ``0<11-98>-##``, ``[23456789]#######``.

``#`` is a random digit, ``<a-b>`` an integer of a to b, ``[abc]`` one of the characters; all else stands for itself.
"""

from __future__ import annotations

import re
from typing import Final

from nordocr.synth.dice import Dice

_PART: Final = re.compile(r"(#+)|<(\d+)-(\d+)>|\[([^\]]+)\]|([^#<\[]+)")


def drawn(dice: Dice, pattern: str) -> str:
    """Return ``pattern`` with every place drawn; a run of ``#`` takes one draw."""
    text = ""
    for digits, low, high, one_of, literal in _PART.findall(pattern):
        if digits:
            text += dice.digits(len(digits))
        elif low:
            text += str(dice.integer(int(low), int(high)))
        elif one_of:
            text += dice.pick(one_of)
        else:
            text += literal
    return text


def grouped_as(digits: str, groups: str) -> str:
    """Return ``digits`` parted by spaces into groups of the sizes that ``groups`` lists: ``2 2 2 2``."""
    parts: list[str] = []
    for size in map(int, groups.split()):
        parts.append(digits[:size])
        digits = digits[size:]
    return " ".join(parts)
