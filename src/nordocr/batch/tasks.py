"""What the supervisor and its worker processes tell one another. Everything here can be pickled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nordocr import errors
from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Recognizer
from nordocr.recognize.engine import cores
from nordocr.recognize.registry import open_recognizer
from nordocr.recognize.together import Reading
from nordocr.results import Engine

WORKER_KILLED: Final = "WorkerKilled"
"""The error class of a document whose worker process ended while reading it."""

TIME_LIMIT: Final = "TimeLimit"
"""The error class of a document that took longer than it may."""

_NO_CHANCE: Final = frozenset({"InputMissing", "InputUnreadable", "InputTooLarge", "InputEncrypted", TIME_LIMIT})


@dataclass(frozen=True)
class Task:
    """One document to read, and where its results go.

    Attributes:
        number: Tells the task from all others of its pool.
        address: A path, or an address with a scheme, as ``s3://bucket/scan.tif``.
        targets: For each format the file to write, all in one folder.
        staging: A folder of the task's own on the same file system, in which results are written before they are moved
            to their places; whoever made the task removes what a dead worker has left in it.
        name: What results and errors call the document; empty for its address.
        language: The language that formats name, as a BCP 47 tag.
        pages: A file that gets a line of JSON for each page as soon as it is read.
        pictures: A folder that gets a PNG of each page, ``0001.png`` and so on, in which results' boxes lie.
        selection: The pages wanted, counted from 1, as ``1,3-5,9-``.
        limit: Seconds that it may take; None for no limit.
        fields: Find dates, amounts and numbers with check digits; found for the format ``fields`` in any case.
        max_pages: Pages that it may have, where that is fewer than the reading settings allow.
    """

    number: int
    address: str
    targets: tuple[tuple[str, Path], ...]
    staging: Path | None = None
    name: str = ""
    language: str | None = None
    pages: Path | None = None
    pictures: Path | None = None
    selection: str | None = None
    limit: float | None = None
    fields: bool = False
    max_pages: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Attributes:
        error_class: The class of what went wrong; empty where every page was read.
        error: The sentence that says it.
        pages: Pages that were read.
        failed_pages: Pages that could not be read.
        lines: Lines that were read.
        cut: The pages end before the document does: the rest could not be read.
        size: The input's size in bytes, None where it could not be opened.
        sha256: The input's checksum in hexadecimal, empty where it could not be opened.
        seconds: How long it took.
        stages: Seconds by stage.
    """

    error_class: str = ""
    error: str = ""
    pages: int = 0
    failed_pages: int = 0
    lines: int = 0
    cut: bool = False
    size: int | None = None
    sha256: str = ""
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether every page was read and every result written."""
        return not self.error_class

    @property
    def hopeless(self) -> bool:
        """Whether another try would end in the same way: what is wrong is wrong with the input itself."""
        return self.error_class in _NO_CHANCE


@dataclass(frozen=True)
class Ready:
    """A worker has opened its recogniser."""

    engine: Engine


@dataclass(frozen=True)
class Refused:
    """A worker cannot open its recogniser; no other will."""

    error_class: str
    error: str


@dataclass(frozen=True)
class PageRead:
    """One page of a task is read."""

    number: int
    index: int


@dataclass(frozen=True)
class Finished:
    """A task has ended.

    Attributes:
        number: The task.
        outcome: How.
        memory: Resident memory of the worker in bytes; 0 where the system does not tell.
        readings: Calls of the recogniser since the message before.
    """

    number: int
    outcome: Outcome
    memory: int = 0
    readings: tuple[Reading, ...] = ()


def plain_recognizer(config: ReadingConfig) -> Recognizer:
    """Open the recogniser that a configuration asks for. Raises what opening an engine raises."""
    return open_recognizer(config.recognizer, config)


def plain_reader(config: ReadingConfig, recognizer: Recognizer) -> Reader:
    """Return the reader of a worker."""
    return Reader(config, recognizer)


@dataclass(frozen=True)
class WorkerSettings:
    """What every worker of a pool is told once.

    Attributes:
        config: The reading settings.
        at_once: Documents that a worker has in hand at the same time.
        wait: Seconds that lines wait for those of other documents; see :class:`nordocr.recognize.together.Together`.
        scratch: Folder for what is downloaded; None for the system's.
        open_recognizer: Opens the recogniser.
        open_reader: Makes the reader.
    """

    config: ReadingConfig
    at_once: int = 2
    wait: float = 0.005
    scratch: Path | None = None
    open_recognizer: Callable[[ReadingConfig], Recognizer] = plain_recognizer
    open_reader: Callable[[ReadingConfig, Recognizer], Reader] = plain_reader


def error_of(error_class: str, message: str) -> NordocrError:
    """Return the exception that a class name and a message stand for."""
    kind = getattr(errors, error_class, None)
    if isinstance(kind, type) and issubclass(kind, NordocrError):
        return kind(message)
    if error_class == TIME_LIMIT:
        return errors.InputTooLarge(message)
    if error_class in {WORKER_KILLED, "RemoteFailed"}:
        return errors.InputUnreadable(message)
    return NordocrError(message)


def for_workers(config: ReadingConfig, workers: int) -> ReadingConfig:
    """Return the settings of one of several workers, which share the cores out unless the user has set ``threads``."""
    if config.threads or config.device != "cpu":
        return config
    share = max(1, cores() // workers)
    # model_construct(): ``threads`` is not among the keys that the user set, which an engine may refuse.
    return ReadingConfig.model_construct(config.model_fields_set, **{**dict(config), "threads": share})
