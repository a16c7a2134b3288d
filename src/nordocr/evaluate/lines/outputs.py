"""Write what an evaluation found: ``metrics.json``, ``predictions.tsv`` and ``worst.html``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nordocr.data.labels import LabelReport
from nordocr.evaluate.lines.predict import Prediction
from nordocr.evaluate.lines.worst import worst_lines_page
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.files import write_whole

PREDICTION_COLUMNS: Final = ("filename", "text", "prediction", "confidence", "class", "source", "page")
"""Columns of ``predictions.tsv``; the last two, empty if unknown, say which lines belong together."""

_SPACES = dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")


@dataclass(frozen=True)
class Evaluation:
    """One engine on one or more labels folders.

    Attributes:
        engine: Who read, as plain values for JSON.
        total: The figures over all lines.
        sets: Each folder's figures, by its name.
        predictions: Each folder's lines, by its name.
        reports: What was found in the labels.
    """

    engine: dict[str, Any]
    total: Metrics
    sets: dict[str, Metrics]
    predictions: dict[str, list[Prediction]]
    reports: list[LabelReport] = field(default_factory=list)

    def to_json(self) -> str:
        """Return the content of ``metrics.json``: the figures over all lines, then ``sets``, ``engine``, ``labels``."""
        values: dict[str, Any] = self.total.model_dump(mode="json")
        values["sets"] = {name: metrics.model_dump(mode="json") for name, metrics in self.sets.items()}
        values["engine"] = self.engine
        values["labels"] = [report.to_dict() for report in self.reports]
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"


def write_evaluation(evaluation: Evaluation, output: Path) -> list[Path]:
    """Write the three files, each whole or not at all.

    Args:
        evaluation: What was found.
        output: The folder, created if necessary.

    Returns:
        The files written.

    Raises:
        OutputUnwritable: A file cannot be written.
    """
    contents = {
        "metrics.json": evaluation.to_json(),
        "predictions.tsv": predictions_table(evaluation.predictions),
        "worst.html": worst_lines_page(evaluation.engine, evaluation.predictions, evaluation.total),
    }
    return [write_whole(output / name, content) for name, content in contents.items()]


def predictions_table(predictions: Mapping[str, Sequence[Prediction]]) -> str:
    """Return ``predictions.tsv``: a header and a row per line, unquoted like ``labels.tsv``.

    With more than one folder a filename has its folder's name before it. A tab or line break that an engine reads
    becomes a space, which is how it counts in the comparison.
    """
    rows: list[tuple[str, ...]] = [PREDICTION_COLUMNS]
    for name, lines in predictions.items():
        prefix = f"{name}/" if len(predictions) > 1 else ""
        for line in lines:
            read = line.text.translate(_SPACES)
            confidence = f"{line.confidence:.4f}"
            place = (line.row.source or "", line.row.page or "")
            rows.append((prefix + line.row.filename, line.row.text, read, confidence, str(line.error_class), *place))
    return "".join("\t".join(row) + "\n" for row in rows)
