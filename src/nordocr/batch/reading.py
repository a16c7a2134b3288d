"""One document read into its files: what a worker does with a task."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from nordocr.batch.remote import fetched
from nordocr.batch.tasks import Outcome, Task
from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError, OutputUnwritable
from nordocr.fields import find_fields
from nordocr.files import shown, write_whole
from nordocr.formats import About
from nordocr.formats.writing import writing
from nordocr.pages import Origin, PageImage, parse_selection
from nordocr.pipeline.reader import Reader
from nordocr.results import Page


def read_task(reader: Reader, task: Task, on_page: Callable[[int], None], scratch: Path | None = None) -> Outcome:
    """Read a document and write its results, which appear under their names when they are whole.

    Results hold no times, so the same input gives the same bytes. A document with pages that cannot be read is written
    with the others, and the outcome says so.

    Args:
        reader: Reads it.
        task: The document.
        on_page: Told the index of each page as soon as it is read.
        scratch: Folder for what is downloaded.

    Returns:
        The outcome; every :class:`nordocr.errors.NordocrError` is in it.
    """
    started = time.perf_counter()
    size, sha256 = None, ""
    name = shown(task.name or task.address)
    hidden = task.address
    try:
        with fetched(task.address, reader.config.limits, scratch) as path:
            hidden = shown(path)
            with contextlib.suppress(OSError):  # what is wrong with the file, reading it says better
                size, sha256 = path.stat().st_size, _digest(path)
            with _staged(task) as targets:
                outcome = _read(reader, replace(task, targets=targets), path, name, on_page)
    except NordocrError as error:
        kind = type(error).__name__
        outcome = Outcome(kind, str(error).replace(hidden, name))
    except OSError as error:  # a disk that is full or gone, a temporary file that cannot be made
        outcome = Outcome(type(error).__name__, f"{name}: {error.strerror or error}.")
    except MemoryError:
        outcome = Outcome("MemoryError", f"{name} needs more memory than there is.")
    return replace(outcome, size=size, sha256=sha256, seconds=time.perf_counter() - started)


def _read(reader: Reader, task: Task, path: Path, name: str, on_page: Callable[[int], None]) -> Outcome:
    failures: list[NordocrError] = []
    counted = [0, 0, 0]
    if task.max_pages is not None:
        reader = _limited(reader, task.max_pages)
    selection = parse_selection(task.selection) if task.selection is not None else None
    origin = Origin(name, path, reader.config.limits, reader.config.password())
    fields = task.fields or any(kind == "fields" for kind, _ in task.targets)
    about = About(reader.engine(), task.language)
    with contextlib.ExitStack() as stack:
        outputs = [stack.enter_context(writing(kind, target, about)) for kind, target in task.targets]
        lines = stack.enter_context(_lines(task.pages))

        def show(page: Page) -> None:
            counted[0] += not page.error
            counted[1] += bool(page.error)
            counted[2] += len(page.lines)
            if page.error:
                page = page.model_copy(update={"error": page.error.replace(shown(path), name)})
            if fields:
                page = page.model_copy(update={"fields": find_fields(page)})
            for output in outputs:
                output.page(page, origin, page.page_index)
            if lines is not None:
                lines.write(json.dumps(page.model_dump(), ensure_ascii=False) + "\n")
                lines.flush()
            on_page(page.page_index)

        def draw(image: PageImage, page: Page) -> None:
            assert task.pictures is not None
            save_picture(image, task.pictures / f"{page.page_index + 1:04d}.png")

        drawn = draw if task.pictures is not None else None
        document = reader.stream(path, show, selection, drawn, failures.append)
        stages = {**document.timing}
        said = document.error.replace(shown(path), name)
        document = document.model_copy(update={"timing": {}, "source": name, "error": said})
        for output in outputs:
            output.end(document)
    first = failures[0] if failures else None
    return Outcome(
        error_class="" if first is None else type(first).__name__,
        error="" if first is None else str(first).replace(shown(path), name),
        pages=counted[0],
        failed_pages=counted[1] + bool(document.error),
        lines=counted[2],
        cut=bool(document.error),
        stages=stages,
    )


def _limited(reader: Reader, pages: int) -> Reader:
    """The same reader, which refuses documents of more pages."""
    limits = reader.config.limits.model_copy(update={"max_pages": min(pages, reader.config.limits.max_pages)})
    config = ReadingConfig.model_construct(reader.config.model_fields_set, **{**dict(reader.config), "limits": limits})
    return Reader(config, reader.recognizer, reader.preparation.detector)


def save_picture(page: PageImage, target: Path) -> None:
    """Write the pixels of a page as PNG; the file appears when it is whole.

    Raises:
        OutputUnwritable: The file cannot be written.
    """
    import cv2

    image = page.image if page.image.ndim == 2 else page.image[:, :, ::-1]
    _, encoded = cv2.imencode(".png", image)
    write_whole(target, encoded.tobytes())


@contextlib.contextmanager
def _staged(task: Task) -> Iterator[tuple[tuple[str, Path], ...]]:
    """Give the files to write; what has been written to the staging folder is moved at the end of the block."""
    if task.staging is None:
        yield task.targets
        return
    try:
        shutil.rmtree(task.staging, ignore_errors=True)  # of a try whose worker died
        with _written(task):
            task.staging.mkdir(parents=True)
        yield tuple((kind, task.staging / target.name) for kind, target in task.targets)
        with _written(task):
            for folder in {target.parent for _, target in task.targets}:
                folder.mkdir(parents=True, exist_ok=True)
                for file in sorted(task.staging.iterdir()):
                    os.replace(file, folder / file.name)
    finally:
        shutil.rmtree(task.staging, ignore_errors=True)


@contextlib.contextmanager
def _written(task: Task) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputUnwritable(f"The results of {task.address} cannot be written: {error.strerror}.") from error


@contextlib.contextmanager
def _lines(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
