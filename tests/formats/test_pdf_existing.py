"""Pages of a PDF that hold text already: left alone, their invisible text replaced, or all of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from tests.formats.samples import ENGINE, line, page
from tests.formats.scans import difference, drawn, needs_poppler, pixels, placed_words, poppler

from nordocr.errors import UsageError
from nordocr.formats import About
from nordocr.formats.pdf.existing import TextOf, text_of
from nordocr.formats.pdf_options import PdfOptions
from nordocr.formats.writing import writing
from nordocr.pages import Origin
from nordocr.results import Document, Page

pytestmark = needs_poppler

DPI = 150
READ = page(0, line("Årets resultat 1 927", 90, 300), line("gärna Stämpel", 300, 600, block=1))
OLD = "q BT 3 Tr /F1 20 Tf 43 600 Td (Gammal) Tj 0 -40 Td [(te) -10 (xt)] TJ 0 -40 Td (till) ' ET Q"
# At 300 px + 6 letters, where READ says Stämpel: 390 px = 187.2 points from the left, 600 px from the top.
STAMP = "q BT 0 Tr /F1 16 Tf 187.2 542 Td (St\xe4mpel) Tj ET Q"


def scanned(path: Path, *contents: str, form: str = "", rotate: int = 0) -> Path:
    """A scan as a PDF whose page has further content streams, and a form drawn from the first."""
    drawn(READ).save(path, "PDF", resolution=DPI)
    with pikepdf.Pdf.open(path, allow_overwriting_input=True) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        font.Encoding = pikepdf.Name.WinAnsiEncoding
        one = pdf.pages[0]
        one.resources["/Font"] = pikepdf.Dictionary(F1=font)
        for content in contents:
            one.contents_add(pikepdf.Stream(pdf, content.encode("latin-1")))
        if form:
            made = pikepdf.Stream(pdf, form.encode("latin-1"), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
            made.BBox, made.Resources = [0, 0, 595, 842], pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
            one.resources["/XObject"]["/Fm"] = made
            one.contents_add(pikepdf.Stream(pdf, b"q /Fm Do Q"))
        one.obj["/Rotate"] = rotate
        pdf.save(path)
    return path


def made(target: Path, source: Path, existing_text: str, one: Page = READ) -> Path:
    options = PdfOptions(existing_text=existing_text)  # type: ignore[arg-type]
    with writing("pdf", target, About(ENGINE), options) as output:
        output.page(one, Origin(source.name, source), 0)
        output.end(Document(engine=ENGINE))
    subprocess.run(["qpdf", "--check", str(target)], check=True, capture_output=True)
    return target


def words(path: Path) -> list[str]:
    return poppler("pdftotext", path, "-raw").split()


def image_of(path: Path) -> bytes:
    with pikepdf.Pdf.open(path) as pdf:
        return next(i for n, i in pdf.pages[0].get_images().items()).read_raw_bytes()


@pytest.mark.parametrize("where", ["page", "form"])
def test_redo_replaces_invisible_text(where: str, tmp_path: Path) -> None:
    source = scanned(tmp_path / "in.pdf", OLD) if where == "page" else scanned(tmp_path / "in.pdf", form=OLD)
    assert words(source) == ["Gammal", "text", "till"]
    assert words(made(tmp_path / "skip.pdf", source, "skip")) == ["Gammal", "text", "till"]
    redone = made(tmp_path / "redo.pdf", source, "redo")
    assert words(redone) == READ.text.split()
    assert image_of(redone) == image_of(source)
    assert np.array_equal(pixels(redone, 100), pixels(source, 100))
    assert made(tmp_path / "again.pdf", source, "redo").read_bytes() == redone.read_bytes()


def test_redo_again_and_again_does_not_grow(tmp_path: Path) -> None:
    sizes, path = [], scanned(tmp_path / "in.pdf", OLD)
    for number in range(4):
        path = made(tmp_path / f"{number}.pdf", path, "redo")
        sizes.append(path.stat().st_size)
        assert words(path) == READ.text.split()
    assert sizes[3] - sizes[1] < 100


def test_redo_keeps_visible_text_and_does_not_repeat_it(tmp_path: Path) -> None:
    source = scanned(tmp_path / "in.pdf", STAMP, OLD)
    redone = made(tmp_path / "out.pdf", source, "redo")
    assert sorted(words(redone)) == sorted(READ.text.split())  # the stamp's own word, and not ours as well
    stamp = next(box for text, box in placed_words(redone)[0] if text == "Stämpel")
    assert stamp[0] == pytest.approx(187.2, abs=0.1)
    assert np.array_equal(pixels(redone, 100), pixels(source, 100))


def test_visible_text_after_invisible_keeps_its_place(tmp_path: Path) -> None:
    """The text state outlives the text object that set it, and the render mode the one before it."""
    mixed = "BT 3 Tr /F1 16 Tf 50 Tz 100 700 Td (osynlig) Tj ET BT 0 Tr 187.2 542 Td (St\xe4mpel) Tj ET"
    source = scanned(tmp_path / "in.pdf", mixed)
    redone = made(tmp_path / "out.pdf", source, "redo")
    assert "osynlig" not in words(redone) and "Stämpel" in words(redone)
    assert np.array_equal(pixels(redone, 100), pixels(source, 100))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_force_makes_a_picture_of_visible_text(rotate: int, tmp_path: Path) -> None:
    source = scanned(tmp_path / "in.pdf", STAMP, OLD, rotate=rotate)
    with pikepdf.Pdf.open(source) as pdf:
        assert text_of(pdf.pages[0].obj) == TextOf(True, True)
    read = READ.model_copy(update={"width": READ.height, "height": READ.width}) if rotate % 180 else READ
    forced = made(tmp_path / "out.pdf", source, "force", read)
    assert sorted(words(forced)) == sorted(READ.text.split())
    with pikepdf.Pdf.open(forced) as pdf:
        assert [*pdf.pages[0].resources["/Font"].keys()] == ["/NordocrText"]
        assert int(pdf.pages[0].obj["/Rotate"]) == rotate
    assert difference(forced, Image.fromarray(pixels(source, DPI))) < 1.5


def test_force_keeps_the_scan_of_a_page_whose_text_does_not_show(tmp_path: Path) -> None:
    source = scanned(tmp_path / "in.pdf", OLD)
    forced = made(tmp_path / "out.pdf", source, "force")
    assert words(forced) == READ.text.split()
    assert image_of(forced) == image_of(source)


def test_another_way_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'keep'.*skip, redo, force"):
        PdfOptions(existing_text="keep")  # type: ignore[arg-type]
