"""What a line says by its form: an amount, a date, a dash for nothing, or text."""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["amount", "date", "dash", "text"]

_CURRENCY: Final = r"(?:kr|tkr|mkr|t?sek|m?sek|nok|dkk|isk|eur|usd|gbp|[€£$%]|t€|mnok|tnok|tdkk|mdkk|teur|meur)\.?"
_NUMBER: Final = r"\d{1,3}(?:[ .,'’]?\d{3})*(?:[.,:]\d{1,4}|[.,:][-–—])?|\d+(?:[.,:/]\d+)*"
_AMOUNT: Final = re.compile(
    rf"^\(?(?:{_CURRENCY})?\s?[-–—−+±]?\s?(?:{_CURRENCY})?\s?\(?(?:{_NUMBER})\s?\)?\s?[-–—−+]?\s?(?:{_CURRENCY})?\)?[*¹²³]?$",
    re.IGNORECASE,
)
_DASH: Final = re.compile(r"^[-–—−_~.·*]{1,3}$")
_YEAR: Final = r"(?:19|20)\d\d"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
# How the names of months begin in the Nordic languages and English.
_MONTH: Final = (
    r"(?:jan|feb|mar|apr|ma[jiíy]|j[uú]n|j[uú]l|aug|ág|sep|o[kc]t|n[oó]v|de[cs]|tammi|helmi|maalis|huhti|touko|kesä|heinä"
    r"|elo|syys|loka|marras|joulu)[^\W\d_]*\.?"
)
_DATES: Final = (
    rf"{_YEAR}(?:\s?[-/–—]\s?(?:{_YEAR}|\d\d))?",
    rf"{_YEAR}[-./ ]\d\d?[-./ ]{_DAY}\.?",
    rf"{_DAY}[./-]\s?\d\d?(?:[./-]\s?(?:{_YEAR}|\d\d)|\s{_YEAR})",
    rf"(?:{_DAY}\.?\s?)?{_MONTH}\s{_YEAR}",
    rf"{_YEAR}[-./]?\d\d",
)
_DATE: Final = re.compile(rf"^[-–—]?\s?(?:{'|'.join(_DATES)})(?:\s?[-–—].*{_YEAR}.*)?$", re.IGNORECASE)
# A number with a hyphen or a stroke in it names something: a company, a person, a case.
_IDENTIFIER: Final = re.compile(r"\d[-/]\d")
# What recognisers take a figure's digits for.
_LIKE_DIGITS: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "S": "5", "B": "8"})
# A figure misread in so few of its signs is one still.
_LETTERS: Final = 1
_DIGITS: Final = 3


def kind_of(text: str) -> Kind:
    """Return what a line is by its form; misread digits (``1O0``, ``O,O0``) do not make a figure a text."""
    text = " ".join(text.split())
    if _DATE.match(text):
        return "date"
    if _AMOUNT.match(text):
        return "amount"
    if _DASH.match(text):
        return "dash"
    mended = text.translate(_LIKE_DIGITS)
    if mended != text and any(c.isdigit() or c in "Oo" for c in text) and _AMOUNT.match(mended):
        return "amount"
    if _IDENTIFIER.search(text):
        return "text"
    letters, digits = sum(c.isalpha() for c in text), sum(c.isdigit() for c in text)
    return "amount" if letters <= _LETTERS and digits >= _DIGITS and " " not in text else "text"
