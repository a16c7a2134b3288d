"""What a scanner draws through a page, rows that a fax loses, and dashes that stand alone in a table."""

from __future__ import annotations

import numpy as np
import pytest
from tests.detect.drawn import PROSE, Drawn, Gray

from nordocr.detect.crop import cut
from nordocr.detect.morphology import MorphologyDetector
from nordocr.detect.order import reading_order
from nordocr.detect.rules.streaks import without_streaks


def prose() -> Drawn:
    page = Drawn()
    for number in range(16):
        page.put(100, 100 + 45 * number, PROSE[number % 4])
    return page


def boxes(image: Gray) -> list[tuple[int, int, int, int]]:
    return [region.tight for region in MorphologyDetector().detect(image)]


@pytest.mark.parametrize(("tone", "thick"), [(0, 2), (255, 2)])
def test_a_streak_through_the_whole_page_parts_no_line(tone: int, thick: int) -> None:
    clean = np.asarray(prose().image)
    streaked = clean.copy()
    streaked[:, 500 : 500 + thick] = tone
    expected, found = boxes(clean), boxes(streaked)
    assert len(expected) == 16
    assert np.abs(np.array(expected) - np.array(found)).max() <= 3


def test_a_black_streak_is_painted_over_in_the_crops() -> None:
    clean = np.asarray(prose().image)
    streaked = clean.copy()
    streaked[:, 600:603] = 0
    detector = MorphologyDetector()
    pairs = zip(detector.detect(clean), detector.detect(streaked), strict=True)
    for one, other in pairs:
        whole, cleaned = cut(clean, one), cut(streaked, other)
        assert (cleaned < 128).sum() < (whole < 128).sum() + 2 * 3 * 20


def test_rows_that_a_fax_lost_are_closed() -> None:
    clean = np.asarray(prose().image)
    lost = clean.copy()
    lost[115 + 45 * 3 :: 45 * 4] = 255
    assert (lost != clean).any()
    ink = lost < 128
    assert without_streaks(ink) is None
    assert (ink != (clean < 128)).sum() < 0.5 * (lost != clean).sum()


def test_the_walls_and_double_rules_of_a_table_are_no_streaks() -> None:
    page = prose()
    page.fill(90, 60, 2, 840, 0)  # a frame's wall ends before the page does
    page.fill(100, 900, 700, 2, 0)
    page.fill(100, 904, 700, 2, 0)
    ink = np.asarray(page.image) < 128
    before = ink.copy()
    assert without_streaks(ink) is None
    assert (ink == before).all()


def table(dash: str) -> Drawn:
    page = Drawn()
    for number, amount in enumerate(("12 345", "678", dash, "9 012", "345 678")):
        page.put(100, 100 + 50 * number, "Varor och tjänster")
        page.put(800, 100 + 50 * number, amount, right=True)
    return page


def test_a_dash_alone_in_a_cell_is_a_line() -> None:
    drawn = table("–")
    found = boxes(np.asarray(drawn.image))
    assert len(found) == len(drawn.boxes)
    x, y, width, height = found[5]
    left, top, wide, _ = drawn.boxes[5]
    assert abs(x - left) <= 4 and abs(x + width - left - wide) <= 4 and y >= top and height < 8


def test_a_dash_out_of_all_columns_or_among_a_rules_crumbs_is_none() -> None:
    astray = table("77")
    astray.fill(500, 315, 14, 3, 0)
    assert len(boxes(np.asarray(astray.image))) == 10
    crumbs = table("77")
    for x in range(700, 800, 30):
        crumbs.fill(x, 360, 14, 3, 0)
    assert len(boxes(np.asarray(crumbs.image))) == 10


def test_three_columns_of_prose_and_a_column_set_for_itself_are_read_one_after_the_other() -> None:
    three = [(100 + 800 * column, 100 + 50 * i, 700, 40) for column in range(3) for i in range(9)]
    letter = [(100, 100 + 50 * i, 700 - 300 * (i % 2), 40) for i in range(9)]
    fields = [(1000, 110 + 33 * i, 150, 26) for i in range(10)]
    for columns in (three, letter + fields):
        shuffled = np.random.default_rng(4).permutation(len(columns))
        order = reading_order([columns[i] for i in shuffled])
        assert [int(shuffled[i]) for i in order] == list(range(len(columns)))
    labels = [(100, 100 + 50 * i, 300, 40) for i in range(9)]
    amounts = [(900, 103 + 50 * i, 150, 36) for i in range(9)]
    rows = [box for pair in zip(labels, amounts, strict=True) for box in pair]
    assert reading_order(rows) == list(range(len(rows)))


def test_contents_on_a_page_askew_are_read_row_by_row() -> None:
    titles = [(175, 376 + 57 * i, 250, 32) for i in range(11)]
    numbers = [(1430, 366 + 57 * i, 32, 24) for i in range(11)]
    rows = [box for pair in zip(titles, numbers, strict=True) for box in pair]
    found = reading_order(rows)
    assert all(abs(found.index(2 * i) - found.index(2 * i + 1)) == 1 for i in range(11))
