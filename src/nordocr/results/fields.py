"""Fields of a page: dates, amounts and numbers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from nordocr.results.lines import STRICT, BBox

FieldKind = Literal[
    "date", "amount", "iban", "rf-reference",
    "se-orgnr", "se-vat", "se-personnummer", "se-bankgiro", "se-plusgiro", "se-ocr", "se-ocr-line",
    "no-orgnr", "no-fodselsnummer", "no-account", "no-kid",
    "dk-cvr", "dk-cpr", "dk-fik",
    "fi-ytunnus", "fi-hetu", "fi-reference",
    "is-kennitala",
]  # fmt: skip
"""The kinds of fields: the country first where a number is one country's own."""

FieldCheck = Literal["digit", "date", "none"]


class PageField(BaseModel):
    """A date, amount or number that was found on a page (``docs/fields.md``). Nothing in it is corrected.

    Attributes:
        kind: What it is.
        text: What was read.
        value: The same as software takes it: dates as ISO 8601, amounts with a decimal point, numbers without spaces.
        valid: Whether the check holds; null where there is none.
        check: What ``valid`` rests on: a check digit (``digit``), the calendar alone (``date``), or nothing (``none``).
        currency: The currency of an amount: its ISO 4217 code, or ``kr``.
        parts: The parts of a payment line: ``reference``, ``amount``, ``account``.
        failed: The parts of a payment line whose check digit is wrong.
        page_index: The page's number in its file, from 0.
        line: The number of its line among the page's lines, from 0.
        confidence: The least confidence of its words.
        bbox: The box around it.
        boxes: The boxes of its characters where these were asked for, else of its words.
    """

    model_config = STRICT

    kind: FieldKind
    text: str
    value: str
    valid: bool | None
    check: FieldCheck
    currency: str = ""
    parts: dict[str, str] = {}
    failed: list[str] = []
    page_index: int = Field(ge=0)
    line: int = Field(ge=0)
    confidence: float = Field(ge=0.0, le=1.0)
    bbox: BBox
    boxes: list[BBox]

    @model_serializer(mode="wrap")
    def _without_parts(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        for name in ("currency", "parts", "failed"):
            if not getattr(self, name):
                values.pop(name, None)
        return values
