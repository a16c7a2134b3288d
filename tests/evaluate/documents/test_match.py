from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.evaluate.documents.match import groups, match_boxes, union_box
from nordocr.evaluate.documents.placed import PlacedLine, box_of
from nordocr.evaluate.documents.regions import page_regions
from nordocr.results import BBox


def box(x: int, y: int, width: int, height: int = 30) -> BBox:
    return BBox(x=x, y=y, width=width, height=height)


def line(text: str, x: int, y: int, width: int, height: int = 30) -> PlacedLine:
    return PlacedLine(text, box(x, y, width, height), 0.9)


COLUMN = [box(100, 100 + 50 * row, 600) for row in range(20)]


def test_lines_are_found_by_place_in_whatever_order_they_come() -> None:
    order = list(range(20))
    random.Random(3).shuffle(order)
    moved = [box(COLUMN[i].x - 6, COLUMN[i].y + 5, 615, 34) for i in order]
    matching = match_boxes(COLUMN, moved)
    assert [order[held[0]] for held in matching.pieces] == list(range(20))
    assert not matching.unmatched and not matching.merged


def test_one_line_too_many_shifts_nothing() -> None:
    matching = match_boxes(COLUMN, [box(100, 20, 300), *COLUMN])
    assert matching.unmatched == [0]
    assert matching.pieces == [[i + 1] for i in range(20)]


def test_pieces_of_a_line_are_joined_from_left_to_right() -> None:
    matching = match_boxes([box(100, 100, 600)], [box(560, 102, 140), box(100, 100, 300), box(420, 98, 130)])
    assert matching.pieces == [[1, 2, 0]]


def test_a_line_across_two_columns_merges_them() -> None:
    matching = match_boxes([box(600, 100, 300), box(100, 100, 400)], [box(98, 99, 804)])
    assert matching.merged == [(0, 1)]
    assert matching.pieces == [[], [0]]


def test_only_lines_of_like_height_are_merged_into_a_row() -> None:
    """A small mark beside a line lies in the engine's box of that line, but is no column of its row."""
    line, found = box(100, 100, 400, 30), box(98, 99, 440, 32)
    small, half = box(510, 108, 20, 14), box(510, 105, 20, 15)
    assert match_boxes([line, small], [found]).merged == []
    assert match_boxes([line, half], [found]).merged == [(0, 1)]
    # Two targets one above the other in a box that covers both are two rows.
    low = box(100, 116, 300, 30)
    assert match_boxes([line, low], [box(98, 99, 404, 48)]).merged == []


def test_a_piece_must_lie_in_the_line_by_half() -> None:
    line = box(100, 100, 400, 30)
    held = box(100, 100, 300, 30)
    assert match_boxes([line], [held, box(460, 100, 79, 30)]).pieces == [[0, 1]]
    assert match_boxes([line], [held, box(461, 100, 80, 30)]).unmatched == [1]
    assert match_boxes([line], [held, box(440, 115, 50, 30)]).pieces == [[0, 1]]
    assert match_boxes([line], [held, box(440, 116, 50, 30)]).unmatched == [1]
    # Without a line of its own nothing is joined to a target.
    assert match_boxes([line], [box(100, 100, 40, 3)]).unmatched == [0]


def test_the_limits_of_one_line() -> None:
    target = box(0, 0, 100, 30)
    assert match_boxes([target], [box(0, 0, 30, 30)]).pieces == [[0]]  # intersection over union exactly 0.3
    assert match_boxes([target], [box(0, 0, 60, 11)]).unmatched == [0]  # too low for a line of the row
    assert match_boxes([target], [box(0, 0, 10, 12)]).pieces == [[0]]  # in the row, wholly covered
    assert match_boxes([target], [box(95, 0, 11, 30)]).unmatched == [0]  # less than half of it covered
    assert match_boxes([target], [box(95, 0, 10, 30)]).pieces == [[0]]


def test_the_width_of_a_region_is_that_at_a_height_of_32() -> None:
    assert page_regions("d", 2, {"x": [line("a", 0, 0, 401, 20)]})[0].width == 642
    assert page_regions("d", 2, {"x": [line("a", 0, 0, 401, 0)]})[0].width == 401 * 32


def test_the_least_sure_piece_decides_on_a_region() -> None:
    target = [line("a b", 100, 100, 400)]
    sure, unsure = PlacedLine("a", box(100, 100, 190), 0.9), PlacedLine("b", box(300, 100, 190), 0.4)
    silent = PlacedLine("b", box(300, 100, 190))
    engines = {"x": [sure, unsure], "y": [sure, silent], "z": []}
    (region,) = page_regions("d", 0, engines, target)
    assert region.confidences == {"x": 0.4, "y": None, "z": None}
    assert region.texts == {"x": "a b", "y": "a b", "z": None} and region.pieces == {"x": 2, "y": 2, "z": 0}


@pytest.mark.parametrize("height", [300, 1000])
def test_a_block_of_many_lines_is_no_line(height: int) -> None:
    matching = match_boxes(COLUMN, [box(90, 90, 640, height)])
    assert matching.unmatched == [0] and not any(matching.pieces) and not matching.merged


def test_neighbours_that_overlap_go_to_the_nearer_line() -> None:
    loose = [box(100, 100, 600, 70), box(100, 140, 600, 70)]
    matching = match_boxes(loose, [box(100, 155, 600, 35), box(100, 118, 600, 35)])
    assert matching.pieces == [[1], [0]]


def test_groups_and_union() -> None:
    assert groups(6, [(1, 4), (4, 5), (0, 2)]) == [[0, 2], [1, 4, 5], [3]]
    assert union_box([box(5, 9, 10, 2), box(1, 10, 3, 30)]) == box(1, 9, 14, 31)


def test_boxes_off_the_page_are_cut() -> None:
    assert box_of(-5, -2, 20, 10) == box(0, 0, 15, 8)


def test_texts_of_pieces_and_of_merged_columns_are_put_together() -> None:
    truth = [line("Summa skulder", 100, 100, 300), line("1 234", 700, 100, 100)]
    engines = {
        "split": [line("skulder", 250, 101, 150), line("Summa", 100, 99, 130), line("1 234", 701, 100, 99)],
        "wide": [line("Summa skulder 1 234", 99, 99, 702)],
    }
    (region,) = page_regions("d", 0, engines, truth)
    assert region.reference == "Summa skulder 1 234" and region.references == 2
    assert region.texts == {"split": "Summa skulder 1 234", "wide": "Summa skulder 1 234"}
    assert region.pieces == {"split": 3, "wide": 1}


def test_missed_and_spurious_lines_are_named() -> None:
    truth = [line("a", 100, 100, 300), line("b", 100, 200, 300)]
    found = page_regions("d", 0, {"x": [line("a", 100, 100, 300), line("?", 100, 500, 80)], "y": []}, truth)
    assert [(r.reference, r.texts["x"], r.texts["y"], r.spurious) for r in found] == [
        ("a", "a", None, False),
        ("b", None, None, False),
        (None, "?", None, True),
    ]


def test_without_a_reference_the_engines_regions_are_united() -> None:
    found = page_regions(
        "d", 0, {"x": [line("a", 100, 100, 300)], "y": [line("A", 103, 98, 300), line("b", 100, 300, 90)]}
    )
    assert [(r.texts["x"], r.texts["y"]) for r in found] == [("a", "A"), (None, "b")]
    assert all(r.reference is None and not r.spurious for r in found)


places = st.builds(box, st.integers(0, 400), st.integers(0, 300), st.integers(0, 300), st.integers(0, 60))


@given(st.lists(places, max_size=8), st.lists(places, max_size=8), st.lists(places, max_size=8), st.booleans())
def test_no_text_is_lost_and_none_is_counted_twice(a: list[BBox], b: list[BBox], c: list[BBox], known: bool) -> None:
    def named(boxes: list[BBox], prefix: str) -> list[PlacedLine]:
        return [PlacedLine(f"{prefix}{i}", place) for i, place in enumerate(boxes)]

    regions = page_regions("d", 0, {"a": named(a, "a"), "b": named(b, "b")}, named(c, "c") if known else None)
    for name, boxes in (("a", a), ("b", b)):
        words = Counter(word for r in regions for word in (r.texts[name] or "").split())
        assert words == Counter(f"{name}{i}" for i in range(len(boxes)))
    if known:
        words = Counter(word for r in regions for word in (r.reference or "").split())
        assert words == Counter(f"c{i}" for i in range(len(c)))
