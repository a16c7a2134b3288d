"""The bridge from the event loop to the worker processes: a thread that feeds the pool from two queues."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from nordocr.batch.pool import Event, Lost, Pool
from nordocr.batch.tasks import TIME_LIMIT, WORKER_KILLED, Finished, Outcome, PageRead, Task, WorkerSettings
from nordocr.errors import NordocrError
from nordocr.results import Engine
from nordocr.serve.metrics import Metrics

_log = logging.getLogger(__name__)

_TICK: Final = 0.5
_KILLS: Final = 2


@dataclass(eq=False)
class _Asked:
    task: Task
    answer: Callable[[Outcome], None]
    on_page: Callable[[int], None] | None
    urgent: bool
    since: float
    kills: int = 0
    dropped: bool = False


class Busy(Exception):
    """Too much waits already. ``seconds``: when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__("busy")
        self.seconds = seconds


class Readers:
    """Worker processes for the service. Requests go before jobs; a document never harms another.

    Args:
        settings: What every worker is told.
        workers: How many.
        memory: Bytes from which a worker is replaced.
        max_waiting: Requests that may wait for a worker.
        metrics: Where batches, stages and pages are counted.
    """

    def __init__(
        self, settings: WorkerSettings, workers: int, memory: int | None, max_waiting: int, metrics: Metrics
    ) -> None:
        self.failed: NordocrError | None = None
        self.engine: Engine | None = None
        self._settings, self._workers, self._memory = settings, workers, memory
        self._max_waiting, self._metrics = max_waiting, metrics
        self._numbers = itertools.count(1)
        self._changed = threading.Lock()
        self._urgent: deque[_Asked] = deque()
        self._patient: deque[_Asked] = deque()
        self._again: deque[_Asked] = deque()
        self._in_hand: dict[int, _Asked] = {}
        self._seconds = 1.0  # that a request takes, as a moving average
        self._ending = False
        self._pool: Pool | None = None
        self._thread = threading.Thread(target=self._run, name="nordocr-readers", daemon=True)

    def start(self) -> None:
        """Start the workers."""
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether a worker can read."""
        return self._pool is not None and self._pool.ready > 0 and not self._ending and self.failed is None

    @property
    def waiting(self) -> int:
        """Requests that wait for a worker."""
        return len(self._urgent)

    @property
    def free_for_jobs(self) -> bool:
        """Whether another job can be handed over: few are kept here, the others wait in their file."""
        return len(self._patient) < 2 * self._workers

    def check_room(self) -> None:
        """Raise :class:`Busy` where as many requests wait as may."""
        if len(self._urgent) >= self._max_waiting + self._free_slots():
            raise Busy(self.retry_after())

    def retry_after(self) -> int:
        """Seconds until about half of those who wait now will have been read."""
        slots = max(1, self._workers * self._settings.at_once)
        return max(1, min(60, round((len(self._urgent) + len(self._in_hand)) * self._seconds / slots / 2)))

    async def read(self, task: Task) -> Outcome:
        """Read a request's document. Raises :class:`Busy`; cancelled, it takes the document off the queue."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()

        def answer(outcome: Outcome) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, outcome)

        def settle(outcome: Outcome) -> None:
            if not future.done():
                future.set_result(outcome)

        self.check_room()
        asked = self._put(self._urgent, task, answer, None, urgent=True)
        try:
            return await future
        finally:
            asked.dropped = True

    def read_later(
        self, task: Task, answer: Callable[[Outcome], None], on_page: Callable[[int], None]
    ) -> Callable[[], None]:
        """Read a job's document when no request waits; the functions are called from the readers' thread.

        Returns:
            A function that drops the job if it has not been begun.
        """
        asked = self._put(self._patient, task, answer, on_page, urgent=False)

        def drop() -> None:
            asked.dropped = True

        return drop

    def close(self, seconds: float = 30.0) -> None:
        """End the workers: what they have in hand is finished, within the given time."""
        self._ending = True
        self._wake()
        self._thread.join(seconds)

    def _put(
        self,
        queue: deque[_Asked],
        task: Task,
        answer: Callable[[Outcome], None],
        on_page: Callable[[int], None] | None,
        *,
        urgent: bool,
    ) -> _Asked:
        asked = _Asked(replace(task, number=next(self._numbers)), answer, on_page, urgent, time.monotonic())
        queue.append(asked)
        self._wake()
        return asked

    def _wake(self) -> None:
        with self._changed:
            if self._pool is not None and self._thread.is_alive():
                self._pool.wake()

    def _free_slots(self) -> int:
        return max(0, self._workers * self._settings.at_once - len(self._in_hand))

    def _run(self) -> None:
        try:
            with self._changed:
                self._pool = pool = Pool(self._settings, self._workers, self._memory)
            try:
                while not (self._ending and not self._in_hand):
                    for event in pool.events(_TICK):
                        self._handle(event)
                    self.engine = pool.engine
                    self._metrics.memory.set(pool.memory())
                    self._feed(pool)
            finally:
                with self._changed:
                    self._pool = None
                pool.close(kill=bool(self._in_hand))
        except NordocrError as error:
            self.failed = error
            _log.error("the service cannot read: %s", error)
        except Exception:
            self.failed = NordocrError("The readers have ended.")
            _log.exception("the readers' thread ended")
        for asked in [*self._urgent, *self._patient, *self._in_hand.values()]:
            if asked.urgent:
                asked.answer(Outcome("Unavailable", "The service is ending."))

    def _feed(self, pool: Pool) -> None:
        if self._ending:
            return
        while self._again and pool.room(alone=True):
            self._start(pool, self._again.popleft(), alone=True)
        reserve = bool(self._again)
        for queue in (self._urgent, self._patient):
            while queue and pool.room(reserve=reserve):
                asked = queue.popleft()
                if not asked.dropped:
                    self._start(pool, asked, reserve=reserve)

    def _start(self, pool: Pool, asked: _Asked, *, alone: bool = False, reserve: bool = False) -> None:
        if asked.urgent and not asked.kills:
            self._metrics.stages.labels("queue").observe(time.monotonic() - asked.since)
        self._in_hand[asked.task.number] = asked
        pool.start(asked.task, alone=alone, reserve=reserve)

    def _handle(self, event: Event) -> None:
        if isinstance(event, PageRead):
            asked = self._in_hand.get(event.number)
            if asked is not None and asked.on_page is not None:
                asked.on_page(event.index)
        elif isinstance(event, Finished):
            self._metrics.count(event)
            self._answer(event.number, event.outcome)
        else:
            self._lost(event)

    def _lost(self, event: Lost) -> None:
        asked = self._in_hand[event.task.number]
        if event.late and event.alone:
            self._answer(event.task.number, Outcome(TIME_LIMIT, f"{event.task.name} took too long to read."))
            return
        asked.kills += not event.late
        if asked.kills >= _KILLS and event.alone:
            self._answer(event.task.number, Outcome(WORKER_KILLED, f"{event.task.name} cannot be read."))
            return
        del self._in_hand[event.task.number]
        asked.task = replace(asked.task, number=next(self._numbers))
        (self._again if asked.kills else self._urgent).append(asked)

    def _answer(self, number: int, outcome: Outcome) -> None:
        asked = self._in_hand.pop(number)
        if asked.urgent:
            self._seconds += 0.1 * (outcome.seconds - self._seconds)
        if outcome.error_class:
            self._metrics.errors.labels(outcome.error_class).inc()
        asked.answer(outcome)
