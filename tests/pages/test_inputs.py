"""What scanners and their software write: depths, colours, resolutions, damaged directories, PDFs of all sorts."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nordocr.config import Limits
from nordocr.errors import InputEncrypted, InputTooLarge, InputUnreadable
from nordocr.pages import PageImage, open_pages
from nordocr.pages.convert import square_pixels, turned


def drawn(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A gray page with a black bar at its upper left and a thin one below."""
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).rectangle((10, 20, size[0] // 2, 60), fill=0)
    ImageDraw.Draw(page).rectangle((10, 100, size[0] // 4, 110), fill=0)
    return page


def only(path: Path) -> PageImage:
    [page] = open_pages(path)
    return page


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_in_tiff(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "photo.tif"
    drawn().convert(mode).save(path, compression="jpeg", quality=95)
    image = only(path).image
    gray = image if image.ndim == 2 else image.mean(axis=2)
    assert np.abs(gray - np.asarray(drawn(), dtype=float)).mean() < 3


@pytest.mark.parametrize("photometric", [0, 1])
def test_one_bit_is_paper_white_whichever_way_it_is_stored(tmp_path: Path, photometric: int) -> None:
    """TIFF 6.0: 0 is white where PhotometricInterpretation is 0, black where it is 1. One row: 4 black, 4 white."""
    at = 8 + 2 + 9 * 12 + 4
    values = [(256, 8), (257, 1), (258, 1), (259, 1), (262, photometric), (273, at), (277, 1), (278, 1), (279, 1)]
    entries = b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in values)
    row = 0b11110000 if photometric == 0 else 0b00001111
    path = tmp_path / "bits.tif"
    path.write_bytes(b"II*\0" + struct.pack("<LH", 8, 9) + entries + bytes(4) + bytes([row]))
    assert only(path).image.tolist() == [[0] * 4 + [255] * 4]


def test_lightness_of_lab(tmp_path: Path) -> None:
    path = tmp_path / "lab.tif"
    Image.merge("LAB", [drawn(), Image.new("L", (400, 300), 128), Image.new("L", (400, 300), 128)]).save(path)
    np.testing.assert_array_equal(only(path).image, np.asarray(drawn()))


def test_pages_larger_than_a_band_are_converted_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    colour = Image.merge(
        "RGB", [drawn(), Image.new("L", (400, 300), 90), drawn().transpose(Image.Transpose.ROTATE_180)]
    )
    pages = []
    for band in (4_000_000, 400 * 7):
        monkeypatch.setattr("nordocr.pages.convert._BAND_PIXELS", band)
        for mode in ("RGB", "RGBA", "CMYK", "L"):
            colour.convert(mode).save(tmp_path / "page.tif")
            pages.append(only(tmp_path / "page.tif").image)
    for once, banded in zip(pages[:4], pages[4:], strict=True):
        np.testing.assert_array_equal(once, banded)
    np.testing.assert_array_equal(pages[0], np.asarray(colour))


def test_gray_stored_as_colour_is_gray(tmp_path: Path) -> None:
    drawn().convert("RGB").save(tmp_path / "page.png")
    np.testing.assert_array_equal(only(tmp_path / "page.png").image, np.asarray(drawn()))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_undoes_every_orientation(tmp_path: Path, orientation: int) -> None:
    """Pillow's own table of transpositions is the answer."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = drawn((60, 40))
    stored.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(stored))
    np.testing.assert_array_equal(turned(np.asarray(drawn((60, 40))), orientation), expected)
    drawn((60, 40)).save(tmp_path / "page.png", exif=exif)
    np.testing.assert_array_equal(only(tmp_path / "page.png").image, expected)


def test_damaged_exif_costs_nothing_but_the_turn(tmp_path: Path) -> None:
    drawn().save(tmp_path / "page.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fgarbage", quality=95)
    assert only(tmp_path / "page.jpg").image.shape == (300, 400)


@pytest.mark.parametrize(
    ("size", "dpi", "expected"),
    [
        ((1728, 1078), (204, 98), (2244, 1728)),  # a coarse fax, believed whatever its shape
        ((1728, 400), (204, 98), (833, 1728)),  # and be it a strip
        ((1728, 2200), (204, 196), (2200, 1728)),  # a fine one: nearly square
        ((1240, 1754), (300, 150), (1754, 1240)),  # a lie: the page is a page already
        ((1240, 877), (300, 150), (1754, 1240)),  # not one: it becomes a page
        ((620, 1754), (100, 200), (1754, 1240)),
        ((1240, 1754), (72, 72), (1754, 1240)),
    ],
)
def test_pixels_of_faxes_become_square(
    tmp_path: Path, size: tuple[int, int], dpi: tuple[int, int], expected: tuple[int, int]
) -> None:
    drawn(size).convert("1").save(tmp_path / "fax.tif", compression="group4", dpi=dpi)
    page = only(tmp_path / "fax.tif")
    assert page.image.shape == expected
    assert page.dpi == dpi[0]
    assert square_pixels(np.zeros((10, 10), np.uint8), 300, 299).shape == (10, 10)


@pytest.mark.parametrize("dpi", [(0, 0), (1, 1), (0.0001, 5)])
def test_an_impossible_resolution_is_none(tmp_path: Path, dpi: tuple[float, float]) -> None:
    drawn().save(tmp_path / "page.tif", dpi=dpi)
    assert only(tmp_path / "page.tif").dpi is None


def test_a_directory_that_is_cut_off_is_damage_and_no_end(tmp_path: Path) -> None:
    """Pillow alone would take what is left for the whole and lose the pages behind it without a word."""
    pages = [drawn().convert("1") for _ in range(3)]
    path = tmp_path / "pages.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4")
    data = path.read_bytes()
    second = struct.unpack("<L", data[(end := _end_of_directory(data, struct.unpack("<L", data[4:8])[0])) : end + 4])[0]
    for cut in (1, 10, 30, 100):
        path.write_bytes(data[: second + cut])
        seen = []
        with pytest.raises(InputUnreadable, match="Page 2 of"):
            for page in open_pages(path):
                seen.append(page.index)
        assert seen == [0]


def _end_of_directory(data: bytes, offset: int) -> int:
    return offset + 2 + 12 * int(struct.unpack("<H", data[offset : offset + 2])[0])


def test_directories_in_a_circle_end(tmp_path: Path) -> None:
    path = tmp_path / "loop.tif"
    drawn().convert("1").save(path, compression="group4")
    data = bytearray(path.read_bytes())
    first = struct.unpack("<L", data[4:8])[0]
    end = _end_of_directory(bytes(data), first)
    data[end : end + 4] = struct.pack("<L", first)
    path.write_bytes(bytes(data))
    assert len(list(open_pages(path))) == 1


def test_big_tiff(tmp_path: Path) -> None:
    pages = [drawn().convert("1") for _ in range(3)]
    pages[0].save(tmp_path / "big.tif", save_all=True, append_images=pages[1:], compression="group4", big_tiff=True)
    assert [page.index for page in open_pages(tmp_path / "big.tif")] == [0, 1, 2]


def test_a_webp_is_measured_before_its_decoder_takes_memory(tmp_path: Path) -> None:
    canvas = b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\xfe\x3f\0\xfe\x3f\0" + bytes(40)
    (tmp_path / "canvas.webp").write_bytes(canvas)
    with pytest.raises(InputTooLarge, match="16383 x 16383 pixels"):
        list(open_pages(tmp_path / "canvas.webp"))


def test_a_scan_in_a_pdf_keeps_its_very_pixels_whatever_size_the_page_has(tmp_path: Path) -> None:
    scan = drawn((1240, 1754)).convert("1")
    expected = np.asarray(scan.convert("L"))
    for resolution in (150.0, 72.0, 1200.0):  # the last two are lies: a page of 44 cm, and one of 3
        scan.save(tmp_path / "scan.pdf", resolution=resolution)
        image = only(tmp_path / "scan.pdf").image
        assert image.shape == expected.shape
        assert (image != expected).mean() < 1e-3


def encrypted_pdf(password: bytes) -> bytes:
    """A blank page of 72 x 72 points behind a user password: standard security handler, revision 2 (PDF 1.7, 7.6.3)."""
    pad = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    padded, permissions, identity = (password + pad)[:32], struct.pack("<l", -4), b"1234"
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    user = _rc4(hashlib.md5(padded + owner + permissions + identity).digest()[:5], pad)
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\n"
        b"4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<"
        + owner.hex().encode()
        + b">/U<"
        + user.hex().encode()
        + b">>>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<31323334><31323334>]/Size 5>>\n%%EOF\n"
    )


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def test_a_password_opens_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(encrypted_pdf(b"smultron"))
    with pytest.raises(InputEncrypted, match=r"locked\.pdf is encrypted and needs a password"):
        list(open_pages(path))
    with pytest.raises(InputEncrypted, match="the given password is wrong"):
        list(open_pages(path, password="hallon"))
    [page] = open_pages(path, password="smultron")
    assert page.image.shape == (300, 300)
    assert (page.image == 255).all()


def test_a_pdf_that_draws_for_ever_is_given_up(tmp_path: Path) -> None:
    """Forms that each draw the next one twice: two to the power of 40 strokes in three kilobytes."""
    from inputs.hostile_files import form_pdf, vector_pdf

    (tmp_path / "forms.pdf").write_bytes(form_pdf(38))
    with pytest.raises(InputTooLarge, match=r"Page 1 of .*forms\.pdf takes longer than the limit of 1 s"):
        list(open_pages(tmp_path / "forms.pdf", Limits(max_seconds=1)))
    (tmp_path / "sound.pdf").write_bytes(vector_pdf(2))
    assert [page.index for page in open_pages(tmp_path / "sound.pdf")] == [0, 1]


def test_an_image_in_a_pdf_is_measured_before_it_is_decoded(tmp_path: Path) -> None:
    from inputs.hostile_files import image_pdf

    (tmp_path / "bomb.pdf").write_bytes(image_pdf(100_000, 100_000))
    with pytest.raises(InputTooLarge, match="holds an image of 100000 x 100000 pixels"):
        list(open_pages(tmp_path / "bomb.pdf"))


def test_two_pdfs_at_once_do_not_mix(tmp_path: Path) -> None:
    from inputs.hostile_files import vector_pdf

    (tmp_path / "a.pdf").write_bytes(vector_pdf(2, box="0 0 72 72"))
    (tmp_path / "b.pdf").write_bytes(vector_pdf(2, box="0 0 144 72"))
    both = zip(open_pages(tmp_path / "a.pdf"), open_pages(tmp_path / "b.pdf"), strict=True)
    assert [(a.image.shape, b.image.shape) for a, b in both] == [((300, 300), (300, 600))] * 2
