"""Files of lines with places: results of engines, and page truth, all brought to one shape.

Read here: nordocr's result JSON (one document, ``{"documents": [...]}`` of several, or a page a line), the older page
JSON (one page, boxes as ``[x, y, w, h]``), ALTO (any version, https://www.loc.gov/standards/alto/) and PAGE XML
(https://github.com/PRImA-Research-Lab/PAGE-XML). Other keys and elements are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nordocr.detect.orientation import TURNS
from nordocr.errors import DataInvalid, InputMissing
from nordocr.evaluate.documents.pagexml import parse_xml
from nordocr.evaluate.documents.placed import PlacedLine, PlacedPage, Reading, box_of
from nordocr.jsontext import load_json


def read_readings(path: Path) -> list[Reading]:
    """Read all documents of a file; its content tells the format.

    Raises:
        InputMissing: There is no such file.
        DataInvalid: It is none of the formats, or damaged.
    """
    data = _bytes(path)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return [parse_xml(data, path)]
    return readings_of(_values(data, path), path)


def read_values(path: Path) -> list[Any]:
    """Read the JSON values of a file: one, or one per line.

    Raises:
        InputMissing: There is no such file.
        DataInvalid: It is not JSON in UTF-8.
    """
    return _values(_bytes(path), path)


def readings_of(values: Sequence[Any], path: Path) -> list[Reading]:
    """Return the documents in JSON values that :func:`read_values` read from ``path``.

    Raises:
        DataInvalid: They are not results or pages.
    """
    try:
        return _documents(values, path)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DataInvalid(f"{path} is no result or page JSON: {type(error).__name__} {error}.") from error


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputMissing(f"There is no file {path}.")
    return path.read_bytes()


def _values(data: bytes, path: Path) -> list[Any]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8.") from error
    try:
        return [load_json(text)]
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise DataInvalid(f"{path} is not JSON: {error}.") from error
        try:
            return [load_json(line) for line in lines]
        except ValueError:
            raise DataInvalid(f"{path} is not JSON: {error}.") from error


def _documents(values: Sequence[Any], path: Path) -> list[Reading]:
    first = values[0]
    if len(values) > 1 or (isinstance(first, dict) and "page_index" in first):
        by_source: dict[str, Reading] = {}
        for value in values:
            reading = by_source.setdefault(str(value.get("source", "")), Reading(str(value.get("source", "")), []))
            reading.pages.append(_page(value, len(reading.pages)))
        return list(by_source.values())
    if isinstance(first, list):
        return [_document(value) for value in first]
    if "documents" in first:
        return [_document(value) for value in first["documents"]]
    if "pages" in first:
        return [_document(first)]
    if "lines" in first:
        return [Reading(str(first.get("image", "")), [_page(first, 0)])]
    raise DataInvalid(f"{path} is no result or page JSON: it has neither 'pages' nor 'lines'.")


def _document(value: Mapping[str, Any]) -> Reading:
    pages = [_page(page, number) for number, page in enumerate(value["pages"])]
    engine = value.get("engine", {})
    timing = {str(k): float(v) for k, v in (value.get("timing") or {}).items() if isinstance(v, int | float)}
    named = dict(engine) if isinstance(engine, dict) else {"name": str(engine)}
    return Reading(str(value.get("source", "")), pages, named, timing)


def _page(value: Mapping[str, Any], number: int) -> PlacedPage:
    lines = [_line(line) for line in value["lines"]]
    index = value.get("page_index", number)
    if not isinstance(index, int) or index < 0:
        raise ValueError(f"page_index {index!r}")
    rotation = value.get("rotation", 0)
    if rotation not in TURNS:
        raise ValueError(f"rotation {rotation!r}")
    width, height = value.get("width"), value.get("height")
    return PlacedPage(index, lines, float(width) if width else None, float(height) if height else None, rotation)


def _line(value: Mapping[str, Any]) -> PlacedLine:
    given = value["bbox"]
    x, y, w, h = (given[k] for k in ("x", "y", "width", "height")) if isinstance(given, dict) else given
    confidence = value.get("confidence")
    return PlacedLine(
        str(value.get("text") or ""),
        box_of(float(x), float(y), float(w), float(h)),
        min(max(float(confidence), 0.0), 1.0) if confidence is not None else None,
    )
