"""``nordocr calibrate``: the temperature that is fitted is the one that later readings use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from nordocr.cli.calibrate import calibrate
from nordocr.errors import DataInvalid
from nordocr.recognize.onnx import OnnxRecognizer


def labels(folder: Path, lines: int) -> Path:
    """Lines with one dark stretch, which the model of the fixture reads as ``x``; half of them say so."""
    (folder / "images").mkdir(parents=True)
    rows = ["filename\ttext"]
    for number in range(lines):
        pixels = np.full((32, 64), 255, np.uint8)
        pixels[:, 16 : 32 + 4 * (number % 5)] = 0
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        rows.append(f"{number}.png\t{'xy'[number % 2]}")
    (folder / "labels.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_confidence_becomes_the_share_that_is_right(model: Path, tmp_path: Path) -> None:
    data, written, report = labels(tmp_path / "lines", 120), tmp_path / "warm.onnx", tmp_path / "fit.json"
    calibrate(model=str(model), data=[data], output=written, report=report, limit=None, linespec=None)
    fit = json.loads(report.read_text(encoding="utf-8"))
    assert (fit["lines"], fit["exact"]) == (120, 60)
    assert fit["after"]["error"] < fit["before"]["error"]
    facts = {p.key: p.value for p in onnx.load(str(written)).metadata_props}
    assert float(facts["temperature"]) == fit["after"]["temperature"] > 1.5
    crop = np.full((32, 64), 255, np.uint8)
    crop[:, 16:32] = 0
    before, after = (OnnxRecognizer(path).read([crop])[0] for path in (model, written))
    assert before.text == after.text == "x"
    assert after.confidence < before.confidence - 0.1


def test_too_few_lines_are_refused(model: Path, tmp_path: Path) -> None:
    with pytest.raises(DataInvalid, match="99 lines are too few"):
        calibrate(
            model=str(model), data=[labels(tmp_path / "few", 99)], output=None, report=None, limit=None, linespec=None
        )
