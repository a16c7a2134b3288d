"""The one interface of every output format, and the formats by name."""

from __future__ import annotations

from typing import Protocol

from nordocr.results import Document, Page


class Format(Protocol):
    """Turns results into text as they come; one object a document."""

    suffix: str
    """Of the files that hold this format, with its dot."""

    def page(self, source: str, page: Page) -> str:
        """What can be written once ``page`` of the file ``source`` is read; empty where the format must wait."""
        ...

    def end(self, document: Document) -> str:
        """What remains to be written once the whole document is read."""
        ...
