"""Raster files to pages, by Pillow: TIFF with any number of pages and CCITT G3/G4, PNG, JPEG and a few more.

A page's size is read from its header and held against the limit before a single pixel is decoded.
"""

from __future__ import annotations

import contextlib
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from nordocr.config import Limits
from nordocr.errors import InputTooLarge, InputUnreadable
from nordocr.pages.image import PageImage, gray_if_colourless
from nordocr.pages.selection import Selection

# Only these decoders are let near a stranger's file.
_FORMATS: Final = ("TIFF", "PNG", "JPEG", "JPEG2000", "BMP", "GIF", "WEBP", "PPM")

# Pillow's own guard warns at a fixed size; ours is Limits.max_pixels, checked on every page below.
Image.MAX_IMAGE_PIXELS = None

# What Pillow's decoders raise on damaged files; there is no common base. Warnings of a cut file count: see _strict.
_DAMAGE: Final = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error, UserWarning)

# Where a TIFF's strips or tiles begin, and how many bytes each has (TIFF 6.0, tags 273/279 and 324/325).
_TIFF_EXTENTS: Final = ((273, 279), (324, 325))


@contextlib.contextmanager
def _strict() -> Iterator[None]:
    """Make Pillow's warning that a file ends too early an error, and keep its other warnings quiet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*[Tt]runcated")
        yield


def raster_pages(path: Path, limits: Limits, selection: Selection | None) -> Iterator[PageImage]:
    """The pages of an image file, decoded one at a time as they are asked for.

    Of formats other than TIFF the first frame is the page. Raises :class:`InputUnreadable` naming the page, after the
    pages before it were given, and :class:`InputTooLarge`.
    """
    # A file object rather than a name: Pillow maps named files into memory, where it turns uncompressed TIFFs the
    # wrong way (13.0) and where a file cut short while it is read kills the process.
    with path.open("rb") as file, _open(file, path) as image:
        index = 0
        while True:
            if index >= limits.max_pages:
                raise InputTooLarge(f"{path} has more than {limits.max_pages} pages, the limit.")
            if selection is None or index in selection:
                yield PageImage(index, _decode(image, path, index, limits), _dpi(image))
            index += 1
            past = selection is not None and selection.last is not None and index >= selection.last
            if past or image.format != "TIFF" or not _seek(image, path, index):
                break
    _require(selection, index, path)


def _open(file: BinaryIO, path: Path) -> Image.Image:
    try:
        with _strict():
            return Image.open(file, formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise InputUnreadable(f"{path} is neither an image nor a PDF that can be read.") from error
    except (*_DAMAGE, EOFError) as error:
        raise InputUnreadable(f"{path} cannot be opened as an image: {_reason(error)}.") from error


def _seek(image: Image.Image, path: Path, index: int) -> bool:
    """Go to the page ``index``; False where the file ends properly before it."""
    try:
        with _strict():
            image.seek(index)
    except EOFError:
        return False
    except _DAMAGE as error:
        raise InputUnreadable(f"Page {index + 1} of {path} is damaged, or the file is truncated there.") from error
    return True


def _decode(image: Image.Image, path: Path, index: int, limits: Limits) -> npt.NDArray[np.uint8]:
    where = f"Page {index + 1} of {path}"
    width, height = image.size
    if width < 1 or height < 1:
        raise InputUnreadable(f"{where} is {width} x {height} pixels: nothing to read.")
    if width * height > limits.max_pixels:
        raise InputTooLarge(f"{where} is {width} x {height} pixels, over the limit of {limits.max_pixels}.")
    if _ends_early(image, path):
        raise InputUnreadable(f"{where} is truncated: the file ends before the page does.")
    try:
        with _strict():
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _to_array(upright)
    except (*_DAMAGE, EOFError) as error:
        raise InputUnreadable(f"{where} cannot be decoded: {_reason(error)}.") from error


def _ends_early(image: Image.Image, path: Path) -> bool:
    """Whether a TIFF page's pixels lie beyond the end of the file; libtiff would decode what is left as paper."""
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return False
    size = path.stat().st_size
    for offsets_tag, counts_tag in _TIFF_EXTENTS:
        offsets, counts = tags.get(offsets_tag, ()), tags.get(counts_tag, ())
        with contextlib.suppress(TypeError):
            if any(offset + count > size for offset, count in zip(offsets, counts, strict=False)):
                return True
    return False


def _to_array(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Any Pillow mode as gray or RGB, transparency over white, deep pixels by their upper 8 bits."""
    mode = image.mode
    if mode.startswith("I") or mode == "F":
        return _shallow(np.asarray(image))
    if mode in {"LA", "La", "RGBA", "RGBa", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return gray_if_colourless(np.asarray(Image.alpha_composite(paper, layer).convert("RGB")))
    if mode in {"1", "L"}:
        return np.array(image.convert("L"), dtype=np.uint8)
    rgb = np.array(image.convert("RGB"), dtype=np.uint8)
    return gray_if_colourless(rgb) if mode == "P" else rgb


def _shallow(deep: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    values = np.nan_to_num(deep.astype(np.float32), nan=0.0, posinf=65535.0, neginf=0.0)
    top = float(values.max(initial=0.0))
    # Integers of 32 bits and floats say nothing of their range: guess it from what occurs.
    scale = 1.0 if top > 255 else 257.0 if top > 1 or deep.dtype.kind != "f" else 65535.0
    if deep.dtype.kind == "u" and deep.dtype.itemsize == 2:
        scale = 1.0
    return np.asarray(np.clip(values * scale / 257.0, 0, 255), dtype=np.uint8)


def _dpi(image: Image.Image) -> float | None:
    with contextlib.suppress(*_DAMAGE):
        horizontal = float(image.info["dpi"][0])
        if 10 <= horizontal <= 10_000:
            return horizontal
    return None


def _require(selection: Selection | None, count: int, path: Path) -> None:
    missing = None if selection is None or (selection.last or count) < count else selection.missing(count)
    if missing is not None:
        raise InputUnreadable(f"{path} has {count} {'page' if count == 1 else 'pages'}: there is no page {missing}.")


def _reason(error: BaseException) -> str:
    text = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else ""
    return text[:200] or type(error).__name__
