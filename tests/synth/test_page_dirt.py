"""Dirt and hard layouts of pages: each kind does what it says, truth and text survive, junk has no lines."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.synth.page_fonts import STILL

from nordocr.synth.dice import Dice
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import PageRecipe, PageSynth, SynthPage, load_page_recipe
from nordocr.synth.pages.dirt import DirtConfig, soil
from nordocr.synth.pages.model import PageLine
from nordocr.synth.pages.recipe import LayoutConfig

LINES = (PageLine("Summa", (300, 200, 200, 30), "label", 0), PageLine("12", (700, 600, 40, 30), "figure", 1))


def paper() -> np.ndarray:
    image = np.full((1100, 850), 255, np.uint8)
    for line in LINES:
        x, y, w, h = line.bbox
        image[y : y + h, x : x + w] = 0
    return image


def soiled(
    seed: int, *, bilevel: bool = True, **shares: float
) -> tuple[np.ndarray, tuple[PageLine, ...], tuple[str, ...]]:
    config = DirtConfig.model_validate(shares)
    result = soil(paper(), LINES, Dice(np.random.default_rng(seed)), config, dpi=200, bilevel=bilevel)
    return result.image, result.lines, result.tags


@pytest.mark.parametrize("kind", ["ragged_edges", "wedge", "pepper", "surround"])
@pytest.mark.parametrize("bilevel", [True, False])
def test_each_kind_adds_black_away_from_the_text(kind: str, bilevel: bool) -> None:
    for seed in range(6):
        image, lines, tags = soiled(seed, bilevel=bilevel, **{kind: 1.0})
        assert tags == (kind.replace("_", "-"),)
        assert [line.text for line in lines] == ["Summa", "12"]
        if bilevel:
            assert set(np.unique(image)) <= {0, 255}
        inside = np.zeros(image.shape, dtype=bool)
        for line in lines:
            x, y, w, h = line.bbox
            inside[y : y + h, x : x + w] = True
            assert (image[y : y + h, x : x + w] < 60).all()  # the line's ink lies where its box says
        assert (image[~inside] < 128).sum() > 300


def test_ragged_edges_stay_near_the_borders_and_are_uneven() -> None:
    for seed in range(10):
        image, _, _ = soiled(seed, ragged_edges=1.0)
        added = (image == 0) & (paper() == 255)
        assert not added[30:-30, 30:-30].any()
        depth = np.concatenate([added[:30].sum(0), added[-30:].sum(0)])
        side = np.concatenate([added[:, :30].sum(1), added[:, -30:].sum(1)])
        assert max(depth.max(), side.max()) <= 30
        assert max(len(np.unique(depth)), len(np.unique(side))) > 4


def test_a_wedge_stays_above_the_first_line_and_slants() -> None:
    for seed in range(10):
        image, _, _ = soiled(seed, wedge=1.0)
        added = (image == 0) & (paper() == 255)
        assert not added[193:].any()
        left, right = added[:, :40].sum(0).mean(), added[:, -40:].sum(0).mean()
        assert abs(left - right) > 0.4 * max(left, right)


def test_surrounded_pages_can_be_more_black_than_paper() -> None:
    shares = [(soiled(seed, surround=1.0)[0] == 0).mean() for seed in range(40)]
    assert max(shares) > 0.5
    assert min(shares) < 0.15


def test_without_dirt_nothing_changes() -> None:
    image, lines, tags = soiled(0)
    assert np.array_equal(image, paper())
    assert lines == LINES
    assert tags == ()
    assert not DirtConfig().any


# ---- whole pages


def page(fonts: FontConfig, kind: str, seed: int = 1, **changes: object) -> SynthPage:
    fixed = {"fonts": fonts, "kinds": {kind: 1.0}, "dpi": ((100, 1.0),), "degrade": STILL, "bilevel": 0.0}
    still = {"typed": 0.0, "skew": 0.0, "holes": 0.0, "borders": 0.0, "stamps": 0.0}
    return PageSynth(PageRecipe.model_validate(fixed | still | changes), seed).make(0)


def test_rules_are_broken_into_dashes_and_text_is_not(fonts: FontConfig) -> None:
    whole, broken = (page(fonts, "form", dirt={"broken_rules": share}) for share in (0.0, 1.0))
    assert [line.text for line in broken.lines] == [line.text for line in whole.lines]
    lost = (broken.image > 128) & (whole.image <= 128)
    assert lost.sum() > 200
    for line in whole.lines:
        x, y, w, h = line.bbox
        ink = whole.image[y : y + h, x : x + w] <= 128
        assert (lost[y : y + h, x : x + w] & ink).sum() <= 0.25 * ink.sum()
    assert "broken-rules" in broken.tags


def test_light_ink_is_light_and_only_on_gray_pages(fonts: FontConfig) -> None:
    light = page(fonts, "letter", dirt={"light_ink": 1.0}, degrade=PageRecipe().degrade)
    assert "light-ink" in light.tags
    assert light.image.min() >= 90
    assert np.median(light.image) > 235
    dark = page(fonts, "letter", dirt={"light_ink": 1.0}, bilevel=1.0, degrade=PageRecipe().degrade)
    assert "light-ink" not in dark.tags


def _boxed(made: SynthPage) -> list[str]:
    """Values of a form with an upright rule on both sides of every character."""
    found = []
    for line in made.lines:
        x, y, w, h = line.bbox
        dark = made.image[y - 2 : y + h + 2, max(x - 12, 0) : x + w + 12] < 128
        walls = np.count_nonzero(np.diff(dark.all(0).astype(int)) == 1)
        if line.kind == "value" and len(line.text) > 4 and walls > len(line.text) - 2:
            found.append(line.text)
    return found


def test_a_comb_field_is_one_line_of_text_in_as_many_boxes(fonts: FontConfig) -> None:
    assert _boxed(page(fonts, "form")) == []
    found = [text for seed in (1, 2) for text in _boxed(page(fonts, "form", seed, layout={"comb_fields": 1.0}))]
    assert len(found) >= 6
    assert all(text.isalnum() and text == text.upper() for text in found)


def test_three_columns(fonts: FontConfig) -> None:
    made = page(fonts, "running", layout={"three_columns": 1.0})
    lefts = np.array([line.bbox[0] for line in made.lines if line.kind == "paragraph"])
    starts = np.unique(lefts // 60)
    assert len({int(left) for left in starts}) >= 3
    widths = [line.bbox[2] for line in made.lines if line.kind == "paragraph"]
    assert max(widths) < 0.32 * made.image.shape[1]


def test_close_columns_are_about_a_digit_apart(fonts: FontConfig) -> None:
    def gap(share: float) -> int:
        gaps: list[int] = []
        for seed in range(6):
            made = page(fonts, "statement", seed, layout={"close_columns": share})
            rows: dict[int, list[tuple[int, int]]] = {}
            for line in made.lines:
                if line.kind == "figure":
                    x, y, w, h = line.bbox
                    rows.setdefault((y + h) // 4, []).append((x, x + w))
            for cells in rows.values():
                cells.sort()
                gaps += [b[0] - a[1] for a, b in itertools.pairwise(cells)]
        return min(gaps)

    assert 3 <= gap(1.0) < 14 < gap(0.0)


def test_heavy_headings_are_heavier_and_shaded_rows_keep_their_text(fonts: FontConfig) -> None:
    def ink(made: SynthPage) -> float:
        boxes = [line.bbox for line in made.lines if line.kind == "heading"]
        return 255 - float(np.mean([made.image[y : y + h, x : x + w].mean() for x, y, w, h in boxes]))

    heavy = np.mean([ink(page(fonts, "running", seed, layout={"heavy_headings": 1.0})) for seed in range(4)])
    usual = np.mean([ink(page(fonts, "running", seed)) for seed in range(4)])
    assert heavy > usual * 1.15
    shaded = 0
    for seed in range(8):
        made = page(fonts, "notes", seed, layout={"shaded_rows": 1.0}, bilevel=1.0, degrade=PageRecipe().degrade)
        for line in made.lines:
            x, y, w, h = line.bbox
            black = (made.image[y : y + h, x : x + w] == 0).mean()
            assert black < 0.97, (line.text, black)
        gray = page(fonts, "notes", seed, layout={"shaded_rows": 1.0}).image
        shaded += bool(((gray > 200) & (gray < 245)).sum() > 2000 or (gray == 0).sum() > 9000)
    assert shaded >= 4


def test_white_heads(fonts: FontConfig) -> None:
    def bands(share: float) -> int:
        found = 0
        for seed in range(6):
            dark = (page(fonts, "statement", seed, layout={"white_heads": share}).image < 100).mean(1) > 0.6
            found += "1" * 8 in "".join("1" if row else "0" for row in dark)  # a band and not a rule
        return found

    assert bands(1.0) == 6
    assert bands(0.0) <= 3


def test_a_steep_page_holds_its_whole_sheet(fonts: FontConfig) -> None:
    for seed in range(4):
        flat = page(fonts, "letter", seed)
        steep = page(fonts, "letter", seed, steep_skew=1.0)
        assert steep.image.shape[0] > flat.image.shape[0] and steep.image.shape[1] > flat.image.shape[1]
        assert "skew" in steep.tags
        high, wide = steep.image.shape
        for line in steep.lines:
            x, y, w, h = line.bbox
            assert x >= 0 and y >= 0 and x + w <= wide and y + h <= high
            assert (steep.image[y : y + h, x : x + w] < 128).any()
        ink = [int((255 - image.image.astype(int)).sum()) for image in (flat, steep)]
        assert ink[1] == pytest.approx(ink[0], rel=0.03)


@pytest.mark.parametrize("name", ["dirty", "dirty-g4", "dirty-fax"])
def test_bundled_recipes(name: str, tmp_path: Path, fonts: FontConfig) -> None:
    recipe = load_page_recipe(Path(name))
    assert recipe.dirt.any
    assert recipe.layout != LayoutConfig()
    assert recipe.fonts.split == ("train" if name == "dirty" else "validation")
    if name != "dirty":
        assert recipe.bilevel == 1.0
    small = recipe.model_copy(update={"fonts": fonts, "dpi": ((100, 1.0),)})
    made = PageSynth(small, 5).make(0)
    assert made.lines
    again = PageSynth(small, 5).make(0)
    assert np.array_equal(made.image, again.image) and made.lines == again.lines
    assert cv2.countNonZero(made.image) > 0
