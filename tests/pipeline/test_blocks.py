"""Lines in reading order to blocks."""

from __future__ import annotations

from nordocr.pipeline.blocks import block_numbers
from nordocr.results import BBox


def box(x: int, y: int, width: int, height: int = 20) -> BBox:
    return BBox(x=x, y=y, width=width, height=height)


def test_white_ends_a_paragraph() -> None:
    paragraphs = [box(100, y, 600) for y in (100, 130, 160, 230, 260)]
    assert block_numbers(paragraphs) == [0, 0, 0, 1, 1]


def test_lines_far_apart_are_one_paragraph_where_all_are() -> None:
    assert block_numbers([box(100, 100 + 60 * i, 600) for i in range(5)]) == [0] * 5


def test_a_heading_is_a_block_of_its_own() -> None:
    assert block_numbers([box(100, 100, 300, 40), box(100, 150, 600), box(100, 180, 600)]) == [0, 1, 1]


def test_cells_of_a_row_belong_together() -> None:
    rows = [cell for y in (100, 130, 160) for cell in (box(100, y, 200), box(600, y + 1, 60), box(800, y, 60))]
    assert block_numbers(rows) == [0] * 9


def test_columns_are_blocks_of_their_own() -> None:
    columns = [box(x, 100 + 30 * i, 300) for x in (100, 500) for i in range(4)]
    assert block_numbers(columns) == [0] * 4 + [1] * 4


def test_a_block_reaches_as_far_as_its_widest_row() -> None:
    """A short row does not narrow the block: the next row need only lie under the block, not under that row."""
    assert block_numbers([box(0, 0, 300), box(0, 30, 100), box(200, 60, 100)]) == [0, 0, 0]
    assert block_numbers([box(200, 0, 100), box(0, 30, 300), box(0, 60, 50)]) == [0, 0, 0]
    assert block_numbers([box(0, 0, 100), box(50, 30, 250), box(200, 60, 100)]) == [0, 0, 0]
    assert block_numbers([box(0, 0, 100), box(0, 30, 100), box(200, 60, 100)]) == [0, 0, 1]


def test_a_new_block_has_an_extent_of_its_own() -> None:
    assert block_numbers([box(0, 0, 300), box(0, 100, 100), box(200, 130, 100)]) == [0, 1, 2]


def test_what_stands_beside_a_block_is_another() -> None:
    """Boxes that only touch the block's edge are not under it."""
    assert block_numbers([box(100, 0, 100), box(200, 30, 100)]) == [0, 1]
    assert block_numbers([box(100, 0, 100), box(199, 30, 100)]) == [0, 0]
    assert block_numbers([box(100, 0, 100), box(0, 30, 100)]) == [0, 1]
    assert block_numbers([box(100, 0, 100), box(0, 30, 101)]) == [0, 0]


def test_boxes_that_share_half_of_the_lower_ones_height_stand_in_one_row() -> None:
    assert block_numbers([box(0, 0, 100), box(300, 10, 100)]) == [0, 0]
    assert block_numbers([box(0, 0, 100), box(300, 11, 100)]) == [0, 1]


def test_half_as_high_again_is_another_size_of_type() -> None:
    assert block_numbers([box(0, 0, 300), box(0, 25, 300, 30)]) == [0, 1]
    assert block_numbers([box(0, 0, 300), box(0, 25, 300, 29)]) == [0, 0]
    assert block_numbers([box(0, 0, 300, 30), box(0, 35, 300)]) == [0, 1]


def test_a_low_cell_beside_a_high_one_is_of_its_row() -> None:
    assert block_numbers([box(0, 0, 100, 40), box(300, 10, 60, 12)]) == [0, 0]


def test_a_row_reaches_down_to_its_lowest_cell() -> None:
    rows = [box(0, 0, 100, 20), box(300, 8, 100, 30), *(box(0, y, 400, 30) for y in (40, 75, 110))]
    assert block_numbers(rows) == [0] * 5


def test_white_of_three_fifths_of_a_line_parts_nothing() -> None:
    assert block_numbers([box(0, y, 300) for y in (0, 24, 48, 78)]) == [0, 0, 0, 0]
    assert block_numbers([box(0, y, 300) for y in (0, 24, 48, 81)]) == [0, 0, 0, 1]


def test_rows_that_touch_say_nothing_of_the_usual_white() -> None:
    assert block_numbers([box(0, y, 300, 10) for y in (0, 10, 20, 38)]) == [0, 0, 0, 0]


def test_nothing_has_no_blocks() -> None:
    assert block_numbers([]) == []
