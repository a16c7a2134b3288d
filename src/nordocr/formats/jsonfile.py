"""Results as JSON: one object per document, or one per page. ``docs/result.schema.json`` describes both."""

from __future__ import annotations

import json
from typing import Any

from nordocr.results import Document, Page


class JsonFormat:
    """One indented JSON object per document, as :class:`nordocr.results.Document` says, written page by page."""

    suffix = ".json"
    whole = True

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """Return the page, after the object's head or a comma."""
        before = "," if self._begun else self._head(source)
        self._begun = True
        return f"{before}\n{_indented(page.model_dump(), 2)}"

    def end(self, document: Document) -> str:
        """Return the keys that follow the pages."""
        head = "" if self._begun else self._head(document.source)
        closed = "\n ]" if self._begun else "]"
        rest = document.model_dump(exclude={"source", "pages"})
        tail = "".join(f",\n {json.dumps(key)}: {_indented(value, 1).lstrip()}" for key, value in rest.items())
        return f"{head}{closed}{tail}\n}}\n"

    def _head(self, source: str) -> str:
        return f'{{\n "source": {json.dumps(source, ensure_ascii=False)},\n "pages": ['


class JsonLinesFormat:
    """One JSON object per page, each on a line (https://jsonlines.org): ``source``, then the page's keys."""

    suffix = ".jsonl"
    whole = False

    def page(self, source: str, page: Page) -> str:
        """Return the page as one line."""
        return json.dumps({"source": source, **page.model_dump()}, ensure_ascii=False) + "\n"

    def end(self, document: Document) -> str:
        """Return nothing: all pages are written."""
        return ""


def _indented(value: Any, depth: int) -> str:
    """Return the value as ``json.dumps`` with an indent of 1 writes it ``depth`` levels down."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return " " * depth + text.replace("\n", "\n" + " " * depth)
