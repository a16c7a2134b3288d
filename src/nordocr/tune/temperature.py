"""Confidences of a tuned model: its own temperature where there are lines enough, else that of the model before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx

from nordocr.data.lines import read_lines
from nordocr.evaluate.lines.predict import crop_of
from nordocr.evaluate.lines.temperature import FEWEST, fit, gather
from nordocr.export.temperature import open_scorer, write_temperature
from nordocr.lm.file import bundled_file, load_model
from nordocr.lm.revise import Reviser
from nordocr.recognize.temperature import find_temperature


def fit_temperature(model: Path, folders: Sequence[Path], before: Path) -> float | None:
    """Fit a model's temperature on lines that it was not trained on and write it into the file.

    Args:
        model: The ONNX file, which is replaced.
        folders: Labels folders.
        before: The model that it was tuned from, whose temperature is taken where there are too few lines.

    Returns:
        The temperature; None where there are too few lines and the model before has none.

    Raises:
        OutputUnwritable: The file cannot be written.
    """
    score, spec = open_scorer(model)
    rows = [row for folder in folders for row in read_lines(folder, charset=spec.charset).rows]
    if len(rows) >= FEWEST:
        reviser = Reviser(load_model(bundled_file()), spec)
        crops = [crop_of(row) for row in rows]
        found = fit(gather(score, spec, crops, [row.text for row in rows], reviser)).after.temperature
    else:
        found = _temperature_of(before)
        if found == 1.0:
            return None
    write_temperature(model, model, found)
    return found


def _temperature_of(model: Path) -> float:
    if model.suffix.lower() != ".onnx":
        return 1.0
    facts = {item.key: item.value for item in onnx.load(str(model), load_external_data=False).metadata_props}
    return find_temperature(model, facts)
