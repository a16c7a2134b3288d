"""Results to files: plain text, JSON, and more."""

from collections.abc import Callable
from typing import Final

from nordocr.formats.base import Format
from nordocr.formats.jsonfile import JsonFormat, JsonLinesFormat
from nordocr.formats.layout import LayoutTextFormat
from nordocr.formats.text import TextFormat

FORMATS: Final[dict[str, Callable[[], Format]]] = {
    "text": TextFormat,
    "layout": LayoutTextFormat,
    "json": JsonFormat,
    "jsonl": JsonLinesFormat,
}
"""Every output format by the name that the command line takes."""

__all__ = ["FORMATS", "Format"]
