"""The one interface of every output format, and the formats by name."""

from __future__ import annotations

from typing import Protocol

from nordocr.results import Document, Page


class Format(Protocol):
    """Turns results into text as they come; one object a document."""

    suffix: str
    """Of the files that hold this format, with its dot."""

    whole: bool
    """Whether a part of the output is worth nothing alone, so that it should only be shown once all of it is there."""

    def page(self, source: str, page: Page) -> str:
        """What can be written once ``page`` of the file ``source`` is read; empty where the format must wait."""
        ...

    def end(self, document: Document) -> str:
        """What remains to be written once the whole document is read.

        ``document`` need not hold its pages any more: they have all been given to :meth:`page`.
        """
        ...
