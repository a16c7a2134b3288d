"""Labels that a model doubts: likelihoods against torch's, wrong labels found, hard but right ones kept."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nordocr.cli.app import main
from nordocr.config import ReadingConfig
from nordocr.data.filtering import DOUBTFUL, filter_lines
from nordocr.data.labels import LabelRow, read_labels, write_labels
from nordocr.data.likelihood import doubts, log_likelihood
from nordocr.data.lines import read_lines, to_lmdb
from nordocr.errors import OutputUnwritable
from nordocr.recognize.engine import LineRecognizer
from nordocr.recognize.registry import open_recognizer

TEXTS = ("Summa tillgångar 1 284", "Eget kapital och skulder", "Resultat efter skatt")


@pytest.mark.parametrize("classes", [[3], [3, 3], [1, 2, 3, 3, 1], [2] * 5, []])
def test_likelihood_is_that_of_torch(classes: list[int]) -> None:
    logs = np.random.default_rng(1).normal(size=(11, 5)).astype(np.float32)
    logs -= np.logaddexp.reduce(logs, axis=1, keepdims=True)
    wanted = F.ctc_loss(
        torch.tensor(logs)[:, None], torch.tensor([classes], dtype=torch.long), [11], [len(classes)], reduction="sum"
    )
    assert log_likelihood(logs, classes) == pytest.approx(-float(wanted), abs=1e-4)


def test_a_text_that_needs_more_steps_has_no_likelihood() -> None:
    logs = np.full((3, 5), -np.log(5))
    assert log_likelihood(logs, [2, 2]) == pytest.approx(-3 * np.log(5))
    assert log_likelihood(logs, [2, 2, 1]) == -np.inf


@pytest.fixture(scope="module")
def engine() -> LineRecognizer:
    engine = open_recognizer("nano", ReadingConfig(threads=1, lm="none"))
    assert isinstance(engine, LineRecognizer)
    return engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three lines; the label of the second lacks a word, the third is of a character outside the charset."""
    labels = (TEXTS[0], "Eget kapital och", "Resultat ∰ skatt")
    rows = []
    (tmp_path / "lines" / "images").mkdir(parents=True)
    for number, (text, label) in enumerate(zip(TEXTS, labels, strict=True)):
        image = np.full((48, 900), 255, np.uint8)
        ascii_text = text.replace("å", "a")
        cv2.putText(image, ascii_text, (8, 34), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 2, cv2.LINE_AA)
        path = tmp_path / "lines" / "images" / f"{number}.png"
        cv2.imwrite(str(path), image)
        rows.append(LabelRow(path.name, label.replace("å", "a"), path, number + 2, source=f"document {number}"))
    write_labels(tmp_path / "lines", rows)
    return tmp_path / "lines"


def test_wrong_labels_are_doubted(folder: Path, engine: LineRecognizer) -> None:
    right, lacks, outside = doubts(read_lines(folder, charset=engine.spec.charset).rows, engine)
    assert right.nats < 7 < 15 < lacks.nats < outside.nats == float("inf")
    assert lacks.read.split()[:3] == ["Eget", "kapital", "och"]


def test_filtering_keeps_the_kind_of_folder_and_lists_what_goes(
    folder: Path, engine: LineRecognizer, tmp_path: Path
) -> None:
    found = filter_lines(folder, tmp_path / "kept", engine, 15.0)
    assert (found.kept, len(found.doubtful)) == (1, 2)
    assert [row.text for row in read_labels(tmp_path / "kept").rows] == ["Summa tillgangar 1 284"]
    listed = (tmp_path / "kept" / DOUBTFUL).read_text(encoding="utf-8").splitlines()
    assert listed[0].split("\t")[:2] == ["inf", "document 2"]
    assert listed[1].split("\t")[3] == "Eget kapital och"
    with pytest.raises(OutputUnwritable):
        filter_lines(folder, tmp_path / "kept", engine, 15.0)


def test_an_lmdb_stays_one(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to_lmdb(folder, tmp_path / "lmdb")
    with pytest.raises(SystemExit) as exit_:
        main(["data", "filter", str(tmp_path / "lmdb"), str(tmp_path / "kept"), "--threads", "1", "--most-doubt", "15"])
    assert exit_.value.code == 0
    rows = read_lines(tmp_path / "kept").rows
    assert [(row.text, row.source) for row in rows] == [("Summa tillgangar 1 284", "document 0")]
    assert "1 lines, 2 left out" in capsys.readouterr().out
