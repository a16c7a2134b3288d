"""Read page truth in ALTO and PAGE XML, told apart by the root element whatever the namespace and version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from nordocr.errors import DataInvalid
from nordocr.evaluate.documents.placed import PlacedLine, PlacedPage, Reading, box_of
from nordocr.results import BBox


def parse_xml(data: bytes, path: Path) -> Reading:
    """Read the lines of an ALTO or PAGE file.

    A document type declaration is refused: neither format needs one, and entities can be made to grow without bound.

    Args:
        data: The file's content.
        path: The file, for sentences.

    Raises:
        DataInvalid: It is neither of the two, or damaged.
    """
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", data.replace(b"\0", b""), re.IGNORECASE):
        raise DataInvalid(f"{path} has a document type declaration, which ALTO and PAGE files do not need.")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DataInvalid(f"{path} is not well-formed XML: {error}.") from error
    kind = _tag(root).lower()
    try:
        if kind == "alto":
            return _alto(root)
        if kind == "pcgts":
            return _page_xml(root)
    except (ValueError, OverflowError) as error:
        raise DataInvalid(f"{path} has a place that is no number: {error}.") from error
    raise DataInvalid(f"{path} is neither ALTO nor PAGE XML: its root is {_tag(root)!r}.")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _all(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (child for child in element.iter() if _tag(child) == name)


def _first(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element if _tag(child) == name), None)


def _number(element: ElementTree.Element, name: str) -> float | None:
    value = element.get(name)
    return float(value) if value is not None else None


def _alto(root: ElementTree.Element) -> Reading:
    named = next(_all(root, "fileName"), None)
    source = (named.text or "").strip() if named is not None else ""
    pages = []
    for index, page in enumerate(_all(root, "Page")):
        lines = [line for element in _all(page, "TextLine") if (line := _alto_line(element)) is not None]
        pages.append(PlacedPage(index, lines, _number(page, "WIDTH"), _number(page, "HEIGHT")))
    return Reading(source, pages)


def _alto_line(element: ElementTree.Element) -> PlacedLine | None:
    """Return a line with its spaces; a hyphen at the end (HYP) is part of the text."""
    parts: list[str] = []
    for child in element:
        if _tag(child) in ("String", "HYP"):
            parts.append(child.get("CONTENT", ""))
        elif _tag(child) == "SP":
            parts.append(" ")
    if not any(_tag(child) == "SP" for child in element):  # SP is optional in the standard
        words = [child.get("CONTENT", "") for child in element if _tag(child) == "String"]
        hyphen = [child.get("CONTENT", "") for child in element if _tag(child) == "HYP"]
        parts = [" ".join(words), *hyphen]
    place = [_number(element, name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
    if any(value is None for value in place):
        return None
    x, y, width, height = (value or 0.0 for value in place)
    return PlacedLine("".join(parts), box_of(x, y, width, height))


def _page_xml(root: ElementTree.Element) -> Reading:
    pages = []
    source = ""
    for index, page in enumerate(_all(root, "Page")):
        source = source or page.get("imageFilename", "")
        lines = []
        for element in _all(page, "TextLine"):
            coords = _first(element, "Coords")
            box = _polygon_box(coords.get("points", "")) if coords is not None else None
            if box is not None:
                lines.append(PlacedLine(_page_text(element), box))
        pages.append(PlacedPage(index, lines, _number(page, "imageWidth"), _number(page, "imageHeight")))
    return Reading(source, pages)


def _page_text(line: ElementTree.Element) -> str:
    """Return the line's own text, of several the one with the lowest index, or else its words'."""
    own = [child for child in line if _tag(child) == "TextEquiv"]
    if own:
        best = min(own, key=lambda e: int(e.get("index", "0")))
        return _unicode(best)
    return " ".join(_page_text(word) for word in line if _tag(word) == "Word")


def _unicode(equiv: ElementTree.Element) -> str:
    found = _first(equiv, "Unicode")
    return (found.text or "").strip() if found is not None else ""


def _polygon_box(points: str) -> BBox | None:
    pairs = [tuple(map(float, point.split(","))) for point in points.split()]
    if len(pairs) < 2:
        return None
    xs, ys = [p[0] for p in pairs], [p[1] for p in pairs]
    return box_of(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
