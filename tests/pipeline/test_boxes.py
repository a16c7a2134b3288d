"""Regions and texts to a page: what is left out."""

from __future__ import annotations

import pytest

from nordocr.detect.base import Region
from nordocr.pipeline.boxes import line_of, page_of, part_of
from nordocr.pipeline.junk import is_scribble
from nordocr.pipeline.preparation import Layout
from nordocr.recognize.base import LineText

WIDE = Region(10, 10, 400, 60, 0.0, 60.0)


@pytest.mark.parametrize(
    ("text", "confidence", "scribble"),
    [
        ("f.n 2", 0.2, True),
        ("-91..r", 0.11, True),
        ("f.n 2", 0.9, False),  # sure of it
        ("Pia Strand", 0.2, False),  # as many letters as there is room for
        ("J A R D I N", 0.3, False),  # set apart
        ("- 4 -", 0.3, False),  # a page number
        ("Not ........", 0.1, False),  # a word and its row of dots
    ],
)
def test_few_letters_in_much_room_of_which_nobody_is_sure_are_a_scribble(
    text: str, confidence: float, scribble: bool
) -> None:
    assert is_scribble(line_of(WIDE, LineText(text, confidence))) is scribble


def test_a_page_leaves_out_stains_and_if_asked_scribbles() -> None:
    layout = Layout(0, (800, 600), [WIDE] * 3)
    texts = [LineText("  ", 0.9), LineText("f.n 2", 0.2), LineText("Pia Strand", 0.9)]
    whole = page_of(layout, texts)
    assert [line.text for line in whole.lines] == ["f.n 2", "Pia Strand"]
    kept = page_of(layout, texts, scribbles=False)
    assert kept.text == "Pia Strand"


def test_a_part_of_a_climbing_line_is_as_high_as_the_line_rounded_up() -> None:
    assert part_of(Region(0, 0, 300, 40, 3.0, 20.25), 0.4, 0.5).height == 21
    assert part_of(Region(0, 0, 300, 40, 3.0, 55.0), 0.4, 0.5).height == 40
    assert part_of(Region(0, 0, 300, 40), 0.4, 0.5).height == 40
