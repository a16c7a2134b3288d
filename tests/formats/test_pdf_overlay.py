"""Text laid into the pages of a PDF: they stay as they are, and every word is in its place however they are turned."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from tests.formats.samples import EMPTY, ENGINE, FAR, USUAL, line, page
from tests.formats.scans import difference, drawn, expected_words, needs_poppler, one_strip, placed_words, worst_place
from tests.formats.test_pdf import made

from nordocr.errors import EngineUnavailable, InputEncrypted, InputUnreadable, UsageError
from nordocr.formats import About
from nordocr.formats.writing import writing
from nordocr.pages import MemoryImage, Origin, open_pages
from nordocr.results import Document, Page

SECOND = page(1, line(FAR, 10, 40), line("Þór gärna", 100, 200, block=1))
POINTS = 72 / 150


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """A PDF of two scanned pages without text, with an outline, an annotation and a title of its own."""
    tif = one_strip(tmp_path / "scan.tif", drawn(USUAL), drawn(SECOND))
    pdf = made(tmp_path / "plain.pdf", tif, EMPTY.model_copy(update={"page_index": 0}), EMPTY)
    with pikepdf.Pdf.open(pdf, allow_overwriting_input=True) as opened:
        with opened.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Kapitel", 1))
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[9, 9, 30, 30], Contents="obs"
        )
        opened.pages[0].Annots = pikepdf.Array([note])
        opened.docinfo["/Title"] = "Egen titel"
        del opened.docinfo["/Producer"]
        opened.save(pdf)
    return pdf


def streams(path: Path) -> list[tuple[bytes, bytes]]:
    """Of each page the raw data of its image and of its own content."""
    found = []
    with pikepdf.Pdf.open(path) as pdf:
        for one in pdf.pages:
            contents = one.Contents if isinstance(one.Contents, pikepdf.Array) else [one.Contents]
            [image] = one.get_images().values()
            found.append((image.read_raw_bytes(), contents[-1].read_raw_bytes()))
    return found


@needs_poppler
def test_the_pages_stay_as_they_are_and_get_their_text(scanned: Path, tmp_path: Path) -> None:
    pdf = made(tmp_path / "out.pdf", scanned, USUAL, SECOND)
    assert streams(pdf) == streams(scanned)
    for found, one in zip(placed_words(pdf), [USUAL, SECOND], strict=True):
        assert worst_place(found, expected_words(one, POINTS)) < 1.5
    assert difference(pdf, drawn(USUAL)) < 0.5
    with pikepdf.Pdf.open(pdf) as opened:
        assert str(opened.docinfo["/Title"]) == "Egen titel"
        assert str(opened.docinfo["/Producer"]) == "nordocr 0.1.0"
        assert str(opened.Root["/Lang"]) == "sv"
        with opened.open_outline() as outline:
            assert [item.title for item in outline.root] == ["Kapitel"]
        assert str(opened.pages[0].Annots[0].Contents) == "obs"
    assert made(tmp_path / "again.pdf", scanned, USUAL, SECOND).read_bytes() == pdf.read_bytes()
    assert made(tmp_path / "bytes.pdf", scanned.read_bytes(), USUAL, SECOND).read_bytes() == pdf.read_bytes()


@needs_poppler
@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_turned_and_cropped_pages(scanned: Path, tmp_path: Path, rotate: int, rotation: int) -> None:
    """The page's own turn, and the one that it was read with; what is read is the page as our reader decodes it."""
    with pikepdf.Pdf.open(scanned, allow_overwriting_input=True) as opened:
        opened.pages[0].obj["/Rotate"] = rotate
        opened.pages[0].obj["/CropBox"] = pikepdf.Array([20, 500, 595.2, 830])
        opened.save(scanned)
    height, width = next(open_pages(scanned)).image.shape[:2]
    size = (height, width) if rotation else (width, height)
    lines = line("Årets resultat 1 927", 90, 300), line("gärna", 300, 600, block=1)
    one = page(0, *lines, width=size[0], height=size[1])
    pdf = made(tmp_path / "out.pdf", scanned, one.model_copy(update={"rotation": rotation}))
    found = placed_words(pdf)[0]
    points = (330 if rotate % 180 else 575.2) / width
    expected = expected_words(one, points)
    if rotation:  # poppler shows the page as the file says, where the text lies on its side
        expected = [(text, (y0, points * height - x1, y1, points * height - x0)) for text, (x0, y0, x1, y1) in expected]
    assert worst_place(found, expected) < 1.5


def test_a_page_that_holds_text_keeps_it(scanned: Path, tmp_path: Path) -> None:
    once = made(tmp_path / "once.pdf", scanned, USUAL)
    twice = made(tmp_path / "twice.pdf", once, SECOND, SECOND)
    with pikepdf.Pdf.open(once) as before, pikepdf.Pdf.open(twice) as after:
        assert len(after.pages[0].Contents) == len(before.pages[0].Contents) == 2
        assert len(after.pages[1].Contents) == 2


def test_text_in_a_form_counts(scanned: Path, tmp_path: Path) -> None:
    with pikepdf.Pdf.open(scanned, allow_overwriting_input=True) as opened:
        form = pikepdf.Stream(opened, b"BT /F 9 Tf (text) Tj ET", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
        opened.pages[0].Resources.XObject["/Fm"] = form
        opened.save(scanned)
    with pikepdf.Pdf.open(made(tmp_path / "out.pdf", scanned, USUAL)) as pdf:
        assert not isinstance(pdf.pages[0].Contents, pikepdf.Array)


def test_encrypted_and_damaged_files_are_named(scanned: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.pdf"
    with pikepdf.Pdf.open(scanned) as opened:
        opened.save(locked, encryption=pikepdf.Encryption(owner="ägare", user="hemligt"))
    with pytest.raises(InputEncrypted, match="locked"):
        made(tmp_path / "out.pdf", locked, USUAL)
    with writing("pdf", tmp_path / "out.pdf", About(ENGINE)) as output:
        output.page(USUAL, Origin("a", locked, password="hemligt"), 0)
        output.end(Document(engine=ENGINE))
    with pikepdf.Pdf.open(tmp_path / "out.pdf") as pdf:
        assert len(pdf.pages[0].Contents) == 2
    with pytest.raises(InputUnreadable, match="no page 3"):
        made(tmp_path / "out.pdf", scanned, USUAL, SECOND, SECOND)
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(b"%PDF-1.7\nnothing")
    with pytest.raises(InputUnreadable, match="too damaged"):
        made(tmp_path / "out.pdf", damaged, USUAL)


def test_a_pdf_is_not_joined_with_other_documents(scanned: Path, tmp_path: Path) -> None:
    origins = [Origin("a", scanned), Origin("b", MemoryImage(drawn(USUAL)))]
    for order in (origins, origins[::-1]):
        with pytest.raises(UsageError, match="cannot be joined"), writing("pdf", tmp_path / "out.pdf") as output:
            for origin in order:
                output.page(USUAL, origin, 0)
    assert not (tmp_path / "out.pdf").exists()


def test_without_pikepdf_the_extra_is_named(scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refusing(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "nordocr.formats.pdf.overlay":
            raise ModuleNotFoundError("No module named 'pikepdf'", name="pikepdf")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(EngineUnavailable, match=r'pip install "nordocr\[pdf\]"'):
        made(tmp_path / "out.pdf", scanned, USUAL)


def test_a_document_of_the_api_becomes_a_pdf(tmp_path: Path) -> None:
    from nordocr import Document as ApiDocument
    from nordocr import Page as ApiPage

    tif = one_strip(tmp_path / "scan.tif", drawn(USUAL), drawn(SECOND))
    origins = [Origin(str(tif), tif), Origin("image", MemoryImage(drawn(USUAL)))]
    read: list[Page] = [USUAL, SECOND, USUAL]
    pages = [ApiPage.of(one, origins[n // 2], n) for n, one in enumerate(read)]
    pages[2]._number = 0
    document = ApiDocument(source="scan.tif, image", pages=pages, engine=ENGINE)
    assert document.save(tmp_path / "scan.pdf", language="sv") == [tmp_path / "scan.pdf"]
    with pikepdf.Pdf.open(tmp_path / "scan.pdf") as pdf:
        assert len(pdf.pages) == 3
