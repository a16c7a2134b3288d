"""hOCR 1.2 (http://kba.github.io/hocr-spec/1.2/): XHTML with boxes in the ``title`` attributes."""

from __future__ import annotations

import html
from typing import Final

from lxml import etree

from nordocr.formats.ladder import Area, Paragraph, areas, baseline, words_of
from nordocr.formats.xml import DECLARATION, XmlFormat, clean, element
from nordocr.results import BBox, Document, Line, Page, Word

_CAPABILITIES: Final = "ocr_page ocr_carea ocr_table ocr_par ocr_line ocrx_word ocrp_wconf"


class HocrFormat(XmlFormat):
    """hOCR, written page by page: ``ocr_page``, ``ocr_carea``, ``ocr_par``, ``ocr_line``, ``ocrx_word``.

    The area of a table holds one ``ocr_table``. Its cells are paragraphs that say their place: ``x_cell``, the row and
    column from 0, ``x_span``, how many rows and columns.
    """

    suffix = ".hocr"
    whole = True
    _begun = False

    def page(self, source: str, page: Page) -> str:
        """The page's element, after the document's head on the first page."""
        head = "" if self._begun else self._head(source)
        self._begun = True
        return head + _serialised(_page(source, page, self.about.language))

    def end(self, document: Document) -> str:
        """The end of the file."""
        return ("" if self._begun else self._head(document.source)) + " </body>\n</html>\n"

    def _head(self, source: str) -> str:
        name, version = self.about.software
        language = self.about.language
        capabilities = _CAPABILITIES + (" ocrp_lang" if language else "")
        metas = {"ocr-system": f"{name} {version}", "ocr-capabilities": capabilities}
        if language:
            metas["ocr-langs"] = language
        if settings := self.about.settings():
            metas["nordocr-settings"] = settings
        lines = [f'  <meta name="{key}" content="{html.escape(clean(value))}"/>' for key, value in metas.items()]
        return (
            DECLARATION + '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
            '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
            '<html xmlns="http://www.w3.org/1999/xhtml">\n <head>\n'
            f"  <title>{html.escape(clean(source))}</title>\n"
            '  <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>\n'
            + "\n".join(lines)
            + "\n </head>\n <body>\n"
        )


def _page(source: str, page: Page, language: str | None) -> etree._Element:
    name = source.replace("\\", "\\\\").replace('"', '\\"')
    box = BBox(x=0, y=0, width=page.width, height=page.height)
    title = f'image "{name}"; {_bbox(box)}; ppageno {page.page_index}'
    number = page.page_index + 1
    made = [_area(area, f"{number}_{a}", language) for a, area in enumerate(areas(page), 1)]
    return element("div", {"class": "ocr_page", "id": f"page_{number}", "title": title}, *made)


def _area(area: Area, name: str, language: str | None) -> etree._Element:
    made = [_paragraph(part, f"{name}_{p}", language) for p, part in enumerate(area.paragraphs, 1)]
    if area.table is not None:
        size = f"x_rows {len(area.table.rows)}; x_columns {area.table.column_count}"
        title = f"{_bbox(area.bbox)}; {size}; x_header_rows {area.table.header_rows}"
        made = [element("div", {"class": "ocr_table", "id": f"table_{name}", "title": title}, *made)]
    return element("div", {"class": "ocr_carea", "id": f"block_{name}", "title": _bbox(area.bbox)}, *made)


def _paragraph(paragraph: Paragraph, name: str, language: str | None) -> etree._Element:
    made = [_line(line, f"{name}_{n}") for n, line in enumerate(paragraph.lines, 1)]
    title, place = _bbox(paragraph.bbox), paragraph.place
    if place is not None:
        title += f"; x_cell {place.row} {place.column}; x_span {place.rowspan} {place.colspan}"
    attributes = {"class": "ocr_par", "id": f"par_{name}", "lang": language, "title": title}
    return element("p", attributes, *made)


def _line(line: Line, name: str) -> etree._Element:
    slope, offset = baseline(line)
    title = f"{_bbox(line.bbox)}; baseline {slope:g} {round(offset)}; x_size {line.bbox.height}"
    if line.rotation:
        high = line.bbox.height if line.rotation == 180 else line.bbox.width
        title = f"{_bbox(line.bbox)}; textangle {line.rotation}; x_size {high}"
    made = [_word(word, f"{name}_{w}") for w, word in enumerate(words_of(line), 1)]
    for word in made[:-1]:
        word.tail = " "
    return element("span", {"class": "ocr_line", "id": f"line_{name}", "title": title}, *made)


def _word(word: Word, name: str) -> etree._Element:
    title = f"{_bbox(word.bbox)}; x_wconf {round(100 * word.confidence)}"
    return element("span", {"class": "ocrx_word", "id": f"word_{name}", "title": title}, text=word.text)


def _bbox(box: BBox) -> str:
    return f"bbox {box.x} {box.y} {box.x + box.width} {box.y + box.height}"


def _serialised(page: etree._Element) -> str:
    """The page indented down to its lines; within a line white space is text."""
    page.tail = "\n"
    _indent(page, 2)
    return "  " + etree.tostring(page, encoding="unicode", with_tail=True, method="xml")


def _indent(parent: etree._Element, depth: int) -> None:
    if not len(parent) or parent.get("class") == "ocr_line":
        return
    parent.text = "\n" + " " * (depth + 1)
    for child in parent:
        child.tail = parent.text
        _indent(child, depth + 1)
    parent[-1].tail = "\n" + " " * depth
