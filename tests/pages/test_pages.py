"""Every kind of page file, and every way in which one can be wrong."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nordocr.config import Limits
from nordocr.errors import InputEncrypted, InputMissing, InputTooLarge, InputUnreadable
from nordocr.pages import PageImage, open_pages, parse_selection, raster


def drawn(mark: int, size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A white 1-bit page with a black square whose place tells which page it is."""
    page = Image.new("1", size, 1)
    ImageDraw.Draw(page).rectangle((10 + 40 * mark, 20, 30 + 40 * mark, 40), fill=0)
    for row in range(60, size[1] - 20, 12):
        ImageDraw.Draw(page).text((20, row), f"page {mark} row {row} lorem ipsum", fill=0)
    return page


def write_tiff(path: Path, count: int = 4, compression: str = "group4") -> Path:
    pages = [drawn(i) for i in range(count)]
    pages[0].save(path, save_all=True, append_images=pages[1:], compression=compression, dpi=(300, 300))
    return path


@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_lzw", "raw"])
def test_every_page_of_a_one_bit_tiff(tmp_path: Path, compression: str) -> None:
    pages = list(open_pages(write_tiff(tmp_path / "a.tif", compression=compression)))
    assert [p.index for p in pages] == [0, 1, 2, 3]
    assert pages[0].dpi == 300
    for page in pages:
        assert page.image.dtype == np.uint8
        expected = np.asarray(drawn(page.index).convert("L"))
        np.testing.assert_array_equal(page.image, expected)


def test_pages_are_decoded_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[int] = []
    original = raster._decode

    def spy(image: Image.Image, file: BinaryIO, path: Path, index: int, limits: Limits) -> PageImage:
        decoded.append(index)
        return original(image, file, path, index, limits)

    monkeypatch.setattr(raster, "_decode", spy)
    pages = open_pages(write_tiff(tmp_path / "a.tif"))
    assert decoded == []
    next(pages)
    next(pages)
    assert decoded == [0, 1]


def test_only_selected_pages_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiff(tmp_path / "a.tif")
    assert [p.index for p in open_pages(path, pages=parse_selection("2,4-"))] == [1, 3]
    with pytest.raises(InputUnreadable, match=r"a\.tif has 4 pages: there is no page 5"):
        list(open_pages(path, pages=parse_selection("1,3-6")))
    monkeypatch.setattr(raster, "_decode", lambda *_: pytest.fail("a page was decoded that nobody asked for"))
    with pytest.raises(InputUnreadable, match="there is no page 9"):
        list(open_pages(path, pages=parse_selection("9-")))


def test_a_truncated_tiff_gives_its_whole_pages_and_then_the_error(tmp_path: Path) -> None:
    whole = write_tiff(tmp_path / "a.tif").read_bytes()
    cut = tmp_path / "cut.tif"
    for share in (0.6, 0.45, 0.8):
        cut.write_bytes(whole[: int(len(whole) * share)])
        seen = []
        with pytest.raises(InputUnreadable, match=r"Page \d of .*cut\.tif") as caught:
            for page in open_pages(cut):
                np.testing.assert_array_equal(page.image, np.asarray(drawn(page.index).convert("L")))
                seen.append(page.index)
        assert seen == list(range(len(seen)))
        assert 1 <= len(seen) < 4
        assert f"Page {len(seen) + 1} of" in str(caught.value)


@pytest.mark.parametrize("suffix", ["png", "jpg", "pdf"])
def test_truncated_single_pages_are_unreadable(tmp_path: Path, suffix: str) -> None:
    whole = tmp_path / f"whole.{suffix}"
    drawn(1).convert("L").save(whole)
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole.read_bytes()[: len(whole.read_bytes()) // 2])
    with pytest.raises(InputUnreadable, match=rf"cut\.{suffix}"):
        list(open_pages(cut))


def test_an_error_that_is_kept_keeps_no_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Image.Image] = []

    def noted(*arguments: object, **options: object) -> Image.Image:
        opened.append(real(*arguments, **options))
        return opened[-1]

    real = Image.open
    monkeypatch.setattr(Image, "open", noted)
    drawn(1).convert("L").save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:-60])
    with pytest.raises(InputUnreadable):
        list(open_pages(tmp_path / "cut.png"))
    with pytest.raises(ValueError, match="closed"):
        opened[0].getpixel((0, 0))


def array_of(image: Image.Image, tmp_path: Path, name: str = "page.png", **options: object) -> np.ndarray:
    image.save(tmp_path / name, **options)
    [page] = open_pages(tmp_path / name)
    return page.image


def test_alpha_lies_over_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.putpixel((3, 4), (0, 0, 0, 255))
    array = array_of(image, tmp_path)
    assert array.shape == (10, 20)
    assert array[4, 3] == 0
    assert array[0, 0] == 255


def test_sixteen_bits_keep_their_upper_eight(tmp_path: Path) -> None:
    deep = np.array([[0, 256 * 128 + 128, 65535]], dtype=np.uint16)
    for name in ("deep.png", "deep.tif"):
        assert array_of(Image.fromarray(deep), tmp_path, name).tolist() == [[0, 128, 255]]


def test_palette_cmyk_and_colour(tmp_path: Path) -> None:
    red = Image.new("RGB", (16, 16), (200, 10, 10))
    assert array_of(red.quantize(4), tmp_path)[0, 0].tolist() == [200, 10, 10]
    assert array_of(Image.new("L", (16, 16), 90).convert("P"), tmp_path)[0, 0] == 90
    cmyk = array_of(red.convert("CMYK"), tmp_path, "cmyk.jpg", quality=95)[8, 8]
    np.testing.assert_allclose(cmyk, (200, 10, 10), atol=8)
    assert array_of(red, tmp_path, "plain.png").shape == (16, 16, 3)


def test_exif_rotation_is_undone(tmp_path: Path) -> None:
    image = drawn(0).convert("L")
    exif = Image.Exif()
    exif[0x0112] = 6  # the file's rows run from the right: it shows rotated by 90 degrees clockwise
    for name in ("turned.jpg", "turned.tif", "turned.png"):
        array = array_of(image, tmp_path, name, exif=exif)
        assert array.shape == (400, 300)
        np.testing.assert_allclose(array[10:31, 260:281].mean(), 0, atol=25)


def test_a_pdf_scan_keeps_its_resolution_and_vectors_get_300_dpi(tmp_path: Path) -> None:
    scan = drawn(2, (1000, 1400)).convert("L")
    scan.save(tmp_path / "scan.pdf", resolution=200.0)
    [page] = open_pages(tmp_path / "scan.pdf")
    assert page.dpi == pytest.approx(200, abs=1)
    assert page.image.ndim == 2
    assert abs(page.image.shape[1] - 1000) <= 1
    (tmp_path / "vector.pdf").write_bytes(blank_pdf(2))
    pages = list(open_pages(tmp_path / "vector.pdf", pages=parse_selection("2")))
    assert [(p.index, p.image.shape, p.dpi) for p in pages] == [(1, (600, 300), 300.0)]


def blank_pdf(pages: int) -> bytes:
    """A PDF of blank pages of 72 x 144 points, made with PDFium."""
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(72, 144)
    stream = io.BytesIO()
    document.save(stream)
    document.close()
    return stream.getvalue()


def test_an_encrypted_pdf_says_so(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(ENCRYPTED_PDF)
    with pytest.raises(InputEncrypted, match=r"locked\.pdf is encrypted"):
        list(open_pages(path))


# The standard security handler, revision 2, with a user password that nobody knows: O and U are arbitrary.
ENCRYPTED_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<31323334><31323334>]/Size 5>>\n%%EOF\n"
)


def test_missing_empty_folder_and_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"There is no file .*away\.tif"):
        open_pages(tmp_path / "away.tif")
    with pytest.raises(InputUnreadable, match="is not a file"):
        open_pages(tmp_path)
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(InputUnreadable, match=r"empty\.png is empty"):
        open_pages(tmp_path / "empty.png")
    for content in (b"Dear Sir", b"\x00" * 5000, b"II*\x00", b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "letter.tif").write_bytes(content)
        with pytest.raises(InputUnreadable, match=r"letter\.tif"):
            list(open_pages(tmp_path / "letter.tif"))


def test_a_tiff_of_zero_size_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "zero.tif"
    entries = [(256, 0), (257, 0), (258, 1), (259, 1), (262, 0), (273, 8), (277, 1), (278, 1), (279, 0)]
    ifd = len(entries).to_bytes(2, "little")
    for tag, value in entries:
        ifd += tag.to_bytes(2, "little") + (4).to_bytes(2, "little") + (1).to_bytes(4, "little")
        ifd += value.to_bytes(4, "little")
    path.write_bytes(b"II*\x00" + (8).to_bytes(4, "little") + ifd + bytes(4))
    with pytest.raises(InputUnreadable, match=r"zero\.tif"):
        list(open_pages(path))


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiff(tmp_path / "a.tif")
    with pytest.raises(InputTooLarge, match=r"a\.tif has \d+ bytes, over the limit of 100"):
        open_pages(path, Limits(max_bytes=100))
    pages = open_pages(path, Limits(max_pages=2))
    assert [next(pages).index, next(pages).index] == [0, 1]
    with pytest.raises(InputTooLarge, match="more than 2 pages"):
        next(pages)
    (tmp_path / "five.pdf").write_bytes(blank_pdf(5))
    with pytest.raises(InputTooLarge, match="5 pages, over the limit of 4"):
        list(open_pages(tmp_path / "five.pdf", Limits(max_pages=4)))
    with pytest.raises(InputTooLarge, match=r"Page 1 of .*five\.pdf has 180000 pixels at 300 dpi"):
        list(open_pages(tmp_path / "five.pdf", Limits(max_pixels=179_999)))
    # The size stands in the header: nothing may be decoded before it is held against the limit.
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded before the limit was checked"))
    with pytest.raises(InputTooLarge, match="400 x 300 pixels, over the limit of 119999"):
        list(open_pages(path, Limits(max_pixels=119_999)))
