"""Labels and the output steps that they need."""

from __future__ import annotations

import pytest

from nordocr.data.length import fit_leaders
from nordocr.families import FAMILIES, repeats


def even(text: str) -> list[float]:
    return [1 / len(text)] * len(text)


def ctc_length(text: str) -> int:
    return FAMILIES["svtrv2"].needed(len(text), repeats(text))


def test_equal_neighbours_need_a_blank_between() -> None:
    assert ctc_length("abc") == 3
    assert ctc_length("aabbb") == 8
    assert ctc_length("") == 0


def test_the_dots_of_a_contents_line_are_as_many_as_their_own_ink_has_steps_for() -> None:
    text = "Noter " + "." * 40 + " 3"
    shares = [0.02] * 6 + [0.8 / 40] * 40 + [0.04] * 2
    fitted = fit_leaders(text, shares, 60)
    assert fitted.startswith("Noter .") and fitted.endswith(". 3")
    dots = fitted.count(".")
    assert 2 * dots - 1 <= 0.85 * 0.8 * 60 < 2 * (dots + 1) - 1
    # The whole would have room for more: letters must not lend it.
    assert ctc_length(fitted) < 60 - 8


@pytest.mark.parametrize(
    "text", ["Noter .......... 3", "aaaaaaaaaa", "1000000000", "0,00 ... 5", "- - - - - -", "Å", ""]
)
def test_what_has_room_and_what_is_no_leader_stays(text: str) -> None:
    assert fit_leaders(text, even(text) if text else [], 400) == text


def test_letters_and_figures_are_never_left_out() -> None:
    text = "000000000000"
    assert fit_leaders(text, even(text), 3) == text
    assert fit_leaders("_" * 30, even("_" * 30), 1) == "__"
