"""What stands beside lines on synthetic pages: how each lies, what is in each box, where strokes run over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.synth.page_fonts import STILL

from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import PageRecipe, PageSynth, SynthPage, load_page_recipe
from nordocr.synth.pages.files import truth_of


def page(fonts: FontConfig, kind: str = "letter", seed: int = 1, **keys: object) -> SynthPage:
    plain: dict[str, object] = {"kinds": {kind: 1.0}, "dpi": ((100, 1.0),), "bilevel": 0.0, "typed": 0.0, "skew": 0.0}
    plain |= {"borders": 0.0, "holes": 0.0, "stamps": 0.0, "degrade": STILL, "fonts": fonts}
    recipe = PageRecipe.model_validate(plain | keys)
    return PageSynth(recipe, seed).make(0)


def first(fonts: FontConfig, name: str, kind: str = "letter", **keys: object) -> SynthPage:
    """The first page on which there was room."""
    for seed in range(1, 9):
        made = page(fonts, kind, seed, beside={name: 1.0}, **keys)
        if name.replace("_", "-") in made.tags:
            return made
    raise AssertionError(f"no page had room for {name}")


@pytest.mark.parametrize(
    ("name", "rotations"), [("turned_notes", {90, 270}), ("turned_heads", {90, 270}), ("upside_down", {180})]
)
def test_turned_lines_say_how_they_lie_and_their_ink_lies_so(fonts: FontConfig, name: str, rotations: set[int]) -> None:
    made = first(fonts, name)
    lines = [line for line in made.lines if line.rotation]
    assert lines and {line.rotation for line in lines} <= rotations
    for line in lines:
        x, y, width, height = line.bbox
        ink = made.image[y : y + height, x : x + width] < 128
        assert ink.any(axis=0).mean() > 0.5 and ink.any(axis=1).mean() > 0.5
        if line.rotation != 180 and len(line.text) > 6:
            assert height > 2 * width
    told = truth_of([made], "page.png").pages[0].lines
    assert [line.rotation for line in told if line.rotation] == [line.rotation for line in lines]


def test_boxes_to_tick_are_signs_before_their_texts(fonts: FontConfig) -> None:
    made = first(fonts, "tick_boxes")
    options = [line for line in made.lines if line.kind == "option"]
    assert len(options) >= 2 and all(line.text[0] in "☐☑☒" and line.text[1] == " " for line in options)


def test_forms_boxes_are_in_the_truth_where_asked_for_and_the_picture_is_the_same(fonts: FontConfig) -> None:
    with_boxes, without = (page(fonts, "form", tick_truth=asked) for asked in (True, False))
    assert np.array_equal(with_boxes.image, without.image)
    pairs = [(a, b) for a, b in zip(with_boxes.lines, without.lines, strict=True) if a != b]
    assert pairs and all(a.text == f"☐ {b.text}" and a.bbox[0] < b.bbox[0] for a, b in pairs)


def test_a_stroke_over_an_amount_is_flagged_in_the_truth(fonts: FontConfig) -> None:
    made, clean = first(fonts, "over_amounts", "invoice"), page(fonts, "invoice")
    struck = [line for line in made.lines if "overlapped" in line.flags]
    assert struck and not any(line.flags for line in clean.lines)
    told = truth_of([made], "page.png").pages[0].lines
    assert sum("overlapped" in line.flags for line in told) == len(struck)


@pytest.mark.parametrize("name", ["pictures", "handwriting"])
def test_pictures_and_handwriting_add_ink_and_no_lines(fonts: FontConfig, name: str) -> None:
    made = first(fonts, name)
    assert all(line.kind not in ("option", "margin") and not line.flags for line in made.lines)
    outside = made.image < 128
    for line in made.lines:
        x, y, width, height = line.bbox
        outside[y : y + height, x : x + width] = False
    assert outside.sum() > 300


def test_the_recipe_has_all_kinds_and_others_have_none() -> None:
    assert all(load_page_recipe(Path("beside")).beside.model_dump().values())
    for name in ("dirty", "dirty-g4", "dirty-fax"):
        assert not load_page_recipe(Path(name)).beside.any
    assert not PageRecipe().beside.any
