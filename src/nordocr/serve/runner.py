"""Hands waiting jobs to the readers, a few at a time, and writes down what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Final

from nordocr.batch.tasks import Outcome, Task
from nordocr.formats.writing import suffix_of
from nordocr.serve.config import ServiceConfig
from nordocr.serve.jobs import Job, JobStore
from nordocr.serve.metrics import Metrics
from nordocr.serve.readers import Readers

_log = logging.getLogger(__name__)

_TICK: Final = 1.0
_CLEAN: Final = 300.0

PAGES: Final = "pages.jsonl"
"""The file in a job's folder that grows by a line a page."""


class JobRunner:
    """Runs the jobs of a store, as a task of the event loop."""

    def __init__(self, store: JobStore, readers: Readers, config: ServiceConfig, metrics: Metrics) -> None:
        self._store, self._readers, self._config, self._metrics = store, readers, config, metrics
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._pages: dict[str, int] = {}
        self._ending = False
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Say that a job waits."""
        self._changed.set()

    async def close(self) -> None:
        """Hand over no more jobs."""
        self._ending = True
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        cleaned = 0.0
        while True:
            try:
                while self._readers.free_for_jobs and (job := await asyncio.to_thread(self._store.next)):
                    self._start(job)
                self._metrics.jobs.set(await asyncio.to_thread(self._store.unfinished))
                if time.monotonic() - cleaned > _CLEAN:
                    cleaned = time.monotonic()
                    before = time.time() - self._config.keep_hours * 3600
                    await asyncio.to_thread(self._store.delete_old, before)
            except Exception:  # a full disk: the next round may find room
                _log.exception("jobs cannot be handed over now")
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _TICK)

    def _start(self, job: Job) -> None:
        folder = self._store.folder_of(job.id)
        task = Task(
            number=0,
            address=str(folder / "input"),
            targets=((job.format, folder / "results" / f"result{suffix_of(job.format)}"),),
            staging=folder / "staging",
            name=job.name,
            language=job.language,
            pages=folder / PAGES,
            selection=job.selection,
            limit=self._config.job_seconds,
            max_pages=self._config.max_job_pages,
        )
        self._pages[job.id] = 0
        self._readers.read_later(task, lambda outcome: self._ended(job.id, outcome), lambda _: self._page(job.id))

    def _page(self, job: str) -> None:
        self._pages[job] = self._pages.get(job, 0) + 1
        self._store.page_read(job, self._pages[job])

    def _ended(self, job: str, outcome: Outcome) -> None:
        """Called from the readers' thread."""
        if self._ending and outcome.error_class == "Unavailable":
            self._store.put_back(job)
            return
        self._store.end(job, outcome)
        self._pages.pop(job, None)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._changed.set)
