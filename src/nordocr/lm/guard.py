"""What the language model may not do to figures, codes and leaders.

It knows no digit from another, so it never puts one in another's place, adds one or takes one away. What it may do is
settle whether a sign is a digit or a letter of like shape, where the word then holds digits only or none (a lone
letter becomes a digit before a per cent sign only), whether a point or a comma stands between digits, and where
thousands are parted. A figure's dashes are left as they were seen, and so are the hyphen at a line's end and quotation
marks, on which text has no bearing, and whether a space stands before a comma or colon, as French and many typists set
it. A long dash stays, for it can stand between any two words, and gets no spaces that were not seen. An accent stays
too: names and other languages have it where the model's text has not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ALIKE: Final = frozenset(
    letter + digit
    for digit, letters in {"0": "OoDQØ", "1": "lIi|!", "2": "Zz", "5": "Ss", "8": "B"}.items()
    for letter in letters
)
"""A letter and the digit that it is taken for."""

_LEADERS: Final = frozenset(".-_–—·•*=…")
_DASHES: Final = frozenset("-–—")
_POINTS: Final = (".", ",")
_QUOTES: Final = str.maketrans(dict.fromkeys("’‘´`", "'") | dict.fromkeys("“”„", '"'))
_MARKS: Final = frozenset('"«»–—')
_SPACED: Final = re.compile(" [,;:!?]")
_BESIDE_DASH: Final = re.compile(" (?=[-–—])|(?<=[-–—]) ")
_NO_ACCENT: Final = frozenset("åäöÅÄÖ")
"""Letters of their own, which the model is to tell from a and o."""
_DIGIT: Final = re.compile("[0-9]")
_THOUSANDS: Final = 3


def allowed(before: str, after: str) -> bool:
    """Decide whether a line may be read as ``after`` where the network alone read ``before``."""
    head, old, new, tail = changed_words(before, after)
    if _leaders(old) or _leaders(new) or old.translate(_QUOTES) == new.translate(_QUOTES):
        return False
    if len(_those(old.translate(_QUOTES), _MARKS)) > len(_those(new.translate(_QUOTES), _MARKS | {"-"})):
        return False
    if len(_SPACED.findall(before)) != len(_SPACED.findall(after)):
        return False
    if ("–" in old or "—" in old) and len(_BESIDE_DASH.findall(before)) < len(_BESIDE_DASH.findall(after)):
        return False
    if (before[-1:] in _DASHES or after[-1:] in _DASHES) and before[-1:] != after[-1:]:
        return False
    near = head.rstrip(" ").rpartition(" ")[2] + old + new + tail.lstrip(" ").partition(" ")[0]
    if _those(old, _DASHES) != _those(new, _DASHES) and _DIGIT.search(near):
        return False
    olds, news = old.split(" "), new.split(" ")
    if len(olds) != len(news):
        olds, news = [old], [new]
    nexts = [*news[1:], tail.lstrip(" ")]
    return all(
        _share(a, b, after) or _word_allowed(a, b, f"{head} {tail}")
        for a, b, after in zip(olds, news, nexts, strict=True)
        if a != b
    )


def changed_words(before: str, after: str) -> tuple[str, str, str, str]:
    """Return what is the same at the head, the words of both texts that differ, and what is the same at the tail."""
    most = min(len(before), len(after))
    head = 0
    while head < most and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    head = before.rfind(" ", 0, head) + 1
    end = before.find(" ", len(before) - tail) if tail else -1
    tail = len(before) - end if end >= 0 else 0
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    return before[:head], old, new, before[len(before) - tail :]


def _loses_accent(old: str, new: str) -> bool:
    """Whether an accent is taken off a letter of a word that stays as long as it was."""
    return len(old) == len(new) and any(
        a != b and a not in _NO_ACCENT and unicodedata.normalize("NFD", a)[0] == b
        for a, b in zip(old, new, strict=True)
    )


def _share(old: str, new: str, after: str) -> bool:
    """Whether a lone letter becomes the figure of like shape that a per cent sign asks for."""
    sign = old[1:]
    return old[:1] + new[:1] in _ALIKE and sign == new[1:] and (sign or after[:1]) in ("%", "‰")


def _word_allowed(old: str, new: str, around: str) -> bool:
    if _loses_accent(old, new):
        return False
    if not _DIGIT.search(old + new):
        return True
    if len(old) == len(new):
        taken = [(a, b) for a, b in zip(old, new, strict=True) if a != b and (_DIGIT.match(a) or _DIGIT.match(b))]
        if not all(a + b in _ALIKE or b + a in _ALIKE for a, b in taken):
            return False
        if any(_DIGIT.match(b) for _, b in taken) and (_letters(new) or not _DIGIT.search(old)):
            return False
        if any(_DIGIT.match(a) for a, _ in taken):
            return not _DIGIT.search(new) and len(_letters(old)) > len(_DIGIT.findall(old))
        old = "".join(b if (a, b) in taken else a for a, b in zip(old, new, strict=True))
    if _DIGIT.findall(old) != _DIGIT.findall(new) or _letters(old) != _letters(new):
        return False
    gaps, wanted = _DIGIT.split(old), _DIGIT.split(new)
    if gaps[-1] != wanted[-1] and gaps[-1][:1] in _POINTS and wanted[-1][:1] in _POINTS:
        return False
    return all(
        a == b or _gap_allowed(a, b, _run(gaps, i), _run(wanted, i), around)
        for i, (a, b) in enumerate(zip(gaps, wanted, strict=True))
        if 0 < i < len(gaps) - 1
    )


def _gap_allowed(old: str, new: str, was: tuple[int, int], now: tuple[int, int], around: str) -> bool:
    """Whether what stands between two digits may change; ``was`` and ``now``: digits in a row before it and after."""
    if not old:  # a space may only be put where it parts thousands
        return new == " " and now[0] <= _THOUSANDS and now[1] == _THOUSANDS
    if not new:  # and only taken away where it does not
        return old == " " and was[1] != _THOUSANDS
    if old in _POINTS and new in _POINTS:  # a line mostly writes its figures in one way
        counts = [len(re.findall(rf"[0-9]{re.escape(s)}[0-9]{{{now[1]}}}(?![0-9])", around)) for s in (old, new)]
        return counts[0] <= counts[1]
    return new.strip() != old and (" " in old or " " not in new)


def _run(gaps: list[str], place: int) -> tuple[int, int]:
    """How many digits stand in a row before the gap ``place``, and how many after it."""
    before = after = 1
    while place - before > 0 and not gaps[place - before]:
        before += 1
    while place + after < len(gaps) - 1 and not gaps[place + after]:
        after += 1
    return before, after


def _those(text: str, signs: frozenset[str]) -> str:
    return "".join(c for c in text if c in signs)


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
