"""Judging a model during training: the EMA weights read held-out lines, scored by the one evaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nordocr.data.crops import encode_png
from nordocr.data.labels import IMAGES, LabelReport, LabelRow, write_labels
from nordocr.data.lines import copy_lines, is_lmdb_row, sample_lines
from nordocr.data.lmdb import is_lmdb
from nordocr.data.sample import sample_by_document
from nordocr.errors import DataInvalid, InputUnreadable, OutputUnwritable
from nordocr.evaluate.lines.outputs import predictions_table
from nordocr.evaluate.lines.predict import Prediction, natural_width, read_crop
from nordocr.evaluate.lines.run import open_sets
from nordocr.evaluate.lines.worst import worst_lines_page
from nordocr.evaluate.scoring.metrics import cer, exact, score
from nordocr.evaluate.scoring.taxonomy import classify
from nordocr.files import write_whole
from nordocr.linespec import LineSpec, PreparedLine, prepare
from nordocr.model.base import LineNetwork
from nordocr.model.recognizer import TorchRecognizer
from nordocr.train.recipe import Recipe
from nordocr.train.stream import LineSource

_AREA = {"cpu": 16384, "cuda": 131072}
_WORST = 60
_LEAST = 0.001


@dataclass(frozen=True)
class ValidationSet:
    """Lines of one name: their rows, prepared pixels and natural widths at height 32."""

    name: str
    rows: list[LabelRow]
    lines: list[PreparedLine]
    widths: list[int]


@dataclass(frozen=True)
class Score:
    """What the model reached on one set: exact share and CER, both in [0, 1] (CER may exceed 1)."""

    name: str
    lines: int
    exact: float
    cer: float


def validation_sets(
    recipe: Recipe, synth: LineSource | None, held_out: dict[str, list[LabelRow]], run: Path
) -> list[ValidationSet]:
    """Prepare what the averaged weights are judged on.

    Args:
        recipe: Its validation folders, limit and number of synthetic lines count.
        synth: Synthetic lines, written as a labels folder to ``run/validation/synth``; None for none.
        held_out: Rows of the documents held out of the recipe's pools, by the pool's name.
        run: The run's folder. Lines of LMDBs are copied to ``run/validation`` too, so that pages can show them.

    Returns:
        The sets.

    Raises:
        DataInvalid: A folder has no line.
        InputUnreadable: An image is damaged.
    """
    part, spec = recipe.validation, recipe.spec
    folders = [Path(folder) for folder in part.folders]
    plain = [folder for folder in folders if not is_lmdb(folder)]
    opened = open_sets(plain, spec.charset) if plain else {}
    rows = {name: _sampled(labels.rows, part.limit) for name, labels in opened.items()}
    for folder in folders:
        if folder not in plain:
            name = folder.resolve().name
            name = name if name not in rows else f"{name}-{len(rows) + 1}"
            rows[name] = sample_lines(folder, part.limit, charset=spec.charset)
    rows |= {name: _sampled(held, part.limit) for name, held in held_out.items()}
    rows = {name: _as_files(name, held, run) for name, held in rows.items()}
    if synth is not None and part.synth_lines:
        rows["synth"] = _written(synth, part.synth_lines, run / "validation" / "synth")
    return [_prepared(name, held, spec) for name, held in rows.items()]


def _sampled(rows: list[LabelRow], limit: int | None) -> list[LabelRow]:
    return [rows[place] for place in sample_by_document([row.source for row in rows], limit)]


def _prepared(name: str, rows: list[LabelRow], spec: LineSpec) -> ValidationSet:
    if not rows:
        raise DataInvalid(f"The validation set {name} holds no line.")
    crops = [read_crop(row.image) for row in rows]
    return ValidationSet(name, rows, [prepare(crop, spec) for crop in crops], [natural_width(crop) for crop in crops])


def _as_files(name: str, rows: list[LabelRow], run: Path) -> list[LabelRow]:
    """Rows whose images are files: lines of an LMDB are copied to ``run/validation/NAME``."""
    if not any(is_lmdb_row(row) for row in rows):
        return rows
    report = LabelReport(run / "validation" / name)
    copied = copy_lines(rows, report.folder, report)
    if len(copied) < len(rows):
        raise InputUnreadable(f"The validation set {name}: {report.sentences()[0]}")
    return copied


def _written(synth: LineSource, count: int, folder: Path) -> list[LabelRow]:
    rows = []
    try:
        (folder / IMAGES).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            image, text = synth.line(index)
            path = folder / IMAGES / f"{index:05d}.png"
            path.write_bytes(encode_png(image))
            rows.append(LabelRow(path.name, text, path, index + 2))
    except OSError as error:
        raise OutputUnwritable(f"{folder} cannot be written: {error.strerror}.") from error
    write_labels(folder, rows)
    return rows


def validate(
    model: LineNetwork, spec: LineSpec, sets: list[ValidationSet], *, bf16: bool
) -> tuple[list[Score], dict[str, list[Prediction]]]:
    """Read every set with ``model``: its scores, and what was read, by the set's name."""
    area = _AREA.get(next(model.parameters()).device.type, _AREA["cpu"])
    recognizer = TorchRecognizer(model, spec, area=area, bf16=bf16)
    scores, predictions = [], {}
    for one in sets:
        read = recognizer.read_prepared(one.lines)
        texts, truths = [line.text for line in read], [row.text for row in one.rows]
        scores.append(Score(one.name, len(read), exact(truths, texts), cer(truths, texts)))
        predictions[one.name] = [
            Prediction(row, line.text, line.confidence, classify(row.text, line.text), width)
            for row, line, width in zip(one.rows, read, one.widths, strict=True)
        ]
    return scores, predictions


def mean_cer(scores: Sequence[Score], before: Mapping[str, float]) -> float:
    """Return the mean CER of the sets, or where ``before`` holds CERs to compare with, the mean ratio to them.

    Args:
        scores: One or more sets' scores.
        before: CER by the set's name. Sets that it does not hold count with their plain CER; one that was read
            without an error counts as if it had had one character in a thousand wrong.
    """
    return sum(score.cer / max(_LEAST, before.get(score.name, 1.0)) for score in scores) / len(scores)


def write_pages(run: Path, name: str, predictions: dict[str, list[Prediction]], spec: LineSpec) -> None:
    """Write ``run/validation/worst.html`` and ``predictions.tsv`` of the latest validation, each replaced whole.

    ``name`` says which weights read. Raises :class:`OutputUnwritable`.
    """
    if not predictions:
        return
    pairs = [line.pair for lines in predictions.values() for line in lines]
    metrics = score(pairs, charset=spec.charset, resamples=0)
    engine: dict[str, Any] = {"name": "training", "model": name}
    pages = {
        "worst.html": worst_lines_page(engine, predictions, metrics, _WORST),
        "predictions.tsv": predictions_table(predictions),
    }
    for file, content in pages.items():
        write_whole(run / "validation" / file, content)
