"""A page that was read as OCRmyPDF's tree of elements: page, area, paragraph, line, word, each in its box."""

from __future__ import annotations

import itertools

from ocrmypdf.hocrtransform import Baseline, BoundingBox, OcrClass, OcrElement

from nordocr.formats.ladder import Area, areas, baseline, words_of
from nordocr.formats.pdf.text import LEAST_SPACE, Placement, placement
from nordocr.results import BBox, Line, Page


def tree_of(page: Page, size: tuple[int, int], dpi: float, number: int, language: str | None) -> OcrElement:
    """Return the tree of a page.

    Args:
        page: What was read. Where the page was turned for it, the boxes are turned back and the lines say their angle.
        size: Width and height in pixels of the image that OCRmyPDF gave.
        dpi: Its resolution.
        number: The page's number, from 0.
        language: The code that lines are marked with, as ``ocrmypdf -l`` takes it; None for none.
    """
    width, height = size
    where = placement(page, (0, height, width, 0))
    made = [_area(area, where, page.rotation, language) for area in areas(page)]
    whole = BoundingBox(0, 0, width, height)
    return OcrElement(OcrClass.PAGE, whole, children=made, dpi=dpi, page_number=number, language=language)


def _area(area: Area, where: Placement, rotation: int, language: str | None) -> OcrElement:
    paragraphs = [
        OcrElement(
            OcrClass.PARAGRAPH,
            _box(paragraph.bbox, where),
            children=[_line(line, where, rotation, language) for line in paragraph.lines],
            language=language,
        )
        for paragraph in area.paragraphs
    ]
    return OcrElement(OcrClass.CAREA, _box(area.bbox, where), children=paragraphs)


def _line(line: Line, where: Placement, rotation: int, language: str | None) -> OcrElement:
    words = words_of(line)
    boxes = [word.bbox for word in words]
    if not line.rotation:
        boxes[:-1] = [_apart(word.bbox, after.bbox) for word, after in itertools.pairwise(words)]
    turned = (rotation + line.rotation) % 360
    made = [
        OcrElement(OcrClass.WORD, _box(box, where), text=word.text, confidence=word.confidence)
        for word, box in zip(words, boxes, strict=True)
    ]
    slope, offset = baseline(line)
    return OcrElement(
        OcrClass.LINE,
        _box(line.bbox, where),
        confidence=line.confidence,
        children=made,
        direction="ltr",
        language=language,
        baseline=Baseline(slope, offset),
        # A page that has to be turned clockwise to be read holds lines that are turned the other way.
        textangle=float(turned) if turned else None,
    )


def _apart(box: BBox, following: BBox) -> BBox:
    """The word's box, narrower where the next word stands so near that readers of PDF would join the two."""
    room = following.x - box.x - round(LEAST_SPACE * box.height)
    return box.model_copy(update={"width": max(box.width // 2, min(box.width, room))})


def _box(box: BBox, where: Placement) -> BoundingBox:
    (x0, y0), (x1, y1) = where.at(box.x, box.y), where.at(box.x + box.width, box.y + box.height)
    return BoundingBox(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
