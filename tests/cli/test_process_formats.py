"""``nordocr process`` in several formats at once, and as a searchable PDF."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pikepdf

from nordocr.results import Document


def nordocr(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nordocr", *map(str, arguments)]
    variables = os.environ | {"PYTHONIOENCODING": "utf-8", "SOURCE_DATE_EPOCH": "1700000000"}
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=variables, timeout=120)


def test_all_formats_are_written_together_and_again_from_the_json(scan: Path, model: Path, tmp_path: Path) -> None:
    formats = "json,hocr,alto,page,tsv,md,pdf,fields"
    run = nordocr("process", scan, "-m", model, "-f", formats, "-o", tmp_path / "a", "--language", "sv")
    assert run.returncode == 0, run.stderr
    result = tmp_path / "a" / "scan.json"
    assert len(Document.model_validate_json(result.read_bytes()).pages) == 3
    again = nordocr("convert", result, "-f", formats, "-o", tmp_path / "b", "--language", "sv")
    assert again.returncode == 0, again.stderr
    written = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert written == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert len(written) == 7 + 3
    for name in written:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_pdf_of_a_pdf_and_a_pdf_that_fails(scan: Path, model: Path, tmp_path: Path) -> None:
    nordocr("process", scan, "-m", model, "-f", "pdf", "-o", tmp_path, "--pages", "1,3")
    with pikepdf.Pdf.open(tmp_path / "scan.pdf") as pdf:
        assert len(pdf.pages) == 2
        for page in pdf.pages:
            del page.Contents
        pdf.save(tmp_path / "empty.pdf")
    run = nordocr("process", tmp_path / "scan.pdf", "-m", model, "-f", "pdf", "-o", tmp_path)
    assert run.returncode == 2
    assert "would overwrite" in run.stderr
    run = nordocr("process", tmp_path / "empty.pdf", "-m", model, "-f", "pdf,text", "-o", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    with pikepdf.Pdf.open(tmp_path / "out" / "empty.pdf") as pdf:
        assert len(pdf.pages) == 2


def test_formats_that_are_no_text_want_a_folder(scan: Path) -> None:
    run = nordocr("process", scan, "--format", "pdf")
    assert (run.returncode, run.stdout) == (2, "")
    assert "The format pdf goes to files: say --output DIR." in run.stderr
