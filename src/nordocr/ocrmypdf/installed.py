"""What OCRmyPDF loads by itself where nordocr is installed: ``ocrmypdf --ocr-engine nordocr``.

Installing nordocr does not change who reads by default; ``--plugin nordocr.ocrmypdf`` does, and then this module steps
back.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from ocrmypdf import hookimpl
from pydantic import BaseModel

from nordocr.ocrmypdf import share_cores, wanted
from nordocr.ocrmypdf.engine import NordocrEngine
from nordocr.ocrmypdf.options import NAME, NordocrOptions, add_arguments, check

if TYPE_CHECKING:
    from ocrmypdf._options import OcrOptions
    from pluggy import PluginManager


@hookimpl
def initialize(plugin_manager: PluginManager) -> None:
    """Step back where the plugin itself was asked for."""
    if plugin_manager.is_registered(sys.modules["nordocr.ocrmypdf"]):
        plugin_manager.unregister(sys.modules[__name__])


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
    """Find wrong settings before the first page."""
    if wanted(options, by_default=False):
        check(options)


@hookimpl
def validate(pdfinfo: Any, options: OcrOptions) -> None:
    """Share the cores among OCRmyPDF's workers."""
    share_cores(len(pdfinfo), options)


@hookimpl
def get_ocr_engine(options: OcrOptions | None) -> NordocrEngine | None:
    """Return the engine where the user asks for it."""
    return NordocrEngine() if wanted(options, by_default=False) else None
