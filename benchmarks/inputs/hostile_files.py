"""Hostile page files, every one a pure function of its name: mutated files, decompression bombs, extreme pages.

``mutated(kind, number)`` damages a sound file of one kind; ``crafted()`` lists the files that are bad on purpose, each
with a function that makes it. Nothing here is larger than some megabytes on disk.
"""

from __future__ import annotations

import functools
import io
import random
import struct
import zlib
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

KINDS: Final = ("tiff", "png", "jpeg", "pdf")

_INTERESTING: Final = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def drawn(number: int = 0, size: tuple[int, int] = (420, 300), mode: str = "L") -> Image.Image:
    """A white page with a few lines of type."""
    page = Image.new("L", size, 255)
    font = ImageFont.load_default(16)
    for row, y in enumerate(range(20, size[1] - 24, 26)):
        ImageDraw.Draw(page).text((20, y), f"Sida {number} rad {row}: summa 12 345,67 kr", fill=0, font=font)
    return page.convert(mode)


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    """The image as a file's bytes."""
    held = io.BytesIO()
    image.save(held, name, **options)
    return held.getvalue()


@functools.cache
def sound(kind: str) -> tuple[bytes, ...]:
    """The sound files that are damaged: every compression and depth that Pillow writes of the kind."""
    gray, colour, bits = drawn(), drawn(1, mode="RGB"), drawn(2, mode="1")
    deep = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "scanner"
    several: dict[str, object] = {"save_all": True, "append_images": [drawn(3, mode="1"), drawn(4, mode="1")]}
    files: dict[str, Callable[[], tuple[bytes, ...]]] = {
        "tiff": lambda: (
            *(saved(bits, "TIFF", compression=c, dpi=(204, 98), **several) for c in ("group4", "group3", "packbits")),
            *(saved(colour, "TIFF", compression=c) for c in ("jpeg", "tiff_lzw", "tiff_adobe_deflate", None)),
            saved(deep, "TIFF"),
            saved(colour.convert("CMYK"), "TIFF", exif=exif),
            saved(bits, "TIFF", compression="group4", big_tiff=True, **several),
        ),
        "png": lambda: (
            *(saved(drawn(5, mode=m), "PNG", dpi=(300, 300)) for m in ("1", "L", "RGB", "LA", "RGBA")),
            saved(deep, "PNG"),
            saved(colour.quantize(16), "PNG", transparency=3, exif=exif),
        ),
        "jpeg": lambda: (
            saved(gray, "JPEG", quality=70, dpi=(200, 200)),
            saved(colour, "JPEG", quality=80, progressive=True, exif=exif),
            saved(colour.convert("CMYK"), "JPEG", quality=60),
            saved(colour, "JPEG", quality=60, subsampling=2, comment=b"page"),
        ),
        "pdf": lambda: (
            saved(gray, "PDF", resolution=100.0),
            saved(bits, "PDF", resolution=150.0, **several),
            vector_pdf(3),
            vector_pdf(1, compressed=True),
        ),
    }
    return files[kind]()


def mutated(kind: str, number: int) -> bytes:
    """The mutation ``number`` of the sound files of ``kind``."""
    dice = random.Random(f"{kind}-{number}")
    seeds = sound(kind)
    data = bytearray(seeds[number % len(seeds)])
    for _ in range(dice.choice((1, 1, 1, 2, 4, 16))):
        _damage(data, dice, seeds)
    return bytes(data)


def _damage(data: bytearray, dice: random.Random, seeds: tuple[bytes, ...]) -> None:
    if not data:
        return
    # Half of all damage goes where the structure is: to the head or the tail of the file.
    reach = min(len(data), 600)
    at = dice.choice((dice.randrange(len(data)), dice.randrange(reach), len(data) - 1 - dice.randrange(reach)))
    length = dice.choice((1, 2, 4, 16, 64, 1024))
    how = dice.randrange(9)
    if how == 0:
        data[at] ^= 1 << dice.randrange(8)
    elif how == 1:
        data[at : at + length] = dice.randbytes(len(data[at : at + length]))
    elif how == 2:
        del data[at:]
    elif how == 3:
        del data[at : at + length]
    elif how == 4:
        data[at:at] = dice.randbytes(length)
    elif how == 5:
        data[at:at] = data[at : at + length] * dice.choice((1, 2, 50))
    elif how == 6:
        data[at : at + length] = bytes([dice.choice((0, 255, 0x20, 0x0A))]) * len(data[at : at + length])
    elif how == 7:
        value, order = dice.choice(_INTERESTING), dice.choice("<>")
        kind = "B" if value < 256 else "H" if value < 65536 else "L"
        packed = struct.pack(order + kind, value)
        data[at : at + len(packed)] = packed
    else:
        other = dice.choice(seeds)
        data[at:] = other[dice.randrange(len(other)) :]


def vector_pdf(
    pages: int, *, compressed: bool = False, content: bytes | None = None, box: str = "0 0 200 120"
) -> bytes:
    """A PDF that draws text with a standard font, written out here so that every byte is known."""
    text = content or b"BT /F1 12 Tf 10 90 Td (Summa 12 345,67 kr) Tj 0 -20 Td (Rad 2) Tj ET 10 10 m 190 10 l S"
    extra = b"/Filter/FlateDecode" if compressed else b""
    stream = zlib.compress(text) if compressed else text
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(pages)).encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[" + kids + b"]/Count " + str(pages).encode() + b">>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for i in range(pages):
        resources = "/Resources<</Font<</F1 3 0 R>>>>"
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]{resources}/Contents {5 + 2 * i} 0 R>>"
        bodies.append(page.encode())
        bodies.append(b"<<" + extra + b"/Length " + str(len(stream)).encode() + b">>stream\n" + stream + b"\nendstream")
    return pdf_of(bodies)


def pdf_of(bodies: list[bytes]) -> bytes:
    """A PDF of the objects 1, 2, ... with a proper cross-reference table; the first is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj".encode() + body + b"endobj\n"
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer<</Size {len(bodies) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def png_of(width: int, height: int, *, kind: int = 0, depth: int = 1, rows: int = 0, chunks: bytes = b"") -> bytes:
    """A PNG with a header of any size and ``rows`` rows of white pixels behind it."""
    channels = {0: 1, 2: 3, 6: 4}[kind]
    line = b"\0" + b"\xff" * (-(-width * channels * depth // 8))
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(line) for _ in range(rows)) + packer.flush()
    header = struct.pack(">LLBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + chunks + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def tiff_of(tags: list[tuple[int, int, int, int]], *, after: int = 0, tail: bytes = b"") -> bytes:
    """A little-endian TIFF of one directory of (tag, type, count, value); ``after`` points to the next one."""
    entries = b"".join(struct.pack("<HHLL", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<LH", 8, len(tags)) + entries + struct.pack("<L", after) + tail


def fax_of(width: int, height: int, data: bytes = b"\x00\x10\x01\x00\x10\x01") -> bytes:
    """A G4 TIFF that claims to be of any size, with hardly any data."""
    at = 8 + 2 + 9 * 12 + 4
    values = [(256, 4, width), (257, 4, height), (258, 3, 1), (259, 3, 4), (262, 3, 0), (273, 4, at), (277, 3, 1)]
    values += [(278, 4, height), (279, 4, len(data))]
    return tiff_of([(tag, kind, 1, value) for tag, kind, value in values], tail=data)


def image_pdf(columns: int, rows: int, data: bytes = b"", coding: str = "FlateDecode") -> bytes:
    """A PDF with one 1-bit image that claims any size."""
    stream = data or zlib.compress(bytes(1_000_000), 9)
    content = b"q 500 0 0 700 0 0 cm /I Do Q"
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 700]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>",
            b"<</Length " + str(len(content)).encode() + b">>stream\n" + content + b"\nendstream",
            f"<</Type/XObject/Subtype/Image/Width {columns}/Height {rows}/BitsPerComponent 1/ColorSpace/DeviceGray"
            f"/Filter/{coding}/Length {len(stream)}>>stream\n".encode()
            + stream
            + b"\nendstream",
        ]
    )


def form_pdf(levels: int) -> bytes:
    """Forms that each draw the next one twice: 2 to the power of ``levels`` drawings in a file of some kilobytes."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Resources<</XObject<</X 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
    ]
    for level in range(levels):
        last = level == levels - 1
        content = b"0 0 m 9 9 l S" if last else b"/X Do 1 0 0 1 1 1 cm /X Do"
        inner = b"" if last else f"/Resources<</XObject<</X {6 + level} 0 R>>>>".encode()
        bodies.append(
            b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]"
            + inner
            + f"/Length {len(content)}>>stream\n".encode()
            + content
            + b"\nendstream"
        )
    return pdf_of(bodies)


def bits_tiff(pixels: np.ndarray) -> bytes:
    """Bool pixels, True for paper, as a G4 TIFF."""
    return saved(Image.fromarray(pixels), "TIFF", compression="group4", dpi=(300, 300))


def _looped_tiff() -> bytes:
    plain = saved(drawn(mode="1"), "TIFF", compression="group4")
    first = struct.unpack("<L", plain[4:8])[0]
    end = first + 2 + 12 * struct.unpack("<H", plain[first : first + 2])[0]
    return plain[:end] + struct.pack("<L", first) + plain[end + 4 :]


def _noise(share: float, size: tuple[int, int] = (3508, 2480)) -> bytes:
    return bits_tiff(np.random.default_rng(7).random(size) > share)


def _long_type(width: int, height: int) -> bytes:
    page = drawn(size=(1200, 240), mode="1")
    tile = np.tile(np.asarray(page), (-(-height // 240), -(-width // 1200)))[:height, :width]
    return bits_tiff(tile)


def crafted() -> dict[str, Callable[[], bytes]]:
    """The files that are bad on purpose, by name; the suffix is the file's kind."""
    text_bomb = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    profile_bomb = _chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(200_000_000), 9))
    tags = [(40_000 + i, 1, 60_000, 8) for i in range(5_000)]
    jpeg = saved(drawn(), "JPEG")
    frame = jpeg.index(b"\xff\xc0") + 5
    black, white = np.zeros((3508, 2480), np.bool_), np.ones((3508, 2480), np.bool_)
    checks = np.indices((3508, 2480)).sum(axis=0) % 2 == 0
    return {
        **{f"one-pixel.{kind}": functools.partial(saved, Image.new("L", (1, 1), 0), kind) for kind in KINDS},
        "bomb-60000-square.png": lambda: png_of(60_000, 60_000, rows=60_000),
        "bomb-in-limit.png": lambda: png_of(14_000, 14_000, kind=6, depth=8, rows=14_000),
        "bomb-header-only.png": lambda: png_of(0x7FFFFFFF, 0x7FFFFFFF),
        "bomb-text.png": lambda: png_of(100, 100, rows=100, chunks=text_bomb),
        "bomb-profile.png": lambda: png_of(100, 100, rows=100, chunks=profile_bomb),
        "bomb-60000-square.tif": lambda: fax_of(60_000, 60_000),
        "bomb-14000-square.tif": lambda: fax_of(14_000, 14_000),
        "bomb-largest.tif": lambda: fax_of(0xFFFFFFFF, 0xFFFFFFFF),
        "bomb-tags.tif": lambda: tiff_of(tags, tail=bytes(64_000)),
        "loop.tif": _looped_tiff,
        "bomb-frame.jpg": lambda: jpeg[:frame] + b"\xff\xff\xff\xff" + jpeg[frame + 4 :],
        "bomb-canvas.webp": lambda: b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + b"\xfe\x3f\0\xfe\x3f\0" + bytes(40),
        "bomb-screen.gif": lambda: (
            b"GIF89a\xff\xff\xff\xff\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;"
        ),
        "bomb.ppm": lambda: b"P5 60000 60000 255\n" + bytes(1000),
        "bomb-image.pdf": lambda: image_pdf(100_000, 100_000),
        "bomb-image-in-limit.pdf": lambda: image_pdf(14_000, 14_000),
        "bomb-page.pdf": lambda: vector_pdf(1, box="0 0 1000000 1000000"),
        "bomb-flate.pdf": lambda: vector_pdf(1, compressed=True, content=b"0 0 m 9 9 l S\n" * 5_000_000),
        "bomb-forms.pdf": lambda: form_pdf(28),
        "no-size.pdf": lambda: vector_pdf(1, box="0 0 0 0"),
        "wide-60000.tif": lambda: _long_type(60_000, 240),
        "tall-60000.tif": lambda: _long_type(1_200, 60_000),
        "wide-60000-one-row.png": lambda: png_of(60_000, 1, rows=1),
        "tall-60000-one-column.png": lambda: png_of(1, 60_000, rows=60_000),
        "large-60000.tif": lambda: _long_type(60_000, 3_000),
        "all-black.tif": lambda: bits_tiff(black),
        "all-white.tif": lambda: bits_tiff(white),
        "checkerboard.tif": lambda: bits_tiff(checks),
        "noise-half.tif": lambda: _noise(0.5),
        "noise-tenth.tif": lambda: _noise(0.1),
        "noise-hundredth.tif": lambda: _noise(0.01),
        "upside-down.tif": lambda: bits_tiff(np.asarray(drawn(size=(1240, 1754), mode="1"))[::-1, ::-1]),
        "on-its-side.tif": lambda: bits_tiff(np.rot90(np.asarray(drawn(size=(1240, 1754), mode="1")))),
    }
