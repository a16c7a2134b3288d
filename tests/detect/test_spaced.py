"""Comb fields and letters set apart: one line each, and where its words end."""

from __future__ import annotations

import pytest
from tests.detect.drawn import BODY, MONO, PROSE, SERIF, Drawn, check

from nordocr.detect.morphology import MorphologyDetector


def comb(page: Drawn, x: float, y: float, text: str, box: tuple[int, int], rule: int = 2) -> None:
    """Draw ``text`` with one character in each box; a space leaves a box empty."""
    width, height = box
    for y_rule in (y, y + height):
        page.fill(x, y_rule, width * len(text) + rule, rule, 0)
    for i in range(len(text) + 1):
        page.fill(x + i * width, y, rule, height, 0)
    boxes = len(page.boxes)
    for i, letter in enumerate(text):
        if letter != " ":
            page.put(x + i * width + width / 2 - 8, y + height / 2 - 15, letter, 28, MONO)
    drawn = page.boxes[boxes:]
    left, top = min(b[0] for b in drawn), min(b[1] for b in drawn)
    right, bottom = max(b[0] + b[2] for b in drawn), max(b[1] + b[3] for b in drawn)
    page.boxes[boxes:] = [(left, top, right - left, bottom - top)]
    page.texts[boxes:] = [text]


@pytest.mark.parametrize("box", [(34, 46), (46, 57), (58, 62)])
@pytest.mark.parametrize(("dpi", "rule"), [(200, 2), (300, 4)])
def test_a_comb_field_is_one_line(box: tuple[int, int], dpi: int, rule: int) -> None:
    page = Drawn(dpi, (1300, 620))
    page.put(60, 40, PROSE[0], 28, SERIF)
    for i, (caption, text) in enumerate((("Personnummer", "640823 3234"), ("Efternamn", "AKERBLOM"))):
        page.put(60, 130 + 150 * i, caption, 20, SERIF)
        comb(page, 60, 160 + 150 * i, text, box, rule)
    page.put(60, 480, PROSE[1], 28, SERIF)
    regions = check(page, page.bilevel())
    ends = {text: region.word_ends for text, region in zip(page.texts, regions, strict=True)}
    assert ends["AKERBLOM"] == ()
    assert ends["640823 3234"] is not None
    [end] = ends["640823 3234"]
    assert end == pytest.approx(6 / 11, abs=0.05)
    assert ends[PROSE[0]] is None


def test_rows_of_boxes_one_upon_the_other_are_a_table() -> None:
    page = Drawn(200, (900, 500))
    page.put(60, 40, PROSE[1], 24, SERIF)
    for row, figures in enumerate(("1234567", "7654321", "3141592")):
        for i, figure in enumerate(figures):
            page.put(75 + 60 * i, 121 + 50 * row, figure, 28)
    for i in range(8):
        page.fill(60 + 60 * i, 110, 2, 150, 0)
    for i in range(4):
        page.fill(60, 110 + 50 * i, 422, 2, 0)
    check(page, page.bilevel())


@pytest.mark.parametrize("face", [BODY, SERIF])
@pytest.mark.parametrize("gap", [7, 11, 16])
@pytest.mark.parametrize(("text", "words"), [("FÖRVALTNINGSBERÄTTELSE", 1), ("Sammanträdesprotokoll nummer", 2)])
def test_the_words_of_letters_set_apart_are_known(face: str, gap: int, text: str, words: int) -> None:
    page = Drawn(200, (1300, 500))
    page.spaced(100, 60, text, gap, 30, face)
    for i, line in enumerate(PROSE):
        page.put(100, 160 + 60 * i, line, 28, SERIF)
    first, *others = check(page, page.bilevel())
    assert first.word_ends is not None
    assert len(first.word_ends) == words - 1
    assert [region.word_ends for region in others] == [None] * 4


def test_typewriting_is_not_set_apart() -> None:
    page = Drawn(200, (1400, 500))
    for i, line in enumerate((*PROSE, "ÅRSREDOVISNING I KORTHET", "Illfil fiffil till jul")):
        page.put(60, 60 + 60 * i, line, 28, MONO)
    assert [region.word_ends for region in MorphologyDetector().detect(page.bilevel())] == [None] * 6
