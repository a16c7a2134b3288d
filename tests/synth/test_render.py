"""Rendered lines: the same everywhere, nothing of the text lost, every effect real, the plain line clean."""

from __future__ import annotations

import hashlib
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ImageFont
from pydantic import ValidationError
from tests.synth.drawing import TEXT, Face, box, draw, plain

from nordocr.charset import NORDIC_126
from nordocr.errors import DataInvalid, InputUnreadable
from nordocr.synth.dice import Dice
from nordocr.synth.render import RenderConfig, render_line
from nordocr.synth.render.canvas import Line
from nordocr.synth.render.config import _CHANCE
from nordocr.synth.render.marks import choose_marks


def digests(face: Face, seeds: list[int]) -> list[str]:
    found = []
    for seed in seeds:
        group = ("typewriter", "serif", "monospace")[seed % 3]
        line = render_line(TEXT, Face(face.path, face.index, group), np.random.default_rng(seed), RenderConfig())
        found.append(hashlib.sha256(line.image.tobytes() + repr((line.image.shape, line.tags)).encode()).hexdigest())
    return found


def test_the_same_bytes_in_any_order_and_in_a_spawned_process(face: Face) -> None:
    seeds = list(range(24))
    here = digests(face, seeds)
    assert len(set(here)) == len(seeds)
    assert digests(face, seeds[::-1]) == here[::-1]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(digests, (face, seeds[5:])) == here[5:]


def test_the_global_generator_is_neither_read_nor_moved(face: Face) -> None:
    before = np.random.get_state()[1].copy()
    first = draw(TEXT, face, RenderConfig(), 3)
    assert (np.random.get_state()[1] == before).all()
    np.random.seed(99)
    assert np.array_equal(draw(TEXT, face, RenderConfig(), 3), first)


def test_every_character_of_the_charset_is_drawn_and_its_own(face: Face) -> None:
    if "DejaVu" not in face.path:
        pytest.skip("only DejaVu Sans is known to draw all of the charset differently")
    images = {char: draw(char, face, plain()) for char in NORDIC_126.characters if char != " "}
    assert len(images) == 124
    assert all(image.min() < 60 for image in images.values())
    assert len({image.tobytes() + bytes(image.shape) for image in images.values()}) == 124


def test_a_plain_line_is_clean_and_as_long_as_freetype_says(face: Face) -> None:
    font = ImageFont.truetype(face.path, 96)
    for text in (TEXT, "Vår AVTALE To. Ty", "12 345 678,90"):
        image = draw(text, face, plain())
        x0, y0, x1, y1 = box(image)
        inside = np.zeros_like(image, dtype=bool)
        inside[y0:y1, x0:x1] = True
        assert (image[~inside] > 239).all()
        assert image.min() == 0
        assert min(x0, y0, image.shape[1] - x1, image.shape[0] - y1) >= 2
        left, _, right, _ = font.getbbox(text, features=["-liga"] if font.layout_engine else None)
        assert x1 - x0 == pytest.approx((right - left) * 300 / 72 * 10 / 96, rel=0.02)


def test_the_drawing_is_the_text_and_not_only_as_long_as_it(face: Face) -> None:
    other = draw(TEXT.replace("1986", "1936"), face, plain()).astype(int)
    image = draw(TEXT, face, plain()).astype(int)
    differs = np.flatnonzero((image != other).any(0))
    assert image.shape == other.shape
    assert differs[0] > 0.9 * image.shape[1]


_TYPED = {
    *("half_struck", "ghost", "clogged", "ribbon", "ribbon_edge", "ribbon_shadow"),
    *("worn_type", "hard_point", "punched", "overtyped", "equal_pitch", "sentence_gap", "one_is_ell"),
}
_NEEDS: dict[str, dict[str, object]] = {"punched": {"hard_point": 1.0}, "sentence_gap": {"equal_pitch": 1.0}}
"""What an effect builds on."""
_TEXTS = {
    "hug": "sanoo me omassa asuessa",
    "punched": "Nr. 4. Resultat.",
    "sentence_gap": "Nr. 4: Resultat",
    "thin_groups": "Sum 12 345",
    "letterspaced": "Väsentliga händelser",
}
_CROP = {"side_cut", "side_tight", "side_loose", "neighbour_above", "neighbour_below"}
_CHANCES = [name for name, field in RenderConfig.model_fields.items() if _CHANCE in field.metadata]
_CHANCES.remove("dot_matrix")  # needs a monospaced face: test_printed.py


@pytest.mark.parametrize("name", _CHANCES)
def test_every_effect_changes_the_image(face: Face, name: str) -> None:
    group = {"typed": "typewriter", "typed_monospace": "monospace", "typed_serif": "serif"}.get(name, "sans")
    base: dict[str, object] = {"wear": (1.0, 1.0), "strike_force": (1.0, 1.0)}
    if name in _TYPED:
        group, base = "typewriter", base | {"typed": 1.0} | _NEEDS.get(name, {})
    drawn = Face(face.path, face.index, group)
    always = 0.0 if name in ("kerning", "hug") else 1.0
    text = _TEXTS.get(name, TEXT)
    changed = 0
    for seed in range(4):
        before = render_line(text, drawn, np.random.default_rng(seed), plain(**base))
        after = render_line(text, drawn, np.random.default_rng(seed), plain(**base | {name: always}))
        assert before.dpi == after.dpi == 300
        changed += not np.array_equal(before.image, after.image)
    # A stamp may lie beside the line: 3 in 200 do.
    assert changed >= (3 if name == "stamp" else 4), f"{name} changed {changed} of 4 lines"


@pytest.mark.parametrize(
    ("name", "tag"), [("underline", "underline"), ("stamp", "stamp"), ("rule_across", "rule-above"), ("wave", "wave")]
)
def test_tags_name_what_was_done(face: Face, name: str, tag: str) -> None:
    rng = np.random.default_rng(2)
    assert tag in render_line(TEXT, face, rng, plain(**{name: 1.0})).tags
    assert render_line(TEXT, face, rng, plain()).tags == ()


def test_slanted_lines_have_no_upright_rules_that_would_read_as_a_slash(face: Face) -> None:
    upright = dict.fromkeys(("rule_side", "rule_inside", "box"), 1.0)
    for seed in range(5):
        slanted = draw(TEXT, face, plain(shear=1.0, **upright), seed)
        assert np.array_equal(slanted.min(0) < 128, draw(TEXT, face, plain(shear=1.0), seed).min(0) < 128)


def test_neighbours_intrude_and_leave_the_own_ink_alone(face: Face) -> None:
    config = plain(neighbour_above=1.0, neighbour_below=1.0, rotation=0.5)
    intruded = 0
    for seed in range(40):
        alone = render_line(TEXT, face, np.random.default_rng(seed), config, context=lambda rng: " ")
        among = render_line(TEXT, face, np.random.default_rng(seed), config, context=lambda rng: "Ågjp " * 20)
        assert alone.image.shape == among.image.shape
        assert (among.image <= alone.image).all()
        own = alone.image < 128
        assert np.abs(alone.image.astype(int) - among.image)[own].max() < 100
        added = (among.image < 128) & ~own
        rows = np.flatnonzero(added.any(1))
        _, y0, _, y1 = box(alone.image)
        intruded += bool(rows.size) and rows[0] < y0 + 4 and rows[-1] > y1 - 4
    assert intruded > 30


def test_neighbours_without_a_context_are_made_of_the_line_itself(face: Face) -> None:
    config = plain(neighbour_above=1.0, neighbour_below=1.0)
    alone = render_line(TEXT, face, np.random.default_rng(4), config, context=lambda rng: " ").image
    assert (draw(TEXT, face, config, 4) < 128).sum() > (alone < 128).sum() + 20


def test_a_cut_takes_at_most_one_pixel_and_never_the_ring_of_a_small_letter(face: Face) -> None:
    for points in (4.0, 5.0, 10.0):
        size = {"points": (points, points), "em_pixels": (5.0, 100.0), "points_mode": points}
        for seed in range(5):
            x0, y0, x1, y1 = box(draw("Åland Åg", face, plain(**size), seed), 200)
            a0, b0, a1, b1 = box(draw("Åland Åg", face, plain(**size, side_cut=1.0, margin_vertical=(0, 0)), seed), 200)
            assert (x1 - x0) - (a1 - a0) <= 2
            assert (y1 - y0) - (b1 - b0) <= (2 if points == 10.0 else 1)


def test_a_line_of_dashes_is_not_cut_to_nothing(face: Face) -> None:
    """One line in some hundred thousand had no rows left, and ended a training."""
    size = {"points": (4.0, 7.0), "em_pixels": (5.0, 100.0)}
    for seed in range(60):
        image = draw("- -", face, plain(**size, side_cut=1.0, margin_vertical=(0, 0), hug=0.0), seed)
        assert image.shape[0] >= 2
        assert image.min() < 200


def test_bent_and_turned_lines_stay_whole_inside_their_crop(face: Face) -> None:
    bent = dict.fromkeys(("rotation", "shear", "wave"), 1.0)
    for changes in (bent, {"rotation": 1.0}, {"rotation": 1.0, "perspective": 1.0, "shear": 1.0}):
        config = plain(**changes, rotation_degrees=3.0, margin_vertical=(0.12, 0.12))
        for seed in range(25):
            image = draw("Jg " + TEXT + " Åj", face, config, seed)
            edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
            assert (edge > 239).all()
            x0, y0, x1, y1 = box(image)
            assert max(x0, image.shape[1] - x1, y0, image.shape[0] - y1) < 16, "the crop follows the bent ink"


def test_ink_stands_at_both_ends_whatever_happens(face: Face) -> None:
    config = RenderConfig.model_validate(
        RenderConfig().model_dump()
        | dict.fromkeys(("box", "rule_side", "rule_inside", "rule_across", "underline", "form_line", "strike"), 0.0)
        | dict.fromkeys(("handwriting", "stamp", "check_box", "neighbour_above", "neighbour_below"), 0.0)
        | {"dpi_weights": ((300, 1.0),)}
    )
    for seed in range(120):
        drawn = Face(face.path, face.index, ("typewriter", "sans")[seed % 2])
        image = draw("Hallingdal Håndverk AS H", drawn, config, seed)
        x0, y0, x1, y1 = box(image)
        stem = (image[:, x0 : x0 + 6] <= 239).any(1).sum(), (image[:, x1 - 6 : x1] <= 239).any(1).sum()
        assert min(stem) > 0.25 * (y1 - y0), f"seed {seed} lost a stem at an end"


@pytest.mark.parametrize("text", ["", "   ", "to\tkol", "to\nlinjer", "zero\u200bwidth"])
def test_texts_that_cannot_be_drawn_are_refused(face: Face, text: str) -> None:
    with pytest.raises(DataInvalid):
        draw(text, face, plain())


def test_a_face_that_leaves_an_end_blank_is_refused(face: Face) -> None:
    with pytest.raises(DataInvalid, match="blank"):
        draw("slutt\u2003.".replace(".", "\u2800") if "DejaVu" not in face.path else "\u2800slutt", face, plain())


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"\x00\x01\x00\x00 not a font")
    with pytest.raises(InputUnreadable, match=r"broken\.ttf"):
        draw("a", Face(str(broken)), plain())


def test_the_config_refuses_what_it_does_not_know() -> None:
    for wrong in ({"underlined": 0.1}, {"underline": 1.1}, {"points": (14.0, 5.0)}):
        with pytest.raises(ValidationError):
            RenderConfig.model_validate(wrong)
    with pytest.raises(ValidationError):
        RenderConfig().underline = 0.5  # type: ignore[misc]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(NORDIC_126.characters, min_size=1, max_size=130).filter(str.strip),
    seed=st.integers(0, 2**32),
    group=st.sampled_from(["typewriter", "monospace", "sans", "old"]),
)
def test_any_text_of_the_charset_gives_a_line(face: Face, text: str, seed: int, group: str) -> None:
    if "DejaVu" not in face.path:
        pytest.skip("only DejaVu Sans is known to draw all of the charset")
    line = render_line(text, Face(face.path, face.index, group), np.random.default_rng(seed), RenderConfig())
    assert line.text == text
    assert line.image.dtype == np.uint8
    assert line.image.ndim == 2
    assert 8 <= line.image.shape[0] <= 400
    assert line.image.min() < 190
    assert 100 <= line.dpi <= 400


def test_an_underline_too_short_for_one_underscore_is_left_out() -> None:
    """A narrow point after a word space, underlined alone: one line in some hundred thousand ended a training."""
    narrow = Line(np.zeros((40, 60), np.uint8), 30.0, (0, 5, 50, 30), (45.0,), 30.0, 14.0, 24.0, 6.0, 200, 20.0, 0.5, 0)
    tags = [choose_marks(narrow, Dice(np.random.default_rng(seed)), plain(underline=1.0)).tags for seed in range(200)]
    assert 0 < tags.count([]) < 100
