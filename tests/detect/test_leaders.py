"""Rows of dots among specks, typewritten pages, and the cells of headers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from tests.detect.drawn import BOLD, MONO, PROSE, Drawn, Gray, check

from nordocr.detect.components import find_components
from nordocr.detect.gaps.spacing import even_pitch, word_gaps
from nordocr.detect.grouping import link
from nordocr.detect.morphology import MorphologyDetector
from nordocr.detect.textline import fit_line


def pepper(pixels: Gray, count: int, seed: int = 5) -> Gray:
    """Black specks of one to three pixels all over the page."""
    rng = np.random.default_rng(seed)
    pixels = pixels.copy()
    for y, x, side in rng.integers((0, 0, 1), (pixels.shape[0] - 3, pixels.shape[1] - 3, 4), (count, 3)):
        pixels[y : y + side, x : x + side] = 0
    return pixels


def test_dots_lead_to_their_page_number_through_specks() -> None:
    page = Drawn(200, (1300, 700))
    for row, (label, number) in enumerate(
        (("Sisältö", "3"), ("Muut asiat", "6"), ("Päätös", "12"), ("Vuosikokous", "9"))
    ):
        y = 120 + 60 * row
        page.put(120, y, label)
        page.put(1180, y, number, right=True)
        left, top, width, height = page.boxes[-2]
        foot = y + 26
        for x in range(int(left + width) + 10, 1140, 10):
            page.fill(x, foot - 3, 3, 3, 0)
        page.boxes[-2:] = [(left, top, 1180 - left, height)]
        page.texts[-2:] = [label]
    pixels = pepper(page.bilevel(), 900)
    found = [region for region in MorphologyDetector().detect(pixels) if region.tight[2] > 900]
    assert len(found) == 4


def rows_of_figures(page: Drawn, second: int) -> Iterator[tuple[int, int]]:
    """Draw four rows of a label and two figures, the second to end at ``second``; give each one's y and label's end."""
    for row, label in enumerate(("Skatteskulder", "Konsultarvoden", "Hyra", "Avskrivningar")):
        y = 120 + 60 * row
        page.put(120, y, label)
        left, _, width, _ = page.boxes[-1]
        page.put(900, y, str(600 - 37 * row), right=True)
        page.put(second, y, str(512 + 41 * row), right=True)
        yield y, int(left + width)


def test_dots_that_lead_to_a_tables_first_figure_join_nothing() -> None:
    page = Drawn(200, (1300, 700))
    for y, end in rows_of_figures(page, 1180):
        for x in range(end + 10, 840, 10):
            if x % 70:
                page.fill(x, y + 23, 3, 3, 0)
    check(page, page.bilevel())


def test_pepper_behind_a_tables_figure_leads_nowhere() -> None:
    page = Drawn(200, (1300, 700))
    for y, end in rows_of_figures(page, 1080):
        for x in range(end + 10, 860, 10):
            page.fill(x, y + 23, 3, 3, 0)
        for x, off in ((1110, 1), (1142, -1), (1171, 0), (1193, 1)):
            page.fill(x, y + 23 + off, 3, 2, 0)
    found = [region.tight for region in MorphologyDetector().detect(page.bilevel())]
    assert len(found) == 12
    assert not any(x < 700 and x + width > 850 for x, _, width, _ in found)


def test_a_typewritten_page_keeps_its_words_together() -> None:
    page = Drawn(200, (1300, 1000))
    for row in range(20):
        page.spaced(100, 60 + 42 * row, PROSE[row % 4][:46], 9, 20, MONO)
    components = find_components(page.bilevel() < 128)
    letters = np.flatnonzero(components.height > 8)
    lines = [fit_line(components, chain) for chain in link(components, letters)]
    assert even_pitch(components, lines) > 1.0
    assert word_gaps(components, lines)[0] > 1.3
    assert len(MorphologyDetector().detect(page.bilevel())) == 20


def test_print_has_no_even_pitch() -> None:
    page = Drawn(200, (1300, 1000))
    for row in range(8):
        page.put(100, 60 + 42 * row, PROSE[row % 4])
    components = find_components(page.bilevel() < 128)
    lines = [fit_line(components, chain) for chain in link(components, np.flatnonzero(components.height > 8))]
    assert even_pitch(components, lines) == 0.0


def test_a_head_is_cut_where_the_rows_below_have_cells() -> None:
    page = Drawn(200, (1300, 700))
    page.put(860, 100, "2012-12-31", right=True)
    page.put(1020, 100, "2011-12-31", right=True)
    assert 15 < page.boxes[1][0] - page.boxes[0][0] - page.boxes[0][2] < 27
    for row, (one, other) in enumerate((("82 030", "7 266"), ("59 356", "17 500"), ("2 240", "1 602"))):
        page.put(120, 160 + 48 * row, "Kortfristiga skulder")
        page.put(860, 160 + 48 * row, one, right=True)
        page.put(1020, 160 + 48 * row, other, right=True)
    check(page, page.bilevel())


def test_specks_beside_a_figure_do_not_widen_it() -> None:
    page = Drawn(200, (1300, 700))
    for row in range(6):
        page.put(120, 100 + 48 * row, "Kortfristiga skulder")
        page.put(700, 100 + 48 * row, str(row + 2))
        page.put(1100, 100 + 48 * row, f"{row + 1} 240", right=True)
        page.fill(700 + 32, 100 + 48 * row + 18, 2, 2, 0)
    check(page, page.bilevel())


def test_a_one_of_a_single_stroke_is_found_and_a_crumb_is_not() -> None:
    page = Drawn(200, (1300, 700))
    for row in range(4):
        page.put(120, 100 + 48 * row, "EGNE MIDLER", 28)
        page.put(1100, 100 + 48 * row, "5 240", right=True)
    _, top, _, height = page.boxes[0]
    page.fill(700, top, 4, height, 0)
    page.boxes.append((700, top, 4, height))
    page.texts.append("1")
    page.fill(800, top + 48 * 2 + 9, 4, height, 0)  # off the row: what is left of a rule
    check(page, page.bilevel())


def test_a_heading_underlined_down_to_a_black_head_leaves_the_head_readable() -> None:
    page = Drawn(200, (1300, 700))
    page.put(120, 100, "Not 10 Skulder till koncernföretag", 34, BOLD)
    page.fill(120, 130, 560, 15, 0)
    page.fill(110, 144, 1050, 44, 0)
    page.put(900, 150, "2012", ink=255, right=True)
    page.put(1100, 150, "2011", ink=255, right=True)
    for row in range(4):
        page.put(120, 210 + 48 * row, "Kortfristiga skulder")
        page.put(900, 210 + 48 * row, "82 030", right=True)
        page.put(1100, 210 + 48 * row, "17 500", right=True)
    found = MorphologyDetector().detect(page.bilevel())
    heads = [region for region in found if region.inverted]
    assert sorted(round(region.tight[0] + region.tight[2], -1) for region in heads) == [900, 1100]


@pytest.mark.parametrize("degrees", [1.5, -1.9])
def test_rows_of_short_labels_and_figures_are_read_in_their_order_on_a_page_a_little_askew(degrees: float) -> None:
    page = Drawn(200, (1500, 800))
    for row in range(10):
        page.put(100, 100 + 50 * row, "Kortfristiga skulder")
        for column in range(3):
            page.put(800 + 220 * column, 100 + 50 * row, f"{row + 1} {column}40", right=True)
    turned = Image.fromarray(page.bilevel()).rotate(degrees, fillcolor=255, resample=Image.Resampling.BICUBIC)
    found = MorphologyDetector().detect(np.where(np.asarray(turned) < 140, 0, 255).astype(np.uint8))
    assert len(found) == 40
    for row in range(10):
        lefts = [region.x for region in found[4 * row : 4 * row + 4]]
        assert lefts == sorted(lefts)
