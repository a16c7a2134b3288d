"""Pepper between columns, figures in pieces, white rows beside dark edges, wide combs, words whose letters touch."""

from __future__ import annotations

import numpy as np
import pytest
from tests.detect.drawn import BODY, BOLD, PROSE, Drawn, Gray, check

from nordocr.detect.morphology import MorphologyDetector


def table(*, notes: bool = False) -> Drawn:
    page = Drawn()
    for number in range(8):
        y = 150 + 50 * number
        page.put(80, y, ("Nettoomsättning", "Råvaror", "Personalkostnader", "Lokalhyra")[number % 4])
        if notes:
            page.put(480, y, "5" if number == 3 else str(number + 2))
        page.put(800, y, f"{137 + 31 * number} 2{number}4", right=True)
        page.put(960, y, f"{412 + 17 * number} 8{number}1", right=True)
    return page


def peppered(page: Drawn, count: int, seed: int = 1) -> Gray:
    pixels = page.bilevel()
    rng = np.random.default_rng(seed)
    rows, columns = pixels.shape
    for y, x in zip(rng.integers(0, rows - 3, count), rng.integers(0, columns - 3, count), strict=True):
        high, wide = rng.integers(1, 4, 2)
        around = pixels[max(0, y - 6) : y + 9, max(0, x - 6) : x + 9]
        if (around == 255).all():
            pixels[y : y + high, x : x + wide] = 0
    return pixels


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pepper_bridges_no_gap_between_columns(seed: int) -> None:
    page = Drawn()
    for number in range(10):
        page.put(80, 80 + 45 * number, PROSE[number % 4])
    for number in range(3):
        page.put(80, 600 + 50 * number, ("Råvaror", "Personalkostnader", "Lokalhyra")[number])
        page.put(800, 600 + 50 * number, ("394", "1 134", "166")[number], right=True)
        page.put(920, 600 + 50 * number, ("-143", "844", "348")[number], right=True)
    found = [region.tight for region in MorphologyDetector().detect(peppered(page, 12_000, seed))]
    assert len(found) == 19
    assert not any(x < 790 and x + width > 880 for x, y, width, _ in found if y > 580)


def test_full_stops_colons_and_dashes_stay_on_a_peppered_page() -> None:
    page = table()
    page.put(80, 600, "Se not 4 sid. 12: bolaget m.fl.")
    page.put(600, 950, "- 12 -", name=BODY)
    found = check(page, _pepper_at_the_foot(page))
    assert len(found) == 26


def _pepper_at_the_foot(page: Drawn) -> Gray:
    """Specks where no line is, so that all that goes from the lines is their own."""
    pixels = page.bilevel()
    for number in range(300):
        y, x = 660 + 8 * (number // 30), 80 + 37 * (number % 30)
        pixels[y : y + 2, x : x + 2] = 0
    return pixels


def test_a_lone_figure_in_two_pieces_is_found_by_its_row_and_column() -> None:
    page = table(notes=True)
    pixels = page.bilevel()
    place = page.texts.index("5", 12)
    x, y, width, height = (round(value) for value in page.boxes[place])
    whole = len(MorphologyDetector().detect(pixels))
    pixels[y + height // 2 - 1 : y + height // 2 + 2, x - 2 : x + width + 2] = 255
    assert len(check(page, pixels)) == whole == 32
    # The same pieces in no column of figures are dirt.
    alone = table().bilevel()
    alone[y - 2 : y + height + 2, x - 2 : x + width + 2] = pixels[y - 2 : y + height + 2, x - 2 : x + width + 2]
    assert len(MorphologyDetector().detect(alone)) == 24


def test_white_rows_are_closed_though_the_scanner_left_a_dark_edge() -> None:
    page = Drawn()
    for number in range(12):
        page.put(100, 100 + 60 * number, "Styrelsen har under året hållit åtta möten", name=BOLD)
    pixels = page.bilevel()
    for x, y, width, height in page.boxes:
        pixels[round(y + height / 2), round(x) - 5 : round(x + width) + 5] = 255
    pixels[:, :9] = 0
    found = [region for region in MorphologyDetector().detect(pixels) if not region.edge]
    check(page, pixels, found)


@pytest.mark.parametrize("pieces", [False, True])
def test_the_boxes_of_a_comb_may_be_wide_for_the_small_print_beside_it(pieces: bool) -> None:
    page = Drawn()
    for number in range(10):
        page.put(80, 100 + 30 * number, "Uppgifter om fastighetens ägare och bolagets firma", size=19)
    boxes = []
    for place, letter in enumerate("46709030550"):
        x = 90 + 62 * place
        page.put(x + 22, 520 + 8, letter, size=34)
        boxes.append(page.boxes.pop())
        page.texts.pop()
        for left, top, wide, high in ((x, 514, 64, 2), (x, 574, 64, 2), (x, 514, 2, 60), (x + 62, 514, 2, 60)):
            page.fill(left, top, wide, high, 0)
    pixels = page.bilevel()
    if pieces:  # a thin face: what is thin of a nought vanishes
        for x, y, width, height in boxes[3:6:2]:
            pixels[round(y) - 1 : round(y + height) + 1, round(x + width / 2) - 1 : round(x + width / 2) + 2] = 255
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    page.boxes.append((left, top, max(b[0] + b[2] for b in boxes) - left, max(b[1] + b[3] for b in boxes) - top))
    page.texts.append("46709030550")
    check(page, pixels)


def test_a_word_whose_letters_touch_below_a_name_is_a_line() -> None:
    page = Drawn()
    for number in range(6):
        page.put(100, 100 + 60 * number, "Styrelsen har under året hållit åtta möten")
    page.put(100, 600, "Per Forsberg", name=BOLD)
    page.put(100, 640, "VD", name=BOLD)
    pixels = page.bilevel()
    x, y, width, _ = (round(value) for value in page.boxes[-1])
    pixels[y + 2 : y + 4, x + 3 : x + width - 3] = 0  # ink ran
    check(page, pixels)


def test_a_page_number_between_short_dashes_may_be_one_piece() -> None:
    page = Drawn(size=(1300, 1200))
    for number in range(6):
        page.put(100, 100 + 60 * number, "Styrelsen har under året hållit åtta möten")
    page.put(600, 1120, "16", name=BOLD, size=26)
    x, y, width, height = (round(value) for value in page.boxes.pop())
    pixels = page.bilevel()
    pixels[y + height - 4 : y + height, x : x + width] = 0
    for left in (x - 18, x + width + 12):
        pixels[y + height // 2 : y + height // 2 + 3, left : left + 5] = 0
    page.boxes.append((x - 18, y, width + 36, height))
    check(page, pixels)


def test_cells_of_low_letters_in_a_column_are_words() -> None:
    page = Drawn()
    for number in range(8):
        y = 150 + 50 * number
        page.put(80, y, ("KONSULTATION", "MURBRUK", "FRAKT", "SKRUV")[number % 4], size=31)
        page.put(700, y + 8, "st", size=21)
        page.put(960, y, f"{412 + 17 * number} 8{number}1", size=31, right=True)
    check(page, page.bilevel())
