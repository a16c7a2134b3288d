"""Plain text: one line per line of the page, a form feed between pages, as ``pdftotext`` and Tesseract write it."""

from __future__ import annotations

from nordocr.results import Document, Page


class TextFormat:
    """Plain text; a :class:`nordocr.formats.base.Format` that can be shown page by page."""

    suffix = ".txt"
    whole = False

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """Return the page's text, after a form feed from the second page on."""
        feed, self._begun = "\f" if self._begun else "", True
        text = self.text_of(page)
        return f"{feed}{text}\n" if text else feed

    def end(self, document: Document) -> str:
        """Return nothing: all pages are written."""
        return ""

    def text_of(self, page: Page) -> str:
        """Return the page's lines in reading order."""
        return page.text
