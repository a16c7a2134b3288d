"""Judging a model during training: the EMA weights read held-out lines, scored by the one evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.data.labels import read_labels
from nordocr.evaluate.metrics import cer, exact
from nordocr.linespec import LineSpec, PreparedLine, prepare
from nordocr.model.network import SVTRv2
from nordocr.model.recognizer import TorchRecognizer
from nordocr.train.recipe import ValidationPart
from nordocr.train.stream import LineSource


@dataclass(frozen=True)
class ValidationSet:
    """Prepared lines and their texts under one name."""

    name: str
    lines: list[PreparedLine]
    texts: list[str]


@dataclass(frozen=True)
class Score:
    """What the model reached on one set: exact share and CER, both in [0, 1] (CER may exceed 1)."""

    name: str
    lines: int
    exact: float
    cer: float


def validation_sets(part: ValidationPart, spec: LineSpec, synth: LineSource | None) -> list[ValidationSet]:
    """The folders of the recipe, then ``synth_lines`` lines of ``synth`` (of held-out fonts and another seed)."""
    sets = []
    for folder in part.folders:
        pairs = list(_folder(Path(folder), part.limit))
        sets.append(ValidationSet(Path(folder).name, [prepare(i, spec) for i, _ in pairs], [t for _, t in pairs]))
    if synth is not None and part.synth_lines:
        pairs = [synth.line(index) for index in range(part.synth_lines)]
        sets.append(ValidationSet("synth", [prepare(i, spec) for i, _ in pairs], [t for _, t in pairs]))
    return sets


def _folder(folder: Path, limit: int | None) -> Iterator[tuple[npt.NDArray[np.uint8], str]]:
    rows = read_labels(folder).rows[:limit]
    for row in rows:
        data = np.frombuffer((folder / "images" / row.filename).read_bytes(), dtype=np.uint8)
        yield np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8), row.text


def validate(model: SVTRv2, spec: LineSpec, sets: list[ValidationSet], *, bf16: bool) -> list[Score]:
    """Read every set with ``model`` and score it."""
    recognizer = TorchRecognizer(model, spec, bf16=bf16)
    scores = []
    for one in sets:
        read = [line.text for line in recognizer.read_prepared(one.lines)]
        scores.append(Score(one.name, len(read), exact(one.texts, read), cer(one.texts, read)))
    return scores
