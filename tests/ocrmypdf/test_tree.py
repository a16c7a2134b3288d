"""What OCRmyPDF is given: the whole ladder of elements, each in its box, however the page was turned to be read."""

from __future__ import annotations

import pytest
from tests.formats.samples import FAR, USUAL, line, page

pytest.importorskip("ocrmypdf", reason="needs ocrmypdf")

from ocrmypdf.hocrtransform import BoundingBox, OcrElement

from nordocr.ocrmypdf.tree import tree_of
from nordocr.results import BBox

SIZE = (USUAL.width, USUAL.height)


def corners(element: OcrElement) -> tuple[float, float, float, float]:
    box = element.bbox
    assert box is not None
    return box.left, box.top, box.right, box.bottom


def expected(box: BBox) -> tuple[int, int, int, int]:
    return box.x, box.y, box.x + box.width, box.y + box.height


def test_every_rung_is_there_with_its_box() -> None:
    tree = tree_of(USUAL, SIZE, 150.0, 4, "swe")
    assert (tree.ocr_class, tree.bbox, tree.dpi, tree.page_number) == ("ocr_page", BoundingBox(0, 0, *SIZE), 150.0, 4)
    assert [area.ocr_class for area in tree.children] == ["ocr_carea"] * 4
    assert len(tree.paragraphs) == 4 and len(tree.lines) == len(USUAL.lines)
    for element, one in zip(tree.lines, USUAL.lines, strict=True):
        assert corners(element) == expected(one.bbox)
        assert element.language == "swe" and element.textangle is None
        assert [(w.text, corners(w), w.confidence) for w in element.words] == [
            (w.text, expected(w.bbox), w.confidence) for w in one.words
        ]


def test_a_climbing_line_says_so() -> None:
    slope = tree_of(USUAL, SIZE, 150.0, 0, None).lines[-1].baseline
    assert slope is not None and slope.slope < -0.05  # downwards is positive, this line climbs


@pytest.mark.parametrize(
    ("rotation", "turned"),
    # Of a page of 400 x 1000 as it was read; the image is 1000 x 400 where the page was turned by a quarter.
    [(0, (40, 100, 115, 130)), (90, (100, 285, 130, 360)), (180, (285, 870, 360, 900)), (270, (870, 40, 900, 115))],
)
def test_a_turned_page_is_turned_back(rotation: int, turned: tuple[int, ...]) -> None:
    one = page(0, line("gärna", 40, 100), width=400, height=1000).model_copy(update={"rotation": rotation})
    size = (1000, 400) if rotation % 180 else (400, 1000)
    tree = tree_of(one, size, 200.0, 0, None)
    [word] = tree.words
    assert corners(word) == pytest.approx(turned)
    assert tree.lines[0].textangle == (rotation or None)


def test_words_that_readers_would_join_are_set_apart() -> None:
    one = page(0, line("tre ord nära", 40, 100))
    for word, x in zip(one.lines[0].words, (40, 86, 300), strict=True):  # 1 px between the first two, of 30 px type
        word.bbox = word.bbox.model_copy(update={"x": x})
    first, second, third = tree_of(one, SIZE, 200.0, 0, None).words
    assert corners(second)[0] - corners(first)[2] == pytest.approx(0.18 * 30, abs=0.6)
    assert (corners(second), corners(third)) == ((86, 100, 131, 130), (300, 100, 360, 130))


def test_text_outside_latin_1_and_pages_without_text() -> None:
    assert [w.text for w in tree_of(page(0, line(FAR, 10, 10)), SIZE, 200.0, 0, None).words] == FAR.split()
    assert tree_of(page(0), SIZE, 200.0, 0, None).children == []
