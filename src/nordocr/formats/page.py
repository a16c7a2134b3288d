"""PAGE XML 2019-07-15 (PRImA, https://github.com/PRImA-Research-Lab/PAGE-XML), which holds one page a file."""

from __future__ import annotations

import datetime
import os
from typing import Final

from lxml import etree

from nordocr.formats.ladder import Area, Paragraph, Place, areas, baseline_points, words_of
from nordocr.formats.xml import DECLARATION, Value, XmlFormat, element, share, written
from nordocr.results import BBox, Document, Line, Page, Table, Word

NAMESPACE: Final = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
# The schema names languages in English.
_LANGUAGES: Final = {
    "sv": "Swedish",
    "nb": "Norwegian Bokmål",
    "nn": "Norwegian Nynorsk",
    "no": "Norwegian",
    "da": "Danish",
    "fi": "Finnish",
    "is": "Icelandic",
    "en": "English",
    "de": "German",
    "fr": "French",
}


class PageFormat(XmlFormat):
    """PAGE: ``Page``, ``TextRegion`` (a paragraph), ``TextLine``, ``Word``, with the reading order and confidences.

    Each call of :meth:`page` gives a whole file. PAGE's one level of regions stands for both area and paragraph. A
    table is a ``TableRegion``, its cells the regions in it.
    The schema asks for a date: ``SOURCE_DATE_EPOCH`` where that is set, else now.
    """

    suffix = ".page.xml"
    whole = True

    def page(self, source: str, page: Page) -> str:
        """The page as a file of its own."""
        return (
            f'{DECLARATION}<PcGts xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="{NAMESPACE} {NAMESPACE}/pagecontent.xsd">\n'
            f"{written(self._metadata(), 1)}{written(self._page(source, page), 1)}</PcGts>\n"
        )

    def end(self, document: Document) -> str:
        """Nothing: all is written."""
        return ""

    def _metadata(self) -> etree._Element:
        now = _now()
        made = [
            element("Creator", {}, text=" ".join(self.about.software)),
            element("Created", {}, text=now),
            element("LastChange", {}, text=now),
        ]
        if settings := self.about.settings():
            made.append(element("MetadataItem", {"type": "processingStep", "name": "recognition", "value": settings}))
        return element("Metadata", {}, *made)

    def _page(self, source: str, page: Page) -> etree._Element:
        language = self.about.language
        attributes: dict[str, Value] = {
            "imageFilename": source,
            "imageWidth": page.width,
            "imageHeight": page.height,
            "primaryLanguage": _LANGUAGES.get(language.split("-")[0].lower()) if language else None,
            "conf": share(page.confidence) if page.lines else None,
        }
        found = list(areas(page))
        made = element("Page", attributes)
        if found:
            refs = [element("RegionRefIndexed", {"index": i, "regionRef": f"r{i}"}) for i in range(len(found))]
            made.append(element("ReadingOrder", {}, element("OrderedGroup", {"id": "order"}, *refs)))
        for number, area in enumerate(found):
            if area.table is None:
                made.extend(_region(paragraph, f"r{number}") for paragraph in area.paragraphs)
            else:
                made.append(_table(area, area.table, f"r{number}"))
        return made


def _region(paragraph: Paragraph, name: str) -> etree._Element:
    lines = [_line(line, f"{name}_l{n}") for n, line in enumerate(paragraph.lines)]
    attributes: dict[str, Value] = {"id": name, "type": "paragraph"}
    if paragraph.rotation:  # the schema's angles end at 180
        attributes["orientation"] = -90 if paragraph.rotation == 270 else paragraph.rotation
    roles = [_role(paragraph.place)] if paragraph.place is not None else []
    return element("TextRegion", attributes, _coords(paragraph.bbox), *roles, *lines, _text(paragraph.text))


def _table(area: Area, table: Table, name: str) -> etree._Element:
    cells = [_region(part, f"{name}_c{number}") for number, part in enumerate(area.paragraphs)]
    size: dict[str, Value] = {"id": name, "rows": len(table.rows), "columns": table.column_count}
    return element("TableRegion", size, _coords(area.bbox), *cells)


def _role(place: Place) -> etree._Element:
    cell: dict[str, Value] = {"rowIndex": place.row, "columnIndex": place.column}
    cell |= {"rowSpan": place.rowspan, "colSpan": place.colspan, "header": str(place.header).lower()}
    return element("Roles", {}, element("TableCellRole", cell))


def _line(line: Line, name: str) -> etree._Element:
    (x1, y1), (x2, y2) = baseline_points(line)
    words = [_word(word, f"{name}_w{n}") for n, word in enumerate(words_of(line))]
    stands = element("Baseline", {"points": f"{x1},{y1} {x2},{y2}"})
    return element("TextLine", {"id": name}, _coords(line.bbox), stands, *words, _text(line.text, line.confidence))


def _word(word: Word, name: str) -> etree._Element:
    return element("Word", {"id": name}, _coords(word.bbox), _text(word.text, word.confidence))


def _coords(box: BBox) -> etree._Element:
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    return element("Coords", {"points": f"{left},{top} {right},{top} {right},{bottom} {left},{bottom}"})


def _text(text: str, confidence: float | None = None) -> etree._Element:
    conf = share(confidence) if confidence is not None else None
    return element("TextEquiv", {"conf": conf}, element("Unicode", {}, text=text))


def _now() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    at = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC) if epoch else datetime.datetime.now(datetime.UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
