"""Decode raster files with Pillow: TIFF with any number of pages and CCITT G3/G4, PNG, JPEG and a few more.

A page's size is read from its header and checked against the limit before a single pixel is decoded.
"""

from __future__ import annotations

import contextlib
import logging
import struct
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, UnidentifiedImageError

from nordocr.config import Limits
from nordocr.errors import InputTooLarge, InputUnreadable, NordocrError
from nordocr.pages.convert import UInt8Array, exif_turn, square_pixels, to_array, turned
from nordocr.pages.depth import has_deep_colours, rgb_of
from nordocr.pages.grayfill import MESSAGE, filled_share
from nordocr.pages.image import OnError, PageImage
from nordocr.pages.kinds import kind_of, way_out
from nordocr.pages.planes import has_deep_planes, planes
from nordocr.pages.said import damage, damage_warning, lost_rows, messages
from nordocr.pages.selection import Selection
from nordocr.pages.tiff import Directories, claims_too_much, ends_early, missing_rows, no_pages

_log = logging.getLogger(__name__)

# Only these decoders are let near a stranger's file.
_FORMATS: Final = ("TIFF", "PNG", "JPEG", "JPEG2000", "BMP", "GIF", "WEBP", "PPM")
# ... and those of packages that a user may have, in a process of their own.
_FURTHER: Final = ("AVIF", "HEIF", "JXL")

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
    RuntimeError,
    struct.error,
)

_BELIEVABLE_DPI: Final = (10.0, 10_000.0)
_COMPRESSION, _OLD_JPEG, _ROWS_PER_STRIP = 259, 6, 278


def raster_pages(
    path: Path, limits: Limits, selection: Selection | None, on_error: OnError | None = None
) -> Generator[PageImage, None, None]:
    """Decode the pages of an image file one at a time as they are asked for.

    In a TIFF, previews and masks are not pages. In other formats the first frame is the page.

    Args:
        path: The file.
        limits: What it may cost.
        selection: The pages wanted; None for all.
        on_error: Told of a page that cannot be decoded; None raises its error.

    Yields:
        The pages in the file's order.

    Raises:
        InputUnreadable: A page is damaged or does not exist; the pages before it were given.
        InputTooLarge: A limit is exceeded.
    """
    # A file object rather than a name: Pillow maps named files into memory, where it turns uncompressed TIFFs the
    # wrong way (13.0) and where a file cut short while it is read kills the process.
    with path.open("rb") as file, path.open("rb") as again:
        _refuse_large_webp(file, path, limits)
        # Closed for its pixels: an error that is kept would keep them too.
        with contextlib.closing(_open(file, path)) as image:
            directories = _directories(again, path) if image.format == "TIFF" else None
            skipped = no_pages(again, path.stat().st_size) if directories is not None else frozenset[int]()
            frame, index = -1, 0
            while frame < 0 or directories is not None:
                frame += 1
                if frame and directories is not None and not _seek(image, directories, path, frame, index, skipped):
                    break
                if frame in skipped:
                    _log.debug("%s: directory %d is a preview or mask, not a page", path, frame + 1)
                    continue
                if index >= limits.max_pages:
                    raise InputTooLarge(f"{path} has more than {limits.max_pages} pages, the limit.")
                if selection is None or index in selection:
                    try:
                        page = _page(image, again, path, index, limits)
                    except NordocrError as error:
                        if on_error is None:
                            raise
                        on_error(index, error)
                    else:
                        yield page
                        del page
                index += 1
                if selection is not None and selection.last is not None and index >= selection.last:
                    break
    _require(selection, index, path)


def _open(file: BinaryIO, path: Path) -> Image.Image:
    try:
        return Image.open(file, formats=[*_FORMATS, *(name for name in _FURTHER if name in Image.OPEN)])
    except UnidentifiedImageError as error:
        file.seek(0)
        kind = kind_of(file.read(64))
        if kind:
            raise InputUnreadable(f"{path} is {kind}, which cannot be read; {way_out(kind, Image.OPEN)}.") from error
        raise InputUnreadable(f"{path} is neither an image nor a PDF that can be read.") from error
    except MemoryError as error:
        raise InputTooLarge(f"{path} needs more memory than is available.") from error
    except (*_DAMAGE, EOFError) as error:
        raise InputUnreadable(f"{path} cannot be opened as an image: {_reason(error)}.") from error


def _refuse_large_webp(file: BinaryIO, path: Path, limits: Limits) -> None:
    """Check a WebP's canvas against the limit: its decoder allocates memory for it as soon as the file is opened.

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
    """Return the file's directories, the first of them checked."""
    try:
        directories = Directories(file, path.stat().st_size)
        directories.advance()
    except ValueError as error:
        raise InputUnreadable(f"Page 1 of {path} is damaged: {error}.") from error
    return directories


def _seek(
    image: Image.Image, directories: Directories, path: Path, frame: int, index: int, skipped: frozenset[int]
) -> bool:
    """Go to a directory, which is or is not the page ``index``; False if the file ends properly before it."""
    try:
        if not directories.advance():
            return False
        if frame not in skipped:
            image.seek(frame)
    except EOFError:
        return False
    except _DAMAGE as error:
        raise InputUnreadable(f"Page {index + 1} of {path} is damaged, or the file is truncated there.") from error
    return True


def _page(image: Image.Image, file: BinaryIO, path: Path, index: int, limits: Limits) -> PageImage:
    across, down = _resolution(image)
    started, mode = time.perf_counter(), image.mode
    page = replace(_decode(image, file, path, index, limits), dpi=across)
    pixels = page.image
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
    if page.damage:
        _log.warning("%s", damage_warning(path, page))
    if across is not None and down is not None and pixels.size * across / down < limits.max_pixels:
        pixels = square_pixels(pixels, across, down)
    return replace(page, image=pixels)


def _decode(image: Image.Image, file: BinaryIO, path: Path, index: int, limits: Limits) -> PageImage:
    where = f"Page {index + 1} of {path}"
    width, height = image.size
    if width < 1 or height < 1:
        raise InputUnreadable(f"{where} is {width} x {height} pixels: nothing to read.")
    if width * height > limits.max_pixels:
        raise InputTooLarge(f"{where} is {width} x {height} pixels, over the limit of {limits.max_pixels}.")
    tags = getattr(image, "tag_v2", None)
    if claims_too_much(tags, path.stat().st_size):
        raise InputUnreadable(f"{where} is damaged: its strips claim more than the file has, many times over.")
    if ends_early(tags, path.stat().st_size):
        raise InputUnreadable(f"{where} is truncated: the file ends before the page does.")
    said: list[str] = []
    try:
        with messages() if tags is not None else contextlib.nullcontext(said) as said:
            pixels, filled = _pixels(image, file, tags)
    except MemoryError as error:
        raise InputTooLarge(f"{where} needs more memory than is available.") from error
    except (*_DAMAGE, EOFError) as error:
        # libtiff's own words, where it has some: Pillow only says "decoder error -2".
        raise InputUnreadable(f"{where} cannot be decoded{_method(tags)}: {damage(said) or _reason(error)}.") from error
    for text in said:
        _log.debug("page %d: the decoder says: %s", index + 1, text)
    absent = missing_rows(tags)
    report = damage(said) or (f"{absent} of its {height} rows are not in the file" if absent else "")
    report = report or (MESSAGE if filled else "")
    lost = lost_rows(said, height, tags.get(_ROWS_PER_STRIP, height)) if report and tags is not None else 0
    return PageImage(index, pixels, damage=report, missing=min(1.0, round((lost + absent) / height + filled, 4)))


def _pixels(image: Image.Image, file: BinaryIO, tags: Any) -> tuple[UInt8Array, float]:
    """Return the page upright, and the share of it that a JPEG decoder has filled with gray."""
    if has_deep_planes(tags):
        return rgb_of(planes(file, tags, tags.prefix[:2].decode("ascii"))), 0.0
    deep_colours = has_deep_colours(image)
    image.load()
    pixels = to_array(image, deep_colours=deep_colours)
    filled = filled_share(pixels) if image.format == "JPEG" else 0.0
    return turned(pixels, exif_turn(image)), filled


def _method(tags: Any) -> str:
    """Name the compression in an error, where it is one that decoders know in part only."""
    return " (old-style JPEG)" if tags is not None and tags.get(_COMPRESSION) == _OLD_JPEG else ""


def _resolution(image: Image.Image) -> tuple[float | None, float | None]:
    """Return dots per inch across and down, as far as the file says something credible."""
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
