"""The OCRmyPDF plugin: ``ocrmypdf --plugin nordocr.ocrmypdf`` reads with nordocr instead of Tesseract.

This module holds the hooks; :mod:`nordocr.ocrmypdf.installed` is what OCRmyPDF finds by itself. Neither opens a model,
which happens on a worker's first page (:mod:`nordocr.ocrmypdf.readers`).
"""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from ocrmypdf import hookimpl
from ocrmypdf.helpers import available_cpu_count
from pydantic import BaseModel

from nordocr.ocrmypdf.engine import NordocrEngine
from nordocr.ocrmypdf.options import NAME, NordocrOptions, add_arguments, check

if TYPE_CHECKING:
    from ocrmypdf._options import OcrOptions
    from pluggy import PluginManager


@hookimpl
def initialize(plugin_manager: PluginManager) -> None:
    """Let OCRmyPDF work without Tesseract where it is not installed; its plugin would refuse to start."""
    if shutil.which("tesseract") is None:
        plugin_manager.set_blocked("ocrmypdf.builtin_plugins.tesseract_ocr")


@hookimpl
def add_options(parser: ArgumentParser) -> None:
    """Add ``--nordocr-...``, and ``nordocr`` to the engines that ``--ocr-engine`` takes."""
    add_arguments(parser)


@hookimpl
def register_options() -> dict[str, type[BaseModel]]:
    """Return the model of the options' values."""
    return {NAME: NordocrOptions}


@hookimpl
def check_options(options: OcrOptions) -> None:
    """Find wrong settings before the first page.

    Raises:
        BadArgsError: One of the settings is wrong.
    """
    if wanted(options, by_default=True):
        check(options)


@hookimpl
def validate(pdfinfo: Any, options: OcrOptions) -> None:
    """Share the cores among OCRmyPDF's workers: each reads one page at a time."""
    share_cores(len(pdfinfo), options)


@hookimpl
def get_ocr_engine(options: OcrOptions | None) -> NordocrEngine | None:
    """Return the engine, unless the user asks for another."""
    return NordocrEngine() if wanted(options, by_default=True) else None


def wanted(options: OcrOptions | None, *, by_default: bool) -> bool:
    """Decide whether nordocr is to read.

    Args:
        options: OCRmyPDF's options.
        by_default: The answer where the user names no engine.
    """
    named = getattr(options, "ocr_engine", "auto")
    return named == NAME or (named == "auto" and by_default)


def share_cores(pages: int, options: OcrOptions) -> None:
    """Write into the options how many threads a page may use, where the user says nothing of it."""
    jobs = options.jobs or available_cpu_count()
    options.extra_attrs[f"{NAME}_share"] = options.nordocr.share = max(1, jobs // max(1, min(jobs, pages)))
