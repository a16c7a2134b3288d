"""Typewritten lines: equal pitch, spaces of whole cells, a small l for 1."""

from __future__ import annotations

import numpy as np
import pytest
from tests.synth.drawing import Face, draw, plain

from nordocr.synth.render import render_line


def _starts(image: np.ndarray) -> np.ndarray:
    inked = 255 - image.astype(float).min(0) > 60
    return np.flatnonzero(inked & ~np.concatenate([[False], inked[:-1]]))


def test_typewriters_keep_their_pitch(mono: Face) -> None:
    still = {"typed": 1.0, "wear": (0.0, 0.0), "pitch_weights": ((10.0, 1.0),)}
    for dpi in (200, 300):
        config = plain(**still, dpi_weights=((dpi, 1.0),))
        starts = _starts(draw("|" * 60, mono, config))
        assert len(starts) == 60
        assert np.abs(starts - starts[0] - np.arange(60) * dpi / 10).max() <= 1.6


def test_two_spaces_follow_a_sentence_and_a_tab_is_whole_cells(mono: Face) -> None:
    still = {"typed": 1.0, "wear": (0.0, 0.0), "pitch_weights": ((10.0, 1.0),), "dpi_weights": ((200, 1.0),)}
    for changes, extra in (({}, 0), ({"sentence_gap": 1.0}, 20), ({"tabbed": 1.0, "tab_em": (3.0, 3.0)}, 100)):
        starts = _starts(draw("||: ||", mono, plain(**still, **changes)))
        assert starts[-1] - starts[0] == pytest.approx(100 + extra, abs=1.6)


def test_a_machine_without_a_one_strikes_a_small_l(mono: Face) -> None:
    typed = plain(typed=1.0, one_is_ell=1.0)
    drawn = render_line("den 11. mars 1941", mono, np.random.default_rng(3), typed)
    struck = render_line("den ll. mars l94l", mono, np.random.default_rng(3), typed)
    assert np.array_equal(drawn.image, struck.image)
    assert drawn.text == "den 11. mars 1941"
    assert "one-is-ell" in drawn.tags
    assert "one-is-ell" not in struck.tags

    with_key = render_line("den 11. mars 1941", mono, np.random.default_rng(3), plain(typed=1.0))
    assert not np.array_equal(drawn.image, with_key.image)


def test_a_one_that_touches_a_letter_keeps_its_key(mono: Face) -> None:
    for text in ("kap. 4 a1 och 11", "typ 1b, 11"):
        kept = render_line(text, mono, np.random.default_rng(3), plain(typed=1.0, one_is_ell=1.0))
        with_key = render_line(text, mono, np.random.default_rng(3), plain(typed=1.0))
        assert "one-is-ell" not in kept.tags
        assert np.array_equal(kept.image, with_key.image)


def test_a_book_face_on_a_typewriter_stands_in_equal_cells(face: Face) -> None:
    still = {"typed": 1.0, "typed_serif": 1.0, "equal_pitch": 1.0, "wear": (0.0, 0.0), "pitch_weights": ((10.0, 1.0),)}
    config = plain(**still, dpi_weights=((200, 1.0),))
    starts = _starts(draw("||||mWmW||||", Face(face.path, face.index, "serif"), config))
    assert np.diff(starts[[0, 1, 2, 3]]) == pytest.approx([20, 20, 20], abs=1)
    assert starts[[-4, -3, -2, -1]] - starts[0] == pytest.approx([160, 180, 200, 220], abs=1.6)
