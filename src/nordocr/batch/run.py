"""The supervisor of a batch: feeds the pool, writes the journal, tries again, and stops in order."""

from __future__ import annotations

import heapq
import itertools
import logging
import shutil
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nordocr.batch.journal import Journal
from nordocr.batch.layout import result_files, result_stem
from nordocr.batch.lister import Lister
from nordocr.batch.lock import only_one
from nordocr.batch.options import BatchOptions, Progress
from nordocr.batch.pool import Event, Lost, Pool
from nordocr.batch.spool import Spool
from nordocr.batch.tasks import TIME_LIMIT, WORKER_KILLED, Finished, Outcome, PageRead, Task, WorkerSettings
from nordocr.config import ReadingConfig
from nordocr.errors import OutputUnwritable
from nordocr.formats.writing import suffix_of

_log = logging.getLogger(__name__)

# How often the loop looks at the clock and at whether it shall stop.
_TICK: Final = 0.25
# Times that a document may kill its worker.
_KILLS: Final = 2


@dataclass(eq=False)
class _Document:
    address: str
    tries: int = 0
    alone: bool = False


class Batch:
    """One run over many documents. What an earlier run on the same folder did is not done again.

    Args:
        inputs: What :func:`nordocr.batch.listing.documents` lists.
        settings: What every worker is told.
        options: How the batch is run.
        on_progress: Told several times a second where the run stands.
        on_failure: Told of each document that failed: its address and what became of it.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        settings: WorkerSettings,
        options: BatchOptions,
        on_progress: Callable[[Progress], None] | None = None,
        on_failure: Callable[[str, Outcome], None] | None = None,
    ) -> None:
        self.progress = Progress()
        self._inputs, self._settings, self._options = inputs, settings, options
        self._on_progress, self._on_failure = on_progress, on_failure
        self._formats = [(name, suffix_of(name)) for name in options.formats]
        self._numbers = itertools.count(1)
        self._in_hand: dict[int, _Document] = {}
        self._alone: deque[_Document] = deque()
        self._later: list[tuple[float, int, _Document]] = []
        self._draining = self._stopping = False
        self._staging = options.output

    def drain(self) -> None:
        """Start no more documents; end when those in hand are read. May be called by a signal handler."""
        self._draining = True

    def stop(self) -> None:
        """End at once: documents in hand are read again by the next run. May be called by a signal handler."""
        self._draining = self._stopping = True

    def run(self) -> Progress:
        """Read everything that is left to read.

        Raises:
            UsageError: Another run is at work on the folder, or an earlier one had other settings.
            OutputUnwritable: The journal cannot be written.
            NordocrError: The recogniser cannot be opened.
        """
        options = self._options
        journal_file = options.journal_file
        lock = journal_file.with_name(journal_file.name + ".lock")
        with only_one(lock, str(options.output)), Journal(journal_file) as journal:
            journal.settle("settings", lasting_settings(self._settings.config, options))
            scratch = _emptied(journal_file.with_name(journal_file.name + ".scratch"))
            self._staging = _emptied(options.output / f".staging-{journal_file.name}")
            spool = Spool()
            lister = Lister(
                self._inputs, journal_file, spool, options.output, options.shard, retry=options.retry_failed
            )
            lister.start()
            try:
                if self._anything(lister, spool):
                    self._read(journal, replace(self._settings, scratch=scratch), lister, spool)
            finally:
                lister.stop()
                lister.join()
                spool.close()
                shutil.rmtree(scratch, ignore_errors=True)
                shutil.rmtree(self._staging, ignore_errors=True)
        lister.check()
        return self.progress

    def _anything(self, lister: Lister, spool: Spool) -> bool:
        """Wait for the first document to read; False where there is none, so that no worker need be started."""
        while not len(spool) and not lister.complete and not self._draining:
            time.sleep(0.01)
            self._look(lister, spool)
        self._look(lister, spool)
        return bool(len(spool)) and not self._draining

    def _read(self, journal: Journal, settings: WorkerSettings, lister: Lister, spool: Spool) -> None:
        pool = Pool(settings, self._options.workers, self._options.memory)
        try:
            self._loop(journal, pool, lister, spool)
        finally:
            pool.close(kill=bool(self._in_hand))
            self.progress.replaced = pool.replaced
            self._look(lister, spool)

    def _look(self, lister: Lister, spool: Spool) -> None:
        told = self.progress
        told.listed, told.listing = lister.listed, not lister.complete
        told.in_hand = len(self._in_hand)
        told.waiting = len(spool) + len(self._alone) + len(self._later)

    def _loop(self, journal: Journal, pool: Pool, lister: Lister, spool: Spool) -> None:
        started = time.monotonic()
        settled = False
        while True:
            complete = lister.complete  # before the spool is looked at: what it puts in first is then seen
            if pool.engine is not None and not settled:
                journal.settle("engine", pool.engine.model_dump(mode="json", exclude={"nordocr"}))
                started, settled = time.monotonic(), True
            if settled and not self._draining:
                self._feed(journal, pool, spool)
            if self._stopping or (not self._in_hand and (self._draining or self._is_over(complete, spool))):
                return
            for event in pool.events(_TICK):
                self._handle(event, journal)
            self.progress.replaced, self.progress.seconds = pool.replaced, time.monotonic() - started
            self._look(lister, spool)
            if self._on_progress is not None:
                self._on_progress(self.progress)

    def _is_over(self, complete: bool, spool: Spool) -> bool:
        return complete and not len(spool) and not self._alone and not self._later

    def _feed(self, journal: Journal, pool: Pool, spool: Spool) -> None:
        while self._alone and pool.room(alone=True):
            self._start(self._alone.popleft(), journal, pool)
        reserve = bool(self._alone)
        while pool.room(reserve=reserve):
            document = self._next(spool)
            if document is None:
                return
            if any(other.address == document.address for other in self._in_hand.values()):
                continue  # it was named twice
            self._start(document, journal, pool, reserve=reserve)

    def _next(self, spool: Spool) -> _Document | None:
        if self._later and self._later[0][0] <= time.monotonic():
            return heapq.heappop(self._later)[2]
        found = spool.take()
        return None if found is None else _Document(found[0])

    def _start(self, document: _Document, journal: Journal, pool: Pool, *, reserve: bool = False) -> None:
        options = self._options
        number = next(self._numbers)
        targets = result_files(options.output, document.address, self._formats)
        journal.begin(document.address, result_stem(document.address))
        if options.retry_failed and not document.tries and not document.alone:
            journal.pardon(document.address)
        self._in_hand[number] = document
        staging = self._staging / str(number)
        task = Task(
            number,
            document.address,
            targets,
            staging,
            language=options.language,
            limit=options.limit,
            fields=options.fields,
        )
        pool.start(task, alone=document.alone, reserve=reserve)

    def _handle(self, event: Event, journal: Journal) -> None:
        if isinstance(event, PageRead):
            return
        if isinstance(event, Lost):
            shutil.rmtree(self._staging / str(event.task.number), ignore_errors=True)
            document = self._in_hand.pop(event.task.number, None)
            if document is not None:
                self._lost(document, event, journal)
            return
        document = self._in_hand.pop(event.number, None)
        if document is not None:
            self._finished(document, event, journal)

    def _finished(self, document: _Document, event: Finished, journal: Journal) -> None:
        outcome = event.outcome
        if not outcome.done and not outcome.pages and not outcome.hopeless and document.tries < self._options.retries:
            document.tries += 1
            _log.info("%s is tried again: %s", document.address, outcome.error)
            heapq.heappush(self._later, (time.monotonic() + 2.0**document.tries, event.number, document))
            return
        journal.finish(document.address, outcome)
        self.progress.pages += outcome.pages
        if outcome.done:
            self.progress.documents += 1
        else:
            self.progress.failed += 1
            self._tell(document, outcome)

    def _lost(self, document: _Document, event: Lost, journal: Journal) -> None:
        """A worker is gone: the document is to blame if it was alone or late; else it is read again, by itself."""
        if event.late and event.alone:
            said = f"{document.address} took longer than the limit of {self._options.limit:g} s."
            journal.finish(document.address, outcome := Outcome(TIME_LIMIT, said))
            self.progress.failed += 1
            self._tell(document, outcome)
            return
        if not event.late:
            kills = journal.kill(document.address)
            if kills >= _KILLS and event.alone:
                said = f"The worker process died while reading {document.address}, {kills} times."
                journal.set_aside(document.address, outcome := Outcome(WORKER_KILLED, said))
                self.progress.aside += 1
                self._tell(document, outcome)
                return
            document.alone = True
            self._alone.append(document)
            return
        heapq.heappush(self._later, (0.0, event.task.number, document))

    def _tell(self, document: _Document, outcome: Outcome) -> None:
        if self.progress.first_error is None:
            self.progress.first_error = (outcome.error_class, outcome.error)
        if self._on_failure is not None:
            self._on_failure(document.address, outcome)


def lasting_settings(config: ReadingConfig, options: BatchOptions) -> dict[str, Any]:
    """Return the settings that all results of a folder have in common; a new version of nordocr goes on with them."""
    keys = ("lm", "char_boxes", "keep_dropped", "turn_pages", "drop_scribbles", "max_input_width")
    known: dict[str, Any] = {key: getattr(config, key) for key in keys}
    known |= {"lang": list(config.lang), "format": ",".join(sorted(options.formats))}
    return known | {"language": options.language, "fields": options.fields}


def _emptied(folder: Path) -> Path:
    """Make a folder; what a killed run has left in it goes."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputUnwritable(f"{folder} cannot be made: {error.strerror}.") from error
    return folder
