"""The process that calls PDFium: a script for :mod:`nordocr.pages.isolated.child` that imports nothing of nordocr.

A PDF is a program: a few kilobytes of it can keep PDFium busy for years, and a damaged one can bring it down. So it is
drawn in a process that can be given up.

- ``{"open": PATH, "password": TEXT or null}`` gives ``{"pages": COUNT}``;
- ``{"page": INDEX, "max_pixels": COUNT}`` gives ``{"width", "height", "stride", "channels", "dpi", "damage",
  "missing", "jpeg", "fax"}`` (pixels, bytes a row, dots an inch; what could not be decoded, and the share of the page
  that it covers; whether an image is a JPEG; facsimile streams with columns, rows and share of the page) and
  ``height * stride`` bytes, rows from the top, RGB or gray;
- ``{"text": INDEX}`` gives ``{"centres": [[X, Y], ...]}``, the middle of each visible character that is no space, in
  points of the page's own space;
- what fails is refused with a kind: encrypted, unreadable, large.
"""

from __future__ import annotations

import base64
import ctypes
from typing import Any, Final

RENDER_DPI: Final = 300.0
"""What a page is drawn at that is no scan."""

_POINTS_AN_INCH: Final = 72.0
# A scan with fewer dots an inch is enlarged, unless it has as many pixels as a page of type needs.
_FEWEST_DPI: Final = 150.0
_ENOUGH_PIXELS: Final = 1_400
# An image that covers this share of the page is the page.
_COVERING: Final = 0.85
# How deep forms within forms are searched for images.
_FORM_DEPTH: Final = 15
# Smaller images than this share of the page are ornaments.
_NOTABLE: Final = 0.1


class Refused(Exception):
    """``kind`` and ``message`` of an answer."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


_open_document: list[Any] = []


def handle(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Answer one request."""
    if "text" in request:
        return _visible_text(_open_document[0], request["text"]), b""
    if "open" not in request:
        return _draw(_open_document[0], request["page"], request["max_pixels"])
    while _open_document:
        _open_document.pop().close()
    document, answer = _open(request["open"], request["password"])
    _open_document.append(document)
    return answer, b""


def _open(path: str, password: str | None) -> tuple[Any, dict[str, Any]]:
    import pypdfium2
    import pypdfium2.raw as pdfium

    # PDFium keeps the error of the file before where a file fails without one of its own: this makes it "no PDF".
    pdfium.FPDF_LoadMemDocument(b"-", 1, None)
    try:
        document = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            reason = "needs a password" if password is None else "the given password is wrong"
            raise Refused("encrypted", f"is encrypted and {reason}") from error
        raise Refused("unreadable", "cannot be opened as a PDF: it is damaged or not a PDF") from error
    except (OSError, ValueError) as error:
        raise Refused("unreadable", "cannot be opened as a PDF") from error
    try:
        document.init_forms()
        return document, {"pages": len(document)}
    except pypdfium2.PdfiumError as error:
        document.close()
        raise Refused("unreadable", "has forms that cannot be read") from error


def _draw(document: Any, index: int, max_pixels: int) -> tuple[dict[str, Any], bytes]:
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise Refused("unreadable", "cannot be read") from error
    try:
        dpi = _resolution(page, max_pixels)
        bitmap = page.render(scale=dpi / _POINTS_AN_INCH, rev_byteorder=True, prefer_bgrx=False)
        try:
            shape = {"width": bitmap.width, "height": bitmap.height, "stride": bitmap.stride}
            pixels = bytes(bitmap.buffer)
            about: dict[str, Any] = {"channels": bitmap.n_channels, "dpi": dpi}
            about["damage"], about["missing"], coded = _undecoded(page, pixels, bitmap.stride, dpi)
            return {**shape, **about, **coded}, pixels
        finally:
            bitmap.close()
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise Refused("unreadable", "cannot be drawn") from error
    finally:
        page.close()


def _visible_text(document: Any, index: int) -> dict[str, Any]:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise Refused("unreadable", "cannot be read") from error
    text = page.get_textpage()
    centres = []
    for number in range(text.count_chars()):
        item = pdfium.FPDFText_GetTextObject(text.raw, number)
        if not item or pdfium.FPDFTextObj_GetTextRenderMode(item) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
            continue  # what PDFium adds itself, as spaces between words, has no object
        if chr(pdfium.FPDFText_GetUnicode(text.raw, number)).isspace():
            continue
        left, bottom, right, top = text.get_charbox(number)
        centres.append([round((left + right) / 2, 2), round((bottom + top) / 2, 2)])
    text.close()
    page.close()
    return {"centres": centres}


def _undecoded(page: Any, pixels: bytes, stride: int, dpi: float) -> tuple[str, float, dict[str, Any]]:
    """Find images that PDFium could not decode: it draws nothing in their place and says nothing.

    Only images in whose place nothing was drawn are asked for once more.

    Args:
        page: The page.
        pixels: The page as it was drawn, white paper 255.
        stride: Bytes a row.
        dpi: What it was drawn at.

    Returns:
        What is wrong, empty if nothing is, and the share of the page that the images cover; and of notable images that
        may be broken midway, which the reading process looks into: whether one is a JPEG, and the facsimile streams
        with their sizes.
    """
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    wrong, missing = "", 0.0
    coded: dict[str, Any] = {"jpeg": False, "fax": []}
    for item in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=_FORM_DEPTH):
        left, bottom, right, top = item.get_bounds()
        share = abs((right - left) * (top - bottom)) / max(1.0, width * height)
        if share < _NOTABLE:
            continue
        filters = item.get_filters()
        coded["jpeg"] = coded["jpeg"] or "DCTDecode" in filters
        if filters[-1:] == ["CCITTFaxDecode"]:
            coded["fax"].append([base64.b64encode(_stream(item)).decode("ascii"), *_pixel_size(item), share])
        first, last = 0, len(pixels)
        if page.get_rotation() == 0:
            quarter = (top - bottom) / 4
            edges = (height - top + quarter, height - bottom - quarter)
            first, last = (max(0, round(edge * dpi / _POINTS_AN_INCH)) * stride for edge in edges)
        if pixels[first:last].strip(b"\xff"):
            continue
        found = pdfium.FPDFImageObj_GetBitmap(item.raw)
        if found:
            pdfium.FPDFBitmap_Destroy(found)
            continue
        columns, rows = _pixel_size(item)
        filters = ", ".join(item.get_filters()) or "no filter"
        wrong = f"holds an image of {columns} x {rows} pixels that cannot be decoded ({filters})"
        missing = min(1.0, missing + share)
    if wrong and not pixels.strip(b"\xff"):
        raise Refused("unreadable", wrong)
    return wrong, missing, coded


def _stream(item: Any) -> bytes:
    """Return an image's data as its own coding has it, without what is wrapped around."""
    import pypdfium2.raw as pdfium

    size = pdfium.FPDFImageObj_GetImageDataDecoded(item.raw, None, 0)
    held = ctypes.create_string_buffer(size)
    pdfium.FPDFImageObj_GetImageDataDecoded(item.raw, held, size)
    return held.raw


def _resolution(page: Any, max_pixels: int) -> float:
    """The dots an inch to draw at; what is too large is refused before it is decoded."""
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    images = list(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=_FORM_DEPTH))
    sizes = [_pixel_size(item) for item in images]
    # PDFium holds an image whole while it draws it, whatever the size of the page that it is drawn on.
    columns, rows = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    if columns * rows > max_pixels:
        raise Refused("large", f"holds an image of {columns} x {rows} pixels, over the limit of {max_pixels}")
    dpi = RENDER_DPI
    if len(images) == 1 and max(columns, rows) > 0:
        dpi = _scan_dpi(images[0], max(columns, rows), width * height) or RENDER_DPI
    pixels = round(width * dpi / _POINTS_AN_INCH) * round(height * dpi / _POINTS_AN_INCH)
    if pixels < 1:
        raise Refused("unreadable", f"is {width:g} x {height:g} points: nothing to read")
    if pixels > max_pixels:
        raise Refused("large", f"has {pixels} pixels at {dpi:.0f} dpi, over the limit of {max_pixels}")
    return dpi


def _pixel_size(item: Any) -> tuple[int, int]:
    import pypdfium2.raw as pdfium

    columns, rows = ctypes.c_uint(), ctypes.c_uint()
    if not pdfium.FPDFImageObj_GetImagePixelSize(item.raw, columns, rows):
        return 0, 0
    return columns.value, rows.value


def _scan_dpi(item: Any, longer: int, area: float) -> float | None:
    """The resolution of the one image, ``longer`` pixels at its longer side; None unless it covers the page's area."""
    left, bottom, right, top = item.get_bounds()
    across, up = abs(right - left), abs(top - bottom)
    if max(across, up) <= 0 or across * up < _COVERING * area:
        return None
    # The larger of the two sides: a rotated page exchanges them. A quarter of a pixel less, because the drawing
    # rounds up and would otherwise resample the scan to one pixel more.
    own: float = (longer - 0.25) / max(across, up) * _POINTS_AN_INCH
    return own if own >= _FEWEST_DPI or longer >= _ENOUGH_PIXELS else _FEWEST_DPI
