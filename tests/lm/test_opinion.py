"""How sure the search is, worked out by hand; and temperatures fitted on what it thinks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nordocr.charset import NORDIC_126
from nordocr.ctc import Span, decode
from nordocr.evaluate.lines.temperature import gather, reliability
from nordocr.linespec import LineSpec
from nordocr.lm.beam import Found
from nordocr.lm.file import bundled_file, load_model
from nordocr.lm.opinion import opinion_of
from nordocr.lm.revise import Reviser
from nordocr.lm.windows import Window

WINDOW = Window(0, 3, 9, np.arange(3, 9), ())


def test_a_character_is_as_sure_as_the_texts_that_have_it() -> None:
    shares = [0.6, 0.2, 0.15, 0.05]
    texts = [(1, 2, 3), (1, 2, 4), (1, 3), (5, 2, 3)]
    opinion = opinion_of(WINDOW, (1, 2, 3), Found(texts, [math.log(p) for p in shares]))
    assert opinion is not None
    assert (opinion.start, opinion.end) == (3, 9)
    # 1: all but the last; 2: all but the third, which lacks it; 3: all but the second.
    assert opinion.probabilities(1.0) == pytest.approx([0.95, 0.85, 0.8])
    halves = np.sqrt(shares) / np.sqrt(shares).sum()
    assert opinion.probabilities(2.0) == pytest.approx([1 - halves[3], 1 - halves[2], 1 - halves[1]])


def test_a_character_that_only_another_text_has_is_held_against_its_neighbours() -> None:
    opinion = opinion_of(WINDOW, (1, 2, 3), Found([(1, 2, 3), (1, 9, 2, 3)], [math.log(0.7), math.log(0.3)]))
    assert opinion is not None
    assert opinion.probabilities(1.0) == pytest.approx([0.7, 0.7, 1.0])
    assert opinion.disputed.tolist() == [True, True, False]
    spans = [Span("a", 3, 4, 0.5), Span("b", 5, 6, 0.5), Span("c", 7, 8, 0.5)]
    assert [s.probability for s in opinion.judged(spans, 1.0)] == pytest.approx([0.7, 0.7, 0.5])


def test_a_text_that_is_not_in_the_beam_is_not_judged() -> None:
    assert opinion_of(WINDOW, (1,), Found([(2,)], [0.0])) is None


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_what_calibration_sees_is_what_reading_says(temperature: float) -> None:
    spec = LineSpec()
    dice = np.random.default_rng(4)
    model = load_model(bundled_file())
    words = ["Aktiebolaget", "Summa 100,00", "resultat", "Malmö", "och", "x"]
    scores = {}
    for i, word in enumerate(words):
        logits = np.full((2 * len(word) + 1, 126), -6.0, np.float32)
        logits[::2, 0] = 6.0
        logits[1::2] += dice.normal(0, 1.5, (len(word), 126)).astype(np.float32)
        logits[np.arange(1, 2 * len(word), 2), [NORDIC_126.encode(c)[0] for c in word]] = 1.5
        scores[i] = logits

    def score(batch: np.ndarray) -> np.ndarray:
        steps = spec.time_steps(batch.shape[3])
        padded = np.full((len(batch), steps, 126), -9.0, np.float32)
        for row, line in zip(padded, batch, strict=True):
            own = scores[round((float(line[0, 0, 0]) + 1) * 127.5)]
            row[: len(own)] = own
        return padded

    crops = [np.full((32, 4 * len(own)), i, np.uint8) for i, own in scores.items()]
    evidence = gather(score, spec, crops, words, Reviser(model, spec))
    assert any(opinion.disputed.any() for _, opinion in evidence.opinions)
    reviser = Reviser(model, spec, temperature=temperature)
    alone = [decode(own, spec, 4 * len(own), temperature) for own in scores.values()]
    said = [line.confidence for line, _ in reviser.revise(list(scores.values()), alone)]
    assert evidence.confidences(temperature) == pytest.approx(said, abs=1e-5)
    assert reliability(evidence, temperature).loss > 0
