"""The loop: read badly, correct forty lines, tune, prove, install, read well; and what is refused on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.tune.conftest import Archive

from nordocr.cli.app import main
from nordocr.config import settings
from nordocr.data.labels import read_labels, write_labels
from nordocr.evaluate.lines.predict import predict
from nordocr.recognize.registry import open_recognizer
from nordocr.tune.judge import HELD_OUT

LEANING = 0.5
SHORT = [
    *("--set", "optimiser.steps=36"),
    *("--set", "validation.every=18"),
    *("--set", "batch.lines_per_step=16"),
    *("--set", "batch.workers=0"),
    *("--set", "data.1.synth.curriculum=[[0,40]]"),
]
"""A tuning of seconds: nothing but its length differs."""


def cer(name: str, folder: Path) -> float:
    engine = open_recognizer(name, settings(None, {"threads": 1, "lm": "none"}))
    table = predict(engine, read_labels(folder)).table
    engine.close()
    return float(table.edits.sum() / table.characters.sum())


@pytest.mark.slow
@pytest.mark.timeout(3000)  # half a minute on two idle cores
def test_forty_corrected_lines_halve_the_errors_on_other_pages(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NORDOCR_MODELS", str(tmp_path / "models"))
    corrected, others = archive("letters", 10, 4, 21, LEANING), archive("others", 8, 5, 22, LEANING)
    before = cer("nano", others)
    assert before > 0.15, "the face must be one that nano reads badly"
    arguments = [str(corrected), "--name", "letters", "-o", str(tmp_path / "run"), "--threads", "1"]
    with pytest.raises(SystemExit, match="0"):
        main(["tune", *arguments, "--yes", "--guard-lines", "50", *SHORT])
    said = capsys.readouterr().out
    assert "The tuned model is better than nano." in said
    assert f"Installed as letters: {tmp_path / 'models' / 'letters.onnx'}" in said
    assert cer("letters", others) <= before / 2
    report = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
    assert set(report["sets"]) == {HELD_OUT, "clean", "scans"}
    assert not any(c["standing"] == "worse" for name in ("clean", "scans") for c in report["sets"][name]["checks"][:4])
    held = {row.source for row in read_labels(tmp_path / "run" / "lines" / HELD_OUT).rows}
    trained = {row.source for row in read_labels(tmp_path / "run" / "lines" / "corrected").rows}
    assert held
    assert not held & trained


def test_too_few_lines_and_a_used_folder_are_refused(
    archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = archive("few", 3, 5, 23)
    with pytest.raises(SystemExit, match="11"):
        main(["tune", str(few), "-o", str(tmp_path / "run")])
    assert "15 corrected lines are too few" in capsys.readouterr().err
    # The folder is that tuning's now: with one line less it is another.
    rows = read_labels(few).rows
    write_labels(few, rows[1:])
    with pytest.raises(SystemExit, match="14"):
        main(["tune", str(few), "-o", str(tmp_path / "run")])
    assert "holds a tuning of another model or of other lines" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="14"):
        main(["tune", str(few), "-o", str(few)])
    with pytest.raises(SystemExit, match="2"):
        main(["tune", str(few), "--yes"])
