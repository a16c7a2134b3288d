"""``nordocr process``: read files and folders of scanned pages."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.console import configure_logging, quiet_libraries, report
from nordocr.cli.formats import (
    ExistingText,
    Fields,
    Formats,
    Language,
    PdfA,
    format_names,
    pdf_options,
    require_place_for_fields,
)
from nordocr.cli.options import LogLevel, PageOptions, reading_options
from nordocr.cli.process_jobs import plan
from nordocr.cli.process_run import read_all
from nordocr.cli.standard_input import inputs_as_paths
from nordocr.errors import UsageError
from nordocr.formats.writing import suffix_of
from nordocr.pages import parse_selection


@reading_options
def process(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders to search, or -: standard input.")
    ],
    reading: PageOptions,
    output_format: Formats = "text",
    language: Language = None,
    pages: Annotated[str | None, typer.Option(help="Pages of each file, counted from 1: 1,3-5,9-")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write one file per input and format to this folder (default: stdout)."),
    ] = None,
    visualize: Annotated[
        Path | None, typer.Option(help="Write a picture of each page with boxes, order and text to this folder.")
    ] = None,
    keep_layout: Annotated[
        bool, typer.Option("--keep-layout", help="Keep rows and columns in place in text output.")
    ] = False,
    pdfa: PdfA = False,
    existing_text: ExistingText = None,
    char_boxes: Annotated[bool, typer.Option("--char-boxes", help="Add a box for each character to JSON.")] = False,
    dropped: Annotated[bool, typer.Option("--dropped", help="List in JSON what was left out, and why.")] = False,
    timing: Annotated[
        bool, typer.Option("--timing/--no-timing", help="Write the seconds of each stage to JSON.")
    ] = True,
    fields: Fields = False,
    log_level: LogLevel = "warning",
) -> None:
    """Read scanned pages and write their text.

    A failure is one sentence on standard error; the other inputs are still read, and the exit code is that of the first
    failure.
    """
    names = format_names(output_format, to_stdout=output is None)
    if keep_layout and not {"text", "layout"} & {*names}:
        raise UsageError(f"--keep-layout needs a text format; {output_format} always has positions.")
    names = ["layout" if keep_layout and name == "text" else name for name in names]
    pdf = pdf_options(names, pdfa=pdfa, existing_text=existing_text)
    if fields:
        require_place_for_fields(names)
    if pages is not None:
        parse_selection(pages)  # what is wrong with it is said before anything is opened
    configure_logging(log_level)
    config = reading.settings(char_boxes=char_boxes or None, keep_dropped=dropped or None)
    if "" in inputs:
        raise UsageError("An input is empty; the working folder is called '.'.")
    with inputs_as_paths(inputs, config.limits.max_bytes) as paths:
        jobs, failures = plan(paths, output, [suffix_of(name) for name in names], visualize)
        for failure in failures:
            report(failure)
        with contextlib.nullcontext() if log_level == "debug" else quiet_libraries():
            failures += (
                read_all(jobs, config, pages, names, language, pdf, timing=timing, fields=fields) if jobs else []
            )
    if failures:
        raise typer.Exit(failures[0].exit_code)
