"""IBAN (ISO 13616): the lengths of the countries that bank by it, and the check."""

from __future__ import annotations

import re
from typing import Final

from nordocr.fields.checks import modulus_97

LENGTHS: Final = {
    "AD": 24, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GI": 23, "GL": 18, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "RS": 22, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "TR": 26, "UA": 29, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country code: Europe and its neighbours."""

_BEGIN: Final = re.compile(r"(?<![0-9A-Za-z])([A-Z]{2}) ?\d{2}(?=[ 0-9A-Z])")


def iban_holds(value: str) -> bool:
    """Decide whether an IBAN without spaces has its country's length and the right check digits."""
    return LENGTHS.get(value[:2]) == len(value) and value[2:4].isdigit() and modulus_97(value)


def iban_spans(text: str) -> list[tuple[int, int]]:
    """Return where texts as long as an IBAN of their country stand, right or wrong.

    The length says where an IBAN ends, because words in capitals may follow it.
    """
    found = []
    for match in _BEGIN.finditer(text):
        wanted = LENGTHS.get(match[1], 0)
        at = match.start()
        while wanted and at < len(text) and (text[at] == " " or (text[at].isascii() and text[at].isalnum())):
            wanted -= text[at] != " "
            at += 1
        if match[1] in LENGTHS and not wanted and not text[at : at + 1].isalnum():
            found.append((match.start(), at))
    return found
