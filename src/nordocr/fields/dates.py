"""Dates as Nordic documents write them: in figures, day first or ISO 8601, and with the month's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nordocr.fields.checks import in_calendar

_NAMES: Final = """
jan januari januar tammikuuta tammikuun tammikuu january
feb februari februar helmikuuta helmikuun helmikuu february
mar mars marts maaliskuuta maaliskuun maaliskuu march
apr april huhtikuuta huhtikuun huhtikuu
maj mai toukokuuta toukokuun toukokuu may
jun juni kesakuuta kesakuun kesakuu june
jul juli heinakuuta heinakuun heinakuu july
aug augusti august agust elokuuta elokuun elokuu
sep sept september syyskuuta syyskuun syyskuu
okt oct oktober lokakuuta lokakuun lokakuu october
nov november marraskuuta marraskuun marraskuu
dec des december desember joulukuuta joulukuun joulukuu
"""
_MONTHS: Final = {name: number for number, row in enumerate(_NAMES.split("\n")[1:-1], 1) for name in row.split()}

_ISO: Final = re.compile(r"(?P<y>\d{4})(?P<s>[-./])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)")
_DAY_FIRST: Final = re.compile(r"(?P<d>\d{1,2})(?P<s>[-./])(?P<m>\d{1,2})(?P<t>[-./ ])(?P<y>\d{4}|\d{2})(?!\d)")
_NAMED: Final = re.compile(r"(?P<d>\d{1,2})(?:\.|:[ae]|st|nd|rd|th)? ?(?P<n>[^\W\d_]{3,12})\.?,? ?(?P<y>\d{4})(?!\d)")
_MONTH_FIRST: Final = re.compile(r"(?P<n>[^\W\d_]{3,9})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>\d{4})(?!\d)")
_YEARS: Final = range(1800, 2101)
_CENTURY_BREAK: Final = 70


@dataclass(frozen=True)
class DateFound:
    """A date in a text: where it stands, the date as ISO 8601 writes it, and whether the calendar has it."""

    start: int
    end: int
    value: str
    valid: bool


def dates_in(text: str) -> Iterator[DateFound]:
    """Yield the dates in a text, from left to right.

    A date of four-digit year that no calendar has is given as well, for it is a misread one. A year of two digits is
    1970 to 2069.
    """
    at = 0
    while at < len(text):
        found = _date_at(text, at)
        if found is None:
            at += 1
            continue
        yield found
        at = found.end


def _date_at(text: str, at: int) -> DateFound | None:
    before = text[:at]
    if before[-1:].isalnum() and not (before[-1:].isalpha() and text[at].isdigit()):
        return None
    if text[at].isdigit():
        if re.search(r"\d[-./,]$", before) and not re.search(r"\d{4}-\d\d-\d\d-$|\.\d{4}-$", before):
            return None
        return _figures(text, at) or _named(_NAMED.match(text, at))
    return _named(_MONTH_FIRST.match(text, at)) if text[at].isalpha() else None


def _figures(text: str, at: int) -> DateFound | None:
    match = _ISO.match(text, at) or _DAY_FIRST.match(text, at)
    if match is None or re.match(r"[./]\d|-\d(?!\d{3}-)(?!\d?[./])", text[match.end() :]):
        return None
    day, month, year = int(match["d"]), int(match["m"]), int(match["y"])
    if (
        "t" in match.groupdict()
        and match["t"] != match["s"]
        and (match["s"], match["t"]) not in {("/", "-"), ("/", " ")}
    ):
        return None
    short = len(match["y"]) == 2
    if short:
        year += 2000 if year < _CENTURY_BREAK else 1900
    valid = in_calendar(day, month, year)
    if year not in _YEARS or (short and (not valid or match["s"] == "-" or re.match(r" ?\d", text[match.end() :]))):
        return None
    return DateFound(match.start(), match.end(), f"{year:04d}-{month:02d}-{day:02d}", valid)


def _named(match: re.Match[str] | None) -> DateFound | None:
    if match is None:
        return None
    month = _MONTHS.get(_folded(match["n"]))
    day, year = int(match["d"]), int(match["y"])
    if month is None or year not in _YEARS:
        return None
    return DateFound(match.start(), match.end(), f"{year:04d}-{month:02d}-{day:02d}", in_calendar(day, month, year))


def _folded(name: str) -> str:
    """Return a name in small letters without accents."""
    apart = unicodedata.normalize("NFKD", name.lower())
    return "".join(char for char in apart if not unicodedata.combining(char))
