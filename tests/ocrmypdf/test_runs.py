"""OCRmyPDF's own runs with the plugin: what is found, and where, with each of the options that change the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf.pdfa import validate_written
from PIL import Image
from tests.formats.scans import expected_words, needs_poppler, placed_words, poppler
from tests.ocrmypdf.scanned import DPI, FIRST, LAST, LINE, askew, joined, pdf_of, scan, with_text

pytest.importorskip("ocrmypdf", reason="needs ocrmypdf")

import ocrmypdf

from nordocr.config import ReadingConfig
from nordocr.ocrmypdf import readers
from nordocr.pipeline.reader import Reader, read_document

pytestmark = [needs_poppler, pytest.mark.filterwarnings("default")]  # other people's files left open


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pdf_of(tmp_path_factory.mktemp("scan") / "scan.pdf", scan())


def run(source: Path, target: Path, **options: Any) -> Path:
    given = {"language": ["swe"], "output_type": "pdf", "progress_bar": False, "optimize": 0, "jobs": 1} | options
    assert ocrmypdf.ocr(source, target, plugins=["nordocr.ocrmypdf"], **given) == 0
    return target


def text(path: Path) -> str:
    return " ".join(poppler("pdftotext", path, "-raw").split())


def require_same_words(found: list[Any], expected: list[Any]) -> None:
    """OCRmyPDF draws the page anew, so that ink moves by a pixel: of all words one may be read with another letter."""
    assert len(found) == len(expected) > 40
    differing = [(mine, theirs) for (mine, _), (theirs, _) in zip(found, expected, strict=True) if mine != theirs]
    assert len(differing) <= 1
    assert all(abs(len(mine) - len(theirs)) <= 1 and mine[0] == theirs[0] for mine, theirs in differing)


def test_every_word_is_in_its_box(scanned: Path, tmp_path: Path) -> None:
    out = run(scanned, tmp_path / "out.pdf", sidecar=tmp_path / "out.txt")
    [page] = read_document(scanned, ReadingConfig(lang=("sv",))).pages
    found, expected = placed_words(out)[0], expected_words(page, 72 / DPI)
    require_same_words(found, expected)
    off = np.abs(np.subtract([box for _, box in found], [box for _, box in expected]))
    assert off[:, [0, 2]].max() < 1.5 and off.mean() < 1.0 and off.max() < 4.0  # points
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").split() == [word for word, _ in found]
    with pikepdf.Pdf.open(out) as pdf:
        assert str(pdf.docinfo["/Creator"]).endswith("nordocr 0.1.0, nano")
        assert str(pdf.Root["/Lang"]) == "sv"


def test_its_own_text_layer_as_well(scanned: Path, tmp_path: Path) -> None:
    out = run(scanned, tmp_path / "out.pdf", pdf_renderer="sandwich")
    [page] = read_document(scanned, ReadingConfig(lang=("sv",))).pages
    found, expected = placed_words(out)[0], expected_words(page, 72 / DPI)
    require_same_words(found, expected)
    off = np.abs(np.subtract([box for _, box in found], [box for _, box in expected]))
    assert off.mean() < 0.2 and off.max() < 1.5  # OCRmyPDF draws the page anew, so that ink moves by a pixel


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotate_pages_sets_pages_upright(turn: int, tmp_path: Path) -> None:
    """``turn``: degrees anticlockwise by which the scan lies, clockwise by which it has to be shown."""
    out = run(pdf_of(tmp_path / "in.pdf", scan().rotate(turn, expand=True)), tmp_path / "out.pdf", rotate_pages=True)
    with pikepdf.Pdf.open(out) as pdf:
        assert int(pdf.pages[0].obj.get("/Rotate", 0)) == turn
    found = text(out)
    assert FIRST in found and found.endswith(LAST)
    first = placed_words(out)[0][0]
    assert first[0] == "Förvaltningsberättelse"
    assert first[1][:2] == pytest.approx((175 * 72 / DPI, 118 * 72 / DPI), abs=4)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_is_read_where_it_lies(turn: int, tmp_path: Path) -> None:
    image = scan().rotate(turn, expand=True)
    out = run(pdf_of(tmp_path / "in.pdf", image), tmp_path / "out.pdf")
    found = dict(placed_words(out)[0])
    x0, y0, x1, y1 = (value * DPI / 72 for value in found["Förvaltningsberättelse"])
    w, h = scan().size
    left, top, right, bottom = {
        90: (w - y1, x0, w - y0, x1),
        180: (w - x1, h - y1, w - x0, h - y0),
        270: (y0, h - x1, y1, h - x0),
    }[turn]
    assert (left, top, right, bottom) == pytest.approx((175, 118, 618, 157), abs=14)
    for word in LINE:
        assert word in found


def test_deskew_levels_the_page(tmp_path: Path) -> None:
    source = pdf_of(tmp_path / "in.pdf", askew(1.5))
    out = run(source, tmp_path / "out.pdf", deskew=True)
    tops = [box[3] for word, box in placed_words(out)[0] if word in LINE]
    askew_bottoms = [box[3] for word, box in placed_words(run(source, tmp_path / "as.pdf"))[0] if word in LINE]
    assert np.ptp(tops[:8]) < 3 < 8 < np.ptp(askew_bottoms[:8])
    assert FIRST in text(out)


def test_skip_and_redo(scanned: Path, tmp_path: Path) -> None:
    born = with_text(tmp_path / "born.pdf", "Skapad digitalt", mode=0)
    old = with_text(tmp_path / "old.pdf", "Gammal text", mode=3, source=scanned)
    mixed = joined(tmp_path / "mixed.pdf", born, scanned, old)
    skipped = poppler("pdftotext", run(mixed, tmp_path / "skipped.pdf", skip_text=True), "-raw").split("\f")
    assert skipped[0].split() == ["Skapad", "digitalt"] and skipped[2].split() == ["Gammal", "text"]
    assert FIRST in " ".join(skipped[1].split())
    redone = poppler("pdftotext", run(mixed, tmp_path / "redone.pdf", redo_ocr=True), "-raw").split("\f")
    assert redone[0].split() == ["Skapad", "digitalt"]
    for page in redone[1:3]:
        assert FIRST in " ".join(page.split()) and "Gammal" not in page


def test_pdfa(scanned: Path, tmp_path: Path) -> None:
    out = run(scanned, tmp_path / "out.pdf", output_type="pdfa")
    assert validate_written(out, "2b").passed
    assert FIRST in text(out)


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file with a line for each reader that is opened: the process that opened it."""
    log = tmp_path / "opened.txt"
    log.touch()

    class Counted(Reader):
        def __init__(self, *arguments: Any) -> None:
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{os.getpid()}\n")
            super().__init__(*arguments)

    monkeypatch.setattr(readers, "Reader", Counted)
    monkeypatch.setattr(readers, "_opened", {})
    yield log
    for reader in readers._opened.values():
        reader.__exit__(None, None, None)


def test_threads_share_one_model(opened: Path, tmp_path: Path) -> None:
    source = pdf_of(tmp_path / "in.pdf", *[scan()] * 3)
    assert text(run(source, tmp_path / "out.pdf", jobs=2)).count(FIRST) == 3
    assert opened.read_text(encoding="utf-8").split() == [str(os.getpid())]
    assert threading.active_count() < 50


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_workers_open_one_model_each(opened: Path, tmp_path: Path) -> None:
    """Also after the parent has opened its own, whose threads a fork does not take along."""
    run(pdf_of(tmp_path / "one.pdf", scan()), tmp_path / "out.pdf")
    source = pdf_of(tmp_path / "in.pdf", *[scan()] * 4)
    assert text(run(source, tmp_path / "out.pdf", jobs=2, use_threads=False)).count(FIRST) == 4
    parent, *workers = opened.read_text(encoding="utf-8").split()
    assert parent == str(os.getpid()) and parent not in workers
    assert 1 <= len(workers) == len(set(workers)) <= 2


def test_errors_are_sentences(scanned: Path, tmp_path: Path) -> None:
    with pytest.raises(ocrmypdf.exceptions.MissingDependencyError, match="no model 'nix'"):
        run(scanned, tmp_path / "out.pdf", nordocr_model="nix")
    with pytest.raises(ocrmypdf.exceptions.BadArgsError, match="jpn"):
        run(scanned, tmp_path / "out.pdf", language=["jpn"])
    settings = tmp_path / "small.yaml"
    settings.write_text("limits: {max_pixels: 1000}\n", encoding="utf-8")
    with pytest.raises(ocrmypdf.exceptions.InputFileError, match="pixels"):
        run(scanned, tmp_path / "out.pdf", nordocr_config=str(settings))


def test_an_empty_page(tmp_path: Path) -> None:
    out = run(pdf_of(tmp_path / "in.pdf", Image.new("1", (800, 800), 1)), tmp_path / "out.pdf", rotate_pages=True)
    assert text(out) == ""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs tesseract")
def test_the_command_line(scanned: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ocrmypdf", "--plugin", "nordocr.ocrmypdf", "-l", "swe", "--jobs", "2"]
    for further, creator in ((), "nordocr"), (("--ocr-engine", "tesseract"), "Tesseract"):
        out = tmp_path / f"{creator}.pdf"
        subprocess.run([*command, *further, "--quiet", str(scanned), str(out)], check=True)
        with pikepdf.Pdf.open(out) as pdf:
            assert creator in str(pdf.docinfo["/Creator"])
        assert "verkställande" in text(out)
