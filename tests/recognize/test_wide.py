"""Wide lines: where they are cut, and what the joined line's values are, worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nordocr.ctc import WordSpan
from nordocr.linespec import LineSpec
from nordocr.recognize.base import LineText
from nordocr.recognize.wide import Piece, join_pieces, split_wide

SPEC = LineSpec()
CROP = np.zeros((1, 1), np.uint8)


def text(said: str, confidence: float, *flags: str) -> LineText:
    """A line whose characters have falling confidences and share its width equally."""
    size = len(said)
    edges = [i / size for i in range(size + 1)] if size else []
    characters = tuple(round(confidence + 0.01 * (size - 1 - i), 4) for i in range(size))
    words = (WordSpan(said, confidence, 0.0, 1.0),) if said else ()
    return LineText(said, confidence, characters, words, flags, tuple(itertools.pairwise(edges)))


def test_the_joining_space_takes_the_lower_confidence_of_its_neighbours() -> None:
    pieces = [Piece(CROP, 0, 100), Piece(CROP, 100, 200), Piece(CROP, 200, 400)]
    joined = join_pieces(pieces, [text("ab", 0.9), text("cd", 0.5), text("ef", 0.8)])
    assert joined.text == "ab cd ef"
    assert joined.char_confidences == pytest.approx((0.91, 0.9, 0.5, 0.51, 0.5, 0.5, 0.81, 0.8))
    assert joined.confidence == 0.5
    first_lower = join_pieces(pieces[:2], [text("ab", 0.3), text("cd", 0.7)])
    assert first_lower.char_confidences == pytest.approx((0.31, 0.3, 0.3, 0.71, 0.7))
    assert first_lower.confidence == 0.3


def test_places_become_shares_of_the_whole_line() -> None:
    pieces = [Piece(CROP, 0, 100), Piece(CROP, 100, 400)]
    joined = join_pieces(pieces, [text("ab", 0.9), text("c", 0.8, "squeezed")])
    assert list(joined.char_extents) == [(0.0, 0.125), (0.125, 0.25), (0.25, 0.25), (0.25, 1.0)]
    assert [(word.text, word.left, word.right) for word in joined.words] == [("ab", 0.0, 0.25), ("c", 0.25, 1.0)]
    assert joined.flags == ("split", "squeezed")


def test_a_piece_without_text_adds_no_space_and_no_doubt() -> None:
    pieces = [Piece(CROP, 0, 50), Piece(CROP, 50, 100), Piece(CROP, 100, 200)]
    joined = join_pieces(pieces, [text("ab", 0.9), LineText("", 0.1), text("cd", 0.8)])
    assert (joined.text, joined.confidence) == ("ab cd", 0.8)
    assert joined.char_confidences == pytest.approx((0.91, 0.9, 0.8, 0.81, 0.8))
    nothing = join_pieces(pieces[:2], [LineText("", 0.4), LineText("", 0.2)])
    assert (nothing.text, nothing.confidence, nothing.flags) == ("", 0.2, ("split",))


def test_an_engine_without_characters_gives_none_for_the_whole() -> None:
    pieces = [Piece(CROP, 0, 50), Piece(CROP, 50, 100)]
    bare = [LineText("ab", 0.9), LineText("cd", 0.8)]
    assert join_pieces(pieces, bare).char_extents == ()
    whole = LineText("ab", 0.9, flags=("squeezed",))
    assert join_pieces(pieces[:1], [whole]) is whole


def inked(width: int, height: int, *gaps: tuple[int, int]) -> np.ndarray:
    """Ink everywhere but in the gaps, which are columns from (inclusive) and to (exclusive)."""
    crop = np.full((height, width), 255, np.uint8)
    crop[height // 4 : 3 * height // 4] = 0
    for left, right in gaps:
        crop[:, left:right] = 255
    return crop


def cuts(crop: np.ndarray, ceiling: int) -> list[tuple[int, int]]:
    return [(piece.left, piece.right) for piece in split_wide(crop, SPEC, ceiling)]


def test_a_line_is_cut_at_the_middle_of_the_most_central_gap() -> None:
    assert cuts(inked(400, 32, (100, 108), (190, 200), (300, 308)), 320) == [(0, 195), (195, 400)]


def test_a_wider_gap_is_worth_a_way_from_the_centre() -> None:
    # One line height (32 px) more of gap is worth a fifth of the width: 0.2 of 400 px are 80 px.
    assert cuts(inked(400, 32, (190, 200), (240, 280)), 320) == [(0, 260), (260, 400)]
    assert cuts(inked(400, 32, (190, 200), (310, 330)), 320) == [(0, 195), (195, 400)]


@pytest.mark.parametrize("gap", [(40, 60), (345, 365), (198, 202)])
def test_gaps_at_the_ends_and_between_letters_are_not_used(gap: tuple[int, int]) -> None:
    assert cuts(inked(400, 32, gap), 320) == [(0, 400)]


def test_pieces_are_cut_again_until_each_fits() -> None:
    crop = inked(800, 32, (195, 205), (395, 405), (595, 605))
    assert cuts(crop, 256) == [(0, 200), (200, 400), (400, 600), (600, 800)]
    assert cuts(crop, 400) == [(0, 400), (400, 800)]


def test_what_just_fits_is_not_cut() -> None:
    gap = (155, 165)
    assert cuts(inked(323, 32, gap), 320) == [(0, 323)]
    assert cuts(inked(324, 32, gap), 320) == [(0, 160), (160, 324)]


def test_colour_and_specks_are_paper() -> None:
    crop = np.repeat(inked(400, 32, (190, 210))[:, :, None], 3, axis=2)
    crop[3, 190:210] = 0
    assert cuts(crop, 320) == [(0, 200), (200, 400)]
    crop[3:5, 190:210] = 0
    assert cuts(crop, 320) == [(0, 400)]
