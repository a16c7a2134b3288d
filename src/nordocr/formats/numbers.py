"""Amounts with Nordic separators as numbers, where they can only be read in one way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A spreadsheet's numbers are exact to so many digits.
_MOST_DIGITS: Final = 15
_SIGN: Final = r"(?P<sign>[-–−]\s?)?"
_PLAIN: Final = re.compile(rf"^{_SIGN}(?P<whole>0|[1-9]\d*)(?:,(?P<part>\d{{1,2}}|\d{{4,}}))?$")
_SPACED: Final = re.compile(rf"^{_SIGN}(?P<whole>[1-9]\d{{0,2}}(?: \d{{3}})+)(?:,(?P<part>\d+))?$")
_DOTTED: Final = re.compile(rf"^{_SIGN}(?P<whole>[1-9]\d{{0,2}}(?:\.\d{{3}})+)(?:,(?P<part>\d+))?$")
_ENGLISH: Final = re.compile(rf"^{_SIGN}(?P<whole>[1-9]\d{{0,2}}(?:,\d{{3}})+)\.(?P<part>\d+)$")
# What shows that the dots of a table part thousands: two of them, or a comma behind one.
_PROOF: Final = re.compile(r"^[-–−]?\s?\d{1,3}(?:(?:\.\d{3}){2,}|\.\d{3},\d+)$")
_NO_THOUSANDS: Final = re.compile(r"\d\.(?!\d{3}(?!\d))\d|,\d{3}\.\d")


@dataclass(frozen=True)
class Number:
    """``value`` with ``decimals`` behind its comma; ``grouped``: whether its thousands were parted."""

    value: int | float
    decimals: int
    grouped: bool


def dots_are_thousands(texts: Iterable[str]) -> bool:
    """Decide whether a table's amounts show that a dot parts thousands (``1.234.567``, ``1.234,50``)."""
    held = [text.strip() for text in texts]
    return any(_PROOF.match(text) for text in held) and not any(_NO_THOUSANDS.search(text) for text in held)


def number_of(text: str, *, dots: bool = False) -> Number | None:
    """Return the number that an amount can only mean, None for anything else.

    ``1 234,50``, ``-12``, ``1.234,50`` and ``1,234.50`` are numbers. ``1.234`` is one where ``dots`` part thousands,
    ``1,234`` never: it may have three decimals. What has a unit, brackets or leading zeros stays text.

    Args:
        text: A cell's text.
        dots: Whether dots part thousands in its table.
    """
    text = text.strip()
    grouped = True
    found = _SPACED.match(text) or _ENGLISH.match(text)
    if found is None:
        found = _DOTTED.match(text)
        if found is not None and not dots and not _PROOF.match(text):
            return None
    if found is None:
        found, grouped = _PLAIN.match(text), False
    if found is None:
        return None
    whole = re.sub(r"[ .,]", "", found["whole"])
    part = found.groupdict().get("part") or ""
    if len(whole) + len(part) > _MOST_DIGITS:
        return None
    value: int | float = float(f"{whole}.{part}") if part else int(whole)
    return Number(-value if found["sign"] else value, len(part), grouped)
