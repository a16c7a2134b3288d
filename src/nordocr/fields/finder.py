"""Find the fields of a page: payment lines, labelled numbers, numbers known by their form, dates, amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from nordocr.fields.amounts import BARE, UNIT, amounts_in, currency_of, value_of
from nordocr.fields.dates import dates_in
from nordocr.fields.iban import iban_spans
from nordocr.fields.kinds import KINDS, Kind, digits_of
from nordocr.fields.labels import Label, country_of, labels_in
from nordocr.fields.payments import payment_lines
from nordocr.fields.rows import Row, around, beside_and_below, rows_of
from nordocr.fields.unlabelled import unlabelled
from nordocr.results import Page, PageField

_LOOKALIKES: Final = str.maketrans("OoQDlI|iSsBZzGgb", "0000111155822696")
_COMPACT_DATE: Final = re.compile(r"(?:19|20)\d{6}(?!\d)")
_PREFIXED: Final = frozenset({"iban", "se-vat", "fi-ytunnus"})
_ANY_PREFIXED: Final = re.compile(r"[0-9A-Z](?:[ -]?[0-9A-Zl|]){6,33}(?![0-9A-Za-z])")
_ANY_NUMBER: Final = re.compile(r"[0-9][0-9 .-]*[0-9]")


def find_fields(page: Page) -> list[PageField]:
    """Return the dates, amounts and numbers on a page, in the order of its lines.

    A number whose check fails is given with ``valid: false``, as it was read. What neither a label nor its form tells
    from any other number is left out.
    """
    search = _Search(page)
    search.payment_lines()
    search.labelled()
    search.by_form()
    search.dates()
    search.amounts()
    return [field for _, field in sorted(search.found, key=lambda item: item[0])]


def with_fields(page: Page) -> Page:
    """Return the page with its fields."""
    return page.model_copy(update={"fields": find_fields(page)})


class _Search:
    """The fields found so far; what belongs to one is not searched again."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rows = rows_of(page)
        self.country = country_of(row.text for row in self.rows)
        self.found: list[tuple[tuple[int, int], PageField]] = []

    def payment_lines(self) -> None:
        for row in self.rows:
            for line in payment_lines(row.text):
                told = {"kind": line.kind, "value": line.value, "parts": line.parts, "failed": line.failed}
                self._add(row, line.start, line.end, told | {"valid": not line.failed})

    def labelled(self) -> None:
        for row in self.rows:
            labels = [*labels_in(row.text)]
            for number, label in enumerate(labels):
                end = labels[number + 1].start if number + 1 < len(labels) else len(row.text)
                if not row.free(label.start, label.end):
                    continue
                if row.text[label.value : end].strip():
                    self._take_value(row, label.value, end, label)
                    continue
                box = around(row.boxes(label.start, label.end))
                for other, at in beside_and_below(box, row, self.rows):
                    if self._take_value(other, at, len(other.text), label):
                        break

    def _take_value(self, row: Row, at: int, end: int, label: Label) -> bool:
        """Report what stands at a label's place for its value; say whether there was anything."""
        text = row.text[:end]
        if label.kinds == ("date",):
            return self._compact_date(row, text, at)
        kinds = [KINDS[name] for name in label.kinds if name != "dk-cpr" or self._is_danish(label)]
        for plain in (text, text[:at] + _figures(text[at:])):
            fitting = [(kind, stop) for kind in kinds if (stop := _fit(kind, plain, at)) is not None]
            if plain != text:
                fitting = [(kind, stop) for kind, stop in fitting if _mostly_digits(text[at:stop])]
            for wanted in (True, False):
                for kind, stop in fitting:
                    holds = plain == text and kind.holds(kind.normal(text[at:stop]))
                    if holds is wanted and row.free(at, stop):
                        self._report(row, kind, at, stop, valid=holds, fits=plain == text)
                        return True
        return self._misread(row, text, at, kinds)

    def _is_danish(self, label: Label) -> bool:
        return self.country == "DK" or label.kinds == ("dk-cpr",)

    def _misread(self, row: Row, text: str, at: int, kinds: Sequence[Kind]) -> bool:
        """Report a number with a digit too many or too few behind a label that names one kind."""
        prefixed = any(kind.name in _PREFIXED for kind in kinds)
        match = (_ANY_PREFIXED if prefixed else _ANY_NUMBER).match(text, at)
        if match is None or not row.free(at, match.end()) or not _mostly_digits(match[0]):
            return False
        count = len(digits_of(match[0].translate(_LOOKALIKES))) - (2 if match[0][:2].isalpha() else 0)
        home = (self.country or "").lower()
        for kind in sorted(kinds, key=lambda kind: not kind.name.startswith(f"{home}-")):
            least, most = kind.lengths
            if least >= 7 and least - 2 * prefixed - 1 <= count <= most + 1:
                self._report(row, kind, at, match.end(), valid=False, fits=False)
                return True
        return False

    def _compact_date(self, row: Row, text: str, at: int) -> bool:
        match = _COMPACT_DATE.match(text, at)
        if match is None or not row.free(at, match.end()):
            return False
        value = f"{match[0][:4]}-{match[0][4:6]}-{match[0][6:]}"
        date = next(dates_in(value), None)
        if date is None:
            return False
        self._add(row, at, match.end(), {"kind": "date", "value": value, "valid": date.valid, "check": "date"})
        return True

    def by_form(self) -> None:
        for row in self.rows:
            for name, start, end in unlabelled(row.text, self.country):
                if row.free(start, end):
                    kind = KINDS[name]
                    self._report(row, kind, start, end, valid=kind.holds(kind.normal(row.text[start:end])))

    def dates(self) -> None:
        for row in self.rows:
            for date in dates_in(row.text):
                if row.free(date.start, date.end):
                    told = {"kind": "date", "value": date.value, "valid": date.valid, "check": "date"}
                    self._add(row, date.start, date.end, told)

    def amounts(self) -> None:
        for row in self.rows:
            for amount in amounts_in(row.text):
                if row.free(amount.start, amount.end):
                    self._amount(row, amount.start, amount.end, amount.value, amount.currency)
        for row in self.rows:
            unit = UNIT.search(row.text)
            if unit is None or not row.free(unit.start(), unit.end()):
                continue
            box = around(row.boxes(unit.start(), unit.end()))
            for other, at in [*beside_and_below(box, row, self.rows)][:1]:
                bare = BARE.match(other.text, at)
                if bare is not None and bare["cents"] and at == 0 and other.free(0, bare.end()):
                    self._amount(other, 0, bare.end(), value_of(bare), currency_of(unit["unit"]))

    def _amount(self, row: Row, start: int, end: int, value: str, currency: str) -> None:
        told = {"kind": "amount", "value": value, "valid": None, "check": "none", "currency": currency}
        self._add(row, start, end, told)

    def _report(self, row: Row, kind: Kind, start: int, end: int, *, valid: bool, fits: bool = True) -> None:
        text = row.text[start:end]
        value = kind.normal(text) if fits else text.replace(" ", "")
        self._add(row, start, end, {"kind": kind.name, "value": value, "valid": valid, "check": kind.check})

    def _add(self, row: Row, start: int, end: int, told: Mapping[str, object]) -> None:
        boxes = row.boxes(start, end)
        field = PageField.model_validate(
            {
                "text": row.line.text[start:end],
                "check": "digit",
                "page_index": self.page.page_index,
                "line": row.number,
                "confidence": row.confidence(start, end),
                "bbox": around(boxes),
                "boxes": boxes,
                **told,
            }
        )
        row.taken.append((start, end))
        self.found.append(((row.number, start), field))


def _fit(kind: Kind, text: str, at: int) -> int | None:
    """Return where a number of this kind ends that begins at ``at``; None where none does."""
    if kind.name == "iban":
        return next((stop for start, stop in iban_spans(text) if start == at), None)
    match = kind.shape.match(text, at)
    return match.end() if match is not None else None


def _figures(text: str) -> str:
    """Return a text with figures for letters that look like them, but for the two of a country before a number."""
    head = 2 if text[:2].isalpha() and text[:2].isupper() else 0
    return text[:head] + text[head:].translate(_LOOKALIKES)


def _mostly_digits(text: str) -> bool:
    signs = [char for char in text if char.isalnum()]
    return 2 * sum(char.isdigit() for char in signs) > len(signs)
