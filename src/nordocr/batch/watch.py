"""A folder that scanners write to: each file is read once it is complete, its original moved out of the way.

There is no journal: what is in the inbox is to be read. Results are written before the original is moved, and their
names hold the content's checksum, so that a file whose results were written just before a crash is read again to the
same names.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nordocr.batch.lock import only_one
from nordocr.batch.pool import Lost, Pool
from nordocr.batch.tasks import TIME_LIMIT, WORKER_KILLED, Finished, Outcome, Task, WorkerSettings
from nordocr.errors import InputMissing
from nordocr.files import write_whole
from nordocr.formats.writing import suffix_of
from nordocr.pages import SUFFIXES

_log = logging.getLogger(__name__)

_KILLS: Final = 2
_TRIES: Final = 3
# Seconds before another try, times the number of tries so far.
_PAUSE: Final = 5.0
_STAGING: Final = ".nordocr-staging"


@dataclass(frozen=True)
class WatchOptions:
    """How a folder is watched.

    Attributes:
        formats: The formats of the results.
        language: The language that formats name, as a BCP 47 tag.
        workers: Worker processes.
        memory: Bytes from which a worker is replaced.
        limit: Seconds a document may take; None for no limit.
        settle: Seconds that a file must not have changed to count as complete.
        poll: Seconds between two looks at the folder.
        once: End when everything in the folder has been read.
    """

    formats: Sequence[str] = ("json",)
    language: str | None = None
    workers: int = 1
    memory: int | None = None
    limit: float | None = 600.0
    settle: float = 2.0
    poll: float = 1.0
    once: bool = False


@dataclass(eq=False)
class _File:
    path: Path
    folder: Path  # of its results and its original, below the output folder
    name: str
    tries: int = 0
    kills: int = 0
    alone: bool = False
    due: float = 0.0


class Watch:
    """Reads what appears in ``inbox``; results and originals go to ``output``.

    ``OUTPUT/YEAR-MONTH/NAME-CHECKSUM.SUFFIX`` are the results, by the month in which the file was last changed; its
    original goes to ``originals`` beside them, or with a text that says why to ``failed``.

    Args:
        inbox: The folder to watch, with the folders below it.
        output: The folder for results and originals.
        settings: What every worker is told.
        options: How the folder is watched.
        on_end: Told of each file that has been read or has failed, and of what became of it.

    Raises:
        InputMissing: There is no such folder.
    """

    def __init__(
        self,
        inbox: Path,
        output: Path,
        settings: WorkerSettings,
        options: WatchOptions,
        on_end: Callable[[Path, Outcome], None] | None = None,
    ) -> None:
        if not inbox.is_dir():
            raise InputMissing(f"There is no folder {inbox}.")
        self._inbox, self._output, self._settings, self._options = inbox, output, settings, options
        self._on_end = on_end
        self._numbers = itertools.count(1)
        self._seen: dict[Path, tuple[int, int, float]] = {}
        self._waiting: list[_File] = []
        self._in_hand: dict[int, _File] = {}
        self._draining = self._stopping = False

    def drain(self) -> None:
        """End when the files in hand are read. May be called by a signal handler."""
        self._draining = True

    def stop(self) -> None:
        """End at once; files in hand stay in the inbox. May be called by a signal handler."""
        self._draining = self._stopping = True

    def run(self) -> None:
        """Watch until told to end.

        Raises:
            UsageError: Another process watches for this output folder.
            OutputUnwritable: The output folder cannot be written.
            NordocrError: The recogniser cannot be opened.
        """
        with only_one(self._output / ".watch.lock", str(self._output)):
            shutil.rmtree(self._output / _STAGING, ignore_errors=True)
            pool = Pool(self._settings, self._options.workers, self._options.memory)
            try:
                self._loop(pool)
            finally:
                pool.close(kill=bool(self._in_hand))
                shutil.rmtree(self._output / _STAGING, ignore_errors=True)

    def _loop(self, pool: Pool) -> None:
        looked = 0.0
        while True:
            now = time.monotonic()
            if not self._draining and now - looked >= self._options.poll:
                looked = now
                self._look(now)
            if not self._draining:
                self._feed(pool, now)
            idle = not self._in_hand and (
                self._draining or (self._options.once and not self._waiting and not self._seen)
            )
            if self._stopping or idle:
                return
            for event in pool.events(min(0.25, self._options.poll)):
                if isinstance(event, Lost):
                    self._lost(event)
                elif isinstance(event, Finished) and event.number in self._in_hand:
                    self._ended(self._in_hand.pop(event.number), event.outcome)

    def _look(self, now: float) -> None:
        """Take up files that have not changed for a while; forget those that are gone."""
        known = {file.path for file in [*self._waiting, *self._in_hand.values()]}
        there: set[Path] = set()
        for top, folders, names in os.walk(self._inbox):
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and Path(top, name) != self._output
            )
            for name in sorted(names):
                path = Path(top, name)
                if name.startswith((".", "~")) or path.suffix.lower() not in SUFFIXES or path in known:
                    continue
                try:
                    status = path.stat()
                except OSError:
                    continue
                there.add(path)
                before = self._seen.get(path)
                if before is None or before[:2] != (status.st_size, status.st_mtime_ns):
                    self._seen[path] = (status.st_size, status.st_mtime_ns, now)
                elif now - before[2] >= self._options.settle and status.st_size:
                    self._take(path, status.st_mtime)
        for path in self._seen.keys() - there:
            del self._seen[path]

    def _take(self, path: Path, changed: float) -> None:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:  # the scanner still holds it, as Windows says; the next look tries again
            return
        del self._seen[path]
        folder = self._output / time.strftime("%Y-%m", time.localtime(changed))
        self._waiting.append(_File(path, folder, f"{path.stem}-{digest[:12]}"))

    def _feed(self, pool: Pool, now: float) -> None:
        for file in [file for file in self._waiting if file.due <= now]:
            reserve = not file.alone and any(other.alone and other.due <= now for other in self._waiting)
            if not pool.room(alone=file.alone, reserve=reserve):
                continue
            self._waiting.remove(file)
            number = next(self._numbers)
            targets = tuple((kind, file.folder / f"{file.name}{suffix_of(kind)}") for kind in self._options.formats)
            task = Task(
                number,
                str(file.path),
                targets,
                self._output / _STAGING / str(number),
                name=file.path.name,
                language=self._options.language,
                limit=self._options.limit,
            )
            self._in_hand[number] = file
            pool.start(task, alone=file.alone, reserve=reserve)

    def _lost(self, event: Lost) -> None:
        file = self._in_hand.pop(event.task.number)
        shutil.rmtree(self._output / _STAGING / str(event.task.number), ignore_errors=True)
        if event.late and event.alone:
            self._ended(file, Outcome(TIME_LIMIT, f"{file.path.name} took longer than {self._options.limit:g} s."))
            return
        file.kills += not event.late
        if file.kills >= _KILLS and event.alone:
            self._ended(file, Outcome(WORKER_KILLED, f"The worker process died twice while reading {file.path.name}."))
            return
        file.alone = bool(file.kills)
        self._waiting.append(file)

    def _ended(self, file: _File, outcome: Outcome) -> None:
        file.tries += 1
        passing = not (outcome.done or outcome.pages or outcome.hopeless or outcome.error_class == WORKER_KILLED)
        # A full disk is no fault of the file: it stays until there is room.
        if passing and (file.tries < _TRIES or outcome.error_class == "OutputUnwritable"):
            _log.warning("%s is tried again: %s", file.path, outcome.error)
            file.due = time.monotonic() + _PAUSE * min(file.tries, 12)
            self._waiting.append(file)
            return
        if file.path.exists():
            self._put_away(file, outcome)
        if self._on_end is not None:
            self._on_end(file.path, outcome)

    def _put_away(self, file: _File, outcome: Outcome) -> None:
        folder = file.folder / ("originals" if outcome.done else "failed")
        target = folder / f"{file.name}{file.path.suffix.lower()}"
        try:
            if not outcome.done:
                write_whole(folder / f"{file.name}.error.txt", f"{outcome.error_class}: {outcome.error}\n")
            move(file.path, target)
        except OSError as error:
            _log.warning("%s cannot be moved to %s: %s", file.path, target, error.strerror)
            self._seen[file.path] = (-1, -1, time.monotonic())


def move(source: Path, target: Path) -> None:
    """Move a file, also to another file system; it is never under the new name in half.

    Raises:
        OSError: It cannot be moved; it is still under the old name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV and getattr(error, "winerror", None) != 17:
            raise
        partial = target.with_name(f".{target.name}.part")
        shutil.copy2(source, partial)
        os.replace(partial, target)
        source.unlink()
