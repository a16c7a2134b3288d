"""Raster files to pages, by Pillow: TIFF with any number of pages and CCITT G3/G4, PNG, JPEG and a few more.

A page's size is read from its header and held against the limit before a single pixel is decoded.
"""

from __future__ import annotations

import contextlib
import logging
import struct
import time
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image, UnidentifiedImageError

from nordocr.config import Limits
from nordocr.errors import InputTooLarge, InputUnreadable
from nordocr.pages.convert import UInt8Array, exif_turn, square_pixels, to_array, turned
from nordocr.pages.image import PageImage
from nordocr.pages.selection import Selection
from nordocr.pages.tiff import Directories, ends_early

_log = logging.getLogger(__name__)

# Only these decoders are let near a stranger's file.
_FORMATS: Final = ("TIFF", "PNG", "JPEG", "JPEG2000", "BMP", "GIF", "WEBP", "PPM")

# Pillow's own guard warns at a fixed size; ours is Limits.max_pixels, checked on every page below.
Image.MAX_IMAGE_PIXELS = None

# What Pillow's decoders raise on damaged files; there is no common base.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    struct.error,
)

_BELIEVABLE_DPI: Final = (10.0, 10_000.0)


def raster_pages(path: Path, limits: Limits, selection: Selection | None) -> Generator[PageImage, None, None]:
    """The pages of an image file, decoded one at a time as they are asked for.

    Of formats other than TIFF the first frame is the page. Raises :class:`InputUnreadable` naming the page, after the
    pages before it were given, and :class:`InputTooLarge`.
    """
    # A file object rather than a name: Pillow maps named files into memory, where it turns uncompressed TIFFs the
    # wrong way (13.0) and where a file cut short while it is read kills the process.
    with path.open("rb") as file, path.open("rb") as again:
        _refuse_large_webp(file, path, limits)
        with _open(file, path) as image:
            directories = _directories(again, path) if image.format == "TIFF" else None
            index = 0
            while True:
                if index >= limits.max_pages:
                    raise InputTooLarge(f"{path} has more than {limits.max_pages} pages, the limit.")
                if selection is None or index in selection:
                    yield _page(image, path, index, limits)
                index += 1
                past = selection is not None and selection.last is not None and index >= selection.last
                if past or directories is None or not _seek(image, directories, path, index):
                    break
    _require(selection, index, path)


def _open(file: BinaryIO, path: Path) -> Image.Image:
    try:
        return Image.open(file, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise InputUnreadable(f"{path} is neither an image nor a PDF that can be read.") from error
    except MemoryError as error:
        raise InputTooLarge(f"{path} needs more memory than is available.") from error
    except (*_DAMAGE, EOFError) as error:
        raise InputUnreadable(f"{path} cannot be opened as an image: {_reason(error)}.") from error


def _refuse_large_webp(file: BinaryIO, path: Path, limits: Limits) -> None:
    """Hold a WebP's canvas against the limit: its decoder sets memory aside for it as soon as the file is opened.

    RFC 9649, 2.7: the canvas of the extended format stands at bytes 24 to 29. A simple WebP is decoded only later.
    """
    head = file.read(30)
    file.seek(0)
    if head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or len(head) < 30:
        return
    width, height = (1 + int.from_bytes(head[start : start + 3], "little") for start in (24, 27))
    if width * height > limits.max_pixels:
        raise InputTooLarge(f"{path} is {width} x {height} pixels, over the limit of {limits.max_pixels}.")


def _directories(file: BinaryIO, path: Path) -> Directories:
    """The file's directories, the first of them checked."""
    try:
        directories = Directories(file, path.stat().st_size)
        directories.advance()
    except ValueError as error:
        raise InputUnreadable(f"Page 1 of {path} is damaged: {error}.") from error
    return directories


def _seek(image: Image.Image, directories: Directories, path: Path, index: int) -> bool:
    """Go to the page ``index``; False where the file ends properly before it."""
    try:
        if not directories.advance():
            return False
        image.seek(index)
    except EOFError:
        return False
    except _DAMAGE as error:
        raise InputUnreadable(f"Page {index + 1} of {path} is damaged, or the file is truncated there.") from error
    return True


def _page(image: Image.Image, path: Path, index: int, limits: Limits) -> PageImage:
    across, down = _resolution(image)
    started, mode = time.perf_counter(), image.mode
    pixels = _decode(image, path, index, limits)
    _log.debug(
        "page %d: decoded from %s (%s, mode %s), %d x %d px, %s dpi, in %.2f s",
        index + 1,
        image.format,
        image.info.get("compression", "own compression"),
        mode,
        *image.size,
        across or "unknown",
        time.perf_counter() - started,
    )
    if across is not None and down is not None and pixels.size * across / down < limits.max_pixels:
        pixels = square_pixels(pixels, across, down)
    return PageImage(index, pixels, across)


def _decode(image: Image.Image, path: Path, index: int, limits: Limits) -> UInt8Array:
    where = f"Page {index + 1} of {path}"
    width, height = image.size
    if width < 1 or height < 1:
        raise InputUnreadable(f"{where} is {width} x {height} pixels: nothing to read.")
    if width * height > limits.max_pixels:
        raise InputTooLarge(f"{where} is {width} x {height} pixels, over the limit of {limits.max_pixels}.")
    if ends_early(getattr(image, "tag_v2", None), path.stat().st_size):
        raise InputUnreadable(f"{where} is truncated: the file ends before the page does.")
    try:
        image.load()
        return turned(to_array(image), exif_turn(image))
    except MemoryError as error:
        raise InputTooLarge(f"{where} needs more memory than is available.") from error
    except (*_DAMAGE, EOFError) as error:
        raise InputUnreadable(f"{where} cannot be decoded: {_reason(error)}.") from error


def _resolution(image: Image.Image) -> tuple[float | None, float | None]:
    """Dots an inch across and down, as far as the file says something that can be."""
    with contextlib.suppress(*_DAMAGE):
        across, down = (float(value) for value in image.info["dpi"][:2])
        low, high = _BELIEVABLE_DPI
        if low <= across <= high:
            return across, down if low <= down <= high else None
    return None, None


def _require(selection: Selection | None, count: int, path: Path) -> None:
    missing = None if selection is None or (selection.last or count) < count else selection.missing(count)
    if missing is not None:
        raise InputUnreadable(f"{path} has {count} {'page' if count == 1 else 'pages'}: there is no page {missing}.")


def _reason(error: BaseException) -> str:
    text = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else ""
    return text[:200] or type(error).__name__
