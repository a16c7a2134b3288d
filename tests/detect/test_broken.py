"""Rules that a scanner broke into dashes, boxes whose walls are broken, and columns set close."""

from __future__ import annotations

import numpy as np
import pytest
from tests.detect.drawn import BODY, BOLD, MONO, SERIF, Drawn, check

from nordocr.detect.components import find_components
from nordocr.detect.gaps.edges import column_edges
from nordocr.detect.gaps.spacing import Spacing
from nordocr.detect.grouping import link
from nordocr.detect.rules.broken import broken_rules
from nordocr.detect.rules.crumbs import crumbs
from nordocr.detect.rules.runs import rules_and_runs
from nordocr.detect.textline import fit_line


def dashes(page: Drawn, x: float, y: float, length: float, *, across: bool = True, seed: int = 1) -> None:
    """Draw a rule 2 px thick, broken into dashes of 3 to 40 px with gaps of 2 to 9 px."""
    rng = np.random.default_rng(seed)
    at = 0.0
    while at < length:
        dash = max(1.0, min(float(rng.uniform(3, 40)), length - at))
        page.fill(*((x + at, y, dash, 2) if across else (x, y + at, 2, dash)), 0)
        at += dash + float(rng.uniform(2, 9))


def test_a_broken_frame_is_no_text_and_no_part_of_any() -> None:
    page = Drawn()
    for row in range(4):
        page.put(120, 128 + 80 * row, "Summa kortfristiga skulder")
        page.put(880, 128 + 80 * row, "35 152", right=True)
        dashes(page, 100, 180 + 80 * row, 820, seed=row)
    for column, x in enumerate((100, 700, 918)):
        dashes(page, x, 100, 320, across=False, seed=10 + column)
    dashes(page, 100, 100, 820, seed=20)
    check(page, page.bilevel())


def test_an_underline_in_pieces_does_not_make_its_amount_taller() -> None:
    page = Drawn()
    for row in range(5):
        page.put(900, 120 + 60 * row, "12 345", right=True)
    dashes(page, 760, 352, 140)
    dashes(page, 760, 390, 140, seed=3)
    check(page, page.bilevel())


@pytest.mark.parametrize("text", ["lllllllllllll", "l1l1l1l1l1l1l"])
def test_stems_one_below_the_other_are_no_rule(text: str) -> None:
    page = Drawn()
    for row in range(9):
        page.put(150, 100 + 34 * row, text)
    pixels = page.bilevel()
    components = find_components(pixels < 128)
    assert not len(crumbs(components, broken_rules(components, [], 15.0)[0], 15.0))


def test_typed_dashes_are_type() -> None:
    page = Drawn()
    for i in range(30):
        page.fill(150 + 14 * i, 300, 9, 3, 0)
    components = find_components(page.bilevel() < 128)
    assert not broken_rules(components, [], 15.0)[0]


def test_letters_that_stand_where_a_wall_would_run_on_are_letters() -> None:
    page = Drawn()
    for top in (160, 300):
        page.fill(100, top, 420, 2, 0)
        page.fill(100, top + 58, 420, 2, 0)
        for box in range(11):
            page.fill(100 + 42 * box, top, 2, 60, 0)
    page.put(100, 250, "Clearing- och kontonummer till återbetalning", 26)
    ink = page.bilevel() < 128
    rules, runs = rules_and_runs(ink, 22.0)
    components = find_components(ink & ~rules)
    parts = crumbs(components, broken_rules(components, runs, 22.0)[0], 22.0)
    high = components.height[parts] > 8
    assert not high[(components.top[parts] > 240) & (components.bottom[parts] < 295)].any()


def test_boxes_whose_walls_are_stubs_hold_one_line() -> None:
    page = Drawn()
    for row in range(3):
        page.put(120, 130 + 200 * row, "Organisationsnummer")
    dashes(page, 120, 180, 400, seed=5)
    dashes(page, 120, 222, 400, seed=6)
    for box in range(11):
        top = 182 if box % 2 else 200
        page.fill(120 + 40 * box, top, 2, 20, 0)
    page.spaced(131, 184, "9696200378", 24.4)
    regions = check(page, page.bilevel())
    assert any(region.word_ends is not None for region in regions)


def close_table(widest: str, gap: float) -> Drawn:
    """A table whose widest figures stand ``gap`` px apart, and others farther."""
    page = Drawn()
    firsts = (widest, "33 054", "280", widest, "428 064", widest)
    seconds = (widest, "25 135", "15 742", widest, "9 960", "5")
    for row, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        page.put(100, 100 + 44 * row, "Rörelsens intäkter")
        page.put(800, 100 + 44 * row, first, right=True)
        page.put(800 + gap + 130, 100 + 44 * row, second, right=True)
    return page


def test_columns_a_digit_apart_are_two() -> None:
    page = close_table("1 263 940", 17)
    check(page, page.bilevel())


def test_the_gap_within_a_figure_is_no_column() -> None:
    page = close_table("1 263 940", 60)
    check(page, page.bilevel())


def test_words_that_end_one_below_the_other_make_no_column() -> None:
    page = Drawn()
    for row in range(6):
        page.put(100, 100 + 44 * row, "Styrelsen har under")
        page.put(100 + 262, 100 + 44 * row, "året hållit möten")
    components = find_components(page.bilevel() < 128)
    letters = np.flatnonzero(components.height > 8)
    lines = [fit_line(components, chain) for chain in link(components, letters)]
    assert column_edges(components, lines, Spacing(0.7, 2.6, 0.7, 20.0), 0.0) == ()


def test_letters_of_a_typewriter_one_below_the_other_make_no_column() -> None:
    page = Drawn()
    for row in range(8):
        page.put(100, 100 + 40 * row, "n" * (18 + row) + " " + "n" * (14 - row), 26, MONO)
    page.put(100, 420, "Rabbis of", 26, MONO)
    page.put(100 + 15.6 * 15, 420, "I have been here", 26, MONO)
    letters = find_components(page.bilevel() < 128)
    lines = [fit_line(letters, chain) for chain in link(letters, np.flatnonzero(letters.height > 8))]
    assert column_edges(letters, lines, Spacing(1.5, 2.0, 1.5, 20.0), 0.0) == ()


def test_dots_lead_to_their_page_on_a_page_askew() -> None:
    page = Drawn(size=(1500, 700))
    for row, label in enumerate(("Resultaträkning", "Noter", "Underskrifter", "Revisionsberättelse")):
        for x, text in ((100, label), (1380, f"{row + 3}")):
            page.put(x, 120 + 60 * row - 0.012 * x, text)
        right = page.boxes[-2][0] + page.boxes[-2][2]
        for x in np.arange(right + 12, 1370, 9.0):
            page.fill(float(x), 144 + 60 * row - 0.012 * float(x), 3, 3, 0)
        number, name = page.boxes.pop(), page.boxes.pop()
        page.texts = page.texts[:-1]
        page.boxes.append((name[0], number[1], number[0] + number[2] - name[0], name[1] + name[3] - number[1]))
    check(page, page.bilevel())


def test_a_page_number_of_two_ones_between_dashes_is_found_whole() -> None:
    page = Drawn()
    for row in range(4):
        page.put(100, 100 + 50 * row, "Styrelsen har under året hållit åtta möten.")
    for x, width, top, height in ((600, 7, 946, 2), (617, 5, 934, 20), (624, 5, 934, 20), (641, 7, 946, 2)):
        page.fill(x, top, width, height, 0)
    page.boxes.append((600, 934, 48, 20))
    page.texts.append("- 11 -")
    check(page, page.bilevel())


@pytest.mark.parametrize("name", [BODY, SERIF, BOLD])
def test_the_commas_of_a_column_of_amounts_are_no_wall(name: str) -> None:
    page = Drawn(200, (1300, 560))
    page.fill(100, 90, 1000, 3, 0)
    page.fill(100, 96 + 34 * 12, 1000, 3, 0)
    for row in range(12):
        page.put(120, 94 + 34 * row, "Vinna", 28, name)
        page.put(1080, 94 + 34 * row, f"{409 + 53 * row},50", 28, name, right=True)
    found = check(page, page.bilevel())
    amounts = [region for region in found if region.tight[0] > 800]
    assert len(amounts) == 12
    for region, box in zip(amounts, page.boxes[1::2], strict=True):
        assert region.tight[1] + region.tight[3] >= box[1] + box[3] - 1  # a comma reaches below the figures


def test_a_figure_before_the_thousands_space_is_a_letter() -> None:
    page = Drawn(200, (1300, 640))
    page.fill(100, 90, 1000, 3, 0)
    page.fill(100, 330, 1000, 3, 0)
    for row in range(5):
        page.put(120, 100 + 41 * row, "Vinna", 30)
        page.put(1080, 100 + 41 * row, "409", 30, right=True)
        left, top, width, height = page.boxes[-1]
        page.boxes[-1] = (left - 17, top, width + 17, height)
        page.fill(left - 17, top, 4, height, 0)
    check(page, page.bilevel())
