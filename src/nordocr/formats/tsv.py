"""Tesseract's table: tab-separated, a row for each page, block, paragraph, line and word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nordocr.formats.ladder import areas, words_of
from nordocr.results import BBox, Document, Page

# What would end a cell or a row.
_BREAKS: Final = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
_HEADER: Final = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"


class TsvFormat:
    """A :class:`nordocr.formats.base.Format` with the columns of ``tesseract ... tsv``.

    ``conf`` is a word's confidence in percent, -1 above words. Numbers count from 1, 0 stands for none.
    """

    suffix = ".tsv"
    whole = False

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """The page's rows, after the header on the first page."""
        head = [] if self._begun else [_HEADER]
        self._begun = True
        return "\n".join([*head, *_rows(page)]) + "\n"

    def end(self, document: Document) -> str:
        """The header alone where there was no page."""
        return "" if self._begun else _HEADER + "\n"


def _rows(page: Page) -> Iterator[str]:
    number = page.page_index + 1
    yield _row(1, (number, 0, 0, 0, 0), BBox(x=0, y=0, width=page.width, height=page.height))
    for a, area in enumerate(areas(page), 1):
        yield _row(2, (number, a, 0, 0, 0), area.bbox)
        for p, paragraph in enumerate(area.paragraphs, 1):
            yield _row(3, (number, a, p, 0, 0), paragraph.bbox)
            for n, line in enumerate(paragraph.lines, 1):
                yield _row(4, (number, a, p, n, 0), line.bbox)
                for w, word in enumerate(words_of(line), 1):
                    yield _row(5, (number, a, p, n, w), word.bbox, f"{100 * word.confidence:.2f}", word.text)


def _row(level: int, numbers: tuple[int, ...], box: BBox, confidence: str = "-1", text: str = "") -> str:
    text = _BREAKS.sub(" ", text)
    cells = (level, *numbers, box.x, box.y, box.width, box.height, confidence, text)
    return "\t".join(map(str, cells))
