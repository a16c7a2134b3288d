"""A batch on a Ray cluster: Ray Data shares the documents out to actors that hold the model; the journal stays here.

Ray schedules, restarts actors whose process or node is gone, and runs their documents again. Within an actor documents
are read by a :class:`nordocr.batch.pool.Pool` of one worker, as everywhere, so a document that kills its process or
hangs is found out and set aside there and never kills an actor. Inputs and the output folder must be reachable from all
nodes.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from nordocr.batch.journal import Journal, document_id
from nordocr.batch.layout import result_files, result_stem
from nordocr.batch.lister import Lister
from nordocr.batch.lock import only_one
from nordocr.batch.options import BatchOptions, Progress
from nordocr.batch.pool import Lost, Pool
from nordocr.batch.run import lasting_settings
from nordocr.batch.spool import Spool
from nordocr.batch.tasks import TIME_LIMIT, WORKER_KILLED, Finished, Outcome, Task, WorkerSettings
from nordocr.errors import EngineUnavailable
from nordocr.formats.writing import suffix_of

# Documents that are handed to Ray at once: what is not begun when the driver dies is listed again.
_ROUND: Final = 20_000
_KILLS: Final = 2


@dataclass(frozen=True)
class ClusterOptions:
    """Where and with what a batch runs on Ray.

    Attributes:
        address: The cluster, as ``ray.init`` takes it; None starts one on this machine.
        cpus: Cores of an actor.
        gpus: GPUs of an actor, also a part of one.
        batch_size: Documents that an actor takes at a time.
    """

    address: str | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    batch_size: int = 8


class Actor:
    """Reads documents with one worker process; Ray Data makes one for each place in its pool."""

    def __init__(self, settings: WorkerSettings, options: BatchOptions, staging: Path) -> None:
        self._options, self._staging = options, staging
        self._formats = [(name, suffix_of(name)) for name in options.formats]
        self._pool = Pool(settings, 1, options.memory)

    def __call__(self, rows: dict[str, Any]) -> dict[str, Any]:
        """Read the documents of ``rows["address"]``; their outcomes are in the column ``outcome``, as JSON."""
        options = self._options
        tasks = [
            Task(
                number,
                str(address),
                result_files(options.output, str(address), self._formats),
                self._staging / uuid.uuid4().hex,
                language=options.language,
                limit=options.limit,
                fields=options.fields,
            )
            for number, address in enumerate(rows["address"])
        ]
        outcomes = read_tasks(self._pool, tasks, options.retries)
        engine = self._pool.engine
        assert engine is not None
        return {
            "address": rows["address"],
            "outcome": [json.dumps(asdict(outcomes[task.number])) for task in tasks],
            "engine": [json.dumps(engine.model_dump(mode="json", exclude={"nordocr"}))] * len(tasks),
        }


def read_tasks(pool: Pool, tasks: Sequence[Task], retries: int) -> dict[int, Outcome]:
    """Read documents with a pool that nobody else uses; one that kills its worker twice is given up.

    Returns:
        For each task's number what became of it.

    Raises:
        NordocrError: The recogniser cannot be opened.
    """
    waiting, alone = deque(tasks), deque[Task]()
    kills, tries = dict.fromkeys((t.number for t in tasks), 0), dict.fromkeys((t.number for t in tasks), 0)
    ended: dict[int, Outcome] = {}
    by_number = {task.number: task for task in tasks}
    while len(ended) < len(tasks):
        while alone and pool.room(alone=True):
            pool.start(alone.popleft(), alone=True)
        while waiting and not alone and pool.room():
            pool.start(waiting.popleft())
        for event in pool.events(0.5):
            if isinstance(event, Finished):
                outcome = event.outcome
                passing = not (outcome.done or outcome.pages or outcome.hopeless)
                if passing and tries[event.number] < retries:
                    tries[event.number] += 1
                    waiting.append(by_number[event.number])
                else:
                    ended[event.number] = outcome
            elif isinstance(event, Lost):
                task = event.task
                if task.staging is not None:
                    shutil.rmtree(task.staging, ignore_errors=True)
                kills[task.number] += not event.late
                if event.late and event.alone:
                    said = f"{task.address} took longer than the limit of {task.limit:g} s."
                    ended[task.number] = Outcome(TIME_LIMIT, said)
                elif kills[task.number] >= _KILLS and event.alone:
                    said = f"The worker process died while reading {task.address}, {_KILLS} times."
                    ended[task.number] = Outcome(WORKER_KILLED, said)
                else:
                    (alone if kills[task.number] else waiting).append(task)
    return ended


class ClusterBatch:
    """As :class:`nordocr.batch.run.Batch`, on Ray: the same journal, the same results.

    Args:
        inputs: What :func:`nordocr.batch.listing.documents` lists, as this machine sees it.
        settings: What every worker is told.
        options: How the batch is run; ``workers`` is the number of actors.
        cluster: Where it runs.
        on_progress: Told after each document where the run stands.
        on_failure: Told of each document that failed.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        settings: WorkerSettings,
        options: BatchOptions,
        cluster: ClusterOptions | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_failure: Callable[[str, Outcome], None] | None = None,
    ) -> None:
        self.progress = Progress()
        self._inputs, self._settings = inputs, settings
        self._options = replace(options, output=options.output.absolute())
        self._cluster = cluster or ClusterOptions()
        self._on_progress, self._on_failure = on_progress, on_failure
        self._draining = False

    def drain(self) -> None:
        """End after the documents that have been read; what actors have in hand is read again by the next run."""
        self._draining = True

    stop = drain

    def run(self) -> Progress:
        """Read everything that is left to read.

        Raises:
            EngineUnavailable: Ray is not installed.
            UsageError: Another run is at work on the folder, or an earlier one had other settings.
            OutputUnwritable: The journal cannot be written.
        """
        try:
            import ray
        except ImportError as error:
            raise EngineUnavailable('--engine ray needs ray: pip install "nordocr[ray]".') from error
        options = self._options
        path = options.journal_file
        with only_one(path.with_name(path.name + ".lock"), str(options.output)), Journal(path) as journal:
            journal.settle("settings", lasting_settings(self._settings.config, options))
            staging = options.output / f".staging-{path.name}"
            shutil.rmtree(staging, ignore_errors=True)
            spool = Spool()
            lister = Lister(self._inputs, path, spool, options.output, options.shard, retry=options.retry_failed)
            lister.start()
            try:
                if not ray.is_initialized():
                    ray.init(address=self._cluster.address, log_to_driver=False)
                for addresses in _rounds(lister, spool):
                    if self._draining:
                        break
                    self._read(ray, addresses, staging, journal)
            finally:
                lister.stop()
                lister.join()
                spool.close()
                shutil.rmtree(staging, ignore_errors=True)
        self.progress.listed, self.progress.listing = lister.listed, not lister.complete
        lister.check()
        return self.progress

    def _read(self, ray: Any, addresses: list[str], staging: Path, journal: Journal) -> None:
        for address in addresses:
            journal.begin(address, result_stem(address))
            if self._options.retry_failed:
                journal.pardon(address)
        told = self.progress
        told.waiting = len(addresses)
        size = self._cluster.batch_size
        blocks = max(1, min(len(addresses) // size, 200))
        read = ray.data.from_items(
            [{"address": address} for address in addresses], override_num_blocks=blocks
        ).map_batches(
            Actor,
            batch_size=size,
            compute=ray.data.ActorPoolStrategy(size=self._options.workers),
            num_cpus=self._cluster.cpus,
            num_gpus=self._cluster.gpus,
            fn_constructor_args=(self._settings, self._options, staging),
        )
        for row in read.iter_rows():
            outcome = Outcome(**json.loads(row["outcome"]))
            journal.settle("engine", json.loads(row["engine"]))
            told.waiting -= 1
            told.pages += outcome.pages
            if outcome.error_class == WORKER_KILLED:
                journal.set_aside(row["address"], outcome)
                told.aside += 1
            else:
                journal.finish(row["address"], outcome)
                told.documents += outcome.done
                told.failed += not outcome.done
            if not outcome.done:
                told.first_error = told.first_error or (outcome.error_class, outcome.error)
                if self._on_failure is not None:
                    self._on_failure(row["address"], outcome)
            if self._on_progress is not None:
                self._on_progress(told)
            if self._draining:
                return


def _rounds(lister: Lister, spool: Spool) -> Iterator[list[str]]:
    """The documents to read, as they are listed, each once."""
    seen: set[bytes] = set()
    while True:
        complete = lister.complete
        some: list[str] = []
        while len(some) < _ROUND and (found := spool.take()) is not None:
            key = document_id(found[0])
            if key not in seen:
                seen.add(key)
                some.append(found[0])
        if some:
            yield some
        elif complete:
            return
        else:
            time.sleep(0.05)
