"""Open a file's pages by what its first bytes say it is, not by its name."""

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
    """Open a TIFF, PDF, PNG, JPEG or other image file; its pages are decoded one at a time as they are asked for.

    The file is checked now; what is wrong with a page is raised when that page is asked for.

    Args:
        path: The file.
        limits: What it may cost; None for the defaults.
        pages: The pages wanted; None for all.
        password: The password of an encrypted PDF.

    Returns:
        A generator of the pages in the file's order.

    Raises:
        InputMissing: There is no such file.
        InputUnreadable: The file or a page is damaged or empty, or a page that was named does not exist.
        InputTooLarge: A limit is exceeded.
        InputEncrypted: A PDF needs a password, or the given one is wrong.
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
