"""Run the jobs of ``nordocr process``: one reader, one job after the other, each failure reported."""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nordocr.cli.console import progress_bar, report
from nordocr.cli.process_jobs import Job
from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError
from nordocr.files import replacing, whole_file
from nordocr.formats import FORMATS
from nordocr.pages import PageImage, Selection

if TYPE_CHECKING:
    from rich.progress import Progress

    from nordocr.pipeline.reader import Reader
    from nordocr.results import Page

_log = logging.getLogger(__name__)

# Output that is only worth something whole is kept in memory up to this many characters, then in a file.
_KEPT: Final = 8_000_000


def read_all(jobs: list[Job], settings: ReadingConfig, selection: Selection | None, name: str) -> list[NordocrError]:
    """Read every job and report each failure on standard error.

    Args:
        jobs: The files to read.
        settings: The reading settings.
        selection: The pages of each file that are wanted; None for all.
        name: The output format.

    Returns:
        The failures, in order.
    """
    from nordocr.pipeline.reader import Reader

    failures: list[NordocrError] = []
    with Reader(settings) as reader, progress_bar() as progress:
        task = progress.add_task("reading", total=len(jobs)) if progress is not None else None
        for job in jobs:
            try:
                with _sink(job, progress, whole=FORMATS[name]().whole) as write:
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
    pages = lines = 0

    def show(page: Page) -> None:
        nonlocal pages, lines
        pages, lines = pages + 1, lines + len(page.lines)
        write(output.page(source, page))

    def draw(image: PageImage, page: Page) -> None:
        target = job.picture(image.index)
        if target is not None:
            save_picture(target, image, page)

    document = reader.stream(job.source, show, selection, draw if job.pictures is not None else None)
    write(output.end(document))
    _log.info("%s: %d pages, %d lines, %s s", source, pages, lines, document.timing["total"])


def save_picture(target: Path, image: PageImage, page: Page) -> None:
    """Write the picture of a page as PNG; the file appears when it is complete.

    Raises:
        OutputUnwritable: The file cannot be written.
    """
    from nordocr.formats.picture import picture

    with replacing(target) as partial:
        picture(image.image, page).save(partial, format="PNG")


@contextlib.contextmanager
def _sink(job: Job, progress: Progress | None, *, whole: bool) -> Iterator[Callable[[str], None]]:
    """Open the place a result is written to: a file that appears when it is complete, or stdout page by page.

    With ``whole``, stdout too is written only after the last page, so that a failure leaves no half of a result there.
    """
    if job.target is not None:
        with whole_file(job.target) as file:
            yield lambda text: void(file.write(text))
        return
    shown = progress if sys.stdout.isatty() else None
    if not whole:

        def to_stdout(text: str) -> None:
            if text:
                with _paused(shown):
                    sys.stdout.write(text)
                    sys.stdout.flush()

        yield to_stdout
        return
    with tempfile.SpooledTemporaryFile(_KEPT, "w+", encoding="utf-8", newline="\n") as kept:
        yield lambda text: void(kept.write(text))
        kept.seek(0)
        with _paused(shown):
            shutil.copyfileobj(kept, sys.stdout)
            sys.stdout.flush()


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
