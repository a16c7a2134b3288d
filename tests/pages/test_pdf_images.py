"""PDFs of scans whose image cannot be decoded: PDFium draws nothing there, and that is no blank page."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.pages.test_inputs import encrypted_pdf

from inputs.hostile_files import pdf_of
from nordocr.errors import InputEncrypted, InputUnreadable
from nordocr.pages import PageImage, open_pages
from nordocr.pages.faxcheck import fax_damage

WHITE = zlib.compress(b"\xff" * 160_000)


def pdf(*images: tuple[str, bytes], content: str = "q 200 0 0 200 0 0 cm /I Do Q") -> bytes:
    """A PDF with a page of 200 x 200 points for each image of 400 x 400 gray pixels, given as filter and stream."""
    pages = range(len(images))
    kids = " ".join(f"{3 + 3 * i} 0 R" for i in pages)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()]
    for i, (name, data) in enumerate(images):
        resources = f"/Resources << /XObject << /I {4 + 3 * i} 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] {resources} /Contents {5 + 3 * i} 0 R >>".encode()
        )
        head = "/Type /XObject /Subtype /Image /Width 400 /Height 400 /ColorSpace /DeviceGray /BitsPerComponent 8"
        objects.append(f"<< {head} /Filter /{name} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode())
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return bytes(out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())


@pytest.mark.parametrize("name", ["FooDecode", "JPXDecode", "JBIG2Decode", "DCTDecode"])
def test_an_image_that_cannot_be_decoded_is_an_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf((name, b"x" * 500)))
    with pytest.raises(InputUnreadable, match=rf"Page 1 of .* holds an image of 400 x 400 pixels .* \({name}\)"):
        list(open_pages(path))


def test_an_image_that_is_really_white_is_a_blank_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(("FlateDecode", WHITE)))
    [page] = open_pages(path)
    assert page.image.min() == 255
    assert (page.damage, page.missing) == ("", 0.0)


def test_a_page_with_something_beside_the_image_is_damaged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(("JPXDecode", b"x" * 500), content="q 200 0 0 150 0 0 cm /I Do Q 20 180 60 10 re f"))
    with caplog.at_level("WARNING", logger="nordocr"):
        [page] = open_pages(path)
    assert "cannot be decoded (JPXDecode)" in page.damage
    assert page.missing == 0.75
    assert page.image.min() == 0
    assert "about 75% of it" in caplog.messages[0]


def test_the_sound_pages_of_a_pdf_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(("FlateDecode", WHITE), ("FooDecode", b"x"), ("FlateDecode", WHITE)))
    failed: list[int] = []
    found: list[PageImage] = list(open_pages(path, on_error=lambda index, error: failed.append(index)))
    assert ([page.index for page in found], failed) == ([0, 2], [1])


def test_after_an_encrypted_file_another_that_is_broken_is_not_called_encrypted(tmp_path: Path) -> None:
    encrypted = tmp_path / "locked.pdf"
    encrypted.write_bytes(encrypted_pdf(b"smultron"))
    with pytest.raises(InputEncrypted):
        list(open_pages(encrypted))
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    with pytest.raises(InputUnreadable, match=r"damaged or not a PDF|without pages|cannot be opened"):
        list(open_pages(path))


def half_a_jpeg(size: tuple[int, int] = (400, 600)) -> bytes:
    """A gray JPEG of noise whose data ends half way: an end of image is put there, as a hasty transfer may."""
    held = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, size[::-1], np.uint8)
    Image.fromarray(noise).save(held, "JPEG", quality=60)
    data = held.getvalue()
    return data[: len(data) // 2] + b"\xff\xd9"


def pdf_of_jpeg(data: bytes, turn: int = 0) -> bytes:
    image = b"<</Type/XObject/Subtype/Image/Width 400/Height 600/ColorSpace/DeviceGray/BitsPerComponent 8"
    content = b"q 192 0 0 288 0 0 cm /I Do Q"
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 192 288]/Rotate %d/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>"
    )
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page % turn,
        image + b"/Filter/DCTDecode/Length %d>>stream\n" % len(data) + data + b"\nendstream",
        b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream",
    ]
    return pdf_of(bodies)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_jpeg_that_is_broken_midway_is_damage(tmp_path: Path, turn: int, caplog: pytest.LogCaptureFixture) -> None:
    """PDFium and Pillow fill the rest with gray and say nothing."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf_of_jpeg(half_a_jpeg(), turn))
    [page] = open_pages(path)
    assert page.damage == "holds an image whose JPEG data is broken" and 0.45 < page.missing < 0.55
    assert "scan.pdf holds an image whose JPEG data is broken, about" in caplog.text
    (tmp_path / "scan.jpg").write_bytes(half_a_jpeg())
    [page] = open_pages(tmp_path / "scan.jpg")
    assert page.damage.startswith("its JPEG data is broken") and 0.45 < page.missing < 0.55


def test_a_gray_card_is_not_damaged(tmp_path: Path) -> None:
    card = np.random.default_rng(1).integers(126, 131, (600, 400), np.uint8)
    Image.fromarray(card).save(tmp_path / "card.jpg", quality=100)
    [page] = open_pages(tmp_path / "card.jpg")
    assert (page.damage, page.missing) == ("", 0.0)


def fax_pdf() -> bytes:
    """A page of type as Group 4 in a PDF."""
    page = Image.new("1", (800, 600), 1)
    for row in range(20):
        ImageDraw.Draw(page).text((20, 20 + 28 * row), f"Resultat {row} före skatt 284 500, varav skulder", fill=0)
    held = io.BytesIO()
    page.save(held, "PDF", resolution=200)
    assert b"CCITTFaxDecode" in held.getvalue()
    return held.getvalue()


def test_group_4_that_is_broken_within_a_pdf_is_damage(tmp_path: Path) -> None:
    """PDFium goes on with garbage and says nothing; every flipped byte must be said, or change nothing."""
    data, path = fax_pdf(), tmp_path / "scan.pdf"
    path.write_bytes(data)
    [sound] = open_pages(path)
    assert (sound.damage, sound.missing) == ("", 0.0)
    start, end = data.index(b"stream") + 8, data.index(b"endstream") - 8
    silent = []
    for number in range(24):
        at = start + (end - start) * (number + 1) // 26
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        try:
            [page] = open_pages(path)
        except InputUnreadable:
            continue
        if not page.damage and not np.array_equal(page.image, sound.image):
            silent.append(number)
        assert not page.damage or page.damage.startswith("holds a facsimile image that is damaged (Fax4Decode")
        assert page.missing <= 1 - number / 26 or not page.damage
    assert silent == []


@pytest.mark.parametrize(("compression", "options"), [(3, 0), (4, 0)])
def test_every_coding_of_facsimile_is_known(compression: int, options: int) -> None:
    page = Image.new("1", (800, 100), 1)
    ImageDraw.Draw(page).text((20, 20), "Resultat före skatt 284 500", fill=0)
    held = io.BytesIO()
    page.save(held, "TIFF", compression={3: "group3", 4: "group4"}[compression])
    with Image.open(held) as image:
        [at], [size] = image.tag_v2[273], image.tag_v2[279]
    assert fax_damage(held.getvalue()[at : at + size], 800, 100, group_4=compression == 4) == ("", 0.0)
    wrong, lost = fax_damage(b"\0" * 200, 800, 100, group_4=True)
    assert wrong and lost == 1.0
