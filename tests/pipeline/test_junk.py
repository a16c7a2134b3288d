"""What is left out of a result, why, and what a page says about itself."""

from __future__ import annotations

import logging

import pytest

from nordocr.detect.base import Region
from nordocr.pipeline.boxes import line_of, page_of
from nordocr.pipeline.junk import why_dropped
from nordocr.pipeline.preparation import Layout
from nordocr.recognize.base import LineText


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
