"""``nordocr process``: files and folders of scanned pages to text or JSON."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nordocr.cli.console import progress_bar, quiet_libraries, report, whole_file
from nordocr.config import ReadingConfig, load_config, parse_config
from nordocr.errors import InputMissing, NordocrError, UsageError
from nordocr.formats import FORMATS
from nordocr.pages import SUFFIXES, Selection, parse_selection

if TYPE_CHECKING:
    from rich.progress import Progress

    from nordocr.pipeline import Reader
    from nordocr.results import Page

_LEVELS = ("debug", "info", "warning", "error")
_log = logging.getLogger("nordocr")


@dataclass(frozen=True)
class Job:
    """One input, and the file its result goes to; None is stdout."""

    source: Path
    target: Path | None


def process(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="Files, or folders to search for them.")],
    output_format: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "text",
    pages: Annotated[str | None, typer.Option(help="Pages of each file, from 1: 1,3-5,9-")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for one result file an input; else stdout.")] = None,
    config: Annotated[Path | None, typer.Option(help="YAML or JSON file of settings; options go before it.")] = None,
    recognizer: Annotated[
        str | None, typer.Option(help="A bundled model's name, an *.onnx or *.safetensors file, or tesseract.")
    ] = None,
    linespec: Annotated[Path | None, typer.Option(help="The LineSpec of a model file that holds none.")] = None,
    detector: Annotated[str | None, typer.Option(help="How lines are found.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of the recogniser; 0 is all cores.")] = None,
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
    selection = parse_selection(pages) if pages is not None else None
    options = {
        "recognizer": recognizer,
        "linespec": linespec,
        "detector": detector,
        "threads": threads,
        "tess_lang": tess_lang,
        "tessdata": tessdata,
    }
    settings = _settings(config, options)
    jobs, failures = plan(inputs, output, FORMATS[output_format]().suffix)
    for failure in failures:
        report(failure)
    with contextlib.nullcontext() if log_level == "debug" else quiet_libraries():
        logging.basicConfig(level=log_level.upper(), format="nordocr: %(message)s", stream=sys.stderr, force=True)
        failures += _read_all(jobs, settings, selection, output_format) if jobs else []
    if failures:
        raise typer.Exit(failures[0].exit_code)


def plan(inputs: list[Path], output: Path | None, suffix: str) -> tuple[list[Job], list[NordocrError]]:
    """The files to read, folders searched, and the failures among ``inputs``.

    A result is called like its source with ``suffix`` for the source's own; of two sources that differ in their
    suffix only, the second keeps it in the result's name. Raises :class:`UsageError` where two results would still
    go to one file.
    """
    jobs: list[Job] = []
    failures: list[NordocrError] = []
    taken: set[Path] = set()
    for given in inputs:
        found = [given]
        if not given.exists():
            failures.append(InputMissing(f"There is no file or folder {given}."))
            continue
        if given.is_dir():
            found = sorted(p for p in given.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                failures.append(InputMissing(f"There is no file to read in the folder {given}."))
        for source in found:
            inner = source.relative_to(given) if given.is_dir() else Path(source.name)
            target = _target(inner, output, suffix, taken) if output is not None else None
            jobs.append(Job(source, target))
    return jobs, failures


def _target(inner: Path, output: Path, suffix: str, taken: set[Path]) -> Path:
    for name in (inner.with_suffix(suffix), inner.with_name(inner.name + suffix)):
        if name not in taken:
            taken.add(name)
            return output / name
    raise UsageError(f"Two inputs called {inner} would both be written to {output / inner.with_suffix(suffix)}.")


def _settings(path: Path | None, options: dict[str, Any]) -> ReadingConfig:
    settings = load_config(path) if path is not None else ReadingConfig()
    said = {key: value for key, value in options.items() if value is not None}
    return parse_config({**settings.model_dump(), **said}, "The command line") if said else settings


def _read_all(jobs: list[Job], settings: ReadingConfig, selection: Selection | None, name: str) -> list[NordocrError]:
    """Read every job and report each failure; the failures in order."""
    from nordocr.pipeline import Reader

    failures: list[NordocrError] = []
    with Reader(settings) as reader, progress_bar() as progress:
        task = progress.add_task("reading", total=len(jobs)) if progress is not None else None
        for job in jobs:
            try:
                with _sink(job, progress) as write:
                    _read_one(reader, job, selection, name, write)
            except NordocrError as error:
                failures.append(error)
                with _paused(progress):
                    report(error)
            if progress is not None and task is not None:
                progress.advance(task)
    return failures


def _read_one(reader: Reader, job: Job, selection: Selection | None, name: str, write: Callable[[str], None]) -> None:
    output = FORMATS[name]()
    source = str(job.source)

    def show(page: Page) -> None:
        write(output.page(source, page))

    document = reader.document(job.source, selection, show)
    write(output.end(document))
    lines = sum(len(page.lines) for page in document.pages)
    _log.info("%s: %d pages, %d lines, %s s", source, len(document.pages), lines, document.timing["total"])


@contextlib.contextmanager
def _sink(job: Job, progress: Progress | None) -> Iterator[Callable[[str], None]]:
    """Where a job's result is written: a file that appears when it is whole, or stdout page by page."""
    if job.target is not None:
        with whole_file(job.target) as file:
            yield lambda text: void(file.write(text))
        return

    def to_stdout(text: str) -> None:
        if text:
            with _paused(progress if sys.stdout.isatty() else None):
                sys.stdout.write(text)
                sys.stdout.flush()

    yield to_stdout


def void(_: object) -> None:
    """Throw a value away."""


@contextlib.contextmanager
def _paused(progress: Progress | None) -> Iterator[None]:
    """Take the progress bar off the terminal while something else is written there."""
    if progress is None:
        yield
        return
    progress.stop()
    try:
        yield
    finally:
        progress.start()
