"""Results read back from their files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from nordocr.errors import InputMissing, InputUnreadable
from nordocr.invalid import first_fault
from nordocr.results.document import Document, Page


def read_result(path: Path) -> Document:
    """Return the document in a result file.

    Raises:
        InputMissing: There is no such file.
        InputUnreadable: It is not a result of nordocr.
    """
    if not path.is_file():
        raise InputMissing(f"There is no file {path}.")
    try:
        return Document.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise _unreadable(str(path), error) from error


class LazyDocument:
    """A result whose pages are checked when they are asked for: one of 500 pages opens in a quarter of the time.

    Args:
        head: The result without its pages.
        pages: Its pages by their numbers, checked or as JSON.
        name: The result's file, for sentences.
    """

    def __init__(self, head: Document, pages: Mapping[int, Page | dict[str, Any]], name: str = "") -> None:
        self.head = head
        self._pages, self._name = pages, name

    @classmethod
    def of(cls, document: Document) -> LazyDocument:
        """Return a document whose pages are checked already."""
        head = document.model_copy(update={"pages": []})
        return cls(head, {page.page_index: page for page in document.pages})

    @property
    def numbers(self) -> list[int]:
        """The numbers of its pages, from 0."""
        return sorted(self._pages)

    def page(self, index: int) -> Page:
        """Return a page.

        Raises:
            KeyError: There is none of this number.
            InputUnreadable: It is no page of a result.
        """
        page = self._pages[index]
        if isinstance(page, Page):
            return page
        try:
            return Page.model_validate(page)
        except ValidationError as error:
            raise _unreadable(self._name, error, f"pages.{index}.") from error

    def texts(self, index: int) -> list[tuple[str, float]]:
        """Return the text of each line of a page and the confidence of its least certain character, quickly.

        Raises:
            KeyError: There is no page of this number.
            InputUnreadable: It is no page of a result.
        """
        page = self._pages[index]
        if isinstance(page, Page):
            return [(line.text, min(line.char_confidences, default=line.confidence)) for line in page.lines]
        try:
            return [
                (str(line["text"]), float(min(line.get("char_confidences") or [line["confidence"]])))
                for line in page.get("lines", [])
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputUnreadable(f"{self._name} has something else than lines on page {index + 1}.") from error


def read_lazily(path: Path) -> LazyDocument:
    """Return the document in a result file; only what is said of the whole of it is checked now.

    Raises:
        InputMissing: There is no such file.
        InputUnreadable: It is not a result of nordocr.
    """
    if not path.is_file():
        raise InputMissing(f"There is no file {path}.")
    try:
        values = from_json(path.read_bytes())
        pages = values.pop("pages", []) if isinstance(values, dict) else None
        if not isinstance(pages, list):
            raise ValueError("it has no pages")
        head = Document.model_validate(values)
        return LazyDocument(head, {int(page["page_index"]): page for page in pages}, str(path))
    except ValidationError as error:
        raise _unreadable(str(path), error) from error
    except (ValueError, TypeError, KeyError) as error:
        raise InputUnreadable(f"{path} is not a result of nordocr process: {error}.") from error


def _unreadable(name: str, error: ValidationError, within: str = "") -> InputUnreadable:
    fault = within + first_fault(error, "" if within else "the file")
    return InputUnreadable(f"{name} is not a result of nordocr process: {fault}.")
