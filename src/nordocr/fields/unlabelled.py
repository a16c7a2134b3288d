"""Numbers that are known without a label: by a form that nothing else has, or by form, check and country together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nordocr.fields.iban import iban_spans
from nordocr.fields.kinds import KINDS
from nordocr.results import FieldKind


@dataclass(frozen=True)
class _Form:
    """A form without a label.

    Attributes:
        kind: What it is.
        shape: How it is written.
        country: Where the page has to be from; empty for anywhere.
        wrong: Whether the form is told from others without its check, so that a wrong one is reported.
    """

    kind: FieldKind
    shape: re.Pattern[str]
    country: str
    wrong: bool


def _form(kind: FieldKind, shape: str, country: str = "", *, wrong: bool = False) -> _Form:
    return _Form(kind, re.compile(rf"(?<![0-9A-Za-z])(?<!\d[-.,]){shape}(?![0-9A-Za-z])(?![-.,]\d)"), country, wrong)


_FORMS: Final = (
    _form("se-vat", r"SE ?\d{10} ?01", wrong=True),
    _form("no-orgnr", r"(?:NO ?)?\d{3} ?\d{3} ?\d{3} ?MVA", wrong=True),
    _form("no-orgnr", r"NO ?\d{3} ?\d{3} ?\d{3}", wrong=True),
    _form("dk-cvr", r"DK[- ]?\d{8}", wrong=True),
    _form("fi-ytunnus", r"FI[- ]?\d{8}", wrong=True),
    _form("fi-ytunnus", r"\d{7}-\d", "FI"),
    _form("rf-reference", r"RF\d{2}(?: ?[0-9A-Z]){4,21}"),
    _form("fi-hetu", r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]"),
    _form("se-orgnr", r"\d{6}-\d{4}", "SE"),
    _form("se-personnummer", r"(?:18|19|20)?\d{6}[-+]\d{4}", "SE"),
    _form("no-fodselsnummer", r"\d{6} ?\d{5}", "NO"),
    _form("no-account", r"\d{4}\.\d{2}\.\d{5}", "NO"),
    _form("is-kennitala", r"\d{6}-\d{4}", "IS"),
)


def unlabelled(text: str, country: str | None) -> Iterator[tuple[FieldKind, int, int]]:
    """Yield what is a number by its form: kind, start and end in the text. One place may come more than once."""
    for start, end in iban_spans(text):
        yield "iban", start, end
    for form in _FORMS:
        if form.country and form.country != country:
            continue
        kind = KINDS[form.kind]
        for match in form.shape.finditer(text):
            if form.wrong or kind.holds(kind.normal(match[0])):
                yield form.kind, match.start(), match.end()
