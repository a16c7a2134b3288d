"""The beam search against all texts there are, the alignment against all paths, the stretches against their promise."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest

from nordocr.charset import BLANK, NORDIC_126
from nordocr.lm.align import align
from nordocr.lm.beam import Weights, search
from nordocr.lm.file import bundled_file, load_model
from nordocr.lm.model import LanguageModel
from nordocr.lm.windows import Window, unsure_windows

CHARACTERS = "".join(NORDIC_126.characters)
NONE = np.zeros(126, np.bool_)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return load_model(bundled_file())


def logs_of(steps: list[dict[str, float]]) -> np.ndarray:
    """Logarithms of steps that say the probabilities of a few characters; ``_`` is the blank."""
    logs = np.full((len(steps), 126), -30.0, np.float32)
    for row, step in zip(logs, steps, strict=True):
        for character, probability in step.items():
            row[0 if character == "_" else CHARACTERS.index(character) + 1] = np.log(probability)
    return logs


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    kinds = [k for k, _ in itertools.groupby(path)]
    return tuple(k for k in kinds if k != BLANK)


def best_of_all(
    model: LanguageModel, logs: np.ndarray, weights: Weights, before: str
) -> list[tuple[float, tuple[int, ...]]]:
    """Every text that a path over the likely classes says, with its score, best first."""
    likely = [np.flatnonzero(row > -20).tolist() for row in logs]
    sums: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(*likely):
        sums[collapsed(path)] += float(np.exp(sum(logs[t, k] for t, k in enumerate(path))))
    scored = []
    for text, probability in sums.items():
        nodes, total = model.start(before)[None], np.log(probability)
        for kind in text:
            said, nodes = model.extend(nodes, model.encode(CHARACTERS[kind - 1]))
            total += weights.alpha * float(said[0]) + weights.beta
        scored.append((float(total), text))
    return sorted(scored, reverse=True)


@pytest.mark.parametrize("seed", range(12))
def test_the_search_finds_what_trying_everything_finds(model: LanguageModel, seed: int) -> None:
    dice = np.random.default_rng(seed)
    letters = "aeltr" if seed % 2 else "oölls"
    steps = []
    for _ in range(6):
        shares = dice.dirichlet(np.full(4, 0.6)).clip(0.004)
        chosen = dice.choice(list(letters), 3, replace=False)
        steps.append(dict(zip(["_", *chosen.tolist()], (shares / shares.sum()).tolist(), strict=True)))
    logs = logs_of(steps)
    weights = Weights(beam=64, least=1e-6, gate=1.0, alpha=0.5, beta=1.0)
    window = Window(0, 0, 6, np.arange(6), (BLANK,))
    symbols = np.concatenate([np.zeros(1, np.uint8), model.encode(CHARACTERS)])
    # Two more steps of a sure x behind it: the stretch does not end the line.
    found = search(model, symbols, NONE, [np.concatenate([logs, logs_of([{"x": 1.0}] * 2)])], [window], weights)[0]
    wanted = best_of_all(model, logs, weights, " ")
    assert found.texts[0] == wanted[0][1]
    for (score, text), mine, own in zip(wanted[:5], found.scores[:5], found.texts[:5], strict=True):
        assert own == text
        assert mine == pytest.approx(score, abs=2e-3)


def test_a_stretch_is_read_alike_alone_and_among_others(model: LanguageModel) -> None:
    dice = np.random.default_rng(3)
    lines = []
    for count in (9, 4, 14, 6, 11):
        logs = np.log(dice.dirichlet(np.full(126, 0.02), count).clip(1e-9)).astype(np.float32)
        lines.append(logs - np.log(np.exp(logs).sum(axis=1, keepdims=True)))
    symbols = np.concatenate([np.zeros(1, np.uint8), model.encode(CHARACTERS)])
    windows = [Window(i, 0, len(own), np.arange(len(own)), (BLANK,)) for i, own in enumerate(lines)]
    together = search(model, symbols, NONE, lines, windows, Weights())
    for i, own in enumerate(lines):
        alone = search(model, symbols, NONE, [own], [Window(0, 0, len(own), np.arange(len(own)), (BLANK,))], Weights())
        assert alone[0] == together[i]


def test_of_several_digits_the_most_probable_alone_is_in_the_running(model: LanguageModel) -> None:
    digits = np.array([False, *(c.isdigit() for c in CHARACTERS)])
    logs = logs_of([{"3": 0.5, "8": 0.45, "B": 0.05}])
    symbols = np.concatenate([np.zeros(1, np.uint8), model.encode(CHARACTERS)])
    found = search(model, symbols, digits, [logs], [Window(0, 0, 1, np.arange(1), (BLANK,))], Weights(least=1e-3))[0]
    said = {CHARACTERS[text[0] - 1] for text in found.texts if text}
    assert said == {"3", "B"}


def test_stretches_end_where_the_model_has_forgotten_what_was_before() -> None:
    sure = [step for c in "abcdefghij" for step in ({c: 1.0}, {"_": 1.0})]
    unsure = [{"l": 0.55, "1": 0.45}]
    logs = logs_of([*sure, *unsure, *sure, *unsure, *sure])
    first, second = unsure_windows(7, logs, least=3e-3, gate=0.6, context=5)
    # From the last sure character before the unsure step, over five sure ones behind it.
    assert (first.line, first.start, first.end) == (7, 18, 31)
    assert [CHARACTERS[k - 1] for k in first.before] == list("efghi")
    assert (second.start, second.end) == (39, 52)
    assert [CHARACTERS[k - 1] for k in second.before] == list("efghi")
    near = logs_of([*sure, *unsure, *sure[:8], *unsure, *sure])
    assert [(w.start, w.end) for w in unsure_windows(0, near, least=3e-3, gate=0.6, context=5)] == [(18, 40)]
    assert unsure_windows(0, logs, least=3e-3, gate=0.5, context=5) == []
    head = unsure_windows(0, logs_of([*unsure, *sure]), least=3e-3, gate=0.6, context=5)
    assert [(w.start, w.before) for w in head] == [(0, (BLANK,))]


@pytest.mark.parametrize("seed", range(6))
def test_the_alignment_is_the_best_path_of_all(seed: int) -> None:
    dice = np.random.default_rng(seed)
    logs = np.log(dice.dirichlet(np.ones(4), 6)).astype(np.float32)
    text = ((1, 2), (1, 1), (3,), (2, 2, 1), (), (1, 3, 1))[seed]
    paths = [p for p in itertools.product(range(4), repeat=6) if collapsed(p) == text]
    best = max(paths, key=lambda p: sum(float(logs[t, k]) for t, k in enumerate(p)))
    wanted, at = [], 0
    for kind, run in itertools.groupby(best):
        size = len(list(run))
        if kind != BLANK:
            wanted.append((at, at + size))
        at += size
    longer = np.log(dice.dirichlet(np.ones(4), 9)).astype(np.float32)
    assert align([longer, logs], [(1, 2, 3), text])[1] == wanted
