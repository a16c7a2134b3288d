"""CTC prefix beam search with the language model, over many stretches at once.

The search of Hannun et al. (First-pass large vocabulary continuous speech recognition using bi-directional recurrent
DNNs, 2014): each text in the beam carries the probability of ending in a blank and of ending in its last character,
and texts that become equal are added up. All stretches take one step at a time together, so that NumPy works on arrays
``[stretches, beam]`` and nothing depends on which stretches are searched together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from nordocr.charset import BLANK
from nordocr.lm.model import LanguageModel, Nodes
from nordocr.lm.windows import LINE_START, Logs, Window

Scalar = TypeVar("Scalar", bound=np.generic)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CANDIDATES: Final = 6
"""Characters in the running at one step, at most."""

# Texts are told apart by a number each. What is dead or has no parent in the beam matches nothing.
_FACTOR: Final = np.uint64(1_000_003)
_DEAD, _PARENTLESS, _ROOT = np.uint64(0), np.uint64(1), np.uint64(2)
_NONE: Final = -np.inf
_HOPELESS: Final = 18.0


@dataclass(frozen=True)
class Weights:
    """How the search weighs what it knows.

    Attributes:
        beam: Texts that are kept at each step.
        least: A class of this probability and above is in the running.
        gate: Stretches are searched where a step's best class is less probable than this.
        alpha: What the language model's logarithms are multiplied by.
        floor: The least logarithm of the language model that counts: a name or a foreign word is not held against the
            network for ever.
        beta: What is added for each character, so that longer texts are not at a loss.
    """

    beam: int = 8
    least: float = 3e-3
    gate: float = 0.9
    alpha: float = 0.4
    beta: float = 1.2
    floor: float = -10.0


@dataclass(frozen=True)
class Found:
    """What one stretch may say: classes of each text, the best first, and the texts' scores (natural logarithms)."""

    texts: list[tuple[int, ...]]
    scores: list[float]


@dataclass
class _Beam:
    """The texts of each stretch: ``[stretches, beam]``, states ``[stretches, beam, order]``."""

    blank: Floats  # ends in a blank
    ended: Floats  # ends in its last character
    guided: Floats  # what the language model adds
    last: Ints
    text: npt.NDArray[np.uint64]
    parent: npt.NDArray[np.uint64]
    nodes: Nodes


@dataclass(frozen=True)
class _Rows:
    """All steps of all stretches below one another, and at each the characters in the running, padded by class 0."""

    logs: Floats
    classes: Ints
    values: Floats


def search(
    model: LanguageModel,
    symbols: npt.NDArray[np.uint8],
    digits: npt.NDArray[np.bool_],
    lines: Sequence[Logs],
    windows: Sequence[Window],
    weights: Weights,
) -> list[Found]:
    """Search all stretches.

    Args:
        model: The language model.
        symbols: uint8, the model's symbol of each class.
        digits: Which classes are digits: at each step only the most probable of them is in the running.
        lines: Each line's own steps.
        windows: The stretches; ``window.line`` counts into ``lines``.
        weights: How to weigh.

    Returns:
        What each stretch may say, in the order of ``windows``.
    """
    order = sorted(range(len(windows)), key=lambda i: -len(windows[i].steps))
    sorted_ = [windows[i] for i in order]
    lengths = np.array([len(window.steps) for window in sorted_])
    rows = _rows(np.concatenate([lines[w.line][w.steps] for w in sorted_]), digits, weights.least)
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    ends = np.array([w.end == len(lines[w.line]) for w in sorted_])
    beam = _start(model, symbols, sorted_, weights.beam)
    parents, characters = [], []
    found: dict[int, tuple[Ints, Floats]] = {}
    for step in range(int(lengths[0])):
        active = int(np.searchsorted(-lengths, -step, side="left"))
        beam = _head(beam, active)
        parent, character = _advance(model, symbols, beam, rows, first[:active] + step, weights)
        parents.append(parent)
        characters.append(character)
        done = int(np.searchsorted(-lengths, -(step + 1), side="left"))
        if done < active:
            scores = _final(model, symbols, beam, done, ends[done:active], weights)
            ranked = np.argsort(-scores, axis=1, kind="stable")
            for place in range(done, active):
                found[place] = ranked[place - done], scores[place - done]
    texts = _texts(found, parents, characters, lengths, weights.beam)
    results: list[Found | None] = [None] * len(windows)
    for place, index in enumerate(order):
        scores = found[place][1][found[place][0]]
        alive = int((scores > _NONE).sum())
        results[index] = Found(texts[place][:alive], scores[:alive].tolist())
    return [result for result in results if result is not None]


def _rows(logs: Logs, digits: npt.NDArray[np.bool_], least: float) -> _Rows:
    running = logs >= np.float32(np.log(least))
    running[:, BLANK] = False
    row, kind = np.nonzero(running)
    value = logs[row, kind].astype(np.float64)
    order = np.lexsort((-value, row))
    row, kind, value = row[order], kind[order], value[order]
    # Of several digits the most probable alone stays: which digit it is, the language model cannot know.
    number = digits[kind]
    earlier: Ints = np.cumsum(number) - number
    starts = np.searchsorted(row, row)
    keep = ~number | (earlier == earlier[starts])
    row, kind, value = row[keep], kind[keep], value[keep]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    keep = rank < CANDIDATES
    classes = np.zeros((len(logs), CANDIDATES), np.int64)
    values = np.full((len(logs), CANDIDATES), _NONE)
    classes[row[keep], rank[keep]] = kind[keep]
    values[row[keep], rank[keep]] = value[keep]
    return _Rows(logs.astype(np.float64), classes, values)


def _start(model: LanguageModel, symbols: npt.NDArray[np.uint8], windows: Sequence[Window], width: int) -> _Beam:
    count = len(windows)
    nodes = model.unknown(count)
    space = model.encode(LINE_START)[0]
    longest = max(len(window.before) for window in windows)
    for back in range(longest, 0, -1):
        which = np.array([i for i, window in enumerate(windows) if len(window.before) >= back], np.int64)
        kinds = [windows[i].before[-back] for i in which]
        added = np.array([space if kind == BLANK else symbols[kind] for kind in kinds], np.uint8)
        nodes[which] = model.extend(nodes[which], added)[1]
    shape = (count, width)
    beam = _Beam(
        np.full(shape, _NONE), np.full(shape, _NONE), np.zeros(shape), np.zeros(shape, np.int64),
        np.full(shape, _DEAD), np.full(shape, _PARENTLESS), np.repeat(nodes[:, None], width, axis=1),
    )  # fmt: skip
    beam.blank[:, 0] = 0.0
    beam.text[:, 0] = _ROOT
    return beam


def _head(beam: _Beam, count: int) -> _Beam:
    if len(beam.blank) == count:
        return beam
    return _Beam(*(part[:count] for part in vars(beam).values()))


def _advance(
    model: LanguageModel,
    symbols: npt.NDArray[np.uint8],
    beam: _Beam,
    rows: _Rows,
    row: Ints,
    weights: Weights,
) -> tuple[Ints, Ints]:
    """Take one step, in place; give where each text of the beam came from and what it added (0: nothing)."""
    count, width = beam.blank.shape
    logs, classes, values = rows.logs[row], rows.classes[row], rows.values[row]
    stretch = np.arange(count)[:, None]
    total = np.logaddexp(beam.blank, beam.ended)
    own = logs[stretch, beam.last]
    own[beam.last == BLANK] = _NONE
    blank = total + logs[:, :1]
    ended = beam.ended + own
    repeats = classes[:, None, :] == beam.last[:, :, None]
    added = np.where(repeats, beam.blank[:, :, None], total[:, :, None])
    added += values[:, None, :]
    _merge(beam, total, own, ended, repeats, added)
    stays = np.logaddexp(blank, ended) + beam.guided
    hope = (added + beam.guided[:, :, None]).reshape(count, width * CANDIDATES)
    which = np.flatnonzero(hope > hope.max(axis=1, keepdims=True) - _HOPELESS)
    source = which // CANDIDATES
    new = classes.ravel()[source // width * CANDIDATES + which % CANDIDATES]
    states = beam.nodes.reshape(count * width, -1)
    said, nodes = model.extend(states[source], symbols[new])
    gain = weights.alpha * np.maximum(said, weights.floor).astype(np.float64) + weights.beta
    scores = np.full((count, width + width * CANDIDATES), _NONE)
    scores[:, :width] = stays
    place = which + (source // width + 1) * width
    scores.ravel()[place] = hope.ravel()[which] + gain
    chosen = np.argpartition(-scores, width - 1, axis=1)[:, :width]
    # Flat numbers of the chosen among ``scores``, of the texts that they come from, and of what was looked up.
    flat = chosen + stretch * scores.shape[1]
    stay = chosen < width
    parent = np.where(stay, chosen, (chosen - width) // CANDIDATES)
    origin = parent + stretch * width
    looked = np.zeros(scores.size, np.int64)
    looked[place] = np.arange(len(which))
    looked = looked[flat]
    dead = scores.ravel()[flat] == _NONE
    grown = ~(stay | dead)
    character = np.where(grown, _at(new, looked), BLANK)
    text = beam.text.ravel()[origin]
    nothing = np.full((), _NONE)
    beam.parent = np.where(dead, _PARENTLESS, np.where(stay, beam.parent.ravel()[origin], text))
    beam.text = np.where(dead, _DEAD, np.where(stay, text, text * _FACTOR + character.astype(np.uint64)))
    beam.last = np.where(stay, beam.last.ravel()[origin], character)
    beam.nodes = np.concatenate([states, nodes])[np.where(grown, looked + count * width, origin)]
    kept = stay & ~dead
    beam.blank = np.where(kept, blank.ravel()[origin], nothing)
    which_added = added.ravel()[which]
    beam.ended = np.where(kept, ended.ravel()[origin], np.where(grown, _at(which_added, looked), nothing))
    beam.guided = beam.guided.ravel()[origin] + np.where(grown, _at(gain, looked), 0.0)
    return parent, character


def _merge(
    beam: _Beam, total: Floats, own: Floats, ended: Floats, repeats: npt.NDArray[np.bool_], added: Floats
) -> None:
    """Where a text with one more character is a text that is in the beam already, add it up there."""
    stretch, source, target = np.nonzero(beam.text[:, :, None] == beam.parent[:, None, :])
    if not len(stretch):
        return
    again = beam.last[stretch, source] == beam.last[stretch, target]
    more = np.where(again, beam.blank[stretch, source], total[stretch, source]) + own[stretch, target]
    ended[stretch, target] = np.logaddexp(ended[stretch, target], more)
    pair, candidate = np.nonzero(repeats[stretch, target])
    added[stretch[pair], source[pair], candidate] = _NONE


def _at(values: npt.NDArray[Scalar], places: Ints) -> npt.NDArray[Scalar]:
    """``values`` at ``places``, which may be any where there are no values."""
    return values[places] if len(values) else np.zeros(places.shape, values.dtype)


def _final(
    model: LanguageModel,
    symbols: npt.NDArray[np.uint8],
    beam: _Beam,
    done: int,
    ends: npt.NDArray[np.bool_],
    weights: Weights,
) -> Floats:
    """Scores of the stretches from ``done`` on, which end here; one that ends its line is followed by a space."""
    scores: Floats = np.logaddexp(beam.blank[done:], beam.ended[done:]) + beam.guided[done:]
    nodes = beam.nodes[done:][ends]
    if len(nodes):
        space = np.full(nodes.shape[0] * nodes.shape[1], model.encode(LINE_START)[0], np.uint8)
        said, _ = model.extend(nodes.reshape(len(space), -1), space)
        scores[ends] += weights.alpha * said.reshape(nodes.shape[:2])
    return scores


def _texts(
    found: dict[int, tuple[Ints, Floats]], parents: list[Ints], characters: list[Ints], lengths: Ints, width: int
) -> list[list[tuple[int, ...]]]:
    """Follow the texts back from their ends: for each stretch its texts, best first."""
    at = np.stack([found[place][0] for place in range(len(lengths))])
    said = np.zeros((len(lengths), width, len(parents)), np.int64)
    for step in range(len(parents) - 1, -1, -1):
        active = len(parents[step])
        said[:active, :, step] = np.take_along_axis(characters[step], at[:active], axis=1)
        at[:active] = np.take_along_axis(parents[step], at[:active], axis=1)
    return [[tuple(text[text != BLANK].tolist()) for text in texts] for texts in said]
