"""Connectionist temporal classification, read greedily: scores to characters with their places and probabilities.

Best-path decoding of Graves et al. (ICML 2006): the most probable class of each step, repeats collapsed, blanks
removed. It returns spans rather than a string, because character boxes, word boxes and confidences all follow from
them (the idea is kraken's ``ctc_decoder``).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nordocr.charset import BLANK
from nordocr.errors import ModelInvalid
from nordocr.linespec import LineSpec


class Span(NamedTuple):
    """One decoded character: output steps ``start`` (inclusive) to ``end`` (exclusive), probability in [0, 1]."""

    char: str
    start: int
    end: int
    probability: float


@dataclass(frozen=True)
class Decoded:
    """One decoded line. ``steps`` is the T it was decoded over; ``confidence`` in [0, 1]."""

    text: str
    confidence: float
    spans: tuple[Span, ...]
    steps: int


@dataclass(frozen=True)
class WordSpan:
    """A run of characters without a space, and the share of the line's width that it covers.

    ``left`` and ``right`` in [0, 1] of the line's width.
    """

    text: str
    confidence: float
    left: float
    right: float


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Softmax over the last axis in float32."""
    own = logits.astype(np.float32, copy=False)
    result: npt.NDArray[np.float32] = own - own.max(axis=-1, keepdims=True)
    np.exp(result, out=result)
    result /= result.sum(axis=-1, keepdims=True)
    return result


def decode(scores: npt.NDArray[np.floating], spec: LineSpec, width: int, temperature: float = 1.0) -> Decoded:
    """Decode one line.

    ``scores``: ``[T, classes]``, logits or probabilities as ``spec.output`` says, perhaps of a padded batch.
    ``width``: the line's own unpadded width in pixels; steps beyond T(width) are never looked at.
    ``temperature``: what logits are divided by before softmax (of probabilities, their logarithms), so that
    confidences are as high as the text is often right; it changes no text.
    A character's probability is the highest that its class reaches within its span; the line's confidence is the
    lowest of its characters' (an empty line's is the lowest probability of the blank).
    Raises :class:`ModelInvalid` for scores of another shape than the spec's: too few steps would cut the text short.
    """
    steps, classes_wanted = spec.time_steps(width), len(spec.characters) + 1
    if scores.ndim != 2 or scores.shape[0] < steps or scores.shape[1] != classes_wanted:
        raise ModelInvalid(
            f"The model gave scores of shape {scores.shape} for a {width} px line where at least {steps} steps of "
            f"{classes_wanted} classes are wanted."
        )
    own = scores[:steps]
    probabilities = probabilities_of(own, spec, temperature)
    if not np.isfinite(probabilities).all():
        raise ModelInvalid(f"The model gave scores that are not numbers for a {width} px line.")
    classes = probabilities.argmax(axis=-1)
    starts = np.concatenate([[0], np.flatnonzero(classes[1:] != classes[:-1]) + 1])
    ends = np.append(starts[1:], len(classes))
    characters = spec.characters
    # A span's best value of its class, all spans at once: its class is the best one at each of its steps.
    peaks = np.maximum.reduceat(probabilities[np.arange(steps), classes], starts)
    spans = tuple(
        Span(characters[c - 1], a, b, p)
        for a, b, c, p in zip(starts.tolist(), ends.tolist(), classes[starts].tolist(), peaks.tolist(), strict=True)
        if c != BLANK
    )
    confidence = min(s.probability for s in spans) if spans else float(probabilities[:, BLANK].min())
    return Decoded("".join(s.char for s in spans), confidence, spans, steps)


def decode_batch(
    scores: npt.NDArray[np.floating], spec: LineSpec, widths: Sequence[int], temperature: float = 1.0
) -> list[Decoded]:
    """Decode a batch ``[B, T, classes]``, each item over its own unpadded width in pixels."""
    return [decode(item, spec, width, temperature) for item, width in zip(scores, widths, strict=True)]


def without_classes(
    scores: npt.NDArray[np.floating], classes: Sequence[int], spec: LineSpec
) -> npt.NDArray[np.float32]:
    """Return scores of a model that never learnt some of its classes.

    Args:
        scores: ``[..., classes]``, logits or probabilities as ``spec.output`` says; left as they are.
        classes: The classes that cannot be read; the blank is never among them.
        spec: The model's.

    Returns:
        float32 of the same shape: logits of minus infinity, or probabilities of 0 with the others scaled up to 1.
    """
    masked = scores.astype(np.float32)
    if spec.output == "logits":
        masked[..., classes] = -np.inf
        return masked
    masked[..., classes] = 0.0
    total = masked.sum(axis=-1, keepdims=True)
    # Where nothing else was seen at all, nothing is read.
    masked[..., BLANK] += total[..., 0] <= 0
    shared: npt.NDArray[np.float32] = masked / masked.sum(axis=-1, keepdims=True)
    return shared


def probabilities_of(scores: npt.NDArray[np.floating], spec: LineSpec, temperature: float) -> npt.NDArray[np.float32]:
    """Return scores as probabilities, whatever ``spec.output`` says they are, at a temperature; the same shape."""
    if spec.output == "logits":
        return softmax(scores if temperature == 1.0 else scores / np.float32(temperature))
    own = scores.astype(np.float32).clip(0.0, 1.0)
    return own if temperature == 1.0 else softmax(np.log(own.clip(1e-30)) / np.float32(temperature))


def char_extents(decoded: Decoded) -> list[tuple[float, float]]:
    """Where each character lies, as (left, right) shares of the line's width in [0, 1].

    CTC fires in the middle of a glyph and says little of its edges, so the edge between two neighbours is put
    midway between their spans' centres; the first and last characters reach as far out as they do inwards.
    """
    centres = [(s.start + s.end) / 2 for s in decoded.spans]
    if not centres:
        return []
    edges = [(a + b) / 2 for a, b in itertools.pairwise(centres)]
    half_first = edges[0] - centres[0] if edges else decoded.steps / 2
    half_last = centres[-1] - edges[-1] if edges else decoded.steps / 2
    edges = [max(0.0, centres[0] - half_first), *edges, min(float(decoded.steps), centres[-1] + half_last)]
    return [(a / decoded.steps, b / decoded.steps) for a, b in itertools.pairwise(edges)]


def words(decoded: Decoded, extents: Sequence[tuple[float, float]] | None = None) -> list[WordSpan]:
    """The words of a line: runs between spaces, each with its lowest character probability as confidence.

    ``extents``: what :func:`char_extents` gives for the line, where that is known already.
    """
    found: list[WordSpan] = []
    run: list[tuple[Span, tuple[float, float]]] = []
    for span, extent in [
        *zip(decoded.spans, char_extents(decoded) if extents is None else extents, strict=True),
        (Span(" ", 0, 0, 1.0), (0.0, 0.0)),
    ]:
        if span.char != " ":
            run.append((span, extent))
        elif run:
            text = "".join(s.char for s, _ in run)
            found.append(WordSpan(text, min(s.probability for s, _ in run), run[0][1][0], run[-1][1][1]))
            run = []
    return found
