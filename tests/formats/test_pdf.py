"""Searchable PDF of scans: the scan's own data, every word in its place, the same bytes every time."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, TiffImagePlugin
from tests.formats.samples import EMPTY, ENGINE, FAR, USUAL, line, page
from tests.formats.scans import (
    difference,
    drawn,
    expected_words,
    needs_poppler,
    one_strip,
    placed_words,
    poppler,
    strips,
    worst_place,
)

from nordocr.errors import InputMissing, InputUnreadable, OutputUnwritable
from nordocr.formats import About
from nordocr.formats.pdf.font import Codes, font_program
from nordocr.formats.pdf.text import placement, text_layer
from nordocr.formats.writing import writing
from nordocr.pages import MemoryImage, Origin, open_pages
from nordocr.results import Document, Page

LAST = page(2, line(FAR, 10, 40), line("Þór gärna", 100, 200, block=1), line("a b c d", 5, 400, block=2))
PAGES = [USUAL, EMPTY, LAST]
POINTS = 72 / 150  # of a pixel at 150 dpi


def made(target: Path, content: Path | bytes | MemoryImage, *pages: Page, language: str | None = "sv") -> Path:
    origin = Origin(str(content) if isinstance(content, Path) else "in memory", content)
    with writing("pdf", target, About(ENGINE, language)) as output:
        for number, one in enumerate(pages):
            output.page(one, origin, number)
        output.end(Document(source=origin.name, engine=ENGINE))
    with pikepdf.Pdf.open(target) as pdf:
        assert pdf.check_pdf_syntax() == []
    return target


def images(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    return [image for one in pdf.pages for image in one.get_images().values()]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return one_strip(tmp_path_factory.mktemp("scan") / "årsredovisning.tif", *map(drawn, PAGES))


@pytest.fixture(scope="module")
def searchable(scan: Path) -> Path:
    return made(scan.with_suffix(".pdf"), scan, *PAGES)


def test_a_strip_of_group_4_is_kept_byte_for_byte(scan: Path, searchable: Path) -> None:
    with pikepdf.Pdf.open(searchable) as pdf:
        kept = images(pdf)
        assert [image.read_raw_bytes() for image in kept] == strips(scan)
        assert {str(image.Filter) for image in kept} == {"/CCITTFaxDecode"}


@needs_poppler
def test_every_word_is_in_its_place_and_in_the_order_of_the_result(searchable: Path) -> None:
    for found, one in zip(placed_words(searchable), PAGES, strict=True):
        expected = expected_words(one, POINTS)
        if expected:
            assert worst_place(found, expected) < 1.5
    raw = poppler("pdftotext", searchable, "-raw")
    assert [part.split() for part in raw.split("\f")[:3]] == [one.text.split() for one in PAGES]


@needs_poppler
def test_the_page_looks_as_the_scan_does(searchable: Path) -> None:
    assert difference(searchable, drawn(USUAL)) < 0.5
    for turn in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM):
        assert difference(searchable, drawn(USUAL).transpose(turn)) > 2


def test_what_the_file_says_of_itself(searchable: Path, scan: Path, tmp_path: Path) -> None:
    with pikepdf.Pdf.open(searchable) as pdf:
        assert str(pdf.docinfo["/Title"]) == "årsredovisning"
        assert str(pdf.docinfo["/Producer"]) == "nordocr 0.1.0"
        assert str(pdf.Root["/Lang"]) == "sv"
        assert [float(value) for value in pdf.pages[0].mediabox] == [0, 0, 595.2, 841.92]
    with pikepdf.Pdf.open(made(tmp_path / "a.pdf", scan, USUAL, language=None)) as pdf:
        assert "/Lang" not in pdf.Root


def test_the_same_input_gives_the_same_bytes(scan: Path, searchable: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again.pdf", scan, *PAGES)
    assert again.read_bytes() == searchable.read_bytes()


def test_the_text_costs_less_than_ten_kilobytes_a_page(scan: Path, tmp_path: Path) -> None:
    words = "Styrelsen avger härmed följande årsredovisning för räkenskapsåret 2024"
    full = page(0, *(line(f"{words} {n}", 60 + n % 7, 20 + 28 * n, height=22) for n in range(60)))
    file = one_strip(tmp_path / "full.tif", drawn(full))
    size = made(tmp_path / "full.pdf", file, full).stat().st_size
    assert size - file.stat().st_size < 10_000


@needs_poppler
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_that_was_turned_to_be_read_is_shown_upright(rotation: int, tmp_path: Path) -> None:
    lying = drawn(USUAL).rotate(rotation, expand=True)  # counter-clockwise: it was turned clockwise to be read
    turned = USUAL.model_copy(update={"rotation": rotation})
    file = one_strip(tmp_path / "lying.tif", lying)
    pdf = made(tmp_path / "upright.pdf", file, turned)
    assert difference(pdf, drawn(USUAL)) < 0.5
    [found] = placed_words(pdf)
    assert worst_place(found, expected_words(USUAL, POINTS)) < 1.5


@needs_poppler
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_images_orientation_is_undone(orientation: int, tmp_path: Path) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpositions that store the page so
    stored = drawn(USUAL) if orientation == 1 else drawn(USUAL).transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.convert("L").save(tmp_path / "photo.jpg", quality=95, dpi=(150, 150), exif=exif)
    pdf = made(tmp_path / "photo.pdf", tmp_path / "photo.jpg", USUAL)
    with pikepdf.Pdf.open(pdf) as opened:
        assert images(opened)[0].read_raw_bytes() == (tmp_path / "photo.jpg").read_bytes()
    assert difference(pdf, drawn(USUAL)) < 0.5
    assert worst_place(placed_words(pdf)[0], expected_words(USUAL, POINTS)) < 1.5


COLOURS = Image.merge("RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.new("L", (256, 256), 90)])
FILES = {
    "gray.png": (COLOURS.convert("L"), {}, "/FlateDecode", True),
    "colour.png": (COLOURS, {}, "/FlateDecode", True),
    "palette.png": (COLOURS.quantize(7), {}, "/FlateDecode", True),
    "black.png": (COLOURS.convert("1"), {}, "/FlateDecode", True),
    "clear.png": (COLOURS.convert("RGBA"), {}, "/FlateDecode", False),
    "strips.tif": (COLOURS.convert("1").resize((2400, 2400)), {"compression": "group4"}, "/CCITTFaxDecode", False),
    "lzw.tif": (COLOURS, {"compression": "tiff_lzw"}, "/FlateDecode", False),
    "plain.tif": (COLOURS.convert("1"), {}, "/CCITTFaxDecode", False),
    "gray.jpg": (COLOURS.convert("L"), {}, "/DCTDecode", True),
    "cmyk.jpg": (COLOURS.convert("CMYK"), {}, "/DCTDecode", True),
    "colour.webp": (COLOURS, {"lossless": True}, "/FlateDecode", False),
}


@pytest.mark.parametrize("name", FILES)
def test_images_are_kept_or_packed_without_loss(name: str, tmp_path: Path) -> None:
    image, options, kind, kept = FILES[name]
    image.save(tmp_path / name, **options)
    one = page(0, line("ett", 10, 10), width=image.width, height=image.height)
    with pikepdf.Pdf.open(made(tmp_path / "a.pdf", (tmp_path / name).read_bytes(), one)) as pdf:
        [stream] = images(pdf)
        assert str(stream.Filter) == kind
        assert (stream.read_raw_bytes() in (tmp_path / name).read_bytes()) == kept
        shown = pikepdf.PdfImage(stream).as_pil_image().convert("RGB")
    with Image.open(tmp_path / name) as read:
        if name != "cmyk.jpg":
            assert np.array_equal(np.asarray(shown), np.asarray(read.convert("RGB")))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("photometric", [0, 1])
def test_both_polarities_and_orders_of_bits(photometric: int, order: int, tmp_path: Path) -> None:
    file = tmp_path / "a.tif"
    tags = {278: 1754, 262: photometric, 266: order}
    drawn(USUAL).save(file, compression="group4", tiffinfo=tags)
    with Image.open(file) as image:
        assert (image.tag_v2[262], image.tag_v2.get(266, 1)) == (photometric, order)  # type: ignore[attr-defined]
    with pikepdf.Pdf.open(made(tmp_path / "a.pdf", file, USUAL)) as pdf:
        shown = pikepdf.PdfImage(images(pdf)[0]).as_pil_image().convert("1")
    with Image.open(file) as image:
        assert np.array_equal(np.asarray(shown), np.asarray(image))


def test_an_image_in_memory(tmp_path: Path) -> None:
    pixels_in_memory = np.asarray(drawn(USUAL).convert("L"))
    with pikepdf.Pdf.open(made(tmp_path / "a.pdf", MemoryImage(pixels_in_memory), USUAL)) as pdf:
        shown = pikepdf.PdfImage(images(pdf)[0]).as_pil_image()
        assert np.array_equal(np.asarray(shown.convert("L")), pixels_in_memory)


def test_the_font_is_a_font_and_knows_every_character() -> None:
    font = TTFont(io.BytesIO(font_program()), checkChecksums=2)
    assert font["maxp"].numGlyphs == 2
    assert font["hmtx"][font.getGlyphName(1)] == (500, 0)
    codes = Codes()
    assert codes.encode("Å😀A😁\n") == "<00C5D8000041D801FFFD>"
    assert codes.encode("😀") == "<D800>"
    found = dict(re.findall(r"<(\w{4})> <(\w+)>\n", codes.to_unicode().decode("ascii")))
    assert found.pop("0000") == "FFFF"  # the code space
    assert {key: bytes.fromhex(value).decode("utf-16-be") for key, value in found.items()} == {
        "00C5": "Å", "0041": "A", "D800": "😀", "D801": "😁", "FFFD": "\ufffd",
    }  # fmt: skip


def test_an_empty_page_has_no_text() -> None:
    assert text_layer(EMPTY, placement(EMPTY, (0, 0, 100, 100)), Codes()) == b""


def test_a_pdf_without_pages_is_one(tmp_path: Path) -> None:
    with writing("pdf", tmp_path / "a.pdf") as output:
        output.end(Document(source="a.tif", engine=ENGINE))
    with pikepdf.Pdf.open(tmp_path / "a.pdf") as pdf:
        assert len(pdf.pages) == 0


def test_a_source_that_is_gone_or_changed_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="no file"):
        made(tmp_path / "a.pdf", tmp_path / "gone.tif", USUAL)
    (tmp_path / "other.tif").write_bytes(b"Dear Sir")
    with pytest.raises(InputUnreadable, match="not the image any more"):
        made(tmp_path / "a.pdf", tmp_path / "other.tif", USUAL)
    file = one_strip(tmp_path / "a.tif", drawn(USUAL))
    with pytest.raises(InputUnreadable, match="no page 2"):
        made(tmp_path / "a.pdf", file, USUAL, EMPTY)
    with pytest.raises(OutputUnwritable, match="replaced by its own searchable PDF"):
        made(file, file, USUAL)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "other.tif"]


def test_previews_are_no_pages(tmp_path: Path) -> None:
    preview = drawn(USUAL).resize((124, 175))
    file, second = tmp_path / "a.tif", drawn(LAST)
    parts = [(drawn(USUAL), 0), (preview, 1), (second, 0)]
    with TiffImagePlugin.AppendingTiffWriter(str(file), new=True) as writer:
        for image, kind in parts:
            image.save(writer, "TIFF", compression="group4", tiffinfo={254: kind, 278: image.height})
            writer.newFrame()
    assert [one.image.shape for one in open_pages(file)] == [(1754, 1240)] * 2
    with pikepdf.Pdf.open(made(tmp_path / "a.pdf", file, USUAL, LAST)) as pdf:
        shown = [np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("1")) for image in images(pdf)]
    assert np.array_equal(shown[0], np.asarray(drawn(USUAL)))
    assert np.array_equal(shown[1], np.asarray(second))


def test_pages_may_come_in_any_order(tmp_path: Path) -> None:
    file = tmp_path / "a.tif"
    first, *others = [drawn(one) for one in PAGES]
    first.save(file, save_all=True, append_images=others, compression="group4")  # several strips a page
    order = [2, 0, 1, 0]
    with writing("pdf", tmp_path / "a.pdf") as output:
        origin = Origin("a", file)
        for place, number in enumerate(order):
            output.page(PAGES[number].model_copy(update={"page_index": place}), origin, number)
        output.end(Document(source="a", engine=ENGINE))
    with pikepdf.Pdf.open(tmp_path / "a.pdf") as pdf:
        for image, number in zip(images(pdf), order, strict=True):
            shown = pikepdf.PdfImage(image).as_pil_image().convert("1")
            assert np.array_equal(np.asarray(shown), np.asarray(drawn(PAGES[number])))


@needs_poppler
def test_a_coarse_fax_has_its_true_size(tmp_path: Path) -> None:
    squashed = drawn(USUAL).resize((1240, 877)).convert("1")
    squashed.save(tmp_path / "fax.tif", compression="group4", tiffinfo={278: 877}, dpi=(204, 98))
    [decoded] = open_pages(tmp_path / "fax.tif")
    height, width = decoded.image.shape
    one = page(0, line("Årets resultat", 100, 900), width=width, height=height)
    pdf = made(tmp_path / "fax.pdf", tmp_path / "fax.tif", one)
    assert worst_place(placed_words(pdf)[0], expected_words(one, 72 / 204)) < 1.5
    with pikepdf.Pdf.open(pdf) as opened:
        assert [float(value) for value in opened.pages[0].mediabox[2:]] == pytest.approx(
            [1240 * 72 / 204, height * 72 / 204], abs=0.01
        )


def test_a_page_that_could_not_be_read_keeps_its_place(tmp_path: Path) -> None:
    """Its image too, where that is one strip: a viewer may make more of it than we did."""
    unread = Page(page_index=0, width=0, height=0, flags=["unreadable"], error="damaged")
    strip = one_strip(tmp_path / "strip.tif", drawn(USUAL))
    with pikepdf.Pdf.open(made(tmp_path / "strip.pdf", strip, unread)) as pdf:
        assert [image.read_raw_bytes() for image in images(pdf)] == strips(strip)
        assert float(pdf.pages[0].mediabox[2]) == 595.2
    with pikepdf.Pdf.open(
        made(tmp_path / "gone.pdf", strip, USUAL, unread.model_copy(update={"page_index": 1}))
    ) as pdf:
        assert len(pdf.pages) == 2
        assert len(images(pdf)) == 1


@needs_poppler
def test_words_that_nearly_touch_stay_apart(tmp_path: Path) -> None:
    tight = line("skulder till", 100, 100)
    tight.words[0].bbox.width = 119  # of the 120 px to the next word
    one = page(0, tight)
    pdf = made(tmp_path / "a.pdf", one_strip(tmp_path / "a.tif", drawn(one)), one)
    assert poppler("pdftotext", pdf, "-raw").split() == ["skulder", "till"]
    assert worst_place(placed_words(pdf)[0], expected_words(one, POINTS)) < 3
