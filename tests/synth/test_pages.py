"""Whole pages: the same everywhere, every box exactly round its line's ink, texts and sums right, files readable."""

from __future__ import annotations

import hashlib
import multiprocessing
import pickle
from typing import Any

import numpy as np
import pytest

from nordocr.charset import NORDIC_126
from nordocr.synth.dice import Dice
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import (
    PageRecipe,
    PageSynth,
    SynthPage,
)
from nordocr.synth.pages.recipe import KINDS, LANGUAGES
from nordocr.synth.pages.sheet import INK_LEVEL
from nordocr.synth.pages.statements import balance_sheet, income_statement
from nordocr.synth.pages.writer import page_wording

pytestmark = pytest.mark.usefixtures("page_cache")


def fingerprint(page: SynthPage) -> str:
    told = repr((page.lines, page.dpi, page.language, page.kind, page.tags)).encode()
    return hashlib.sha256(page.image.tobytes() + told).hexdigest()


def fingerprints(synth: PageSynth, indices: list[int]) -> list[str]:
    return [fingerprint(synth.make(index)) for index in indices]


def test_a_page_depends_on_recipe_seed_and_index_alone(fonts: FontConfig) -> None:
    recipe = PageRecipe(fonts=fonts, dpi=((100, 1.0),))
    first = fingerprints(PageSynth(recipe, 7), [0, 1, 2, 3])
    used = PageSynth(recipe, 7)
    assert fingerprints(used, [3, 1, 2, 0]) == [first[3], first[1], first[2], first[0]]
    assert len(set(first)) == 4
    assert fingerprints(PageSynth(recipe, 8), [0])[0] not in first
    assert len(pickle.dumps(used)) < 20_000
    with multiprocessing.get_context("spawn").Pool(1) as workers:
        assert workers.apply(fingerprints, (used, [2, 0])) == [first[2], first[0]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_in_every_language(synth: PageSynth, language: str) -> None:
    for number, kind in enumerate(KINDS):
        sheet, _ = synth.laid_out(kind, language, 72, number % 3 == 0, np.random.default_rng([number, 5]))
        image, lines = sheet.finish()
        high, wide = image.shape
        assert (wide, high) == (595, 842)
        assert [line.order for line in lines] == list(range(len(lines)))
        assert len(lines) >= 8
        for line in lines:
            assert not NORDIC_126.outside(line.text)
            assert line.text == " ".join(line.text.split()) != ""
            x, y, w, h = line.bbox
            assert x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= wide and y + h <= high
    words = page_wording(language)
    sheet, _ = synth.laid_out("invoice", language, 72, False, np.random.default_rng(1))
    assert {words.invoice, words.totals[2]} <= {laid.text for laid in sheet.laid}


@pytest.mark.parametrize("kind", KINDS)
def test_boxes_hold_their_ink_and_nothing_else_of_the_line(synth: PageSynth, kind: str) -> None:
    """Leaving a line out changes the page inside its box only, and up to each edge of the box."""
    sheet, _ = synth.laid_out(kind, "sv", 110, kind == "letter", np.random.default_rng(21))
    whole, lines = sheet.finish(0.9)
    exact = 0
    for place in range(len(lines)):
        laid = sheet.laid.pop(place)
        without, _ = sheet.finish(0.9)
        sheet.laid.insert(place, laid)
        changed = np.abs(whole.astype(int) - without) >= INK_LEVEL
        x, y, w, h = lines[place].bbox
        assert changed[y : y + h, x : x + w].any(), lines[place]
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        assert y <= rows[0] and rows[-1] < y + h and x <= columns[0] and columns[-1] < x + w, lines[place]
        exact += (rows[0], columns[0], rows[-1], columns[-1]) == (y, x, y + h - 1, x + w - 1)
    assert exact >= 0.9 * len(lines)  # the rest touches a rule or a signature


def test_lines_of_a_straight_page_hardly_overlap(synth: PageSynth) -> None:
    for number, kind in enumerate(KINDS * 2):
        sheet, _ = synth.laid_out(kind, LANGUAGES[number % 6], 100, number % 2 == 1, np.random.default_rng(number))
        boxes = [line.bbox for line in sheet.finish()[1]]
        for place, (ax, ay, aw, ah) in enumerate(boxes):
            for bx, by, bw, bh in boxes[place + 1 :]:
                wide, high = min(ax + aw, bx + bw) - max(ax, bx), min(ay + ah, by + bh) - max(ay, by)
                assert max(wide, 0) * max(high, 0) <= 0.12 * min(aw * ah, bw * bh)


def test_scanned_pages_keep_size_and_ink_where_the_truth_says(fonts: FontConfig) -> None:
    recipe = PageRecipe(fonts=fonts, dpi=((150, 1.0),), bilevel=1.0, borders=1.0, stamps=1.0)
    synth = PageSynth(recipe, 2)
    stamped = 0
    for index in range(3):
        page = synth.make(index)
        assert page.image.shape == (1754, 1240) and page.image.dtype == np.uint8
        assert set(np.unique(page.image)) <= {0, 255} and page.bilevel
        stamped += any(line.kind == "stamp" for line in page.lines)
        dark = [float((page.image[y : y + h, x : x + w] < 128).mean()) for x, y, w, h in (b.bbox for b in page.lines)]
        assert np.mean(np.array(dark) > 0.03) > 0.97
    assert stamped


def test_a_typewriter_keeps_its_pitch(synth: PageSynth) -> None:
    sheet, typed = synth.laid_out("letter", "nb", 200, True, np.random.default_rng(4))
    assert typed
    press = sheet.press
    style_widths = {round(press.width(text, synth_style(press)) / len(text), 4) for text in ("iiii", "WMWM", "a b,")}
    assert len(style_widths) == 1
    assert style_widths.pop() in (7.2, 6.0)  # 10 and 12 characters an inch


def synth_style(press: Any) -> Any:
    from nordocr.synth.pages.press import Style

    return Style("body", 10.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_statements_add_up(language: str) -> None:
    wording = page_wording(language).statements
    for seed in range(20):
        income = income_statement(Dice(seed), wording, 2, 40_000)
        assets, owed = balance_sheet(Dice(seed), wording, 2, 40_000)
        assert assets[-1].figures == owed[-1].figures
        for rows in (income, assets, owed):
            for year in range(2):
                items = sum(row.figures[year] for row in rows if row.mark in "+-*")
                assert rows[-1].figures[year] == items
        assert all(value < 0 for row in income if row.mark == "-" for value in row.figures)
