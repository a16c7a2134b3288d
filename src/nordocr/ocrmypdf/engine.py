"""The engine that OCRmyPDF calls: a page image in, a tree of elements, hOCR or a PDF of text out."""

from __future__ import annotations

import logging
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocrmypdf.exceptions import ExitCodeException, InputFileError, MissingDependencyError
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence
from PIL import Image

from nordocr import __version__
from nordocr.errors import EngineUnavailable, ModelMissing, NordocrError
from nordocr.formats import About, open_format
from nordocr.formats.pdf.scans import DEFAULT_DPI, ScanPdf
from nordocr.ocrmypdf.options import NAME, reading_config, supported, tag
from nordocr.ocrmypdf.readers import reader_for
from nordocr.ocrmypdf.tree import tree_of
from nordocr.pipeline.preparation import Layout
from nordocr.pipeline.reader import Reader
from nordocr.results import Document, Page

if TYPE_CHECKING:
    from collections.abc import Set

    from ocrmypdf._options import OcrOptions
    from ocrmypdf.models.ocr_element import OcrElement

_log = logging.getLogger(__name__)

# OCRmyPDF's scale is open; it turns pages from 14 on, and its specification calls 15 very confident.
_CONFIDENT: Final = 15.0
# Fewer lines do not say by how much a page is askew.
_FEWEST_LINES: Final = 3
# The name by which OCRmyPDF finds the font of a PDF of text; Tesseract's has it.
_FONT: Final = "f-0-0"


class NordocrEngine(OcrEngine):
    """Reads OCRmyPDF's page images."""

    @staticmethod
    def version() -> str:
        """Return nordocr's version."""
        return __version__

    @staticmethod
    def creator_tag(options: OcrOptions) -> str:
        """Return what the PDF's metadata say."""
        return f"{NAME} {__version__}, {reading_config(options).recognizer}"

    def __str__(self) -> str:
        return f"{NAME} {__version__}"

    @staticmethod
    def languages(options: OcrOptions) -> Set[str]:
        """Return the codes that ``-l`` may give."""
        return supported()

    @staticmethod
    def get_orientation(input_file: Path, options: OcrOptions) -> OrientationConfidence:
        """Return by how many degrees anticlockwise the page has to be turned to stand upright, as Tesseract does."""
        turn = _layout(input_file, options).rotation
        return OrientationConfidence(-turn % 360, _CONFIDENT if turn else 0.0)

    @staticmethod
    def get_deskew(input_file: Path, options: OcrOptions) -> float:
        """Return by how many degrees anticlockwise the page has to be turned for its lines to be level."""
        layout = _layout(input_file, options)
        angles = [region.angle for region in layout.regions if region.width > 4 * region.height]
        climbs = statistics.median(angles) if len(angles) >= _FEWEST_LINES else 0.0
        return -(layout.skew + climbs)

    @staticmethod
    def supports_generate_ocr() -> bool:
        """Return True: words are handed over with their boxes."""
        return True

    @staticmethod
    def generate_ocr(input_file: Path, options: OcrOptions, page_number: int = 0) -> tuple[OcrElement, str]:
        """Read a page image.

        Returns:
            The tree of the page, and its text for the sidecar file.
        """
        page = _read(input_file, options)
        size, dpi = _size_of(input_file)
        language = options.languages[0] if tag(options) else None
        return tree_of(page, size, dpi, page_number, language), _text(page)

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: OcrOptions) -> None:
        """Read a page image and write hOCR; its boxes are those of the page as it was turned to be read."""
        page = _read(input_file, options)
        hocr = open_format("hocr", _about(options))
        end = hocr.end(Document(source=input_file.name, engine=_reader(options).engine()))
        output_hocr.write_text(hocr.page(input_file.name, page) + end, encoding="utf-8")
        output_text.write_text(_text(page), encoding="utf-8")

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: OcrOptions) -> None:
        """Read a page image and write a PDF of its text alone, for ``--pdf-renderer sandwich``."""
        page = _read(input_file, options)
        (width, height), dpi = _size_of(input_file)
        with output_pdf.open("wb") as file:
            pdf = ScanPdf(file, _about(options))
            pdf.text_page(page, (width * 72 / dpi, height * 72 / dpi), _FONT)
            pdf.end("")
        output_text.write_text(_text(page), encoding="utf-8")


def _reader(options: OcrOptions) -> Reader:
    try:
        return reader_for(reading_config(options))
    except NordocrError as error:
        raise _translated(error) from error


def _read(image: Path, options: OcrOptions) -> Page:
    reader = _reader(options)
    try:
        [page] = reader.pages(image)
    except NordocrError as error:
        raise _translated(error) from error
    _log.debug("%s: %d lines, confidence %.2f", image.name, len(page.lines), page.confidence)
    return page


def _layout(image: Path, options: OcrOptions) -> Layout:
    reader = _reader(options)
    try:
        [prepared] = reader.preparation.pages(image, reader.recognizer)
    except NordocrError as error:
        raise _translated(error) from error
    return prepared.layout


def _translated(error: NordocrError) -> ExitCodeException:
    """The error as one that OCRmyPDF reports in a sentence, with an exit code of its own."""
    missing = isinstance(error, EngineUnavailable | ModelMissing)
    return MissingDependencyError(str(error)) if missing else InputFileError(str(error))


def _size_of(image: Path) -> tuple[tuple[int, int], float]:
    """The width and height of an image in pixels, and its resolution across."""
    with Image.open(image) as opened:
        dpi = float(opened.info.get("dpi", (0.0, 0.0))[0])
        return opened.size, dpi if dpi > 1 else DEFAULT_DPI


def _text(page: Page) -> str:
    return page.text + "\n" if page.text else ""


def _about(options: OcrOptions) -> About:
    return About(_reader(options).engine(), tag(options))
