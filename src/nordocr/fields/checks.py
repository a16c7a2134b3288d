"""Check digits, each by its published rule, and the calendar. Digits are strings of ``0`` to ``9``."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import cycle
from typing import Final

_HETU: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_KID_WEIGHTS: Final = (2, 3, 4, 5, 6, 7)


def luhn(digits: str) -> bool:
    """Decide whether the last digit is the modulus-10 check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def modulus_11(digits: str, weights: Sequence[int]) -> bool:
    """Decide whether the last digit is the modulus-11 check digit of the others.

    Args:
        digits: The digits, the check digit last.
        weights: A weight for each digit before the check digit, whose own weight is 1.
    """
    return sum(int(d) * w for d, w in zip(digits, (*weights, 1), strict=True)) % 11 == 0


def modulus_97(text: str) -> bool:
    """Decide whether an IBAN or RF reference, without spaces and in capitals, has the right check digits (ISO 7064)."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def kid_modulus_11(digits: str) -> bool:
    """Decide whether the last digit of a Norwegian KID is its modulus-11 check digit."""
    pairs = zip(reversed(digits[:-1]), cycle(_KID_WEIGHTS), strict=False)
    check = -sum(int(digit) * weight for digit, weight in pairs) % 11
    return check < 10 and str(check) == digits[-1]


def finnish_reference(digits: str) -> bool:
    """Decide whether the last digit of a Finnish payment reference (viitenumero) is right: weights 7, 3, 1."""
    pairs = zip(reversed(digits[:-1]), cycle((7, 3, 1)), strict=False)
    return -sum(int(digit) * weight for digit, weight in pairs) % 10 == int(digits[-1])


def hetu_character(digits: str) -> str:
    """Return the check character of a henkilötunnus from its nine digits: birth date and number."""
    return _HETU[int(digits) % 31]


def in_calendar(day: int, month: int, year: int) -> bool:
    """Decide whether the calendar has this date."""
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return True


def in_some_century(day: int, month: int, year: int) -> bool:
    """Decide whether the date exists in any century; ``year`` has two digits."""
    return in_calendar(day, month, 1900 + year) or in_calendar(day, month, 2000 + year)
