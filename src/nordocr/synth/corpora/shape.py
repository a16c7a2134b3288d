"""Cutting and styling: how a sentence becomes a line of running text, a heading or a text of another time."""

from __future__ import annotations

import re
from typing import Final

from nordocr.synth.dice import Dice

VOWELS: Final = frozenset("aeiouyåäöøæüAEIOUYÅÄÖØÆÜ")
_HYPHENATED_END: Final = 0.18
_HYPHENATED_START: Final = 0.10
_CAPITAL = re.compile(r"(?<= )[a-zåäöøæ]{4,}")


def breakpoints(word: str) -> list[int]:
    """Where a word may be broken with a hyphen: before a consonant that a vowel follows, two letters on each side.

    The rule of one consonant to the next line holds in Swedish, Norwegian, Danish and Finnish alike; exceptions at
    compound joints do not matter for a recogniser.
    """
    return [
        i
        for i in range(2, len(word) - 1)
        if word[i - 1 : i + 1].isalpha()
        and word[i] not in VOWELS
        and word[i + 1] in VOWELS
        and any(c in VOWELS for c in word[:i])
    ]


def window(dice: Dice, text: str, limit: int) -> str:
    """A line-like piece of ``text``, at most ``limit`` characters: from any word on, cut at a word bound.

    Some pieces begin with the remainder of a broken word or end in a hyphen, as lines of running text do. Where no
    word bound lies within the limit, a word is broken.
    """
    if len(text) <= limit:
        return text
    starts = [0] + [i + 1 for i, c in enumerate(text) if c == " " and i + 1 + limit <= len(text) + 8]
    start = dice.pick(starts)
    if start and dice.chance(_HYPHENATED_START):
        start += _remainder(dice, text[start:].split(" ", 1)[0])
    rest = text[start:]
    if len(rest) <= limit:
        return rest
    end = rest.rfind(" ", 0, limit + 1)
    word = rest[end + 1 :].split(" ", 1)[0]
    if end <= 0 or dice.chance(_HYPHENATED_END):
        room = limit - end - 2
        breaks = [b for b in breakpoints(word) if b <= room]
        if breaks:
            return rest[: end + 1] + word[: dice.pick(breaks)] + "-"
    if end > 0:
        return rest[:end]
    return word[: limit - 1] + "-" if limit > 3 and word[:limit].isalpha() else word[:limit]


def _remainder(dice: Dice, word: str) -> int:
    breaks = breakpoints(word)
    return dice.pick(breaks) if breaks else 0


def old_danish(dice: Dice, text: str) -> str:
    """``text`` in the manner of Danish before the reform of 1948: aa for å, and nouns, here any words, capitalised."""
    text = text.replace("å", "aa").replace("Å", "Aa")
    return _CAPITAL.sub(lambda m: m.group().capitalize() if dice.chance(0.35) else m.group(), text)


def capitalised(text: str) -> str:
    """``text`` with its first character as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def spaced(text: str) -> str:
    """``text`` letter-spaced with single spaces: ``N O T E R``."""
    return " ".join(text.replace(" ", ""))


def tidy(text: str) -> str:
    """Whitespace runs as one space, ends stripped."""
    return " ".join(text.split())
