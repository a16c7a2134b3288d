"""The one source of scalar draws."""

from __future__ import annotations

import numpy as np
import pytest

from nordocr.synth.dice import Dice, Weighted


def _from_seed() -> Dice:
    return Dice(7)


def _from_generator() -> Dice:
    return Dice(np.random.default_rng(7))


@pytest.mark.parametrize("make", [_from_seed, _from_generator])
def test_draws_are_a_function_of_the_source_and_within_their_bounds(make: type) -> None:
    first, second = make(), make()
    for _ in range(3000):
        assert first.unit() == second.unit()
        assert first.integer(3, 5) == second.integer(3, 5) in (3, 4, 5)
        assert -2.0 <= first.between((-2.0, 1.0)) == second.between((-2.0, 1.0)) < 1.0
        assert abs(first.normal()) <= 3.0 and second.normal() is not None
        assert first.pick("ab") == second.pick("ab")
    assert {first.integer(3, 5) for _ in range(100)} == {3, 4, 5}


def test_digits_keep_leading_zeros_at_any_length() -> None:
    dice = _from_seed()
    for count in (1, 4, 15, 16, 40):
        texts = [dice.digits(count) for _ in range(200)]
        assert all(len(text) == count and text.isdigit() for text in texts)
        assert any(text.startswith("0") for text in texts)


def test_weights_are_kept() -> None:
    dice = _from_generator()
    table = {"a": 1.0, "b": 3.0, "never": 0.0}
    counts = dict.fromkeys(table, 0)
    pairs = dict.fromkeys(table, 0)
    choice = Weighted.of(table)
    for _ in range(8000):
        counts[choice.pick(dice)] += 1
        pairs[dice.weighted(tuple(table.items()))] += 1
    for drawn in (counts, pairs):
        assert drawn["never"] == 0
        assert drawn["b"] / 8000 == pytest.approx(0.75, abs=0.02)
    with pytest.raises(ValueError, match="above zero"):
        Weighted.of({"a": 0.0})


def test_only_a_generators_dice_gives_its_generator() -> None:
    assert _from_generator().rng.random() is not None
    with pytest.raises(ValueError, match="seed"):
        _ = _from_seed().rng
