"""Lines of PAGE and ALTO files with their polygons, as eScriptorium, Transkribus and others write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from nordocr.errors import DataInvalid

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_UNSEEN: Final = "NEW"
"""The status that Transkribus gives a page which nobody has worked on."""


@dataclass(frozen=True)
class XmlLine:
    """One line.

    Attributes:
        id: Its name in the file, its number where it has none.
        text: Its text; empty where it has none.
        polygon: Its corners, float ``[n, 2]`` as x, y in the file's units; four where it has only a box.
    """

    id: str
    text: str
    polygon: npt.NDArray[np.float64]


@dataclass(frozen=True)
class XmlPage:
    """One page.

    Attributes:
        image: The name of its image, as the file says it.
        width: Its width in the file's units, 0 if not said.
        height: Its height in the file's units, 0 if not said.
        lines: Its lines that have a place.
        seen: Whether a person has worked on it, as far as the file tells: Transkribus says where nobody has.
        who: The program or person that the file names as its creator.
    """

    image: str
    width: float
    height: float
    lines: list[XmlLine]
    seen: bool = True
    who: str = ""


def read_xml_pages(path: Path) -> list[XmlPage]:
    """Read the pages of a PAGE or ALTO file.

    Raises:
        DataInvalid: It is neither of the two, or damaged.
    """
    try:
        root = root_of(path.read_bytes(), path)
    except OSError as error:
        raise DataInvalid(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return _alto(root) if tag(root).lower() == "alto" else _page(root)
    except (ValueError, OverflowError) as error:
        raise DataInvalid(f"{path} has a place that is no number: {error}.") from error


def _alto(root: ElementTree.Element) -> list[XmlPage]:
    named = next(every(root, "fileName"), None)
    image = (named.text or "").strip() if named is not None else ""
    return [XmlPage(image, *_size(page, "WIDTH", "HEIGHT"), _alto_lines(page)) for page in every(root, "Page")]


def _page(root: ElementTree.Element) -> list[XmlPage]:
    creator = next(every(root, "Creator"), None)
    who = " ".join((creator.text or "").split()) if creator is not None else ""
    status = next(every(root, "TranskribusMetadata"), None)
    seen = status is None or status.get("status", "") != _UNSEEN
    pages: list[XmlPage] = []
    for page in every(root, "Page"):
        width, height = _size(page, "imageWidth", "imageHeight")
        pages.append(XmlPage(page.get("imageFilename", ""), width, height, _page_lines(page), seen, who))
    return pages


def root_of(data: bytes, path: Path) -> ElementTree.Element:
    """Parse an ALTO or PAGE file.

    A document type declaration is refused: neither format needs one, and entities can be made to grow without bound.

    Args:
        data: The file's content.
        path: The file, for sentences.

    Returns:
        Its root, whose tag is ``alto`` or ``PcGts`` in any namespace.

    Raises:
        DataInvalid: It is neither of the two, or damaged.
    """
    if re.search(rb"<!\s*(DOCTYPE|ENTITY)", data.replace(b"\0", b""), re.IGNORECASE):
        raise DataInvalid(f"{path} has a document type declaration, which ALTO and PAGE files do not need.")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DataInvalid(f"{path} is not well-formed XML: {error}.") from error
    if tag(root).lower() not in ("alto", "pcgts"):
        raise DataInvalid(f"{path} is neither ALTO nor PAGE XML: its root is {tag(root)!r}.")
    return root


def tag(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def every(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Return the elements below one that have a name, in any namespace."""
    return (child for child in element.iter() if tag(child) == name)


def child_of(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """Return the first child with a name, None where there is none."""
    return next((child for child in element if tag(child) == name), None)


def alto_text(element: ElementTree.Element) -> str:
    """Return the text of an ALTO line with its spaces; a hyphen at the end (HYP) is part of it."""
    parts: list[str] = []
    for child in element:
        if tag(child) in ("String", "HYP"):
            parts.append(child.get("CONTENT", ""))
        elif tag(child) == "SP":
            parts.append(" ")
    if not any(tag(child) == "SP" for child in element):  # SP is optional in the standard
        words = [child.get("CONTENT", "") for child in element if tag(child) == "String"]
        hyphen = [child.get("CONTENT", "") for child in element if tag(child) == "HYP"]
        parts = [" ".join(words), *hyphen]
    return "".join(parts)


def page_text(line: ElementTree.Element) -> str:
    """Return the own text of a PAGE line, of several the one with the lowest index, or else its words'."""
    own = [child for child in line if tag(child) == "TextEquiv"]
    if not own:
        return " ".join(page_text(word) for word in line if tag(word) == "Word")
    found = child_of(min(own, key=lambda e: int(e.get("index", "0"))), "Unicode")
    return (found.text or "").strip() if found is not None else ""


def corners(points: str) -> npt.NDArray[np.float64] | None:
    """Return a polygon's corners, float ``[n, 2]``: ``x,y x,y`` as PAGE has them or any numbers in turn, as in ALTO.

    Fewer than two corners are None; two are those of a box.
    """
    numbers = [float(value) for value in _NUMBER.findall(points)]
    if len(numbers) < 4:
        return None
    found = np.array(numbers[: len(numbers) // 2 * 2], dtype=np.float64).reshape(-1, 2)
    return found if len(found) > 2 else _box_corners(*found.min(axis=0), *(np.ptp(found, axis=0)))


def _box_corners(x: float, y: float, width: float, height: float) -> npt.NDArray[np.float64]:
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], dtype=np.float64)


def _size(page: ElementTree.Element, width: str, height: str) -> tuple[float, float]:
    try:
        return float(page.get(width, "0")), float(page.get(height, "0"))
    except ValueError:
        return 0.0, 0.0


def _alto_lines(page: ElementTree.Element) -> list[XmlLine]:
    lines: list[XmlLine] = []
    for number, element in enumerate(every(page, "TextLine")):
        shape = child_of(element, "Shape")
        drawn = child_of(shape, "Polygon") if shape is not None else None
        polygon = corners(drawn.get("POINTS", "")) if drawn is not None else None
        if polygon is None:
            place = " ".join(element.get(name, "") for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
            numbers = [float(value) for value in _NUMBER.findall(place)]
            polygon = _box_corners(*numbers) if len(numbers) == 4 else None
        if polygon is not None:
            lines.append(XmlLine(element.get("ID", str(number)), alto_text(element), polygon))
    return lines


def _page_lines(page: ElementTree.Element) -> list[XmlLine]:
    lines: list[XmlLine] = []
    for number, element in enumerate(every(page, "TextLine")):
        coords = child_of(element, "Coords")
        polygon = None
        if coords is not None:  # before 2013 the corners were elements of their own
            points = coords.get("points") or " ".join(
                f"{point.get('x', '')},{point.get('y', '')}" for point in every(coords, "Point")
            )
            polygon = corners(points)
        if polygon is not None:
            lines.append(XmlLine(element.get("id", str(number)), page_text(element), polygon))
    return lines
