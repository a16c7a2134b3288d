"""Read page truth in ALTO and PAGE XML, told apart by the root element whatever the namespace and version."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from nordocr.data.corrected.xmlpages import alto_text, child_of, every, page_text, root_of, tag
from nordocr.errors import DataInvalid
from nordocr.evaluate.documents.placed import PlacedLine, PlacedPage, Reading, box_of
from nordocr.results import BBox


def parse_xml(data: bytes, path: Path) -> Reading:
    """Read the lines of an ALTO or PAGE file.

    Args:
        data: The file's content.
        path: The file, for sentences.

    Raises:
        DataInvalid: It is neither of the two, or damaged.
    """
    root = root_of(data, path)
    try:
        return _alto(root) if tag(root).lower() == "alto" else _page_xml(root)
    except (ValueError, OverflowError) as error:
        raise DataInvalid(f"{path} has a place that is no number: {error}.") from error


def _number(element: ElementTree.Element, name: str) -> float | None:
    value = element.get(name)
    return float(value) if value is not None else None


def _alto(root: ElementTree.Element) -> Reading:
    named = next(every(root, "fileName"), None)
    source = (named.text or "").strip() if named is not None else ""
    pages = []
    for index, page in enumerate(every(root, "Page")):
        lines = [line for element in every(page, "TextLine") if (line := _alto_line(element)) is not None]
        pages.append(PlacedPage(index, lines, _number(page, "WIDTH"), _number(page, "HEIGHT")))
    return Reading(source, pages)


def _alto_line(element: ElementTree.Element) -> PlacedLine | None:
    place = [_number(element, name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")]
    if any(value is None for value in place):
        return None
    x, y, width, height = (value or 0.0 for value in place)
    return PlacedLine(alto_text(element), box_of(x, y, width, height))


def _page_xml(root: ElementTree.Element) -> Reading:
    pages = []
    source = ""
    for index, page in enumerate(every(root, "Page")):
        source = source or page.get("imageFilename", "")
        lines = []
        for element in every(page, "TextLine"):
            coords = child_of(element, "Coords")
            box = _polygon_box(coords.get("points", "")) if coords is not None else None
            if box is not None:
                lines.append(PlacedLine(page_text(element), box))
        pages.append(PlacedPage(index, lines, _number(page, "imageWidth"), _number(page, "imageHeight")))
    return Reading(source, pages)


def _polygon_box(points: str) -> BBox | None:
    pairs = [tuple(map(float, point.split(","))) for point in points.split()]
    if len(pairs) < 2:
        return None
    xs, ys = [p[0] for p in pairs], [p[1] for p in pairs]
    return box_of(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
