"""The detector's parts, one at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.detect.base import Region
from nordocr.detect.cells import Cells, find_cells
from nordocr.detect.components import find_components, letter_height
from nordocr.detect.crop import cut
from nordocr.detect.order import in_reading_order, reading_order
from nordocr.detect.registry import open_detector
from nordocr.detect.rules.runs import find_rules
from nordocr.detect.textline import fit_line
from nordocr.detect.trim import trim_ends
from nordocr.errors import ModelMissing


def blocks(*boxes: tuple[int, int, int, int], shape: tuple[int, int] = (200, 900)) -> np.ndarray:
    """Ink with filled boxes (x, y, width, height)."""
    ink = np.zeros(shape, dtype=np.bool_)
    for x, y, w, h in boxes:
        ink[y : y + h, x : x + w] = True
    return ink


WORD = [(100 + 30 * i, 80, 20, 30) for i in range(8)]


def test_the_letter_height_is_the_types_not_the_dirts() -> None:
    rng = np.random.default_rng(0)
    outlines = blocks(*WORD) & ~blocks(*[(x + 4, y + 4, w - 8, h - 8) for x, y, w, h in WORD])
    dirt = rng.random(outlines.shape) < 0.01
    assert letter_height(find_components(outlines | dirt)) == pytest.approx(30, abs=2)
    assert letter_height(find_components(np.zeros((50, 50), dtype=np.bool_))) == 0


def test_rules_are_found_and_letters_are_not() -> None:
    ink = blocks(*WORD, (50, 150, 700, 3), (600, 20, 3, 170))
    rules = find_rules(ink, 25.0)
    assert rules[150:153, 60:740].all()
    assert rules[30:180, 600:603].all()
    assert not rules[80:110, 100:330].any()


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_fragment_of_another_line_at_an_end_is_trimmed(side: str) -> None:
    foreign = (40, 40, 20, 28) if side == "left" else (380, 118, 20, 28)
    components = find_components(blocks(*WORD, foreign))
    line = fit_line(components, np.arange(1, len(components.left)))
    trimmed = trim_ends(components, line)
    assert len(trimmed.letters) == len(WORD)
    assert set(components.top[trimmed.letters]) == {80}


@pytest.mark.parametrize(("down", "trimmed"), [(3, False), (12, True)])
def test_a_fragment_is_foreign_from_an_eighth_of_the_height_off(down: int, trimmed: bool) -> None:
    """Its centre of mass stands ``down`` px below that of a line 38 px high, its foot below all that is the line's."""
    components = find_components(blocks(*WORD, (380, 78 + down, 20, 34)))
    line = fit_line(components, np.arange(1, len(components.left)))
    assert len(trim_ends(components, line).letters) == len(WORD) + (not trimmed)


@pytest.mark.parametrize(
    "own", [(380, 104, 6, 6), (380, 92, 14, 4), (380, 104, 6, 14), (60, 72, 8, 12), (380, 66, 20, 44)]
)
def test_punctuation_and_tall_letters_at_an_end_stay(own: tuple[int, int, int, int]) -> None:
    """A full stop, a dash, a comma, a quotation mark, a capital."""
    components = find_components(blocks(*WORD, own))
    line = fit_line(components, np.arange(1, len(components.left)))
    assert len(trim_ends(components, line).members) == len(WORD) + 1


def test_half_a_line_is_never_trimmed() -> None:
    other = [(450 + 30 * i, 96, 20, 30) for i in range(6)]
    components = find_components(blocks(*WORD, *other))
    line = fit_line(components, np.arange(1, len(components.left)))
    assert len(trim_ends(components, line).letters) == len(WORD) + 6


def test_a_table_is_read_by_rows_and_columns_of_prose_one_after_the_other() -> None:
    table = [(x, 100 + 60 * row, w, 40) for row in range(4) for x, w in ((100, 500), (900, 90), (1200, 150))]
    left = [(100, 500 + 50 * i, 700, 40) for i in range(6)]
    right = [(900, 520 + 50 * i, 700, 40) for i in range(6)]
    boxes = [(100, 20, 400, 50), *table, *left, *right, (700, 1000, 40, 40)]
    shuffled = np.random.default_rng(2).permutation(len(boxes))
    order = reading_order([boxes[i] for i in shuffled])
    assert [int(shuffled[i]) for i in order] == list(range(len(boxes)))


@pytest.mark.parametrize("lines", [3, 4, 12])
def test_columns_of_prose_need_not_begin_level(lines: int) -> None:
    heading = (100, 60, 500, 50)
    left = [(100, 200 + 50 * i, 700, 36) for i in range(lines + 1)]
    right = [(900, 156 + 50 * i, 700, 36) for i in range(lines)]
    boxes = [heading, *left, *right, (100, 1200, 1500, 40)]
    shuffled = np.random.default_rng(3).permutation(len(boxes))
    order = reading_order([boxes[i] for i in shuffled])
    assert [int(shuffled[i]) for i in order] == list(range(len(boxes)))


box = st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(1, 400), st.integers(1, 80))


@given(st.lists(box, max_size=40))
def test_reading_order_loses_and_doubles_nothing(boxes: list[tuple[int, int, int, int]]) -> None:
    assert sorted(reading_order(boxes)) == list(range(len(boxes)))


def test_a_crop_is_cut_painted_and_straightened() -> None:
    page = np.full((300, 400, 3), (250, 240, 200), np.uint8)
    foreign = np.zeros((60, 200), dtype=np.bool_)
    foreign[:10] = True
    page[100:110, 50:250] = 0
    level = cut(page, Region(50, 100, 200, 60, 0.0, 60.0, foreign))
    assert level.shape == (60, 200, 3)
    assert (level == (250, 240, 200)).all()
    gray = np.full((300, 400), 255, np.uint8)
    for x in range(400):  # a line of 8 pixels that climbs by 5 degrees
        y = round(200 - np.tan(np.radians(5)) * x)
        gray[y - 4 : y + 4, x] = 0
    straight = cut(gray, Region(20, 150, 360, 60, 5.0, 30.0))
    assert straight.shape == (30, 360)
    rows = np.flatnonzero((straight < 128).mean(axis=1) > 0.9)
    assert 6 <= len(rows) <= 9
    assert (straight[: rows[0] - 2] > 200).all()


def test_a_region_outside_the_page_is_refused_and_an_unknown_detector_named() -> None:
    with pytest.raises(ValueError, match="outside a page"):
        cut(np.zeros((10, 10), np.uint8), Region(20, 20, 5, 5))
    with pytest.raises(ModelMissing, match="no detector 'yolo'"):
        open_detector("yolo")


def test_a_table_on_a_page_askew_is_read_row_by_row() -> None:
    """1 degree: a figure at the right edge stands as high as the label of the row above."""
    rows = []
    for row in range(6):
        for x, width in ((100, 700), (1200, 80), (1400, 80)):
            middle = 200 + 24 * row - math.tan(math.radians(1.0)) * (x + width / 2)
            height = round(18 + math.tan(math.radians(1.0)) * width)
            rows.append(Region(x, round(middle - height / 2), width, height, 1.0, 18.0))
    shuffled = [rows[i] for i in np.random.default_rng(3).permutation(len(rows))]
    assert in_reading_order(shuffled) == rows
    assert [rows[i] for i in reading_order([region.bbox for region in rows])] != rows


def ruled(columns: list[int], rows: list[int]) -> Cells | None:
    rules = np.zeros((600, 1200), dtype=np.bool_)
    for x in columns:
        rules[rows[0] : rows[-1], x : x + 3] = True
    for y in rows:
        rules[y : y + 3, columns[0] : columns[-1] + 3] = True
    return find_cells(rules, 1.0)


def test_a_forms_caption_and_what_is_filled_in_under_it_are_read_together() -> None:
    cells = ruled([100, 500, 900], [100, 200, 300])
    fields = [(x, y) for y in (100, 200) for x in (100, 500)]
    lines = [Region(x + 10, y + dy, 200, 30) for x, y in fields for dy in (10, 50)]
    del lines[5]  # a field that is not filled in
    order = in_reading_order([*lines[::2], *lines[1::2]], cells)
    assert order == lines
    assert in_reading_order(lines) != lines


def test_a_framed_table_without_rules_between_its_rows_is_read_by_rows() -> None:
    cells = ruled([100, 500, 700, 900], [100, 300])
    table = [Region(x, 110 + 50 * row, w, 30) for row in range(3) for x, w in ((110, 300), (550, 80), (750, 80))]
    assert in_reading_order(table[::-1], cells) == table


def test_an_open_frame_makes_no_cell() -> None:
    rules = np.zeros((400, 400), dtype=np.bool_)
    rules[100:103, 50:350] = rules[300:303, 50:350] = True
    assert find_cells(rules, 1.0) is None
