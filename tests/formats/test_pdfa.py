"""PDF/A-2b: as pikepdf's validator says, with the image data kept; converted by Ghostscript where that is needed."""

from __future__ import annotations

import builtins
import logging
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image
from tests.formats.samples import ENGINE, FAR_PAGE, USUAL
from tests.formats.scans import drawn, needs_poppler, one_strip, poppler, strips

from nordocr.errors import EngineUnavailable
from nordocr.formats import About
from nordocr.formats.pdf_options import PdfOptions
from nordocr.formats.writing import writing
from nordocr.pages import Origin
from nordocr.results import Document, Page

pdfa = pytest.importorskip("pikepdf.pdfa", reason="needs fontTools, which the extra [pdf] brings")


def made(target: Path, source: Path, *read: Page) -> Path:
    with writing("pdf", target, About(ENGINE, "sv"), PdfOptions(pdfa=True)) as output:
        origin = Origin(source.name, source)
        for number, one in enumerate(read):
            output.page(one, origin, number)
        output.end(Document(source=source.name, engine=ENGINE))
    return target


def check(path: Path) -> None:
    report = pdfa.validate_written(path, "2b")
    assert report.passed, report.summary()
    subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)


@needs_poppler
def test_a_scan(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = one_strip(tmp_path / "Årsredovisning & bilaga.tif", drawn(USUAL), drawn(FAR_PAGE))
    with caplog.at_level(logging.INFO):
        out = made(tmp_path / "out.pdf", source, USUAL, FAR_PAGE)
    assert not caplog.records  # fontTools remarks on an empty font
    check(out)
    with pikepdf.Pdf.open(out) as pdf:
        data = [next(iter(p.get_images().values())).read_raw_bytes() for p in pdf.pages]
        assert (str(pdf.docinfo["/Title"]), str(pdf.docinfo["/Producer"])) == (source.stem, "nordocr 0.1.0")
        assert pdf.open_metadata()["pdf:Producer"] == "nordocr 0.1.0"
        assert str(pdf.Root["/Lang"]) == "sv"
    assert data == strips(source)
    said = poppler("pdftotext", out, "-raw").split()
    assert said[:7] == USUAL.text.split()[:7] and "½" in " ".join(said)
    assert made(tmp_path / "again.pdf", source, USUAL, FAR_PAGE).read_bytes() == out.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, "out.pdf", "again.pdf"])


def test_colour_and_a_pdf(tmp_path: Path) -> None:
    drawn(USUAL).convert("RGB").save(tmp_path / "in.jpg", dpi=(150, 150))
    check(made(tmp_path / "jpeg.pdf", tmp_path / "in.jpg", USUAL))
    drawn(USUAL).save(tmp_path / "in.pdf", "PDF", resolution=150)
    out = made(tmp_path / "out.pdf", tmp_path / "in.pdf", USUAL)
    check(out)
    with pikepdf.Pdf.open(out) as after, pikepdf.Pdf.open(tmp_path / "in.pdf") as before:
        [data], [own] = ([i.read_raw_bytes() for i in pdf.pages[0].get_images().values()] for pdf in (after, before))
        assert data == own


def with_helvetica(path: Path) -> Path:
    """A PDF whose font is not in the file, which PDF/A does not allow."""
    with pikepdf.Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].resources["/Font"] = pikepdf.Dictionary(F1=font)
        pdf.pages[0].contents_add(pikepdf.Stream(pdf, b"BT /F1 20 Tf 50 600 Td (Synlig text) Tj ET"))
        pdf.save(path)
    return path


def ghostscript() -> str:
    """The version of Ghostscript, empty where there is none."""
    found = shutil.which("gs")
    return subprocess.run([found, "--version"], capture_output=True, encoding="ascii").stdout.strip() if found else ""


@needs_poppler
@pytest.mark.skipif(not ghostscript(), reason="needs Ghostscript")
def test_ghostscript_converts_what_needs_it(tmp_path: Path) -> None:
    pytest.importorskip("ocrmypdf", reason="needs ocrmypdf")
    source = with_helvetica(tmp_path / "in.pdf")
    if ghostscript() in ("10.0.0", "10.00.0", "10.01.0", "10.01.1", "10.01.2", "10.02.0"):  # they lose text
        with pytest.raises(EngineUnavailable, match=r"in\.pdf cannot be converted to PDF/A: Ghostscript 10\.0"):
            made(tmp_path / "out.pdf", source, USUAL)
        return
    out = made(tmp_path / "out.pdf", source, USUAL)
    with pikepdf.Pdf.open(out) as pdf:
        assert pdf.open_metadata().pdfa_status == "2B"
    assert poppler("pdftotext", out).split() == ["Synlig", "text"]


@pytest.mark.parametrize(("missing", "said"), [("gs", "needs Ghostscript"), ("ocrmypdf", "needs OCRmyPDF")])
def test_what_is_missing_is_named(missing: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refusing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refusing)
    monkeypatch.setattr(shutil, "which", lambda name: None if missing == "gs" else "/usr/bin/gs")
    with pytest.raises(EngineUnavailable, match=rf"in\.pdf becomes PDF/A only by conversion, which {said}: .*font"):
        made(tmp_path / "out.pdf", with_helvetica(tmp_path / "in.pdf"), USUAL)
    assert not (tmp_path / "out.pdf").exists()


def test_inks_need_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("CMYK", (200, 100), (0, 0, 0, 90)).save(tmp_path / "in.jpg")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(EngineUnavailable, match=r"in\.jpg .*Ghostscript"):
        made(tmp_path / "out.pdf", tmp_path / "in.jpg", USUAL)
