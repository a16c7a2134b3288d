"""Figures of whole pages, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nordocr.evaluate.documents.placed import PlacedLine
from nordocr.evaluate.documents.tally import page_tally
from nordocr.results import BBox


def line(text: str, x: int, y: int, width: int = 200, height: int = 20) -> PlacedLine:
    return PlacedLine(text, BBox(x=x, y=y, width=width, height=height))


TRUTH = [line("Summa skulder", 50, 50), line("1 234", 400, 50), line("Kassa", 50, 100), line("5 678", 400, 100)]


def page() -> np.ndarray:
    """Paper with a row of letters, 10 px apart, in each true line's box."""
    image = np.full((300, 700), 255, np.uint8)
    for true in TRUTH:
        for x in range(true.box.x, true.box.x + true.box.width, 10):
            image[true.box.y : true.box.y + true.box.height, x : x + 8] = 0
    return image


def test_the_truth_itself_has_no_errors() -> None:
    tally = page_tally(page(), TRUTH, TRUTH)
    assert (tally.recall, tally.precision, tally.cer, tally.exact, tally.order) == (1.0, 1.0, 0.0, 4, 0)
    assert (tally.merged, tally.split) == (0, 0)


def test_margins_are_no_error() -> None:
    wide = [line(t.text, t.box.x - 30, t.box.y - 12, t.box.width + 60, 44) for t in TRUTH]
    tally = page_tally(page(), TRUTH, wide)
    assert (tally.recall, tally.precision) == (1.0, 1.0)


def test_a_line_across_columns_is_merged_and_costs_two_lines() -> None:
    found = [line("Summa skulder 1 234", 50, 50, 550), *TRUTH[2:]]
    tally = page_tally(page(), TRUTH, found)
    assert (tally.matched, tally.found, tally.merged, tally.exact, tally.edits) == (2, 3, 1, 2, 0)


def test_pieces_spurious_lines_and_order() -> None:
    found = [TRUTH[2], line("Summa", 50, 50, 80), line("skulder", 130, 50, 120), TRUTH[1], TRUTH[3]]
    tally = page_tally(page(), TRUTH, [*found, line("xyz", 50, 250, 100)])
    assert (tally.split, tally.found, tally.exact) == (1, 6, 4)
    assert tally.edits == 3
    assert tally.order == 1


@pytest.mark.parametrize(
    ("order", "moved"),
    [
        ((0, 1, 2, 3, 4, 5), 0),
        ((5, 0, 1, 2, 3, 4), 1),
        ((1, 2, 3, 4, 5, 0), 1),
        ((0, 3, 1, 4, 2, 5), 2),
        ((3, 4, 5, 0, 1, 2), 3),
        ((5, 4, 3, 2, 1, 0), 5),
        ((2, 0, 1, 5, 3, 4), 2),
    ],
)
def test_order_errors_are_the_lines_that_would_have_to_be_moved(order: tuple[int, ...], moved: int) -> None:
    """All but the longest rising subsequence of the places."""
    image = np.full((400, 700), 255, np.uint8)
    truth = [line(f"line {i}", 50, 50 + 50 * i) for i in range(6)]
    for true in truth:
        image[true.box.y : true.box.y + 20, 50:250:10] = 0
    assert page_tally(image, truth, [truth[i] for i in order]).order == moved


def test_text_that_the_truth_leaves_out_counts_for_no_one() -> None:
    stray = line("Eva Berg", 50, 250, 100)
    tally = page_tally(page(), TRUTH, [*TRUTH, stray], [BBox(x=40, y=240, width=200, height=50)])
    assert (tally.found, tally.precision, tally.edits) == (4, 1.0, 0)


def test_nothing_found_and_nothing_there() -> None:
    none = page_tally(page(), TRUTH, [])
    assert (none.recall, none.precision, none.cer, none.missed) == (0.0, None, 1.0, 4)
    empty = page_tally(np.full((50, 50), 255, np.uint8), [], [])
    assert (empty.recall, empty.precision, empty.cer) == (None, None, None)


def test_what_is_read_where_there_is_no_line_is_junk() -> None:
    tally = page_tally(page(), TRUTH, [*TRUTH[1:], line("xyzzy", 50, 250)])
    assert (tally.edits, tally.junk, tally.characters) == (len("Summa skulder") + 5, 5, 28)
    assert tally.cer_without_junk == len("Summa skulder") / 28


def test_boxes_that_share_rows_because_the_page_is_askew_are_not_side_by_side() -> None:
    truth = [line("Förfallodag", 50, 50, 200, 60), line("Kristina Törnqvist", 50, 70, 200, 60)]
    assert page_tally(page(), truth, [line("x", 50, 40, 200, 100)]).merged == 0
