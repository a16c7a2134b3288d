"""Run the jobs of ``nordocr process``: one reader, one job after the other, each failure reported."""

from __future__ import annotations

import contextlib
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nordocr.cli.console import by_name, progress_bar, report
from nordocr.cli.process_jobs import Job
from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError
from nordocr.files import replacing, shown
from nordocr.formats import About, open_format
from nordocr.formats.pdf_options import PdfOptions
from nordocr.formats.writing import Output, TextOutput, writing
from nordocr.pages import Origin

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from rich.progress import Progress

    from nordocr.api import Document, Page, Reader

_log = logging.getLogger(__name__)

# Output that is only worth something whole is kept in memory up to this many characters, then in a file.
_KEPT: Final = 8_000_000


def read_all(
    jobs: list[Job],
    settings: ReadingConfig,
    pages: str | None,
    names: Sequence[str],
    language: str | None,
    pdf: PdfOptions,
    *,
    timing: bool = True,
    fields: bool = False,
) -> list[NordocrError]:
    """Read every job and report each failure on standard error.

    Args:
        jobs: The files to read.
        settings: The reading settings.
        pages: The pages of each file that are wanted, as ``1,3-5``; None for all.
        names: The output formats.
        language: The language that formats name, as a BCP 47 tag; None where it is not known.
        pdf: What was chosen about PDF.
        timing: Write the seconds of each stage; without them the same input gives the same bytes.
        fields: Find dates, amounts and numbers with check digits.

    Returns:
        The failures, in order.
    """
    from nordocr.api import Reader

    failures: list[NordocrError] = []
    with Reader(settings) as reader, progress_bar() as progress:
        task = progress.add_task("reading", total=len(jobs)) if progress is not None else None
        about = About(reader.engine, language)
        for job in jobs:
            try:
                wrong: list[NordocrError] = []
                with _outputs(job, names, about, pdf, progress) as outputs:
                    document = _read_one(reader, job, pages, outputs, wrong.append, fields=fields)
                    for output in outputs:
                        output.end(document if timing else document.model_copy(update={"timing": {}}))
            except NordocrError as error:
                wrong.append(error)
            failures += wrong
            for failure in wrong:
                with _paused(progress):
                    report(failure)
            if progress is not None and task is not None:
                progress.advance(task)
    return failures


def _read_one(
    reader: Reader,
    job: Job,
    wanted: str | None,
    outputs: Sequence[Output],
    on_error: Callable[[NordocrError], None],
    *,
    fields: bool,
) -> Document:
    """Read a job's pages into its outputs; return what is to be written behind them."""
    origin = Origin(by_name(shown(job.source)), job.source, reader.config.limits, reader.config.password())
    pages = lines = 0

    def show(page: Page) -> None:
        nonlocal pages, lines
        pages, lines = pages + 1, lines + len(page.lines)
        if page.error:
            page = page.model_copy(update={"error": by_name(page.error)})
        for output in outputs:
            output.page(page, origin, page.page_index)

    def draw(image: npt.NDArray[np.uint8], page: Page) -> None:
        target = job.picture(page.page_index)
        if target is not None:
            save_picture(target, image, page)

    on_image = draw if job.pictures is not None else None
    document = reader.stream(job.source, show, pages=wanted, fields=fields, on_image=on_image, on_error=on_error)
    _log.info("%s: %d pages, %d lines, %s s", origin.name, pages, lines, document.timing["total"])
    return document.model_copy(update={"source": by_name(document.source), "error": by_name(document.error)})


def save_picture(target: Path, image: npt.NDArray[np.uint8], page: Page) -> None:
    """Write the picture of a page as PNG; the file appears when it is complete.

    Raises:
        OutputUnwritable: The file cannot be written.
    """
    from nordocr.formats.picture import picture

    with replacing(target) as partial:
        picture(image, page).save(partial, format="PNG")


@contextlib.contextmanager
def _outputs(
    job: Job, names: Sequence[str], about: About, pdf: PdfOptions, progress: Progress | None
) -> Iterator[list[Output]]:
    """Open the places that a job's results are written to: files that appear when they are complete, or stdout."""
    with contextlib.ExitStack() as stack:
        if job.targets:
            pairs = zip(names, job.targets, strict=True)
            yield [stack.enter_context(writing(name, target, about, pdf)) for name, target in pairs]
        else:
            text = open_format(names[0], about)
            yield [TextOutput(text, stack.enter_context(_stdout(progress, whole=text.whole)))]


@contextlib.contextmanager
def _stdout(progress: Progress | None, *, whole: bool) -> Iterator[Callable[[str], object]]:
    """Write to stdout page by page.

    With ``whole`` it is written only after the last page, so that a failure leaves no half of a result there.
    """
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
        yield kept.write
        kept.seek(0)
        with _paused(shown):
            shutil.copyfileobj(kept, sys.stdout)
            sys.stdout.flush()


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
