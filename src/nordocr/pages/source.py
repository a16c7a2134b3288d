"""Open a file's pages by what its first bytes say it is, not by its name."""

from __future__ import annotations

import stat
from collections.abc import Generator
from pathlib import Path
from typing import Final

from nordocr.config import Limits
from nordocr.errors import InputMissing, InputTooLarge, InputUnreadable
from nordocr.pages.costly import is_costly
from nordocr.pages.image import OnError, PageImage
from nordocr.pages.raster import raster_pages
from nordocr.pages.selection import Selection

_IMAGES: Final = (
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"RIFF",
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
)
"""The first bytes of images: TIFF and BigTIFF, PNG, JPEG, GIF, BMP, WebP, JPEG 2000."""


def open_pages(
    path: Path,
    limits: Limits | None = None,
    pages: Selection | None = None,
    password: str | None = None,
    on_error: OnError | None = None,
) -> Generator[PageImage, None, None]:
    """Open a TIFF, PDF, PNG, JPEG or other image file; its pages are decoded one at a time as they are asked for.

    The file is checked now; what is wrong with a page is raised when that page is asked for.

    Args:
        path: The file.
        limits: What it may cost; None for the defaults.
        pages: The pages wanted; None for all.
        password: The password of an encrypted PDF.
        on_error: Told of a page that cannot be read, before the next one is decoded; None raises its error.

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
    # Adobe's readers accept the signature anywhere in the first KiB, and scanners' software relies on it; but an
    # image may hold it in a comment.
    if b"%PDF-" in head and not head.startswith(_IMAGES):
        from nordocr.pages.pdf import pdf_pages

        return pdf_pages(path, limits, pages, password, on_error)
    with path.open("rb") as file:
        costly = is_costly(file, path.stat().st_size)
    if costly:
        from nordocr.pages.aside import aside_pages

        return aside_pages(path, limits, pages, on_error)
    return raster_pages(path, limits, pages, on_error)


def _head(path: Path, limits: Limits) -> bytes:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise InputMissing(f"There is no file {path}.") from error
    except OSError as error:  # a name that is too long, a folder that may not be entered
        raise InputUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise InputUnreadable(f"{path} is not a file.")
    size = status.st_size
    if size == 0:
        raise InputUnreadable(f"{path} is empty.")
    if size > limits.max_bytes:
        raise InputTooLarge(f"{path} has {size} bytes, over the limit of {limits.max_bytes}.")
    try:
        with path.open("rb") as file:
            return file.read(1024)
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read: {error.strerror}.") from error
