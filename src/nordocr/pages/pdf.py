"""PDF files to pages, by PDFium: images, vectors and text alike are rendered, one page at a time.

A page that is one scanned image is rendered at that image's own resolution, so that its pixels are not resampled
without need; all else at 300 dpi.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from nordocr.config import Limits
from nordocr.errors import InputEncrypted, InputTooLarge, InputUnreadable
from nordocr.pages.image import PageImage, gray_if_colourless
from nordocr.pages.selection import Selection

RENDER_DPI: Final = 300.0
_POINTS_AN_INCH: Final = 72.0
# The resolutions that a scan is believed to have; PDFs with invented page sizes lie outside.
_SCAN_DPI: Final = (150.0, 600.0)
# An image that covers this share of the page is the page.
_COVERING: Final = 0.85


def pdf_pages(path: Path, limits: Limits, selection: Selection | None) -> Iterator[PageImage]:
    """The pages of a PDF, rendered one at a time as they are asked for.

    Raises :class:`InputEncrypted`, :class:`InputUnreadable` or :class:`InputTooLarge`.
    """
    document = _open(path)
    try:
        count = len(document)
        if count == 0:
            raise InputUnreadable(f"{path} is a PDF without pages.")
        if count > limits.max_pages:
            raise InputTooLarge(f"{path} has {count} pages, over the limit of {limits.max_pages}.")
        missing = selection.missing(count) if selection is not None else None
        for index in range(count):
            if selection is None or index in selection:
                yield _render(document, path, index, limits)
        if missing is not None:
            raise InputUnreadable(
                f"{path} has {count} {'page' if count == 1 else 'pages'}: there is no page {missing}."
            )
    finally:
        document.close()


def _open(path: Path) -> Any:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise InputEncrypted(f"{path} is encrypted and wants a password.") from error
        raise InputUnreadable(f"{path} cannot be opened as a PDF: it is damaged or not a PDF.") from error
    document.init_forms()
    return document


def _render(document: Any, path: Path, index: int, limits: Limits) -> PageImage:
    where = f"Page {index + 1} of {path}"
    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise InputUnreadable(f"{where} cannot be read.") from error
    try:
        width, height = page.get_size()
        dpi = _scan_dpi(page, width, height) or RENDER_DPI
        scale = dpi / _POINTS_AN_INCH
        pixels = round(width * scale) * round(height * scale)
        if pixels < 1:
            raise InputUnreadable(f"{where} is {width:g} x {height:g} points: nothing to read.")
        if pixels > limits.max_pixels:
            raise InputTooLarge(f"{where} has {pixels} pixels at {dpi:.0f} dpi, over the limit of {limits.max_pixels}.")
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        image = np.array(bitmap.to_numpy(), dtype=np.uint8)
        bitmap.close()
    except pypdfium2.PdfiumError as error:
        raise InputUnreadable(f"{where} cannot be rendered.") from error
    finally:
        page.close()
    rgb = (
        image[:, :, :3]
        if image.ndim == 3 and image.shape[2] >= 3
        else np.repeat(image.reshape(*image.shape[:2], 1), 3, 2)
    )
    return PageImage(index, gray_if_colourless(rgb), dpi)


def _scan_dpi(page: Any, width: float, height: float) -> float | None:
    """The resolution of the one image that covers the page, or None where the page is anything else."""
    objects = list(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=2))
    if len(objects) != 1:
        return None
    left, bottom, right, top = objects[0].get_bounds()
    across, up = abs(right - left), abs(top - bottom)
    if across * up < _COVERING * width * height:
        return None
    columns, rows = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(objects[0].raw, columns, rows):
        return None
    # The larger of the two sides: a rotated page exchanges them.
    dpi: float = max(columns.value, rows.value) / max(across, up) * _POINTS_AN_INCH
    return min(max(dpi, _SCAN_DPI[0]), _SCAN_DPI[1])
