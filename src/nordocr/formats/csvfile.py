"""Tables as comma-separated values (RFC 4180), all of a document in one file, an empty line between two."""

from __future__ import annotations

import csv
import io

from nordocr.results import Document, Page, Table


class CsvFormat:
    """A :class:`nordocr.formats.base.Format` that streams the tables of each page; the rest of a page is left out."""

    suffix = ".csv"
    whole = False

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """The page's tables."""
        parts = []
        for table in page.tables:
            parts.append(("\n" if self._begun else "") + table_csv(table))
            self._begun = True
        return "".join(parts)

    def end(self, document: Document) -> str:
        """Nothing: all is written."""
        return ""


def table_csv(table: Table) -> str:
    """Return a table as comma-separated values, each row with all columns.

    A cell that spans others stands in the first of them. Texts are as they were read, amounts too.
    """
    held = io.StringIO()
    csv.writer(held, lineterminator="\n").writerows(table.grid())
    return held.getvalue()
