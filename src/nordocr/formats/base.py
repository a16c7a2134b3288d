"""The one interface of every output format, and the formats by name."""

from __future__ import annotations

from typing import Protocol

from nordocr.results import Document, Page


class Format(Protocol):
    """Turns the results of one document into text, page by page. Use a new object for each document."""

    suffix: str
    """The suffix of files in this format, with its dot."""

    whole: bool
    """Whether part of the output is useless alone, so that it must be shown only when it is complete."""

    def page(self, source: str, page: Page) -> str:
        """Return what can be written now that a page is read.

        Args:
            source: The path of the input, as it was given.
            page: The page, in the order of the file.

        Returns:
            Text to write; empty if the format has to wait.
        """
        ...

    def end(self, document: Document) -> str:
        """Return what remains to be written now that the whole document is read.

        Args:
            document: The document; it need not contain its pages, which were given to :meth:`page`.
        """
        ...
