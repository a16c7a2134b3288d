"""Hostile page files whose structure is the attack: loops, missing parts, parts that lie about each other.

``structures()`` lists them by name, each with a function that makes it; :mod:`hostile_files` has the bombs and the
extreme pages.
"""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from inputs.hostile_files import bits_tiff, drawn, image_pdf, pdf_of, png_of, saved, tiff_of, vector_pdf


def _flipped_fax() -> bytes:
    data = bytearray(saved(drawn(size=(1240, 1754), mode="1"), "TIFF", compression="group4", dpi=(150, 150)))
    data[len(data) // 3] ^= 0x5A
    return bytes(data)


def _missing_strips(kept: int) -> bytes:
    """A gray TIFF of 300 rows in strips of 30, of which only ``kept`` are there."""
    pixels = np.asarray(drawn(size=(420, 300)))
    size = 30 * 420
    at = 8 + 2 + 9 * 12 + 4
    table = at + 8 * kept
    offsets = struct.pack(f"<{kept}L", *(table + size * i for i in range(kept)))
    counts = struct.pack(f"<{kept}L", *[size] * kept)
    tags = [(256, 4, 1, 420), (257, 4, 1, 300), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, kept, at), (277, 3, 1, 1), (278, 4, 1, 30), (279, 4, kept, at + 4 * kept)]
    return tiff_of(tags, tail=offsets + counts + pixels[: 30 * kept].tobytes())


def _many_directories(count: int) -> bytes:
    """A TIFF of ``count`` pages of one pixel."""
    out = bytearray(b"II*\0" + struct.pack("<L", 8))
    size = 2 + 8 * 12 + 4
    tags = [(256, 1), (257, 1), (258, 8), (259, 1), (262, 1), (273, 4), (278, 1), (279, 1)]
    for i in range(count):
        out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHLL", tag, 4, 1, value) for tag, value in tags)
        out += struct.pack("<L", 0 if i == count - 1 else 8 + size * (i + 1))
    return bytes(out)


def _scans_jpeg(scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated: a few kilobytes each, seconds of decoding together."""
    data = saved(drawn(size=(1600, 1600)), "JPEG", progressive=True, quality=60)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + b"\xff\xd9"


def _own_form() -> bytes:
    """A form that draws itself."""
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</X 5 0 R>>>>/Length 11>>"
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<</XObject<</X 5 0 R>>>>/Contents 4 0 R>>",
            b"<</Length 5>>stream\n/X Do\nendstream",
            form + b"stream\n/X Do /X Do\nendstream",
        ]
    )


def _page_tree(levels: int, *, loop: bool = False) -> bytes:
    """A page tree of ``levels`` nodes of one child; in a loop the last one's child is the first."""
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>"]
    for i in range(levels):
        child = 2 if loop and i == levels - 1 else 3 + i
        parent = f"/Parent {1 + i} 0 R" if i else ""
        bodies.append(f"<</Type/Pages{parent}/Kids[{child} 0 R]/Count 1>>".encode())
    bodies.append(f"<</Type/Page/Parent {1 + levels} 0 R/MediaBox[0 0 200 100]>>".encode())
    return pdf_of(bodies)


def _tile_outside() -> bytes:
    """A TIFF whose only tile lies 2 GiB behind the end."""
    tags = [(256, 64), (257, 64), (258, 8), (259, 1), (262, 1), (277, 1), (322, 64), (323, 64)]
    tags += [(324, 0x7FFFFFF0), (325, 4096)]
    return tiff_of([(tag, 4, 1, value) for tag, value in tags])


def _previous_loop() -> bytes:
    plain = vector_pdf(1)
    start = plain[plain.rindex(b"startxref") + 10 :].split()[0]
    return plain.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev " + start)


def _half_black() -> bytes:
    pixels = np.array(drawn(size=(1240, 1754), mode="1"))
    pixels[900:] = ~pixels[900:]
    return bits_tiff(pixels)


def _floats(value: float) -> bytes:
    pixels = np.full((300, 420), value, np.float32)
    pixels[50:60, 50:300] = 0.0
    return saved(Image.fromarray(pixels), "TIFF")


def _png_with(*, crc: bool = True, interlaced: bool = False) -> bytes:
    data = bytearray(saved(drawn(), "PNG"))
    if not crc:
        data[29] ^= 0xFF
    if interlaced:
        data[28] = 1
        data[29:33] = struct.pack(">L", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


def _tilted(angle: float) -> bytes:
    page = drawn(size=(1240, 1754)).rotate(angle, expand=True, fillcolor=255)
    return bits_tiff(np.asarray(page) > 128)


def structures() -> dict[str, Callable[[], bytes]]:
    """The files by name; the suffix is what they claim to be."""
    jpeg, tall = saved(drawn(), "JPEG", quality=70), drawn(size=(1240, 1754))
    gradient = np.tile(np.linspace(0, 255, 1240, dtype=np.uint8), (1754, 1))
    several = {"save_all": True, "append_images": [drawn(i, size=(60, 40), mode="P") for i in range(500)]}
    return {
        "flipped-byte.tif": _flipped_fax,
        "strips-missing-9.tif": lambda: _missing_strips(1),
        "strips-missing-1.tif": lambda: _missing_strips(9),
        "pages-20000.tif": lambda: _many_directories(20_000),
        "floats-nan.tif": lambda: _floats(float("nan")),
        "floats-huge.tif": lambda: _floats(3e38),
        "tile-outside.tif": _tile_outside,
        "big-offset.tif": lambda: b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**63 - 8),
        "directory-outside.tif": lambda: b"II*\0\xf0\xff\xff\x7f",
        "scans-3000.jpg": lambda: _scans_jpeg(3_000),
        "half.jpg": lambda: saved(tall, "JPEG", quality=70)[:20_000],
        "pdf-in-comment.jpg": lambda: saved(drawn(), "JPEG", comment=b"%PDF-1.7 is no PDF"),
        "no-tables.jpg": lambda: jpeg.replace(b"\xff\xdb", b"\xff\xef").replace(b"\xff\xc4", b"\xff\xee"),
        "wrong-checksum.png": lambda: _png_with(crc=False),
        "says-interlaced.png": lambda: _png_with(interlaced=True),
        "no-data.png": lambda: png_of(400, 300, rows=0),
        "half-the-rows.png": lambda: png_of(400, 300, rows=150),
        "frames-500.gif": lambda: saved(drawn(size=(60, 40), mode="P"), "GIF", **several),
        "cut.webp": lambda: saved(drawn(), "WEBP")[:-200],
        "brand-only.heic": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
        "brand-only.avif": lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(64),
        "empty.tif": lambda: b"",
        "photoshop.psd": lambda: b"8BPS\0\x01" + bytes(6) + struct.pack(">HLLHH", 3, 300, 400, 8, 3) + bytes(600),
        "zip-as.pdf": lambda: b"PK\x03\x04" + bytes(400),
        "own-form.pdf": _own_form,
        "tree-5000-deep.pdf": lambda: _page_tree(5_000),
        "tree-loop.pdf": lambda: _page_tree(4, loop=True),
        "table-loop.pdf": _previous_loop,
        "no-pages.pdf": lambda: pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        "unit-huge.pdf": lambda: vector_pdf(1).replace(b"/Type/Page/", b"/UserUnit 1e9/Type/Page/"),
        "bad-jpx.pdf": lambda: image_pdf(800, 1000, b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(400), "JPXDecode"),
        "bad-jbig2.pdf": lambda: image_pdf(800, 1000, bytes(range(256)) * 4, "JBIG2Decode"),
        "bad-fax.pdf": lambda: image_pdf(800, 1000, b"\x5a\xa5" * 400, "CCITTFaxDecode"),
        "unknown-filter.pdf": lambda: image_pdf(800, 1000, bytes(range(256)) * 4, "NoSuchDecode"),
        "cut.pdf": lambda: saved(drawn(size=(1240, 1754)), "PDF", resolution=150.0)[:9_000],
        "half-white-on-black.tif": _half_black,
        "45-degrees.tif": functools.partial(_tilted, 45.0),
        "20-degrees.tif": functools.partial(_tilted, 20.0),
        "gradient.png": lambda: saved(Image.fromarray(gradient), "PNG"),
    }
