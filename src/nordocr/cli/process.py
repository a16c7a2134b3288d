"""``nordocr process``: read files and folders of scanned pages."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.console import configure_logging, quiet_libraries, report
from nordocr.cli.options import LogLevel, PageOptions, reading_options
from nordocr.cli.process_jobs import plan
from nordocr.cli.process_run import read_all
from nordocr.errors import UsageError
from nordocr.formats import FORMATS
from nordocr.pages import parse_selection


@reading_options
def process(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="Files to read, or folders to search.")],
    reading: PageOptions,
    output_format: Annotated[
        str, typer.Option("--format", "-f", help=f"Output format: {', '.join(FORMATS)}.")
    ] = "text",
    pages: Annotated[str | None, typer.Option(help="Pages of each file, counted from 1: 1,3-5,9-")] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write one result file per input to this folder (default: stdout)."),
    ] = None,
    visualize: Annotated[
        Path | None, typer.Option(help="Write a picture of each page with boxes, order and text to this folder.")
    ] = None,
    keep_layout: Annotated[
        bool, typer.Option("--keep-layout", help="Keep rows and columns in place in text output.")
    ] = False,
    char_boxes: Annotated[bool, typer.Option("--char-boxes", help="Add a box for each character to JSON.")] = False,
    log_level: LogLevel = "warning",
) -> None:
    """Read scanned pages and write their text.

    A failure is one sentence on standard error; the other inputs are still read, and the exit code is that of the first
    failure.
    """
    if output_format not in FORMATS:
        raise UsageError(f"There is no format {output_format!r}; the formats are {', '.join(FORMATS)}.")
    if keep_layout and output_format not in {"text", "layout"}:
        raise UsageError(f"--keep-layout needs a text format; {output_format} always has positions.")
    output_format = "layout" if keep_layout else output_format
    selection = parse_selection(pages) if pages is not None else None
    configure_logging(log_level)
    config = reading.settings(char_boxes=char_boxes or None)
    jobs, failures = plan(inputs, output, FORMATS[output_format]().suffix, visualize)
    for failure in failures:
        report(failure)
    with contextlib.nullcontext() if log_level == "debug" else quiet_libraries():
        failures += read_all(jobs, config, selection, output_format) if jobs else []
    if failures:
        raise typer.Exit(failures[0].exit_code)
