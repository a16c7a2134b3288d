"""ALTO 4.4 (Library of Congress, https://www.loc.gov/standards/alto/), all pages of a document in one file."""

from __future__ import annotations

import itertools
from typing import Final

from lxml import etree

from nordocr.formats.ladder import (
    Area,
    Paragraph,
    areas,
    around,
    baseline_points,
    character_confidences,
    words_of,
)
from nordocr.formats.xml import DECLARATION, Value, XmlFormat, element, place, share, written
from nordocr.results import BBox, Document, Line, Page

NAMESPACE: Final = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA: Final = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


class AltoFormat(XmlFormat):
    """ALTO, page by page: ``Page``, ``ComposedBlock`` (area), ``TextBlock`` (paragraph), ``TextLine``, ``String``.

    A table is a ``ComposedBlock`` of the type ``table``, which holds one of the type ``row`` for each row, and a
    ``TextBlock`` for each cell.

    ``WC`` is a word's confidence from 0 to 1, ``CC`` its characters' from 0 (sure) to 9 (unsure), as the schema says.
    """

    suffix = ".alto.xml"
    whole = True
    _begun = False

    def page(self, source: str, page: Page) -> str:
        """The page's element, after the document's head on the first page."""
        head = "" if self._begun else self._head(source)
        self._begun = True
        return head + written(_page(page, self.about.language), 2)

    def end(self, document: Document) -> str:
        """The end of the file."""
        return ("" if self._begun else self._head(document.source)) + " </Layout>\n</alto>\n"

    def _head(self, source: str) -> str:
        name, version = self.about.software
        software = [element("softwareName", {}, text=name), element("softwareVersion", {}, text=version)]
        step = [element("processingSoftware", {}, *software)]
        if settings := self.about.settings():
            step.insert(0, element("processingStepSettings", {}, text=settings))
        described = element(
            "Description",
            {},
            element("MeasurementUnit", {}, text="pixel"),
            element("sourceImageInformation", {}, element("fileName", {}, text=source)),
            element("Processing", {"ID": "nordocr"}, *step),
        )
        return (
            f'{DECLARATION}<alto xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="{NAMESPACE} {_SCHEMA}" SCHEMAVERSION="4.4">\n{written(described, 1)} <Layout>\n'
        )


def _page(page: Page, language: str | None) -> etree._Element:
    number = page.page_index + 1
    whole = BBox(x=0, y=0, width=page.width, height=page.height)
    made = [_area(area, f"{number}_{a}", language) for a, area in enumerate(areas(page), 1)]
    size: dict[str, Value] = {"WIDTH": page.width, "HEIGHT": page.height}
    attributes: dict[str, Value] = {"ID": f"page_{number}", "PHYSICAL_IMG_NR": number, **size}
    if page.lines:
        attributes["PC"] = share(page.confidence)
    return element("Page", attributes, element("PrintSpace", place(whole), *made))


def _area(area: Area, name: str, language: str | None) -> etree._Element:
    made = [_paragraph(part, f"{name}_{p}", language) for p, part in enumerate(area.paragraphs, 1)]
    if area.table is None:
        return element("ComposedBlock", {"ID": f"area_{name}", **place(area.bbox)}, *made)
    rows = []
    for row, cells in itertools.groupby(zip(area.paragraphs, made, strict=True), key=lambda pair: _row_of(pair[0])):
        held = list(cells)
        box = around(part.bbox for part, _ in held)
        named = {"ID": f"row_{name}_{row + 1}", **place(box), "TYPE": "row"}
        rows.append(element("ComposedBlock", named, *(block for _, block in held)))
    return element("ComposedBlock", {"ID": f"area_{name}", **place(area.bbox), "TYPE": "table"}, *rows)


def _row_of(cell: Paragraph) -> int:
    return cell.place.row if cell.place is not None else 0


def _paragraph(paragraph: Paragraph, name: str, language: str | None) -> etree._Element:
    made = [_line(line, f"{name}_{n}") for n, line in enumerate(paragraph.lines, 1)]
    turned = paragraph.rotation or None
    attributes = {"ID": f"block_{name}", **place(paragraph.bbox), "ROTATION": turned, "LANG": language}
    return element("TextBlock", attributes, *made)


def _line(line: Line, name: str) -> etree._Element:
    (x1, y1), (x2, y2) = baseline_points(line)
    made = element("TextLine", {"ID": f"line_{name}", **place(line.bbox), "BASELINE": f"{x1},{y1} {x2},{y2}"})
    before: BBox | None = None
    pairs = zip(words_of(line), character_confidences(line), strict=True)
    for number, (word, confidences) in enumerate(pairs, 1):
        if before is not None:
            end = before.x + before.width
            gap = {"HPOS": end, "VPOS": before.y, "WIDTH": max(0, word.bbox.x - end)}
            made.append(element("SP", {} if line.rotation else gap))
        sure = " ".join(str(round(9 * (1 - value))) for value in confidences) or None
        attributes = {"ID": f"string_{name}_{number}", **place(word.bbox)}
        made.append(element("String", {**attributes, "CONTENT": word.text, "WC": share(word.confidence), "CC": sure}))
        before = word.bbox
    return made
