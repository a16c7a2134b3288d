"""Plain text: a line of print a line, a form feed between pages, as ``pdftotext`` and Tesseract write it."""

from __future__ import annotations

from nordocr.results import Document, Page


class TextFormat:
    """A :class:`nordocr.formats.base.Format` that streams."""

    suffix = ".txt"
    whole = False

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """The page's text, after a form feed from the second page on."""
        feed, self._begun = "\f" if self._begun else "", True
        text = self.text_of(page)
        return f"{feed}{text}\n" if text else feed

    def end(self, document: Document) -> str:
        """Nothing: all is written."""
        return ""

    def text_of(self, page: Page) -> str:
        """The page's text: lines in reading order."""
        return page.text
