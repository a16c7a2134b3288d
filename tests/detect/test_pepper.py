"""Specks that are not a line's own: on dark bands that a local threshold broke up, and beside, above and below type."""

from __future__ import annotations

import numpy as np
import pytest
from tests.detect.drawn import BOLD, PROSE, Drawn, Gray, check

from nordocr.detect.morphology import MorphologyDetector
from nordocr.detect.sheet import take_apart


def peppered(page: Drawn, box: tuple[int, int, int, int], keep: list[tuple[int, int]], share: float = 0.5) -> Gray:
    """The page in black and white with grains of two pixels over a band, but for the columns of ``keep``."""
    pixels = page.bilevel()
    x, y, width, height = box
    rng = np.random.default_rng(5)
    grains = np.kron(rng.random((height // 2, width // 2)) < share, np.ones((2, 2))) > 0
    grains[:, -4:] = False
    for left, right in keep:
        grains[:, left - x : right - x] = False
    window = pixels[y : y + grains.shape[0], x : x + grains.shape[1]]
    window[grains] = 255
    return pixels


def head(page: Drawn) -> Gray:
    """A table's dark head, two years in white on its right, the rest of it pepper."""
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 200 + 60 * i, text, 34)
    page.fill(100, 80, 1100, 60, 0)
    page.put(800, 95, "31.12.2003", 28, BOLD, 255)
    page.put(1045, 95, "31.12.2002", 28, BOLD, 255)
    return peppered(page, (106, 90, 1084, 42), [(796, 950), (1040, 1194)])


def test_type_on_a_dark_band_is_told_from_pepper_beside_it() -> None:
    page = Drawn(200, (1300, 720))
    pixels = head(page)
    assert (sheet := take_apart(pixels)) is not None and sheet.bands is not None
    check(page, pixels)


def test_a_band_of_pepper_alone_has_no_line() -> None:
    page = Drawn(200, (1300, 720))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 200 + 60 * i, text, 34)
    page.fill(100, 80, 1100, 60, 0)
    check(page, peppered(page, (106, 90, 1084, 42), []))


def test_a_band_that_a_streak_crosses_is_a_band() -> None:
    page = Drawn(200, (1300, 720))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 200 + 60 * i, text, 34)
    page.fill(100, 80, 1100, 60, 0)
    page.put(880, 95, "31.12.2003", 28, BOLD, 255)
    pixels = page.bilevel()
    pixels[:, 500] = 0
    check(page, pixels)


@pytest.mark.parametrize("at", [(-24, 60), (44, 60), (-10, 106)])
def test_a_speck_above_or_below_makes_no_box_higher(at: tuple[int, int]) -> None:
    page = Drawn(200, (1300, 720))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 60 + 60 * i, text, 34)
    page.put(600, 600, "1995", 34)
    pixels = page.bilevel()
    x, y, width, height = (round(v) for v in page.boxes[-1])
    spots = {-24: y - 17, 44: y + height + 8, -10: y - 10}
    left = {-24: x + 20, 44: x + 30, -10: x + width + 6}[at[0]]
    pixels[spots[at[0]] : spots[at[0]] + 5, left : left + 4] = 0
    [year] = [r for r in MorphologyDetector().detect(pixels) if r.tight[1] > 560]
    assert abs(year.tight[3] - height) <= 2


def test_accents_quotes_and_stops_stay() -> None:
    page = Drawn(200, (1300, 720))
    for i, text in enumerate(("Årsredovisning, ÄNG ÖVRIGT É", "”Övriga frågor”. §", "Moms 25 % (°C)", *PROSE)):
        page.put(100, 60 + 70 * i, text, 34)
    check(page, page.bilevel())


def test_pepper_beside_a_lines_end_is_left_out_of_its_box() -> None:
    page = Drawn(200, (1300, 720))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 60 + 60 * i, text, 34)
    page.put(600, 600, "33.507,00", 34)
    pixels = page.bilevel()
    right = round(page.boxes[-1][0] + page.boxes[-1][2])
    for step, y in enumerate((596, 622, 644, 604, 632, 612, 640, 599, 626, 607)):
        pixels[y : y + 4, right + 18 + 4 * step : right + 22 + 4 * step] = 0
    [amount, *_] = [r for r in MorphologyDetector().detect(pixels) if r.tight[1] > 560]
    assert amount.tight[0] + amount.tight[2] <= right + 2


def test_two_years_whose_figures_touch_are_lines() -> None:
    page = Drawn(200, (1300, 820))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 160 + 60 * i, text, 34)
    pixels = page.bilevel()
    for left in (700, 950):
        for step in range(4):  # four figures in one component
            pixels[60:90, left + 24 * step : left + 24 * step + 8] = 0
        pixels[72:78, left : left + 80] = 0
    found = [region for region in MorphologyDetector().detect(pixels) if region.tight[1] < 100]
    assert sorted(region.tight[0] for region in found) == [700, 950]
