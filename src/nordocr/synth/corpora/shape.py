"""Cutting and styling: how running text becomes one line, a heading or a text of another time."""

from __future__ import annotations

import re
from typing import Final

from nordocr.synth.dice import Dice

VOWELS: Final = frozenset("aeiouyåäöøæüAEIOUYÅÄÖØÆÜ")
_HYPHENATED_END: Final = 0.18
_HYPHENATED_START: Final = 0.10
_CAPITAL = re.compile(r"(?<= )[a-zåäöøæ]{4,}")


def breakpoints(word: str) -> list[int]:
    """Return the places where a word may be hyphenated: before a consonant and a vowel, two letters from either end.

    The rule of one consonant to the next line holds in Swedish, Norwegian, Danish and Finnish alike; exceptions at the
    joints of compounds do not matter to a recogniser.
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
    """Return a line-like piece of ``text`` of at most ``limit`` characters, from any word on, cut between words.

    Some pieces begin with the rest of a hyphenated word or end in a hyphen, as lines of running text do. Where no space
    lies within the limit, a word is broken.
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
    """Return ``text`` as Danish was written before 1948: aa for å, and nouns (here: any words) capitalised."""
    text = text.replace("å", "aa").replace("Å", "Aa")
    return _CAPITAL.sub(lambda m: m.group().capitalize() if dice.chance(0.35) else m.group(), text)


def capitalised(text: str) -> str:
    """Return ``text`` with its first character in upper case and the rest unchanged."""
    return text[:1].upper() + text[1:]


def tidy(text: str) -> str:
    """Return ``text`` with every run of whitespace as one space and its ends stripped."""
    return " ".join(text.split())
