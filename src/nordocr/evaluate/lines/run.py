"""One engine over labels folders: reading, scoring and putting together what is known of both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nordocr
from nordocr.charset import NORDIC_126, Charset
from nordocr.data.labels import Labels, read_labels
from nordocr.errors import DataInvalid
from nordocr.evaluate.lines.outputs import Evaluation
from nordocr.evaluate.lines.predict import Prediction, predict
from nordocr.evaluate.scoring.metrics import score
from nordocr.linespec import LineSpec
from nordocr.recognize.base import Recognizer


def open_sets(folders: Sequence[Path], charset: Charset = NORDIC_126) -> dict[str, Labels]:
    """Read the labels folders, by name; of two folders with one name the second becomes "name (2)".

    Raises :class:`DataInvalid` where a folder has no line that can be read.
    """
    sets: dict[str, Labels] = {}
    for folder in folders:
        labels = read_labels(folder, charset=charset)
        if not labels.rows:
            raise DataInvalid(" ".join([f"{folder} has no line that can be read.", *labels.report.sentences()]))
        name = base = folder.resolve().name
        number = 1
        while name in sets:
            number += 1
            name = f"{base} ({number})"
        sets[name] = labels
    return sets


def evaluate_sets(
    recognizer: Recognizer,
    sets: dict[str, Labels],
    *,
    limit: int | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Evaluation:
    """Read every set (the first ``limit`` lines of each) and score it, each alone and all together.

    Raises :class:`DataInvalid` where a set has no image that can be read, and whatever the recogniser raises.
    """
    charset = charset_of(recognizer)
    started = time.perf_counter()
    predictions: dict[str, list[Prediction]] = {}
    for name, labels in sets.items():
        predictions[name] = predict(recognizer, labels, limit=limit, on_progress=on_progress)
        if not predictions[name]:
            raise DataInvalid(f"{labels.folder} has no image that can be read.")
    seconds = time.perf_counter() - started
    figures = {name: score([line.pair for line in lines], charset=charset) for name, lines in predictions.items()}
    everything = [line.pair for lines in predictions.values() for line in lines]
    total = score(everything, charset=charset) if len(figures) > 1 else next(iter(figures.values()))
    reports = [labels.report for labels in sets.values()]
    return Evaluation(describe(recognizer) | {"seconds": seconds}, total, figures, predictions, reports)


def charset_of(recognizer: Recognizer) -> Charset:
    """What characters count as outside of: the recogniser's own charset, ``nordic-126`` where it tells none."""
    spec = getattr(recognizer, "spec", None)
    return spec.charset if isinstance(spec, LineSpec) else NORDIC_126


def describe(recognizer: Recognizer) -> dict[str, Any]:
    """What read, as plain values: engine, its version where it tells one, model file or languages, checksum."""
    return {
        "name": recognizer.name,
        "version": str(getattr(recognizer, "version", "")),
        "model": recognizer.model,
        "model_sha256": recognizer.model_sha256,
        "nordocr": nordocr.__version__,
    }
