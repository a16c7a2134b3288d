"""Evaluate one engine on labels folders."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nordocr
from nordocr.charset import NORDIC_126, Charset
from nordocr.data.labels import Labels
from nordocr.data.lines import read_lines
from nordocr.errors import DataInvalid
from nordocr.evaluate.lines.outputs import Evaluation
from nordocr.evaluate.lines.predict import PredictedSet, predict
from nordocr.evaluate.scoring.metrics import score
from nordocr.evaluate.scoring.table import ScoredTable
from nordocr.linespec import LineSpec
from nordocr.recognize.base import Recognizer


def open_sets(folders: Sequence[Path], charset: Charset = NORDIC_126) -> dict[str, Labels]:
    """Read labels folders.

    Args:
        folders: The folders.
        charset: Characters that labels may hold; others are counted in the report.

    Returns:
        The labels by the folder's name; the second of two folders with one name becomes "name (2)".

    Raises:
        DataInvalid: A folder has no line that can be read.
    """
    sets: dict[str, Labels] = {}
    for folder in folders:
        labels = read_lines(folder, charset=charset)
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
    """Read every set and score it, each alone and all together.

    Args:
        recognizer: Reads the lines; its errors are passed on.
        sets: Labels by name.
        limit: Read only so many lines of each set; None for all.
        on_progress: Told the number of rows just finished.

    Raises:
        DataInvalid: A set has no image that can be read.
    """
    charset = charset_of(recognizer)
    started = time.perf_counter()
    read: dict[str, PredictedSet] = {}
    for name, labels in sets.items():
        read[name] = predict(recognizer, labels, limit=limit, on_progress=on_progress)
        if not read[name].lines:
            raise DataInvalid(f"{labels.folder} has no image that can be read.")
    seconds = time.perf_counter() - started
    figures = {name: score(held.table, charset=charset) for name, held in read.items()}
    everything = ScoredTable.join([held.table for held in read.values()])
    total = score(everything, charset=charset) if len(figures) > 1 else next(iter(figures.values()))
    predictions = {name: held.lines for name, held in read.items()}
    reports = [labels.report for labels in sets.values()]
    return Evaluation(describe(recognizer) | {"seconds": seconds}, total, figures, predictions, reports)


def charset_of(recognizer: Recognizer) -> Charset:
    """Return the recogniser's own charset, ``nordic-126`` where it does not tell one."""
    spec = getattr(recognizer, "spec", None)
    return spec.charset if isinstance(spec, LineSpec) else NORDIC_126


def describe(recognizer: Recognizer) -> dict[str, Any]:
    """Return who read as plain values: engine, its version where it tells one, model file or languages, checksum."""
    return {
        "name": recognizer.name,
        "version": str(getattr(recognizer, "version", "")),
        "model": recognizer.model,
        "model_sha256": recognizer.model_sha256,
        "nordocr": nordocr.__version__,
    }
