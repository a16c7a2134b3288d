"""What is left out of a result, why, and what a page says about itself."""

from __future__ import annotations

import logging

import pytest

from nordocr.detect.base import Region
from nordocr.pipeline.boxes import line_of, page_of
from nordocr.pipeline.junk import Surroundings, surroundings, why_dropped
from nordocr.pipeline.preparation import Layout
from nordocr.recognize.base import LineText
from nordocr.results import Line


@pytest.mark.parametrize(
    ("text", "confidence", "edge", "reason"),
    [
        ("7", 0.9, False, None),
        ("7", 0.3, False, None),
        ("☒", 0.5, False, None),
        ("–", 0.9, False, None),
        ("- 64", 0.37, False, None),
        ("1S -", 0.38, False, None),
        ("%", 0.27, False, None),
        ("F", 0.0, False, None),
        ("Not . . . . . . . . . 9", 0.1, False, None),
        ("E 70. 43", 0.3, False, None),
        ("[ 1 Ja [x] Nej", 0.04, False, None),
        ("–", 0.0, False, None),
        ("_–__", 0.1, False, "scribble"),
        ("l_ - ' _ ._ -_ ,", 0.3, False, "scribble"),
        (" ", 0.9, False, "empty"),
        ("l", 0.95, True, "edge"),
        ("ilf", 0.4, True, "edge"),
        ("Faxad 12 mars kl. 14.20", 0.9, True, None),
        ("i l f, l i j i fl l i", 0.07, False, "unreadable"),
        ("F  s gna snss gsie eee ea 2 . 7 eN .nde S, e   ea.  s", 0.06, False, "unreadable"),
        ("Næste møde afholdes onsdag den 27. maj kl. 9", 0.05, False, None),
        ("Reservedeler", 0.06, False, None),
        ("Betalningsvilkr: neto 2 dage", 0.05, False, None),
    ],
)
def test_a_region_is_left_out_for_a_reason(text: str, confidence: float, edge: bool, reason: str | None) -> None:
    region = Region(10, 10, 12 * len(text), 24, edge=edge)
    assert why_dropped(region, line_of(region, LineText(text, confidence))) == reason


def test_what_is_left_out_is_listed_where_it_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    layout = Layout(0, (800, 600), [Region(0, 10, 8, 30, edge=True), Region(50, 10, 300, 24)])
    texts = [LineText("l", 0.8), LineText("Summa", 0.9)]
    with caplog.at_level(logging.DEBUG, "nordocr"):
        page = page_of(layout, texts, scribbles=False, dropped=True)
    assert "left out 'l'" in caplog.text
    [dropped] = page.dropped
    assert (dropped.text, dropped.reason, dropped.bbox.width) == ("l", "edge", 8)
    assert [line.text for line in page.lines] == ["Summa"]
    plain = page_of(layout, texts, scribbles=False)
    assert [line.text for line in plain.lines] == ["Summa"]
    assert "dropped" not in plain.model_dump()
    assert [line.text for line in page_of(layout, texts).lines] == ["l", "Summa"]


def test_a_page_says_what_was_done_to_it_and_that_nothing_was_read() -> None:
    region = Region(50, 10, 300, 24)
    page = page_of(Layout(0, (800, 600), [region], 90, skew=4.0, inverted=True), [LineText("Summa", 0.9)])
    assert page.flags == ["turned", "skewed", "inverted"]
    unread = page_of(Layout(1, (800, 600), [region]), [LineText(" ", 0.9)])
    assert unread.flags == ["unread"]
    blank = page_of(Layout(0, (800, 600), [], blank=True), [])
    assert blank.flags == []
    assert "flags" not in blank.model_dump()


def test_two_dashes_alone_are_flat_and_no_scribble() -> None:
    region = Region(10, 10, 60, 24, ink=(12, 20, 44, 4))
    assert why_dropped(region, line_of(region, LineText("-", 0.37))) is None
    assert why_dropped(region, line_of(region, LineText("-", 0.1))) == "scribble"


@pytest.mark.parametrize(
    ("text", "confidence", "width", "height"),
    [
        ("-- 7 -", 0.28, 240, 26),
        ("- i -", 0.39, 165, 24),
        ("- § -", 0.05, 124, 29),
        ("C☐-20-", 0.11, 226, 23),
        ("()", 0.19, 68, 22),
        ("784 752.8", 0.09, 203, 16),
        ("-3 ©71,14", 0.01, 219, 23),
        ("☒ % - 4,5 % - # % - 2,7 %", 0.12, 148, 11),
    ],
)
def test_page_numbers_brackets_and_amounts_that_are_half_read_stay(
    text: str, confidence: float, width: int, height: int
) -> None:
    region = Region(10, 10, width, height)
    assert why_dropped(region, line_of(region, LineText(text, confidence))) is None


@pytest.mark.parametrize("text", ["-- i", "- -- -", "4711", "A 4711 52", "()-_"])
def test_dirt_that_looks_like_them_does_not(text: str) -> None:
    region = Region(10, 10, 240, 16)
    assert why_dropped(region, line_of(region, LineText(text, 0.1))) == "scribble"


def of(text: str, confidence: float, box: tuple[int, int, int, int], high: float) -> tuple[Region, Line]:
    """A region whose ink is ``box`` in a line ``high`` pixels high, and what was read in it."""
    region = Region(*box, line_height=high, ink=box)
    return region, line_of(region, LineText(text, confidence))


def page_with(*more: tuple[Region, Line]) -> Surroundings:
    """A page of 1,000 rows with four lines of type, each 30 pixels high, at its left side, and ``more``."""
    found = [of("Summa tillgångar", 0.95, (100, 300 + 50 * row, 300, 22), 30.0) for row in range(4)]
    regions, lines = zip(*found, *more, strict=True)
    return surroundings(regions, lines, 1_000)


@pytest.mark.parametrize(
    ("text", "confidence", "box", "high", "kept"),
    [
        ("l_ - ' _ ._ -_ ,", 0.3, (100, 520, 240, 20), 28.0, True),  # right below a line of its height
        ("- _ 4 _ -  ,", 0.2, (500, 950, 240, 20), 28.0, True),  # at the foot of the page
        ("l_ - ' _ ._ -_ ,", 0.3, (500, 700, 240, 20), 28.0, False),  # by itself
        ("–", 0.1, (700, 310, 40, 4), 9.0, True),  # a dash for nothing in a line's row
        ("–", 0.1, (700, 330, 40, 4), 9.0, False),  # a rule's crumb between two rows
        ("LP", 0.58, (100, 700, 464, 76), 110.0, False),  # a signature
        ("Nordlandsbanken", 0.58, (100, 700, 464, 60), 80.0, True),  # a letterhead
        ("-", 0.45, (100, 100, 130, 34), 60.0, False),  # a wave of a logo
        ("o", 0.23, (20, 700, 48, 38), 60.0, False),  # what a fax leaves of a punch hole
        ("7", 0.23, (20, 700, 14, 22), 30.0, True),
        ("7 × 04 × 179 - 9 × 56 × 6/3", 0.11, (100, 700, 300, 22), 30.0, True),
    ],
)
def test_the_page_around_says_what_is_type(
    text: str, confidence: float, box: tuple[int, int, int, int], high: float, kept: bool
) -> None:
    region, line = of(text, confidence, box, high)
    assert (why_dropped(region, line, page_with((region, line))) is None) is kept


def test_few_sure_lines_say_nothing() -> None:
    region, line = of("l_ - ' _ ._ -_ ,", 0.3, (100, 520, 240, 20), 28.0)
    sure = of("Summa", 0.9, (100, 480, 240, 20), 28.0)
    assert why_dropped(region, line, surroundings([sure[0], region], [sure[1], line], 1_000)) == "scribble"
