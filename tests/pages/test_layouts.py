"""Depths, planes, previews, masks and damage within pages: nothing of it is read wrong in silence."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.pages.test_inputs import drawn
from tests.pages.tiffs import gray, tiff

from nordocr.errors import InputUnreadable
from nordocr.pages import PageImage, open_pages, parse_selection
from nordocr.pages.said import lost_rows, messages

CASES = Path(__file__).parent / "cases"
DRAWN = np.asarray(drawn(), np.int64)


def pages(path: Path, content: bytes | None = None, selection: str | None = None) -> list[PageImage]:
    if content is not None:
        path.write_bytes(content)
    return list(open_pages(path, pages=None if selection is None else parse_selection(selection)))


def as_drawn(image: np.ndarray) -> bool:
    return image.shape == DRAWN.shape and int(np.abs(image.astype(int) - DRAWN).max()) <= 1


def test_twelve_bits_in_sixteen_are_stretched() -> None:
    [page] = pages(CASES / "twelve-bit.tif")
    with Image.open(CASES / "twelve-bit.tif") as image:
        stored = np.asarray(image).astype(int)
    assert stored.max() == 4080
    assert np.array_equal(page.image, (stored * 16.003663003663004 / 257).astype(np.uint8))


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("bits", [8, 9, 12, 15, 16])
def test_samples_of_16_bits_of_which_fewer_are_used(tmp_path: Path, bits: int, order: str) -> None:
    samples = (DRAWN * ((1 << bits) - 1) // 255).astype(np.uint16)
    [page] = pages(tmp_path / "deep.tif", tiff(gray(samples, order), order=order))
    assert as_drawn(page.image)


@pytest.mark.parametrize("bits", [8, 10, 16, 24, 31, 32])
def test_samples_of_32_bits(tmp_path: Path, bits: int) -> None:
    samples = (DRAWN * ((1 << bits) - 1) // 255).astype(np.uint32)
    [page] = pages(tmp_path / "deep.tif", tiff(gray(samples)))
    assert as_drawn(page.image)


@pytest.mark.parametrize("white", [1.0, 255.0, 4095.0, 65535.0])
def test_floats(tmp_path: Path, white: float) -> None:
    [page] = pages(tmp_path / "deep.tif", tiff(gray((DRAWN * white / 255).astype(np.float32))))
    assert as_drawn(page.image)


def test_the_file_may_say_what_white_is(tmp_path: Path) -> None:
    samples = (DRAWN * 1000 // 255).astype(np.uint16)
    assert as_drawn(pages(tmp_path / "a.tif", tiff(gray(samples, t281=1000)))[0].image)
    # Nonsense is not believed: less than what occurs, or so much that white paper would be black.
    for nonsense in (500, 65535):
        assert pages(tmp_path / "b.tif", tiff(gray(samples, t281=nonsense)))[0].image.max() == 1000 * 255 // 1023


def test_white_may_be_zero_in_deep_pixels_too(tmp_path: Path) -> None:
    samples = ((255 - DRAWN) * 257).astype(np.uint16)
    assert as_drawn(pages(tmp_path / "a.tif", tiff(gray(samples, t262=0)))[0].image)


def colours(levels: int) -> np.ndarray:
    """The drawing in red on white, with ``levels`` as white."""
    white = DRAWN * levels // 255
    return np.stack([np.full_like(white, levels), white, white], axis=2).astype(np.uint16)


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("levels", [65535, 4095])
def test_planes_of_16_bits(tmp_path: Path, order: str, packed: bool, levels: int) -> None:
    found = colours(levels)
    rows = 70
    kind = ">u2" if order == "MM" else "<u2"
    strips = [found[y : y + rows, :, c].astype(kind).tobytes() for c in range(3) for y in range(0, 300, rows)]
    tags = {256: [400], 257: [300], 258: [16] * 3, 259: [8 if packed else 1], 262: [2], 277: [3], 278: [rows], 284: [2]}
    content = tiff((tags, [zlib.compress(strip) for strip in strips] if packed else strips), order=order)
    [page] = pages(tmp_path / "planes.tif", content)
    assert page.image.shape == (300, 400, 3)
    assert np.abs(page.image.astype(int) - found * 255.0 / levels).max() <= 1


def test_planes_that_are_not_all_there_are_refused(tmp_path: Path) -> None:
    tags = {256: [4], 257: [2], 258: [16] * 3, 259: [1], 262: [2], 277: [3], 278: [2], 284: [2]}
    with pytest.raises(InputUnreadable, match="its planes are not all there"):
        pages(tmp_path / "a.tif", tiff((tags, [bytes(16), bytes(16)])))
    four = {**tags, 258: [16] * 4, 277: [4], 338: [2]}
    with pytest.raises(InputUnreadable, match="not just red, green and blue"):
        pages(tmp_path / "a.tif", tiff((four, [bytes(16)] * 4)))


@pytest.mark.parametrize("levels", [65535, 4095])
def test_colours_of_16_bits(tmp_path: Path, levels: int) -> None:
    found = colours(levels)
    tags = {256: [400], 257: [300], 258: [16] * 3, 259: [1], 262: [2], 277: [3], 278: [300]}
    [page] = pages(tmp_path / "a.tif", tiff((tags, [found.tobytes()])))
    assert np.abs(page.image.astype(int) - found * 255.0 / levels).max() <= 17


def test_colours_without_anything_in_their_upper_half_are_refused(tmp_path: Path) -> None:
    tags = {256: [400], 257: [300], 258: [16] * 3, 259: [1], 262: [2], 277: [3], 278: [300]}
    with pytest.raises(InputUnreadable, match="16 bits, of which the upper 8 are all 0"):
        pages(tmp_path / "a.tif", tiff((tags, [colours(255).tobytes()])))


def test_a_preview_before_the_page_is_no_page() -> None:
    [page] = pages(CASES / "preview-before.tif")
    assert (page.index, page.image.shape) == (0, (480, 578))


SMALL = (DRAWN[::4, ::4]).astype(np.uint8)
LARGE = DRAWN.astype(np.uint8)


def test_previews_and_masks_among_pages(tmp_path: Path) -> None:
    mask = {256: [400], 257: [300], 258: [1], 259: [1], 262: [4], 277: [1], 278: [300], 254: [4]}
    unknown = {**mask, 262: [9], 254: [0]}
    parts = [gray(SMALL, t254=1), gray(LARGE, t254=2), (mask, [bytes(15_000)]), gray(SMALL, t255=2), gray(LARGE)]
    path = tmp_path / "a.tif"
    found = pages(path, tiff(*parts))
    assert [(page.index, page.image.shape) for page in found] == [(0, (300, 400)), (1, (300, 400))]
    assert [page.index for page in pages(path, selection="2")] == [1]
    with pytest.raises(InputUnreadable, match="has 2 pages: there is no page 3"):
        pages(path, selection="3")
    # What is no preview and cannot be decoded is an error, and not left out.
    with pytest.raises(InputUnreadable, match="Page 2 of"):
        pages(path, tiff(gray(LARGE), (unknown, [bytes(15_000)])))


def test_a_file_of_previews_only_has_pages(tmp_path: Path) -> None:
    assert len(pages(tmp_path / "a.tif", tiff(gray(LARGE, t254=1), gray(SMALL, t254=1)))) == 2
    # A "preview" as large as the page is one: nothing is left out on a mark alone.
    assert len(pages(tmp_path / "b.tif", tiff(gray(LARGE, t254=1), gray(LARGE)))) == 2


def test_damage_within_a_page_of_group_4_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", logger="nordocr"):
        [page] = pages(CASES / "g4-corrupt-middle.tif")
    assert page.damage == "Fax4Decode: Bad code word at line 240 of strip 0 (x 169)"
    assert page.missing == 0.5
    [message] = caplog.messages
    assert "Page 1 of" in message
    assert "is damaged, about 50% of it is missing: Fax4Decode: Bad code word" in message


def test_a_sound_page_is_not_damaged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for compression in ("group4", "group3", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        path = tmp_path / f"{compression}.tif"
        image = drawn() if compression in {"jpeg", "tiff_lzw"} else drawn().convert("1")
        image.save(path, compression=compression)
        [page] = pages(path)
        assert (page.damage, page.missing) == ("", 0.0), compression
    assert capfd.readouterr().err == ""


def test_strips_that_are_not_there_are_counted(tmp_path: Path) -> None:
    tags, [strip] = gray(LARGE)
    content = tiff(({**tags, 278: [100]}, [strip[:40_000], strip[40_000:80_000]]))
    [page] = pages(tmp_path / "a.tif", content)
    assert page.damage == "100 of its 300 rows are not in the file"
    assert page.missing == pytest.approx(1 / 3, abs=1e-4)


def test_the_decoders_words_are_in_the_error(tmp_path: Path) -> None:
    tags, [strip] = gray(LARGE)
    broken = bytearray(zlib.compress(strip))
    broken[50:60] = b"\xff" * 10
    with pytest.raises(InputUnreadable, match=r"Page 1 of .* cannot be decoded: ZIPDecode: Decoding error at scanline"):
        pages(tmp_path / "a.tif", tiff(({**tags, 259: [8]}, [bytes(broken)])))


def test_old_jpeg_in_gray_is_refused_by_its_name(tmp_path: Path) -> None:
    tags, _ = gray(LARGE)
    with pytest.raises(InputUnreadable, match=r"cannot be decoded \(old-style JPEG\)"):
        pages(tmp_path / "a.tif", tiff(({**tags, 259: [6]}, [b"\xff\xd8\xff\xd9" * 40])))


def test_messages_of_decoders_are_kept_and_others_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    with messages() as said:
        os.write(2, b"Fax4Decode: Bad code word at line 3 of strip 1 (x 2).\n")
        os.write(2, b"something else of the program\n")
    assert said == ["Fax4Decode: Bad code word at line 3 of strip 1 (x 2)."]
    assert capfd.readouterr().err == "something else of the program\n"


def test_rows_behind_damage_are_lost_but_group_3_loses_single_lines() -> None:
    bad = "{}: Bad code word at line {} of strip {} (x 1)."
    assert lost_rows([bad.format("Fax4Decode", 10, 0), bad.format("Fax4Decode", 50, 0)], 300, 100) == 90
    assert lost_rows([bad.format("Fax4Decode", 0, 2), bad.format("Fax4Decode", 99, 1)], 250, 100) == 51
    assert lost_rows([bad.format("Fax3Decode1D", line, 0) for line in (7, 8, 8)], 300, 300) == 2
    assert lost_rows(["TIFFFetchNormalTag: Warning, at line 3 of strip 0."], 300, 300) == 0
    eol = "Fax3Decode1D: Warning, Try to decode (read) fax Group 3 data without EOL at line 1 of strip 0 (x 0)."
    assert lost_rows([eol], 300, 300) == 0


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"8BPS\0\1", "a Photoshop document"),
        (b"AT&TFORM\0\0\0\0DJVU", "a DjVu file"),
        (b"\0\0\0\x18ftypisom\0\0", "a film"),
        (b"PK\x03\x04\x14\0", "a zip archive or an office document"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(tmp_path: Path, head: bytes, kind: str) -> None:
    path = tmp_path / "scan.tif"
    path.write_bytes(head + bytes(200))
    with pytest.raises(InputUnreadable, match=f"is {kind}, which cannot be read; convert it to TIFF, PNG or PDF"):
        list(open_pages(path))
