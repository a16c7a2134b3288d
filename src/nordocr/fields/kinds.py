"""The numbers that are looked for: how each is written, what it is without its spaces, and how it is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nordocr.fields import checks
from nordocr.fields.iban import iban_holds
from nordocr.results import FieldCheck, FieldKind

_NOT_DIGIT: Final = re.compile(r"\D")
_ORGNR: Final = (3, 2, 7, 6, 5, 4, 3, 2)
_ACCOUNT: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_FODSEL: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_CVR: Final = (2, 7, 6, 5, 4, 3, 2)
_YTUNNUS: Final = (7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Kind:
    """One kind of number.

    Attributes:
        name: Its name in results.
        shape: How it is written; spaces and dashes where people put them.
        normal: What was written to the value that is reported.
        holds: Whether a value of this shape is right.
        check: What ``holds`` looks at.
        lengths: How many digits it has, at least and at most.
    """

    name: FieldKind
    shape: re.Pattern[str]
    normal: Callable[[str], str]
    holds: Callable[[str], bool]
    check: FieldCheck = "digit"
    lengths: tuple[int, int] = (0, 0)


def digits_of(text: str) -> str:
    """Return the digits of a text and nothing else."""
    return _NOT_DIGIT.sub("", text)


def _dashed(tail: int) -> Callable[[str], str]:
    """Return a function that writes digits with a dash before the last ``tail`` of them."""

    def normal(text: str) -> str:
        digits = digits_of(text)
        return f"{digits[:-tail]}-{digits[-tail:]}"

    return normal


def _birth(digits: str, *, day_first: bool, shifts: tuple[int, ...] = (0,)) -> bool:
    """Decide whether six digits are a birth date, where the day may be raised by one of the shifts."""
    first, month, last = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    day, year = (first, last) if day_first else (last, first)
    return any(checks.in_some_century(day - shift, month, year) for shift in shifts)


def _luhn(value: str) -> bool:
    return checks.luhn(digits_of(value))


def _swedish_company(value: str) -> bool:
    digits = digits_of(value)[-10:]
    return int(digits[2]) >= 2 and digits[0] != "0" and checks.luhn(digits)


def _personnummer_value(text: str) -> str:
    digits = digits_of(text)
    return f"{digits[:-4]}{'+' if '+' in text else '-'}{digits[-4:]}"


def _swedish_person(value: str) -> bool:
    digits = digits_of(value)
    short = digits[-10:]
    if len(digits) == 12:
        year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
        born = any(checks.in_calendar(day - shift, month, year) for shift in (0, 60))
    else:
        born = _birth(short, day_first=False, shifts=(0, 60))
    return born and checks.luhn(short)


def _norwegian_year(year: int, number: int) -> int | None:
    """Return the year of birth that two digits and the three of the person's number stand for."""
    if number < 500:
        return 1900 + year
    if number < 750 and year >= 54:
        return 1800 + year
    if year < 40:
        return 2000 + year
    return 1900 + year if number >= 900 else None


def _norwegian_person(value: str) -> bool:
    day, month, year = int(value[:2]), int(value[2:4]), _norwegian_year(int(value[4:6]), int(value[6:9]))
    shifts = [(d, m) for d in (0, 40) for m in (0, 40, 80)]  # D-numbers; H-numbers; numbers for tests
    born = year is not None and any(checks.in_calendar(day - d, month - m, year) for d, m in shifts)
    return born and checks.modulus_11(value[:10], _FODSEL) and checks.modulus_11(value, _ACCOUNT)


def _danish_person(value: str) -> bool:
    return _birth(digits_of(value), day_first=True)


def _finnish_person(value: str) -> bool:
    century = {"+": 1800} | dict.fromkeys("-UVWXY", 1900) | dict.fromkeys("ABCDEF", 2000)
    day, month, year = int(value[:2]), int(value[2:4]), int(value[4:6])
    born = checks.in_calendar(day, month, century[value[6]] + year)
    return born and value[7:10] >= "002" and checks.hetu_character(value[:6] + value[7:10]) == value[10]


def _ytunnus_value(text: str) -> str:
    digits = digits_of(text).zfill(8)
    return f"{digits[:7]}-{digits[7:]}"


def _kennitala(value: str) -> bool:
    digits = digits_of(value)
    born = _birth(digits, day_first=True, shifts=(0, 40))
    return born and digits[9] in "089" and checks.modulus_11(digits[:9], _ORGNR)


def _swedish_vat(value: str) -> bool:
    digits = value[2:]
    return digits[10:] != "00" and checks.luhn(digits[:10])


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _number(
    name: FieldKind,
    shape: str,
    holds: Callable[[str], bool],
    lengths: tuple[int, int],
    normal: Callable[[str], str] = digits_of,
    check: FieldCheck = "digit",
) -> Kind:
    return Kind(name, re.compile(rf"{shape}(?![0-9])(?![-.,]\d)"), normal, holds, check, lengths)


_RUN: Final = r"\d(?: ?\d)"

KINDS: Final[dict[FieldKind, Kind]] = {
    kind.name: kind
    for kind in (
        _number("iban", r"[A-Z]{2} ?\d{2}(?: ?[0-9A-Z]){11,30}", iban_holds, (15, 32), _plain),
        _number("se-vat", r"SE[ -]?\d{6} ?-? ?\d{4}[ -]?\d{2}", _swedish_vat, (12, 12), _plain),
        _number("se-orgnr", r"(?:16)?\d{6} ?[- ]? ?\d{4}", _swedish_company, (10, 12), _dashed(4)),
        _number(
            "se-personnummer", r"(?:18|19|20)?\d{6} ?[-+ ]? ?\d{4}", _swedish_person, (10, 12), _personnummer_value
        ),
        _number("se-bankgiro", r"\d{3,4} ?-? ?\d{4}", _luhn, (7, 8), _dashed(4)),
        _number("se-plusgiro", r"\d{1,3}(?: ?\d{1,3}){0,3} ?- ?\d", _luhn, (2, 8), _dashed(1)),
        _number("se-ocr", _RUN + "{1,24}", checks.luhn, (2, 25)),
        _number(
            "no-orgnr",
            r"(?:NO ?)?\d{3}[ .]?\d{3}[ .]?\d{3}(?: ?MVA)?",
            lambda v: v[0] in "89" and checks.modulus_11(v, _ORGNR),
            (9, 9),
        ),
        _number("no-fodselsnummer", r"\d{6}[ -]?\d{5}", _norwegian_person, (11, 11)),
        _number("no-account", r"\d{4}[. ]?\d{2}[. ]?\d{5}", lambda v: checks.modulus_11(v, _ACCOUNT), (11, 11)),
        _number("no-kid", _RUN + "{1,24}", lambda v: checks.luhn(v) or checks.kid_modulus_11(v), (2, 25)),
        _number(
            "dk-cvr", r"(?:DK[ -]?)?\d{2} ?\d{2} ?\d{2} ?\d{2}", lambda v: checks.modulus_11(v, _CVR), (8, 8)
        ),
        _number("dk-cpr", r"\d{6} ?[- ]? ?\d{4}", _danish_person, (10, 10), _dashed(4), "date"),
        _number(
            "fi-ytunnus",
            r"(?:FI[ -]?\d{8}|\d{6,7} ?- ?\d)",
            lambda v: checks.modulus_11(digits_of(v), _YTUNNUS),
            (7, 8),
            _ytunnus_value,
        ),
        Kind(
            "fi-hetu",
            re.compile(r"[0-3]\d[01]\d{3} ?[-+A-FU-Y] ?\d{3}[0-9A-FHJ-NPR-Y](?![0-9A-Za-z])"),
            lambda text: text.replace(" ", ""),
            _finnish_person,
            lengths=(9, 10),
        ),
        _number("fi-reference", _RUN + "{3,19}", checks.finnish_reference, (4, 20)),
        _number("is-kennitala", r"\d{6} ?[- ]? ?\d{4}", _kennitala, (10, 10), _dashed(4)),
        _number("rf-reference", r"RF ?\d{2}(?: ?[0-9A-Z]){1,21}", checks.modulus_97, (3, 23), _plain),
    )
}  # fmt: skip
"""Every kind of number with a check, by its name."""
