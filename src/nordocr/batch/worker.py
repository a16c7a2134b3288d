"""A worker process: one recogniser, a few documents in hand at the same time."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from nordocr.batch.memory import resident_memory
from nordocr.batch.reading import read_task
from nordocr.batch.tasks import Finished, Outcome, PageRead, Ready, Refused, Task, WorkerSettings
from nordocr.errors import NordocrError
from nordocr.recognize.together import Reading, Together


def work(connection: Connection, settings: WorkerSettings) -> None:
    """Read the tasks that come through ``connection`` until None comes, or the supervisor is gone.

    The supervisor alone decides when a worker ends: signals that a terminal or scheduler sends to all processes are
    ignored here. When the supervisor dies, the connection closes, and the worker ends in the middle of its documents.
    """
    _ignore_signals()
    _silence_libraries()
    worker = _Worker(connection, settings)
    try:
        worker.open()
    except NordocrError as error:
        worker.send(Refused(type(error).__name__, str(error)))
        return
    with contextlib.closing(worker):
        while True:
            try:
                task = connection.recv()
            except (EOFError, OSError):
                os._exit(0)  # no one is left to tell; threads would keep an ordinary exit waiting
            if task is None:
                return
            worker.start(task)


class _Worker:
    def __init__(self, connection: Connection, settings: WorkerSettings) -> None:
        self._connection, self._settings = connection, settings
        self._sending = threading.Lock()
        self._threads = ThreadPoolExecutor(settings.at_once, thread_name_prefix="document")
        self._readings: list[Reading] = []

    def open(self) -> None:
        """Open the recogniser and say so."""
        import cv2

        cv2.setNumThreads(self._settings.config.threads)  # or every worker takes all cores
        recognizer = self._settings.open_recognizer(self._settings.config)
        self._together = Together(recognizer, self._settings.wait, on_read=self._note)
        try:
            self._reader = self._settings.open_reader(self._settings.config, self._together)
        except BaseException:
            self._together.close()
            raise
        self.send(Ready(self._reader.engine()))

    def start(self, task: Task) -> None:
        self._threads.submit(self._run, task)

    def send(self, message: Ready | Refused | PageRead | Finished) -> None:
        with self._sending, contextlib.suppress(OSError):  # the supervisor is gone; the main thread notices
            self._connection.send(message)

    def close(self) -> None:
        """Finish what is in hand."""
        self._threads.shutdown()
        self._together.close()

    def _run(self, task: Task) -> None:
        with self._together.visiting():
            try:
                done = lambda index: self.send(PageRead(task.number, index))  # noqa: E731
                outcome = read_task(self._reader, task, done, self._settings.scratch)
            except Exception as error:  # a defect of ours fails one document, not the run
                place = traceback.extract_tb(error.__traceback__)[-1]
                said = f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}: {error}"
                outcome = Outcome(type(error).__name__, said)
        with self._sending:
            readings, self._readings = tuple(self._readings), []
        self.send(Finished(task.number, outcome, resident_memory(), readings))

    def _note(self, reading: Reading) -> None:
        with self._sending:
            self._readings.append(reading)


def _ignore_signals() -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)


def _silence_libraries() -> None:
    """Keep what C libraries and Pillow say of damaged files off standard error: the outcome says it."""
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        visible = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
    except OSError:  # no standard error at all
        return
    sys.stderr = os.fdopen(visible, "w", encoding="utf-8", errors="backslashreplace", buffering=1)
