"""``nordocr process``: files and folders of scanned pages to text or JSON."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from nordocr.cli.console import quiet_libraries, report
from nordocr.cli.process_jobs import plan
from nordocr.cli.process_run import read_all
from nordocr.config import PRESETS, settings
from nordocr.errors import InputMissing, UsageError
from nordocr.formats import FORMATS
from nordocr.pages import parse_selection

_LEVELS = ("debug", "info", "warning", "error")

PASSWORD_VARIABLE: Final = "NORDOCR_PDF_PASSWORD"
"""The environment variable that may hold the password of PDFs: a command line is seen by every user of a machine."""


def process(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="Files, or folders to search for them.")],
    output_format: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "text",
    pages: Annotated[str | None, typer.Option(help="Pages of each file, from 1: 1,3-5,9-")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for one result file an input; else stdout.")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML or JSON file of settings; options go before it.")] = None,
    recognizer: Annotated[
        str | None, typer.Option(help="A bundled model's name, an *.onnx or *.safetensors file, or tesseract.")
    ] = None,
    visualize: Annotated[
        Path | None, typer.Option(help="Folder for a picture of each page with boxes, reading order and text.")
    ] = None,
    keep_layout: Annotated[
        bool, typer.Option("--keep-layout", help="Text in which rows and a table's columns stay where they are.")
    ] = False,
    char_boxes: Annotated[bool, typer.Option("--char-boxes", help="Each character's box too, in JSON.")] = False,
    password_file: Annotated[
        Path | None, typer.Option(help=f"File whose first line opens encrypted PDFs; else ${PASSWORD_VARIABLE}.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help=f"Settings for a machine: {', '.join(PRESETS)}.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="What runs the model: auto, onnx, openvino, tensorrt, torch.")
    ] = None,
    precision: Annotated[str | None, typer.Option(help="auto, f32, bf16, f16 or int8.")] = None,
    device: Annotated[str | None, typer.Option(help="Where models run: cpu or cuda.")] = None,
    linespec: Annotated[Path | None, typer.Option(help="The LineSpec of a model file that holds none.")] = None,
    detector: Annotated[str | None, typer.Option(help="How lines are found: morphology, dbnet or a file.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the recogniser; 0 is all cores.")] = None,
    lang: Annotated[str | None, typer.Option(help="Languages whose letters may be read: sv,en")] = None,
    no_lm: Annotated[bool, typer.Option("--no-lm", help="Read without the language model.")] = False,
    tess_lang: Annotated[str | None, typer.Option(help="Tesseract's languages: swe+eng")] = None,
    tessdata: Annotated[Path | None, typer.Option(help="Folder of Tesseract's language data.")] = None,
    log_level: Annotated[str, typer.Option(help=f"One of {', '.join(_LEVELS)}.")] = "warning",
) -> None:
    """Read scanned pages and write their text.

    A failure is one sentence on stderr; the other inputs are still read, and the exit code is the first failure's.
    """
    if output_format not in FORMATS:
        raise UsageError(f"There is no format {output_format!r}; the formats are {', '.join(FORMATS)}.")
    if log_level not in _LEVELS:
        raise UsageError(f"There is no log level {log_level!r}; the levels are {', '.join(_LEVELS)}.")
    if keep_layout and output_format not in {"text", "layout"}:
        raise UsageError(f"--keep-layout is for text, and {output_format} says where everything is anyway.")
    output_format = "layout" if keep_layout else output_format
    selection = parse_selection(pages) if pages is not None else None
    options = {
        "recognizer": recognizer,
        "preset": preset,
        "engine": engine,
        "precision": precision,
        "device": device,
        "linespec": linespec,
        "detector": detector,
        "threads": threads,
        "lang": lang,
        "lm": "none" if no_lm else None,
        "tess_lang": tess_lang,
        "tessdata": tessdata,
        "char_boxes": char_boxes or None,
        "pdf_password": _password(password_file),
    }
    read = settings(config, options)
    jobs, failures = plan(inputs, output, FORMATS[output_format]().suffix, visualize)
    for failure in failures:
        report(failure)
    with contextlib.nullcontext() if log_level == "debug" else quiet_libraries():
        logging.basicConfig(level=log_level.upper(), format="nordocr: %(message)s", stream=sys.stderr, force=True)
        failures += read_all(jobs, read, selection, output_format) if jobs else []
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _password(path: Path | None) -> str | None:
    """The password of PDFs from a file's first line, else from the environment. Raises :class:`InputMissing`."""
    if path is None:
        return os.environ.get(PASSWORD_VARIABLE) or None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputMissing(f"The password file {path} cannot be read.") from error
    return (text.splitlines() or [""])[0]
