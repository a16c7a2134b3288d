"""The lines that payment slips have for machines: the Swedish OCR line and the Danish FIK line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from nordocr.fields.checks import luhn
from nordocr.results import FieldKind

_MISREAD: Final = r"[0-9OoQDIlSBZG]"
"""A digit, or a letter that one is misread as."""

_OCR_LINE: Final = re.compile(
    rf"(?:# ?)?(?<![^\W_])(?P<reference>{_MISREAD}{{2,25}})(?: ?(?P<hash>#) ?| (?P<other>\S) )"
    r"(?:(?P<crowns>\d{1,8})\s?(?P<ore>(?<=\s)\d\d)\s?(?P<check>\d))?\s?>\s?"
    r"(?P<account>\d{2,8})\s?#\s?(?P<type>\d\d)\s?#?"
)
_FIK: Final = re.compile(
    r"[+>]?(?<!\d)(?P<type>01|04|15|71|73|75)\s?<\s?(?P<reference>[0-9OoQDIlSBZG]{13,19})?"
    r"\s?\+\s?(?P<account>\d{6,9})\s?<"
)
_GIRO: Final = frozenset({"01", "04", "15"})
_FIK_LENGTHS: Final = {"04": 16, "15": 16, "71": 15, "75": 16}


@dataclass(frozen=True)
class PaymentLine:
    """A payment line: where it stands, its parts by name, and the names of those whose check digit is wrong."""

    kind: FieldKind
    start: int
    end: int
    value: str
    parts: dict[str, str]
    failed: list[str] = field(default_factory=list)


def payment_lines(text: str) -> Iterator[PaymentLine]:
    """Yield the payment lines in a text."""
    for match in _OCR_LINE.finditer(text):
        yield _swedish(match)
    for match in _FIK.finditer(text):
        yield _danish(match)


def _swedish(match: re.Match[str]) -> PaymentLine:
    parts = {"reference": match["reference"], "account": match["account"]}
    failed = [name for name, digits in parts.items() if not _holds(digits)]
    if match["hash"] is None and "reference" not in failed:  # where it ends was misread
        failed.append("reference")
    if match["crowns"]:
        parts["amount"] = f"{int(match['crowns'])}.{match['ore']}"
        if not luhn(match["crowns"] + match["ore"] + match["check"]):
            failed.append("amount")
    value = re.sub(r"\s+", " ", match[0].strip())
    return PaymentLine("se-ocr-line", match.start(), match.end(), value, parts, failed)


def _holds(digits: str) -> bool:
    return digits.isdigit() and luhn(digits)


def _danish(match: re.Match[str]) -> PaymentLine:
    reference, wanted = match["reference"] or "", _FIK_LENGTHS.get(match["type"], 0)
    parts = {"account": match["account"]}
    lengths = (7, 8) if match["type"] in _GIRO else (8,)
    failed = ["account"] if len(match["account"]) not in lengths else []
    if reference or wanted:
        parts["reference"] = reference
        if len(reference) != wanted or not _holds(reference):
            failed.append("reference")
    value = f"+{match['type']}<{reference}+{match['account']}<"
    return PaymentLine("dk-fik", match.start(), match.end(), value, parts, failed)
