"""Text that keeps the page's layout: expected grids are written out by hand."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from nordocr.formats import FORMATS
from nordocr.formats.layout import layout_text, page_slope
from nordocr.formats.picture import MOST_PIXELS, picture
from nordocr.results import BBox, Line, Page, Word

CHAR = 10  # pixels that a character is wide


def line(text: str, x: int, y: int, width: int | None = None, confidence: float = 1.0) -> Line:
    box = BBox(x=x, y=y, width=width or CHAR * len(text), height=20)
    return Line(text=text, confidence=confidence, bbox=box, words=[Word(text=text, confidence=1.0, bbox=box)])


def page(*lines: Line) -> Page:
    return Page(page_index=0, width=1000, height=800, text="\n".join(x.text for x in lines), lines=list(lines))


def flush(text: str, right: int, y: int) -> Line:
    return line(text, right - CHAR * len(text), y)


def table(slope: float = 0.0) -> Page:
    rows = [
        ("Resultaträkning", None, None),
        ("Nettoomsättning", "48 612", "45 287"),
        ("Övriga intäkter", "517", "462"),
        ("Kostnader", "-1 938", "-871"),
        ("Årets resultat", "1 927", "993"),
    ]
    lines = []
    for number, (label, now, then) in enumerate(rows):
        for text, right in ((label, None), (now, 400), (then, 600)):
            if text is not None:
                x = 100 if right is None else right - CHAR * len(text)
                y = 100 + 30 * number + slope * (x + CHAR * len(text) / 2)
                lines.append(line(text, x, round(y)))
    return page(*lines)


TABLE = textwrap.dedent("""\
    Resultaträkning
    Nettoomsättning         48 612              45 287
    Övriga intäkter            517                 462
    Kostnader               -1 938                -871
    Årets resultat           1 927                 993""")


def test_a_table_stays_a_table() -> None:
    assert layout_text(table()) == TABLE


@pytest.mark.parametrize("slope", [-0.03, -0.012, 0.02])
def test_a_page_askew_keeps_its_rows(slope: float) -> None:
    """At 0.03 the last column is off by half a row and more."""
    assert layout_text(table(slope)) == TABLE
    assert page_slope(table(slope).lines) == pytest.approx(slope, abs=0.004)


def test_a_long_label_moves_its_column_for_all_rows() -> None:
    narrow = page(
        line("Avskrivningar av inventarier", 0, 0, 140),
        flush("12", 200, 0),
        line("Hyra", 0, 30),
        flush("7 000", 200, 30),
    )
    rows = layout_text(narrow).split("\n")
    assert rows[0].startswith("Avskrivningar av inventarier  ")
    assert len(rows[0]) == len(rows[1])
    assert rows[0].endswith(" 12")
    assert rows[1].endswith(" 7 000")


def test_gaps_between_blocks_are_blank_rows() -> None:
    spread = page(*(line(f"rad {i}", 0, y) for i, y in enumerate((0, 30, 60, 130, 500))))
    assert layout_text(spread).split("\n") == ["rad 0", "rad 1", "rad 2", "", "rad 3", "", "", "rad 4"]


def test_nothing_is_lost_where_boxes_overlap_and_empty_pages_are_empty() -> None:
    crowded = page(line("ett", 0, 0), line("två", 5, 2), line("tre", 12, 1))
    assert sorted(layout_text(crowded).split()) == ["ett", "tre", "två"]
    assert layout_text(page()) == ""
    assert layout_text(page(line(" ", 0, 0))) == ""


def test_the_format_streams_with_form_feeds() -> None:
    output = FORMATS["layout"]()
    assert [output.page("a", table()), output.page("a", page()), output.page("a", page(line("x", 0, 0)))] == [
        TABLE + "\n",
        "\f",
        "\fx\n",
    ]


def test_a_picture_shows_boxes_by_their_confidence_and_texts_beside() -> None:
    shown = page(line("säker", 100, 100), line("osäker", 100, 300, confidence=0.1))
    sheet = np.asarray(picture(np.full((800, 1000), 255, np.uint8), shown)).astype(int)
    assert sheet.shape == (800, 2016, 3)
    sure, unsure = sheet[119, 120], sheet[319, 120]
    assert sure[1] > sure[0] + 50
    assert unsure[0] > unsure[1] + 50
    beside = sheet[100:120, 1016 + 100 : 1016 + 150]
    assert (beside.min(axis=2) < 128).sum() > 20
    assert (sheet[500:, 1016:] == 255).all()


def test_pictures_of_large_pages_are_small() -> None:
    large = Page(page_index=0, width=9000, height=6000)
    assert picture(np.zeros((6000, 9000, 3), np.uint8), large).size == (2 * MOST_PIXELS + 16, 1600)
