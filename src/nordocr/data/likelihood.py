"""How far what a model sees speaks against a line's label.

Labels that were made by aligning are wrong in a few lines of a hundred. A model that was trained on all of them still
tells which: for a wrong label, the likelihood of what it reads is many orders of magnitude above the label's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from nordocr.batching import plan_batches
from nordocr.charset import BLANK, fold_homoglyphs
from nordocr.data.crops import decode_crop
from nordocr.data.labels import LabelRow
from nordocr.data.lines import image_of
from nordocr.errors import InputUnreadable
from nordocr.families import family_of
from nordocr.linespec import collate, prepare
from nordocr.recognize.engine import LineRecognizer

_TOGETHER = 512
_AREA = 16_384


@dataclass(frozen=True)
class Doubt:
    """What a model thinks of one label.

    Attributes:
        row: The label.
        read: What the model reads.
        nats: Log-likelihood of what is read, less that of the label, at least 0: 7 means that the model holds its own
            reading for a thousand times as likely. Infinite where the label does not fit the line or the charset.
    """

    row: LabelRow
    read: str
    nats: float


def log_likelihood(log_probabilities: npt.NDArray[np.floating], classes: Sequence[int]) -> float:
    """Return the natural logarithm of a text's probability under CTC, over all of its paths.

    The forward recursion of Graves et al. (ICML 2006), section 4.1.

    Args:
        log_probabilities: ``[T, classes]``, each row the logarithms of a distribution.
        classes: The text's classes, without blanks.

    Returns:
        The logarithm, at most 0; minus infinity where the text needs more than T steps.
    """
    states = np.full(2 * len(classes) + 1, BLANK)
    states[1::2] = classes
    # A path may leave out the blank between two different characters, and no other state.
    skips = np.zeros(len(states), dtype=bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    emitted = log_probabilities.astype(np.float64)[:, states]
    alpha = np.full(len(states), -np.inf)
    alpha[:2] = emitted[0, :2]
    for row in emitted[1:]:
        stay = alpha
        alpha = stay.copy()
        alpha[1:] = np.logaddexp(alpha[1:], stay[:-1])
        alpha[2:] = np.where(skips[2:], np.logaddexp(alpha[2:], stay[:-2]), alpha[2:])
        alpha += row
    return float(np.logaddexp.reduce(alpha[-2:]))


def doubts(rows: Sequence[LabelRow], engine: LineRecognizer) -> Iterator[Doubt]:
    """Yield what ``engine`` thinks of each label, in order; rows whose image cannot be read are left out.

    Raises :class:`nordocr.errors.UsageError` where the engine's scores do not follow the line's columns.
    """
    family_of(engine.spec).require_columns("Filtering labels by their likelihood")
    rest = iter(rows)
    while chunk := list(islice(rest, _TOGETHER)):
        yield from _of_chunk(chunk, engine)


def _of_chunk(rows: Sequence[LabelRow], engine: LineRecognizer) -> Iterator[Doubt]:
    spec = engine.spec
    kept, lines = [], []
    for row in rows:
        try:
            lines.append(prepare(decode_crop(image_of(row), row.image), spec, family_of(spec).ceiling(spec)))
        except InputUnreadable:
            continue
        kept.append(row)
    found: dict[int, Doubt] = {}
    for batch in plan_batches([line.width for line in lines], spec, area=_AREA):
        members = [lines[index] for index in batch.indices]
        scores = engine.scores(collate(members, batch.width, spec))
        for index, line, own in zip(batch.indices, members, scores, strict=True):
            read = family_of(spec).decode(own, spec, line.width)
            found[index] = Doubt(kept[index], read.text, _against(own[: read.steps], read.text, kept[index], engine))
    yield from (found[index] for index in range(len(kept)))


def _against(scores: npt.NDArray[np.floating], read: str, row: LabelRow, engine: LineRecognizer) -> float:
    charset = engine.spec.charset
    label = fold_homoglyphs(row.text, charset)
    if label == read:
        return 0.0
    if charset.outside(label):
        return float("inf")
    logits = scores.astype(np.float64)
    if engine.spec.output != "logits":
        logits = np.log(logits.clip(1e-30))
    logits /= engine.temperature
    logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    difference = log_likelihood(logs, charset.encode(read)) - log_likelihood(logs, charset.encode(label))
    return max(0.0, difference)
