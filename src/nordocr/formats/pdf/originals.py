"""A page's image as its file holds it, for a PDF: the compressed data itself where PDF knows the compression."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.config import Limits
from nordocr.pages import PageImage, Selection, open_pages
from nordocr.pages.convert import exif_turn
from nordocr.pages.tiff import no_pages

_FORMATS: Final = ("TIFF", "PNG", "JPEG", "JPEG2000", "BMP", "GIF", "WEBP", "PPM")
_GROUP_4: Final = 4
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_PNG_COLOURS: Final = {0: ("/DeviceGray", 1), 2: ("/DeviceRGB", 3)}
_COLOURS: Final = {"L": "/DeviceGray", "RGB": "/DeviceRGB", "CMYK": "/DeviceCMYK"}
_BELIEVABLE: Final = (10.0, 10_000.0)


@dataclass(frozen=True)
class Original:
    """One page's image data.

    Attributes:
        entries: The entries of its PDF dictionary.
        data: The stream.
        width: Columns of the image.
        height: Rows of the image.
        dpi: Dots an inch across and down, None where the file does not say.
        orientation: How the image is turned to lie as its file says, as EXIF and TIFF number it.
    """

    entries: str
    data: bytes
    width: int
    height: int
    dpi: tuple[float, float] | None = None
    orientation: int = 1


class Originals:
    """The image data of one raster file; a context manager.

    Args:
        file: The file.
        limits: What decoding it may cost.

    Raises:
        OSError: Pillow cannot open the file; other kinds of damage give its other exceptions.
    """

    def __init__(self, file: Path, limits: Limits) -> None:
        self._path, self._limits = file, limits
        self._file: BinaryIO = file.open("rb")
        self._decoded: Generator[PageImage, None, None] | None = None
        try:
            self._image = Image.open(self._file, formats=_FORMATS)
            size = file.stat().st_size
            skipped = no_pages(self._file, size) if self._image.format == "TIFF" else frozenset()
        except BaseException:
            self._file.close()
            raise
        self._frames = (frame for frame in itertools.count() if frame not in skipped)
        self._pages: list[int] = []

    def __enter__(self) -> Originals:
        return self

    def __exit__(self, *_: object) -> None:
        if self._decoded is not None:
            self._decoded.close()
        self._image.close()
        self._file.close()

    def page(self, number: int) -> Original:
        """Return the image data of a page.

        Args:
            number: The page's number in the file, from 0; previews and masks are no pages.

        Raises:
            NordocrError: What :func:`nordocr.pages.open_pages` raises.
        """
        return self._raw(number) or self._packed(number)

    def _raw(self, number: int) -> Original | None:
        """The data as they are in the file, None where PDF cannot hold them so."""
        image = self._image
        if image.format == "TIFF":
            try:
                image.seek(self._frame(number))
                return _group_4(image, self._file)
            except (OSError, EOFError, SyntaxError, ValueError, LookupError):  # decoding says what is wrong
                return None
        self._file.seek(0)
        if image.format == "JPEG" and image.mode in _COLOURS:
            return _jpeg(image, self._file.read())
        if image.format == "PNG":
            return _png(self._file.read(), _dpi(image), exif_turn(image))
        return None

    def _frame(self, number: int) -> int:
        while len(self._pages) <= number:
            self._pages.append(next(self._frames))
        return self._pages[number]

    def _packed(self, number: int) -> Original:
        """The page as it was decoded to be read."""
        if self._decoded is None:
            self._decoded = open_pages(self._path, self._limits, Selection(((number + 1, None),)))
        for page in self._decoded:
            if page.index == number:
                dpi = (page.dpi, page.dpi) if page.dpi is not None else None
                return packed(page.image, dpi)
        self._decoded = None  # pages are asked for out of order
        return self._packed(number)


def packed(pixels: npt.NDArray[np.uint8], dpi: tuple[float, float] | None = None) -> Original:
    """Return a page's pixels, compressed without loss: black and white by Group 4, all else by Deflate.

    Args:
        pixels: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB.
        dpi: Dots an inch across and down.
    """
    held = io.BytesIO()
    image = Image.fromarray(pixels)
    if pixels.ndim == 2 and ((pixels == 0) | (pixels == 255)).all():
        image.convert("1").save(held, "TIFF", compression="group4", tiffinfo={278: image.height})
        with Image.open(held) as again:
            found = _group_4(again, held)
    else:
        image.save(held, "PNG")
        found = _png(held.getvalue(), None, 1)
    assert found is not None
    return replace(found, dpi=dpi)


def _group_4(image: Image.Image, file: BinaryIO) -> Original | None:
    """A TIFF's page of black and white in one strip of Group 4 (ITU-T T.6); None for another page.

    Every strip begins anew, so that several are not one stream; drawn one below the other, they show seams.
    """
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    offsets, counts = tags.get(273, ()), tags.get(279, ())
    usual = tags.get(259) == _GROUP_4 and tags.get(258, (1,)) == (1,) and tags.get(277, 1) == 1
    if not usual or not len(offsets) == len(counts) == 1:
        return None
    width, height = int(tags[256]), int(tags[257])
    black = " /BlackIs1 true" if tags.get(262, 0) == 1 else ""
    file.seek(offsets[0])
    data = file.read(counts[0])
    if tags.get(266, 1) == 2:  # PDF knows one order of bits only
        data = data.translate(_REVERSED)
    entries = (
        f"{_entries(width, height, '/DeviceGray', 1)} /Filter /CCITTFaxDecode "
        f"/DecodeParms << /K -1 /Columns {width} /Rows {height}{black} >>"
    )
    orientation = int(tags.get(274) or 1)
    return Original(entries, data, width, height, _dpi(image), orientation if 1 <= orientation <= 8 else 1)


def _jpeg(image: Image.Image, data: bytes) -> Original:
    width, height = image.size
    entries = f"{_entries(width, height, _COLOURS[image.mode], 8)} /Filter /DCTDecode"
    if image.mode == "CMYK" and "adobe" in image.info:  # Adobe's programs write ink as its absence
        entries += " /Decode [1 0 1 0 1 0 1 0]"
    return Original(entries, data, width, height, _dpi(image), exif_turn(image))


def _png(data: bytes, dpi: tuple[float, float] | None, orientation: int) -> Original | None:
    """A PNG's compressed rows, which PDF's predictor 15 undoes; None where they are interlaced or see-through."""
    position, parts, palette = 8, [], b""
    width = height = depth = colour = interlaced = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        position += 12 + length
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            parts.append(body)
        elif kind == b"tRNS":
            return None
    if interlaced or not parts or (colour not in _PNG_COLOURS and not (colour == 3 and palette)):
        return None
    space, channels = _PNG_COLOURS.get(colour, ("", 1))
    space = space or f"[/Indexed /DeviceRGB {len(palette) // 3 - 1} <{palette.hex()}>]"
    entries = (
        f"{_entries(width, height, space, depth)} /Filter /FlateDecode "
        f"/DecodeParms << /Predictor 15 /Colors {channels} /BitsPerComponent {depth} /Columns {width} >>"
    )
    return Original(entries, b"".join(parts), width, height, dpi, orientation)


def _entries(width: int, height: int, space: str, bits: int) -> str:
    return (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace {space} /BitsPerComponent {bits}"
    )


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in image.info["dpi"][:2])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    low, high = _BELIEVABLE
    return (across, down) if low <= across <= high and low <= down <= high else None
