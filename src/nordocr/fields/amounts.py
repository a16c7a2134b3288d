"""Amounts of money: a number with its currency before or behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CURRENCIES: Final = ["SEK", "NOK", "DKK", "ISK", "EUR", "USD", "GBP", "CHF"]
"""The currencies that are known by their code."""

_SIGNS: Final = {"€": "EUR", "£": "GBP", "$": "USD", "euro": "EUR", "kronor": "kr", "kroner": "kr", "krónur": "kr"}
_UNIT: Final = rf"(?:{'|'.join(CURRENCIES)}|[Kk]r|kronor|kroner|krónur|euro|[€£$])"
_NUMBER: Final = (
    r"(?P<minus>[-+])?(?P<whole>\d{1,3}(?:(?P<gap>[ .,'])\d{3})(?:(?P=gap)\d{3})*|\d+)(?:[.,:](?P<cents>\d{2}))?"
)
_BEFORE: Final = re.compile(rf"(?<![^\W\d_])(?P<unit>{_UNIT})\.?[ :]?{_NUMBER}(?P<dash>[,.:]-)?(?![\d%])(?![.,:]\d)")
_BEHIND: Final = re.compile(
    rf"(?<![\d.,:/])(?<!\d-){_NUMBER}(?: ?(?P<dash>[,:]-)(?: ?(?P<after>{_UNIT})(?!\w))?| ?(?P<unit>{_UNIT})(?!\w))"
)
_FIGURES_BEFORE: Final = re.compile(r"(?:^|[^\d.,])\d{1,3}(?:[ .,]\d{1,3})* $")
BARE: Final = re.compile(rf"{_NUMBER}(?P<dash>[,.:]-)?(?![\d%])(?![.,:]\d)")
"""A number as amounts are written, without a currency."""

UNIT: Final = re.compile(rf"(?<![^\W_])(?P<unit>{_UNIT})\.?\)?:?$")
"""A currency at the end of a text."""


@dataclass(frozen=True)
class AmountFound:
    """An amount in a text: where it stands, the number with a decimal point, and the currency.

    ``currency`` is an ISO 4217 code, or ``kr`` where no country is said.
    """

    start: int
    end: int
    value: str
    currency: str


def amounts_in(text: str) -> Iterator[AmountFound]:
    """Yield the amounts with currency in a text, from left to right."""
    at = 0
    while True:
        found = [match for match in (_BEFORE.search(text, at), _BEHIND.search(text, at)) if match is not None]
        if not found:
            return
        # A currency before a number is its own, for those behind the numbers to its left are taken already.
        match = min(found, key=lambda m: (m.start("whole"), m.re is _BEHIND))
        start = match.start() if match.re is _BEFORE else match.start("minus" if match["minus"] else "whole")
        at = match.end()
        if _torn(text[: match.start("whole")], match["whole"]):
            continue
        unit = match["unit"] or match.groupdict().get("after") or "kr"
        yield AmountFound(start, match.end(), value_of(match), currency_of(unit))


def _torn(before: str, whole: str) -> bool:
    """Decide whether an amount seems to be the end of a longer one: figures stand before it with no wide gap."""
    return (whole[0] == "0" and len(whole) > 1) or _FIGURES_BEFORE.search(before) is not None


def currency_of(unit: str) -> str:
    """Return the code of a currency as it is written; ``kr`` stays, for four countries have crowns."""
    return _SIGNS.get(unit.lower(), unit if unit in CURRENCIES else "kr")


def value_of(match: re.Match[str]) -> str:
    """Return a matched number with a decimal point and without gaps."""
    digits = re.sub(r"\D", "", match["whole"])
    cents = f".{match['cents']}" if match["cents"] else ""
    return f"{'-' if match['minus'] == '-' else ''}{digits}{cents}"
