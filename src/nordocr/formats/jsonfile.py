"""The result as JSON, whole or a page a line. ``docs/result.schema.json`` describes both."""

from __future__ import annotations

import json

from nordocr.results import Document, Page


class JsonFormat:
    """One indented JSON object a document, in the shape of :class:`nordocr.results.Document`."""

    suffix = ".json"

    def page(self, source: str, page: Page) -> str:
        """Nothing yet: timing and engine belong to the whole."""
        return ""

    def end(self, document: Document) -> str:
        """The document."""
        return json.dumps(document.model_dump(), ensure_ascii=False, indent=1) + "\n"


class JsonLinesFormat:
    """One JSON object a page and line (https://jsonlines.org): the page's keys, after ``source``."""

    suffix = ".jsonl"

    def page(self, source: str, page: Page) -> str:
        """The page."""
        return json.dumps({"source": source, **page.model_dump()}, ensure_ascii=False) + "\n"

    def end(self, document: Document) -> str:
        """Nothing: all is written."""
        return ""
