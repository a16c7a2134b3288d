"""``nordocr convert``: results that were written as JSON in other formats, without reading again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from nordocr.cli.console import report
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
from nordocr.cli.options import PasswordFile, read_password
from nordocr.config import Limits
from nordocr.correct import load_corrected, merged
from nordocr.correct.files import is_correction
from nordocr.errors import NordocrError, UsageError
from nordocr.fields import with_fields
from nordocr.formats import About, open_format
from nordocr.formats.pdf_options import PdfOptions
from nordocr.formats.writing import Output, TextOutput, suffix_of, writing
from nordocr.pages import Origin
from nordocr.results import Document, read_result


def convert(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="RESULT.json...", help="Results of nordocr process, or NAME.corrected.json.")
    ],
    output_format: Formats = "text",
    language: Language = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write one file per input and format to this folder (default: stdout)."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="The file that was read, where it is no longer where the result says.")
    ] = None,
    fields: Fields = False,
    pdfa: PdfA = False,
    existing_text: ExistingText = None,
    password_file: PasswordFile = None,
) -> None:
    """Write results in other formats, without reading again.

    A failure is one sentence on standard error; the other inputs are still converted, and the exit code is that of the
    first failure.
    """
    names = format_names(output_format, to_stdout=output is None)
    if source is not None and len(inputs) > 1:
        raise UsageError("--source names the file of one result.")
    if fields:
        require_place_for_fields(names)
    pdf = pdf_options(names, pdfa=pdfa, existing_text=existing_text)
    targets = _targets(inputs, output, names)
    password = read_password(password_file)
    failures: list[NordocrError] = []
    for given, files in zip(inputs, targets, strict=True):
        try:
            _convert(given, files, language, source, password, pdf, fields=fields)
        except NordocrError as error:
            failures.append(error)
            report(error)
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _targets(inputs: list[Path], output: Path | None, names: list[str]) -> list[dict[str, Path | None]]:
    """Return the file that each format of each input goes to; None is standard output."""
    if output is None:
        return [dict.fromkeys(names) for _ in inputs]
    targets: list[dict[str, Path | None]] = [
        {name: output / f"{given.stem}{suffix_of(name)}" for name in names} for given in inputs
    ]
    written = [path for files in targets for path in files.values()]
    for number, path in enumerate(written):
        if path in written[:number]:
            raise UsageError(f"Two inputs would both be written to {path}.")
    return targets


def _convert(
    given: Path,
    targets: dict[str, Path | None],
    language: str | None,
    source: Path | None,
    password: str | None,
    pdf: PdfOptions,
    *,
    fields: bool,
) -> None:
    document = _read(given)
    if fields:
        document = document.model_copy(update={"pages": [with_fields(page) for page in document.pages]})
    name = document.source or given.stem
    origin = Origin(name, source or Path(document.source), Limits(), password)
    about = About(document.engine, language)
    for format_name, target in targets.items():
        if target is None:
            _write(TextOutput(open_format(format_name, about), sys.stdout.write), document, origin)
            continue
        with writing(format_name, target, about, pdf) as output:
            _write(output, document, origin)


def _read(given: Path) -> Document:
    """The result, with its corrections where their file was named."""
    if not is_correction(given):
        return read_result(given)
    corrected = load_corrected(given)
    return merged(read_result(corrected.result), corrected.document)


def _write(output: Output, document: Document, origin: Origin) -> None:
    for page in document.pages:
        output.page(page, origin, page.page_index)
    output.end(document)
