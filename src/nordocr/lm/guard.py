"""What the language model may not do to figures, codes and leaders.

It knows no digit from another, so it never puts one in another's place, adds one or takes one away. What it may do is
settle whether a sign is a digit or a letter of like shape, where the words around then hold digits only or none.
"""

from __future__ import annotations

from typing import Final

_ALIKE: Final = frozenset(
    letter + digit
    for digit, letters in {"0": "OoDQØ", "1": "lIi|!", "2": "Zz", "5": "Ss", "6": "Gb", "8": "B", "9": "gq"}.items()
    for letter in letters
)
"""A letter and the digit that it is taken for."""

_LEADERS: Final = frozenset(".-_–—·•*=…")


def allowed(before: str, after: str) -> bool:
    """Decide whether a line may be read as ``after`` where the network alone read ``before``."""
    old, new = changed_words(before, after)
    if _leaders(old) or _leaders(new):
        return False
    digits = [c for c in old if c.isdigit()]
    if digits == [c for c in new if c.isdigit()]:
        return not digits or _letters(old) == _letters(new)
    if len(old) != len(new):
        return False
    pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    if not all(a + b in _ALIKE or b + a in _ALIKE for a, b in pairs):
        return False
    if all(b.isdigit() for _, b in pairs):
        return not _letters(new)
    if all(a.isdigit() for a, _ in pairs):
        return not any(c.isdigit() for c in new) and len(_letters(old)) > len(digits)
    return False


def changed_words(before: str, after: str) -> tuple[str, str]:
    """Return the words of both texts between which the texts differ."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    head = before.rfind(" ", 0, head) + 1
    end = before.find(" ", len(before) - tail) if tail else -1
    tail = len(before) - end if end >= 0 else 0
    return before[head : len(before) - tail], after[head : len(after) - tail]


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalpha())


def _leaders(text: str) -> bool:
    """Whether ``text`` has a run of three signs such as rows of dots are made of."""
    run = 0
    for character in text:
        run = run + 1 if character in _LEADERS else run if character == " " else 0
        if run == 3:
            return True
    return False
