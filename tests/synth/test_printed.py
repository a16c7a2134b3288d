"""Printed lines: dot matrix, letter-spaced headings, crops that the ink fills."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests.synth.drawing import Face, box, draw, plain

from nordocr.synth.dice import Dice
from nordocr.synth.render import render_line
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.dotmatrix import DotMatrix
from nordocr.synth.render.glyphs import glyph_table
from nordocr.synth.render.layout import choose_spacing, set_line


def _dots(mono: Face, text: str, seed: int) -> tuple[int, list[int]]:
    table = glyph_table(mono, 90.0)
    printer = DotMatrix(table, text, Dice(np.random.default_rng(seed)), RenderConfig(dot_radius=(0.28, 0.28)))
    counts = [cv2.connectedComponents((printer._glyph(c).ink > 128).astype(np.uint8))[0] - 1 for c in text]
    return round(table.metrics.cap_height / printer.cell), counts


def test_dot_matrix_letters_are_separate_dots_on_one_grid(mono: Face) -> None:
    for seed in range(12):
        rows, counts = _dots(mono, "HI", seed)
        assert rows in (7, 8, 9, 12, 16)
        if rows < 10:  # beyond, the smallest dots of this raster touch
            assert counts[0] >= 2 * rows  # two stems of as many dots as there are rows, and the bar
            assert counts[1] >= rows


def test_letters_beyond_ascii_get_a_finer_grid(mono: Face) -> None:
    assert min(_dots(mono, "Å", seed)[0] for seed in range(12)) >= 12
    assert min(_dots(mono, "A", seed)[0] for seed in range(12)) < 12


def test_only_untyped_monospaced_lines_are_dotted(mono: Face, face: Face) -> None:
    printed = Face(mono.path, mono.index, "sans")
    config = plain(dot_matrix=1.0)
    assert "dot-matrix" in render_line("KVITTO 22,50", printed, np.random.default_rng(1), config).tags
    assert "dot-matrix" not in render_line("KVITTO 22,50", face, np.random.default_rng(1), config).tags
    assert not np.array_equal(draw("KVITTO 22,50", printed, config), draw("KVITTO 22,50", printed, plain()))


def test_letter_spaced_headings_keep_words_apart_and_only_headings_are(face: Face) -> None:
    spaced = plain(letterspaced=1.0, letterspaced_em=(0.25, 0.25))
    ink = draw("NOTER TILL", face, spaced).min(0) < 128
    edges = np.flatnonzero(np.diff(ink.astype(int)))
    gaps = sorted((edges[2::2] - edges[1:-1:2]).tolist())
    assert len(gaps) == 8
    assert gaps[-1] > 1.8 * gaps[-2]
    for text in ("NOTER 1", "a b c", "x" * 41):
        assert np.array_equal(draw(text, face, spaced), draw(text, face, plain()))


@pytest.mark.parametrize("share", [0.55, 0.75, 0.95])
def test_the_ink_fills_its_share_of_the_crop_and_lies_where_it_is_told(face: Face, share: float) -> None:
    for off in (0.1, 0.5, 0.9):
        config = plain(filled=1.0, fill=(share, share), off_centre=(off, off))
        image = draw("Ångpanneförening", face, config)
        _, top, _, bottom = box(image, 200)
        high = image.shape[0]
        assert (bottom - top) / high == pytest.approx(share, abs=0.06)
        if share < 0.9:
            assert top / (high - bottom + top) == pytest.approx(off, abs=0.12)


def test_a_filled_crop_of_a_line_askew_shows_its_neighbours_and_all_of_itself(face: Face) -> None:
    config = plain(
        filled=1.0, fill=(0.75, 0.9), neighbour_above=0.6, neighbour_below=0.6, rotation=1.0, rotation_degrees=2.0,
        tight_leading=(1.0, 1.0),
    )  # fmt: skip
    quiet = plain(filled=1.0, fill=(0.75, 0.9), rotation=1.0, rotation_degrees=2.0)
    shown = 0
    for seed in range(12):
        both = draw("Förvaltningsberättelse och noter till den", face, config, seed)
        alone = draw("Förvaltningsberättelse och noter till den", face, quiet, seed)
        if both.shape == alone.shape:
            assert (both.astype(int) <= alone.astype(int) + 40).all()  # nothing of the line itself is lost
            shown += bool((alone.astype(int) - both > 100).any())
    assert shown >= 3


def test_a_dash_is_not_blown_up_to_fill_its_crop(face: Face) -> None:
    image = draw("- -", face, plain(filled=1.0, fill=(0.95, 0.95)))
    _, top, _, bottom = box(image, 200)
    assert bottom - top < 0.3 * image.shape[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_typed_letter_spaced_heading_has_empty_cells_and_a_label_without_spaces(mono: Face, seed: int) -> None:
    table, dice = glyph_table(mono, 90.0), Dice(np.random.default_rng(seed))
    config = plain(letterspaced=1.0, tabbed=0.0)
    spacing, tags = choose_spacing("NOTER TILL", table, True, dice, config)
    assert tags == ["letterspaced"]
    cell = np.diff(set_line("NO", table, spacing).pens)[0] / 2
    assert cell == pytest.approx(table.glyph("n").advance / config.type_fill[0], rel=0.5)
    setting = set_line("NOTER TILL", table, spacing)
    assert setting.text == "NOTER TILL"
    steps = np.diff(setting.pens) / cell
    assert np.allclose(steps[[0, 1, 2, 3, 6, 7, 8]], 2)
    assert steps[4] + steps[5] == pytest.approx(spacing.word_factor * 2 + 2)  # two or three cells stay empty
    assert spacing.word_factor in (0.5, 1.0)
    assert choose_spacing("NOTER 1", table, True, dice, config)[1] == []
