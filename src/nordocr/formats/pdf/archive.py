"""PDF/A-2b (ISO 19005-2): a finished PDF is declared as such where it keeps the rules, or converted by Ghostscript.

pikepdf adds what is missing (a colour profile, XMP, flags of annotations) and checks the file that it wrote. What needs
more, such as fonts that are not in the file or inks, goes through OCRmyPDF to Ghostscript where both are installed.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Final

import pikepdf

from nordocr.errors import EngineUnavailable, InputUnreadable

_log = logging.getLogger(__name__)

_FLAVOUR: Final = "2b"
_DATE: Final = re.compile(rb"\s*<xmp:MetadataDate>[^<]*</xmp:MetadataDate>")
_PRODUCER: Final = re.compile(rb"<pdf:Producer>[^<]*</pdf:Producer>")


def make_pdfa(path: Path, name: str) -> None:
    """Turn a PDF into PDF/A-2b, in place.

    Args:
        path: The PDF.
        name: What errors call it.

    Raises:
        EngineUnavailable: It needs conversion, and OCRmyPDF or a Ghostscript that it trusts is not installed.
        InputUnreadable: Ghostscript cannot convert it either.
    """
    try:
        from pikepdf import pdfa
    except ImportError as error:
        raise EngineUnavailable(f'PDF/A needs {error.name}: pip install "nordocr[pdf]".') from error
    made = path.with_name(f"{path.name}.pdfa")
    try:
        with pikepdf.Pdf.open(path) as pdf, _quiet():
            producer = str(pdf.docinfo.get("/Producer", ""))
            pdfa.prepare(pdf, _FLAVOUR)
            _steady(pdf, producer)
            keywords = pdfa.resolve_save_kwargs(_FLAVOUR, deterministic_id=True)
            pdf.save(made, **keywords)
            report = pdfa.validate_written(made, _FLAVOUR, keywords)
        if not report.passed:
            reason = str(report.findings[0])
            _log.info("%s: %s; converted by Ghostscript", name, reason)
            _convert(path, made, name, reason)
        os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


def _steady(pdf: pikepdf.Pdf, producer: str) -> None:
    """Give the metadata the file's own producer, and take the time of day away: the same file gives the same bytes."""
    metadata: Any = pdf.Root["/Metadata"]
    packet = _DATE.sub(b"", metadata.read_bytes())
    if producer:
        element = f"<pdf:Producer>{escape(producer, quote=False)}</pdf:Producer>".encode()
        packet = _PRODUCER.sub(lambda _: element, packet)
        pdf.docinfo["/Producer"] = pikepdf.String(producer)
    metadata.write(packet)


def _convert(source: Path, target: Path, name: str, reason: str) -> None:
    missing = "" if shutil.which("gs") or shutil.which("gswin64c") else "Ghostscript"
    try:
        import ocrmypdf
    except ImportError:
        missing = " and ".join(filter(None, ("OCRmyPDF", missing)))
    if missing:
        raise EngineUnavailable(f"{name} becomes PDF/A only by conversion, which needs {missing}: {reason}.")
    try:
        ocrmypdf.ocr(
            source,
            target,
            ocr_engine="none",
            skip_text=True,
            output_type="pdfa-2",
            pdfa_backend="ghostscript",
            optimize=0,
            progress_bar=False,
        )
    except ocrmypdf.exceptions.MissingDependencyError as error:  # some versions of Ghostscript lose text
        raise EngineUnavailable(f"{name} cannot be converted to PDF/A: {' '.join(str(error).split())}") from error
    except (ocrmypdf.exceptions.ExitCodeException, pikepdf.PdfError) as error:
        raise InputUnreadable(f"{name} cannot be converted to PDF/A: {error or reason}.") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep fontTools from remarking on the font of two empty glyphs."""
    logger = logging.getLogger("fontTools")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
