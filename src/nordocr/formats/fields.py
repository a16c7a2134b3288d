"""The fields of a document as a table: tab-separated, a row for each date, amount and number."""

from __future__ import annotations

import re
from typing import Final

from nordocr.fields import find_fields
from nordocr.results import Document, Page, PageField

# What would end a cell or a row.
_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_HEADER: Final = "page\tline\tkind\tvalue\tvalid\tcurrency\ttext\tconfidence\tleft\ttop\twidth\theight"


class FieldsFormat:
    """A :class:`nordocr.formats.base.Format` of the pages' fields, which are found here where nobody did before.

    Pages and lines count from 1. ``valid`` is ``yes``, ``no``, or empty where there is no check.
    """

    suffix = ".fields.tsv"
    whole = False

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """Return the page's rows, after the header on the first page."""
        head = [] if self._begun else [_HEADER]
        self._begun = True
        return "".join(f"{row}\n" for row in [*head, *map(_row, page.fields or find_fields(page))])

    def end(self, document: Document) -> str:
        """Return the header alone where there was no page."""
        return "" if self._begun else _HEADER + "\n"


def _row(field: PageField) -> str:
    valid = {True: "yes", False: "no", None: ""}[field.valid]
    box = field.bbox
    cells = (
        field.page_index + 1, field.line + 1, field.kind, field.value, valid, field.currency, field.text,
        f"{100 * field.confidence:.2f}", box.x, box.y, box.width, box.height,
    )  # fmt: skip
    return "\t".join(_BREAKS.sub(" ", str(cell)) for cell in cells)
