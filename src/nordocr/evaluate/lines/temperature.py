"""Fit a model's temperature on lines that it was not trained on, and tell what its confidences are worth then.

A line's confidence is its least certain character's probability. The temperature is the one at which confidence,
taken as the probability that the line is exact, makes what was seen most likely (Guo et al., On Calibration of Modern
Neural Networks, ICML 2017, there for classes; here for whole lines, because whole lines are accepted or not).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from nordocr.batching import plan_batches
from nordocr.charset import BLANK
from nordocr.ctc import Decoded
from nordocr.evaluate.scoring.accept import calibration_error
from nordocr.evaluate.scoring.units import normalise
from nordocr.families import family_of
from nordocr.linespec import LineSpec, collate, prepare
from nordocr.lm.opinion import Opinion
from nordocr.lm.revise import Reviser
from nordocr.recognize.base import Crop

Scorer = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.floating]]
"""float32 ``[B, 3, height, width]`` in, scores ``[B, T, classes]`` out."""

BINS: Final = 10
"""Rows of the reliability table."""

FEWEST: Final = 100
"""Lines below which no temperature is fitted: chance would choose it."""

_AREA: Final = 16_384
_RANGE: Final = (0.05, 20.0)
_STEPS: Final = 40
_CERTAIN: Final = 1e-6


class ReliabilityBin(BaseModel):
    """Lines of similar confidence.

    Attributes:
        low: Lowest confidence.
        high: Confidences lie below it, or at it if it is 1.
        lines: How many lines there are.
        confidence: Their mean confidence.
        exact: The share of exact lines.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float
    high: float
    lines: int
    confidence: float
    exact: float


class Reliability(BaseModel):
    """How reliable confidences are at one temperature.

    Attributes:
        temperature: The temperature.
        error: Expected calibration error.
        loss: Mean negative log-likelihood, in nats.
        bins: The reliability table; bins without lines are left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float
    error: float
    loss: float
    bins: list[ReliabilityBin]


class Fit(BaseModel):
    """A fitted temperature.

    Attributes:
        lines: Lines that it was fitted on.
        exact: Exact lines among them.
        before: Reliability at temperature 1.
        after: Reliability at the fitted temperature.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: int
    exact: int
    before: Reliability
    after: Reliability


@dataclass(frozen=True)
class Evidence:
    """The scores that confidences come from.

    Attributes:
        logits: Scores of the steps with characters, float32 ``[rows, classes]``.
        chosen: The class of each step, int64 ``[rows]``.
        spans: The first row of each character, int64.
        lines: The first character of each line, int64; a line without text has a blank for each step.
        exact: Whether each line was read exactly, bool ``[lines]``.
        opinions: Of characters that the language model had a say in, and which are not among the others, the line's
            number and what its search thinks.
    """

    logits: npt.NDArray[np.float32]
    chosen: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    exact: npt.NDArray[np.bool_]
    opinions: tuple[tuple[int, Opinion], ...] = ()

    def confidences(self, temperature: float) -> npt.NDArray[np.float64]:
        """Return each line's confidence in [0, 1] at ``temperature``, as reading computes it."""
        scaled = np.exp((self.logits - self.logits.max(axis=1, keepdims=True)) / np.float32(temperature))
        rows = scaled[np.arange(len(scaled)), self.chosen] / scaled.sum(axis=1)
        characters = np.maximum.reduceat(rows, self.spans)
        confidences: npt.NDArray[np.float64] = np.minimum.reduceat(characters, self.lines).astype(np.float64)
        for line, opinion in self.opinions:
            sure = opinion.probabilities(temperature)[opinion.disputed]
            confidences[line] = min(confidences[line], sure.min(initial=1.0))
        return confidences


def gather(
    score: Scorer, spec: LineSpec, crops: Sequence[Crop], texts: Sequence[str], reviser: Reviser | None = None
) -> Evidence:
    """Run the model over line crops.

    Args:
        score: The model.
        spec: Its LineSpec.
        crops: Lines that it was not trained on.
        texts: What they say.
        reviser: What reads unsure lines again; None for lines as the network alone reads them.

    Returns:
        The scores at the characters that were read, and whether each line was right.

    Raises:
        ValueError: There is no line.
    """
    if not crops:
        raise ValueError("no lines to fit a temperature on")
    family = family_of(spec)
    prepared = [prepare(crop, spec, family.ceiling(spec)) for crop in crops]
    held: dict[int, tuple[npt.NDArray[np.floating], Decoded, tuple[Opinion, ...]]] = {}
    for batch in plan_batches([line.width for line in prepared], spec, area=_AREA):
        members = [prepared[i] for i in batch.indices]
        for index, line, scores in zip(batch.indices, members, score(collate(members, batch.width, spec)), strict=True):
            read = family.decode(scores, spec, line.width)
            held[index] = scores[: read.steps], read, ()
    if reviser is not None:
        unsure = [index for index, (own, _, _) in held.items() if reviser.unsure(own)]
        again = reviser.revise([held[i][0] for i in unsure], [held[i][1] for i in unsure])
        held |= {i: (held[i][0], *new) for i, new in zip(unsure, again, strict=True)}
    found, opinions = [], list[tuple[int, Opinion]]()
    for index in range(len(prepared)):
        scores, read, thought = held[index]
        own = scores.astype(np.float32)
        logits = own if spec.output == "logits" else np.log(own.clip(1e-30))
        right = normalise(read.text) == normalise(texts[index])
        found.append((logits, _characters(spec, read, thought), right))
        opinions += [(index, opinion) for opinion in thought]
    return replace(_evidence(found), opinions=tuple(opinions))


def fit(evidence: Evidence) -> Fit:
    """Find the best temperature between 0.05 and 20.

    Golden section on its logarithm, where the loss has one valley.
    """
    low, high = (math.log(value) for value in _RANGE)
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = _loss(evidence, math.exp(left)), _loss(evidence, math.exp(right))
    for _ in range(_STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = _loss(evidence, math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = _loss(evidence, math.exp(right))
    best = round(math.exp((low + high) / 2), 4)
    return Fit(
        lines=len(evidence.exact),
        exact=int(evidence.exact.sum()),
        before=reliability(evidence, 1.0),
        after=reliability(evidence, best),
    )


def reliability(evidence: Evidence, temperature: float) -> Reliability:
    """Return the reliability table at one temperature; bins without lines are left out."""
    confidence, exact = evidence.confidences(temperature), evidence.exact.astype(np.float64)
    which = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    bins = [
        ReliabilityBin(
            low=number / BINS,
            high=(number + 1) / BINS,
            lines=int((which == number).sum()),
            confidence=float(confidence[which == number].mean()),
            exact=float(exact[which == number].mean()),
        )
        for number in range(BINS)
        if (which == number).any()
    ]
    error = calibration_error(confidence, exact)
    return Reliability(temperature=temperature, error=error, loss=_loss(evidence, temperature), bins=bins)


def _loss(evidence: Evidence, temperature: float) -> float:
    sure = evidence.confidences(temperature).clip(_CERTAIN, 1 - _CERTAIN)
    return float(-np.where(evidence.exact, np.log(sure), np.log1p(-sure)).mean())


def _characters(spec: LineSpec, read: Decoded, opinions: Sequence[Opinion] = ()) -> list[tuple[int, int, int]]:
    """Return (class, first step, last step + 1) of each character; each step as a blank for a line without text.

    Characters that an opinion says how sure they are of are left out.
    """
    if not read.spans:
        return [(BLANK, step, step + 1) for step in range(read.steps)]
    judged = {
        span.start
        for opinion in opinions
        for span, disputed in zip(
            (s for s in read.spans if opinion.start <= s.start < opinion.end), opinion.disputed, strict=True
        )
        if disputed
    }
    spans = [span for span in read.spans if span.start not in judged]
    return [(spec.characters.index(span.char) + 1, span.start, span.end) for span in spans]


def _evidence(
    found: Iterable[tuple[npt.NDArray[np.float32], list[tuple[int, int, int]], bool]],
) -> Evidence:
    logits: list[npt.NDArray[np.float32]] = []
    chosen: list[int] = []
    spans: list[int] = []
    lines: list[int] = []
    exact: list[bool] = []
    for scores, characters, right in found:
        lines.append(len(spans))
        exact.append(right)
        if not characters:  # nothing but the opinions speaks against it
            spans.append(len(chosen))
            chosen.append(BLANK)
            logits.append(np.where(np.arange(scores.shape[1]) == BLANK, 0, -np.inf)[None].astype(np.float32))
        for kind, start, end in characters:
            spans.append(len(chosen))
            chosen += [kind] * (end - start)
            logits.append(scores[start:end])
    return Evidence(
        np.concatenate(logits),
        np.array(chosen, dtype=np.int64),
        np.array(spans, dtype=np.int64),
        np.array(lines, dtype=np.int64),
        np.array(exact, dtype=np.bool_),
    )
