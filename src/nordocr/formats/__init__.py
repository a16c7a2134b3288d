"""Results to files: plain text, JSON, tables, the XML formats of archives, Markdown, searchable PDF."""

import importlib
from collections.abc import Callable
from typing import Any, Final

from nordocr.errors import UsageError
from nordocr.formats.about import About
from nordocr.formats.base import Format
from nordocr.formats.jsonfile import JsonFormat, JsonLinesFormat
from nordocr.formats.layout import LayoutTextFormat
from nordocr.formats.text import TextFormat


def _later(module: str, name: str) -> Callable[..., Format]:
    """Import a format when it is first asked for: most of them need a package that reading itself does not."""

    def make(*arguments: Any) -> Format:
        made: Format = getattr(importlib.import_module(f"nordocr.formats.{module}"), name)(*arguments)
        return made

    return make


FORMATS: Final[dict[str, Callable[[], Format]]] = {
    "text": TextFormat,
    "layout": LayoutTextFormat,
    "json": JsonFormat,
    "jsonl": JsonLinesFormat,
    "tsv": _later("tsv", "TsvFormat"),
    "hocr": _later("hocr", "HocrFormat"),
    "alto": _later("alto", "AltoFormat"),
    "page": _later("page", "PageFormat"),
    "md": _later("markdown", "MarkdownFormat"),
    "csv": _later("csvfile", "CsvFormat"),
    "fields": _later("fields", "FieldsFormat"),
}
"""Every format that is text, by the name that the command line takes."""

BINARY: Final = {"xlsx": ".xlsx", "pdf": ".pdf"}
"""The formats that are no text, which :mod:`nordocr.formats.writing` writes, with their suffixes."""

NAMES: Final = (*FORMATS, *BINARY)
"""The names of all formats."""

_TAKE_ABOUT: Final = frozenset({"hocr", "alto", "page"})


def open_format(name: str, about: About | None = None) -> Format:
    """Return a format for one document.

    Args:
        name: One of :data:`FORMATS`.
        about: What the file says of itself, in the formats that have a place for it.

    Raises:
        UsageError: There is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"There is no format {name!r}; the formats are {', '.join(NAMES)}.")
    make: Callable[..., Format] = FORMATS[name]
    return make(about) if name in _TAKE_ABOUT else make()


__all__ = ["BINARY", "FORMATS", "NAMES", "About", "Format", "open_format"]
