"""Scores before they are decoded: classes that are taken away, and the temperature of a model of probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from nordocr.ctc import decode, without_classes
from nordocr.linespec import LineSpec

LOGITS, PROBABILITIES = (
    LineSpec(characters="ab", charset_name="two"),
    LineSpec(characters="ab", charset_name="two", output="probabilities"),
)


def test_logits_of_classes_that_cannot_be_read_are_minus_infinity() -> None:
    scores = np.array([[0.5, 2.0, 1.0], [3.0, 1.0, 2.0]], np.float16)
    masked = without_classes(scores, [1], LOGITS)
    assert masked.dtype == np.float32
    assert masked.tolist() == [[0.5, -np.inf, 1.0], [3.0, -np.inf, 2.0]]
    assert scores[0, 1] == 2.0


def test_probabilities_of_the_other_classes_are_scaled_up_to_one() -> None:
    scores = np.array([[0.25, 0.5, 0.25], [0.125, 0.125, 0.75]], np.float32)
    masked = without_classes(scores, [1], PROBABILITIES)
    assert masked[0].tolist() == [0.5, 0.0, 0.5]
    assert masked[1].tolist() == pytest.approx([1 / 7, 0.0, 6 / 7])
    batch = without_classes(np.stack([scores, scores]), [1], PROBABILITIES)
    assert np.array_equal(batch, np.stack([masked, masked]))


def test_where_nothing_else_was_seen_nothing_is_read() -> None:
    masked = without_classes(np.array([[0.0, 1.0, 0.0], [0.0, 0.5, 0.5]], np.float32), [1], PROBABILITIES)
    assert masked.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def test_a_temperature_softens_probabilities_as_it_softens_logits() -> None:
    logits = np.array([[0.0, 2.0, 1.0]], np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum()
    for temperature in (1.0, 1.25, 2.0):
        # softmax(logits / T), by hand: the best class is e^(2/T) against 1 and e^(1/T).
        expected = np.exp(2 / temperature) / (1 + np.exp(1 / temperature) + np.exp(2 / temperature))
        for scores, spec in ((logits, LOGITS), (probabilities, PROBABILITIES)):
            assert decode(scores, spec, 4, temperature).confidence == pytest.approx(float(expected), rel=1e-5)


def test_probabilities_of_zero_stay_next_to_nothing_at_any_temperature() -> None:
    scores = np.array([[0.0, 1.0, 0.0]], np.float32)
    assert decode(scores, PROBABILITIES, 4, 2.0).confidence == pytest.approx(1.0, abs=1e-6)


def test_probabilities_beyond_one_or_below_zero_are_rounding_errors() -> None:
    found = decode(np.array([[-0.1, 1.2, -0.1]], np.float32), PROBABILITIES, 4)
    assert (found.text, found.confidence) == ("a", 1.0)
