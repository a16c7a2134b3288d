"""PDFs of scans whose image cannot be decoded: PDFium draws nothing there, and that is no blank page."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from tests.pages.test_inputs import encrypted_pdf

from nordocr.errors import InputEncrypted, InputUnreadable
from nordocr.pages import PageImage, open_pages

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
