"""A page's image as its file holds it, for a PDF: the compressed data itself where PDF knows the compression."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from nordocr.pages.convert import exif_turn, to_array

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
        file: The file, or its bytes.
    """

    def __init__(self, file: Path | bytes) -> None:
        self._file: BinaryIO = io.BytesIO(file) if isinstance(file, bytes) else file.open("rb")
        try:
            self._image = Image.open(self._file, formats=_FORMATS)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Originals:
        return self

    def __exit__(self, *_: object) -> None:
        self._image.close()
        self._file.close()

    def page(self, number: int) -> Original:
        """Return the image data of a page, counted from 0. Raises what Pillow raises on damage."""
        if number:
            self._image.seek(number)
        return self._raw() or _packed(to_array(self._image), _dpi(self._image), exif_turn(self._image))

    def _raw(self) -> Original | None:
        """The data as they are in the file, None where PDF cannot hold them so."""
        image = self._image
        if image.format == "TIFF":
            return _group_4(image, self._file)
        if image.format == "JPEG" and image.mode in _COLOURS:
            self._file.seek(0)
            return _jpeg(image, self._file.read())
        if image.format == "PNG":
            self._file.seek(0)
            return _png(self._file.read(), _dpi(image), exif_turn(image))
        return None


def packed(pixels: npt.NDArray[np.uint8]) -> Original:
    """Return a page's pixels (uint8 ``[H, W]`` or ``[H, W, 3]``), compressed without loss."""
    return _packed(pixels, None, 1)


def _packed(pixels: npt.NDArray[np.uint8], dpi: tuple[float, float] | None, orientation: int) -> Original:
    """Black and white by Group 4, all else by Deflate."""
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
    return replace(found, dpi=dpi, orientation=orientation)


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
