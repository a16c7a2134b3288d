"""What scanners leave along the borders of a page, and type that stands near them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.detect.drawn import PROSE, Drawn, Gray, check

from nordocr.detect.morphology import MorphologyDetector


def letter() -> Drawn:
    page = Drawn(200, (1300, 900))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(140, 120 + 70 * i, text, 28)
    page.put(650, 830, "7", 28)
    return page


def ragged(pixels: Gray, thick: int, seed: int) -> Gray:
    """Dark strips of uneven thickness along all sides, with crumbs beside them."""
    rng = np.random.default_rng(seed)
    pixels = pixels.copy()
    for turned in range(4):
        side = np.rot90(pixels, turned)
        deep = rng.integers(2, thick, len(side))
        for start in range(0, len(side), 23):
            deep[start : start + int(rng.integers(4, 23))] += int(rng.integers(0, 6))
        for row, width in enumerate(deep):
            side[row, :width] = 0
        for row in rng.integers(40, len(side) - 40, 12):
            high, width, at = rng.integers((10, 2, thick + 2), (45, 7, thick + 14))
            side[row : row + high, at : at + width] = 0
    return pixels


@pytest.mark.parametrize("thick", [4, 8, 15])
@pytest.mark.parametrize("wedge", [False, True])
def test_ragged_edges_are_marked_and_lines_are_not(thick: int, wedge: bool) -> None:
    page = letter()
    pixels = ragged(page.bilevel(), thick, thick)
    if wedge:
        for column in range(pixels.shape[1]):
            pixels[: 40 - column // 30, column] = 0
    regions = MorphologyDetector().detect(pixels)
    check(page, pixels, [region for region in regions if not region.edge])


def test_type_close_to_a_clean_border_is_not_at_an_edge() -> None:
    page = Drawn(200, (700, 300))
    for y, text in ((1, "Överst på sidan 12"), (140, "B"), (265, "Nederst")):
        page.put(4, y, text, 28)
    page.put(696, 140, "4", 28, right=True)
    page.put(300, 140, "Mitt på raden", 28)
    assert not any(region.edge for region in check(page, page.bilevel()))


def test_what_is_left_of_a_broken_rule_is_no_line() -> None:
    page = letter()
    pixels = page.bilevel()
    rng = np.random.default_rng(4)
    for y in (100, 175, 245, 800):
        x = 140
        while x < 1100:
            length = int(rng.integers(9, 26))
            pixels[y : y + 3, x : x + length] = 0
            pixels[y + int(rng.integers(-2, 3)) : y + 6, x : x + 4] = 0
            x += length + int(rng.integers(3, 9))
    check(page, pixels)


def test_a_wide_thousands_space_over_narrower_amounts_is_no_gap_between_cells() -> None:
    page = Drawn(200, (1300, 700))
    for row, amount in enumerate(("143,50", "735,50", "156,00", "614,00", "199,50", "823,00")):
        y = 80 + 60 * row
        page.put(120, y, "Arbete enligt offert")
        page.put(800, y, "st.")
        page.put(1180, y, amount, right=True)
        if not row:
            left, top, width, height = page.boxes[-1]
            page.fill(left - 21, top, 4, height - 4, 0)
            page.boxes[-1] = (left - 21, top, width + 21, height)
    check(page, page.bilevel())
