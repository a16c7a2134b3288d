"""Drawn boxes to tick: told from letters, combs, cells and what else is square, and put into their lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.detect.drawn import PROSE, Drawn

from nordocr.ctc import WordSpan
from nordocr.detect.base import Region, Tick
from nordocr.detect.crop import cut
from nordocr.detect.morphology import MorphologyDetector
from nordocr.pipeline.boxes import line_of
from nordocr.pipeline.ticks import with_boxes, with_signs
from nordocr.recognize.base import LineText

EMPTY, TICKED, CROSSED = "☐", "☑", "☒"


def box(page: Drawn, x: int, y: int, mark: str = EMPTY, side: int = 24, over: int = 0, thick: int = 2) -> None:
    """Draw a box with its corner at (x, y), and its mark, which reaches ``over`` it by so many pixels."""
    page.canvas.rectangle((x, y, x + side, y + side), outline=0, width=thick)
    if mark == CROSSED:
        a, b = 5 - over, side - 5 + over
        page.canvas.line((x + a, y + a, x + b, y + b), fill=0, width=3)
        page.canvas.line((x + a, y + b, x + b, y + a), fill=0, width=3)
    elif mark == TICKED:
        page.canvas.line((x + 5, y + 12, x + 10, y + side - 4), fill=0, width=3)
        page.canvas.line((x + 10, y + side - 4, x + side - 4 + over, y + 4 - over), fill=0, width=3)


def prose(page: Drawn) -> Drawn:
    for number, line in enumerate(PROSE):
        page.put(100, 500 + 45 * number, line)
    return page


def ticks(page: Drawn) -> list[tuple[Tick, ...]]:
    return [region.ticks for region in MorphologyDetector().detect(page.bilevel()) if region.ticks]


@pytest.mark.parametrize("thick", [1, 2, 4])
@pytest.mark.parametrize(("mark", "over"), [(EMPTY, 0), (TICKED, 0), (CROSSED, 0), (TICKED, 6), (CROSSED, 7)])
def test_a_box_beside_a_text_says_what_is_in_it(mark: str, over: int, thick: int) -> None:
    page = prose(Drawn())
    box(page, 100, 303, thick=thick)
    page.put(140, 300, "Nej tack")
    box(page, 100, 103, mark, over=over, thick=thick)
    page.put(140, 100, "Ja, det vill jag")
    found = MorphologyDetector().detect(page.bilevel())
    assert [[tick.sign for tick in region.ticks] for region in found[:2]] == [[mark], [EMPTY]]
    x, y, width, height = found[0].ticks[0].box
    assert (x, y, width, height) == pytest.approx((100, 103, 25, 25), abs=2)
    assert found[0].tight[0] <= 100 and found[0].x > 110  # the crop begins behind the box


def test_a_box_that_stands_alone_counts_beside_others_of_its_size_only() -> None:
    page = prose(Drawn())
    box(page, 900, 103, CROSSED)
    assert ticks(page) == []
    box(page, 100, 303)
    page.put(140, 300, "Nej tack")
    found = [region for region in MorphologyDetector().detect(page.bilevel()) if region.ticks]
    assert [region.ticks[0].sign for region in found] == [CROSSED, EMPTY]
    assert found[0].tight == found[0].ticks[0].box


def test_letters_in_frames_combs_and_cells_are_no_boxes() -> None:
    page = prose(Drawn())
    page.canvas.rectangle((100, 100, 134, 134), outline=0, width=2)
    page.put(108, 101, "A", 26)
    page.put(150, 100, "Avdelning")
    for number, digit in enumerate("19840312"):  # a comb
        page.canvas.rectangle((100 + 34 * number, 200, 134 + 34 * number, 234), outline=0, width=2)
        page.put(108 + 34 * number, 202, digit, 26)
    page.canvas.rectangle((100, 300, 500, 400), outline=0, width=2)  # a cell
    page.put(110, 320, "Underskrift")
    assert ticks(page) == []


def test_a_square_letter_within_a_word_stays_a_letter() -> None:
    page = prose(Drawn())
    page.put(100, 100, "ANS", 36)
    end = round(page.boxes[-1][0] + page.boxes[-1][2])
    box(page, end + 4, 107, side=25, thick=4)
    page.put(end + 32, 100, "KAN", 36)
    assert ticks(page) == []


def test_boxes_are_put_where_they_stand_with_box_and_confidence_of_their_own() -> None:
    words = (WordSpan("Ja", 0.9, 0.0, 0.2), WordSpan("Nej", 0.8, 0.7, 1.0))
    extents = tuple((n / 6, (n + 1) / 6) for n in range(6))
    text = LineText("Ja Nej", 0.85, (0.9,) * 6, words, (), extents)
    region = Region(140, 100, 200, 30, line_height=30.0)
    first, second = Tick(EMPTY, (100, 103, 25, 25), 0.98), Tick(CROSSED, (230, 103, 25, 25), 0.95)
    line = line_of(region, text, characters=True)
    told = with_signs(line, replace(region, ticks=(first, second)))
    assert told.text == "☐ Ja ☒ Nej"
    assert [word.text for word in told.words] == ["☐", "Ja", "☒", "Nej"]
    assert told.words[2].bbox.x == 230 and told.words[2].confidence == 0.95
    assert len(told.char_boxes) == len(told.char_confidences) == len(told.text)
    assert told.char_boxes[5].x == 230 and told.char_confidences[0] == 0.98
    assert with_signs(line, region) is line
    end = with_signs(line, replace(region, ticks=(Tick(TICKED, (380, 103, 25, 25), 0.95),)))
    assert end.text == "Ja Nej ☑" and len(end.char_boxes) == len(end.text)


def test_the_crop_to_be_read_hides_the_box_and_the_one_to_learn_from_shows_it() -> None:
    page = prose(Drawn())
    box(page, 100, 103, CROSSED)
    page.put(140, 100, "Ja, det vill jag")
    gray = page.bilevel()
    region = next(region for region in MorphologyDetector().detect(gray) if region.ticks)
    whole = with_boxes(region)
    assert whole.x <= 100 and cut(gray, whole).shape[1] >= cut(gray, region).shape[1] + 15
    shown = cut(gray, whole)[:, : 126 - whole.x]
    assert (shown < 128).sum() > 150
    assert (cut(gray, region)[:, : max(0, 127 - region.x)] > 128).all()


def test_a_box_alone_is_a_line_of_its_sign() -> None:
    region = Region(
        100, 100, 25, 25, 0.0, 25.0, np.ones((25, 25), bool), ticks=(Tick(TICKED, (100, 100, 25, 25), 0.95),)
    )
    line = with_signs(line_of(region, LineText("", 0.0)), region)
    assert (line.text, line.confidence, [word.text for word in line.words]) == (TICKED, 0.95, [TICKED])
