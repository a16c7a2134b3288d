"""A file to its pages, whatever it is: told by its first bytes, not by its name."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from nordocr.config import Limits
from nordocr.errors import InputMissing, InputTooLarge, InputUnreadable
from nordocr.pages.image import PageImage
from nordocr.pages.raster import raster_pages
from nordocr.pages.selection import Selection


def open_pages(
    path: Path, limits: Limits | None = None, pages: Selection | None = None, password: str | None = None
) -> Generator[PageImage, None, None]:
    """The pages of a TIFF, PDF, PNG, JPEG or other image file, decoded one at a time as they are asked for.

    The file itself is looked at now: raises :class:`InputMissing`, :class:`InputUnreadable` (empty, a folder) and
    :class:`InputTooLarge` at once; what is wrong with a page is raised when that page is asked for.
    ``pages`` leaves out all others; naming one that the file does not have is :class:`InputUnreadable`.
    ``password`` opens an encrypted PDF and is not looked at otherwise.
    """
    limits = limits or Limits()
    head = _head(path, limits)
    # Adobe's readers accept the signature anywhere in the first KiB, and scanners' software relies on it.
    if b"%PDF-" in head:
        from nordocr.pages.pdf import pdf_pages

        return pdf_pages(path, limits, pages, password)
    return raster_pages(path, limits, pages)


def _head(path: Path, limits: Limits) -> bytes:
    if not path.exists():
        raise InputMissing(f"There is no file {path}.")
    if not path.is_file():
        raise InputUnreadable(f"{path} is not a file.")
    size = path.stat().st_size
    if size == 0:
        raise InputUnreadable(f"{path} is empty.")
    if size > limits.max_bytes:
        raise InputTooLarge(f"{path} has {size} bytes, over the limit of {limits.max_bytes}.")
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read: {error.strerror}.") from error
