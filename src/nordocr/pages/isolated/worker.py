"""Processes that decode, seen from the process that reads: each used for one file at a time and kept for the next.

A decoder may hang, crash or take all memory; in a process of its own that is an error of one page. See
:mod:`nordocr.pages.isolated.child` for the protocol and for how such a process ends with its parent.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from nordocr.errors import InputEncrypted, InputTooLarge, InputUnreadable, NordocrError

ERRORS: Final[dict[str, type[NordocrError]]] = {
    "encrypted": InputEncrypted,
    "unreadable": InputUnreadable,
    "large": InputTooLarge,
}
"""What the kinds of errors in answers are raised as."""

# A process is ended after this many files, so that what a decoder leaks never adds up.
_FILES_A_PROCESS: Final = 200


class Worker:
    """One decoding process.

    Args:
        script: The module of this folder that it runs, ``pdfworker.py`` or ``rasterworker.py``.
        memory: Bytes of addresses that it may take.
    """

    _waiting: Final[list[Worker]] = []
    _inherited: Final[list[Worker]] = []
    _lock = threading.Lock()
    # Linux ends a child with the thread that started it, not with the process: this one lasts as long as the process.
    _starter = ThreadPoolExecutor(1, thread_name_prefix="nordocr-starter")

    def __init__(self, script: str, memory: int) -> None:
        self.kind = (script, memory)
        # -P: the script's folder has modules called like other packages'.
        child = str(Path(__file__).with_name("child.py"))
        command = [sys.executable, "-P", child, script, str(os.getpid()), str(memory)]
        self._process = self._starter.submit(_started, command).result()
        self._files = 0
        self._busy = False

    @classmethod
    def idle(cls, script: str, memory: int) -> Worker:
        """Return a worker of the kind that nobody uses, a new one if there is none."""
        with cls._lock:
            for worker in [waiting for waiting in cls._waiting if waiting.kind == (script, memory)]:
                cls._waiting.remove(worker)
                if worker._process.poll() is None:
                    return worker
                worker.end()
        return cls(script, memory)

    def release(self) -> None:
        """Give the worker back; one that was interrupted, or has done enough, is ended."""
        self._files += 1
        if self.broken or self._files >= _FILES_A_PROCESS:
            self.end()
            return
        with self._lock:
            self._waiting.append(self)

    @property
    def broken(self) -> bool:
        """Whether the process was given up or has ended: it answers no more."""
        return self._busy or self._process.poll() is not None

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    @classmethod
    def end_all(cls) -> None:
        """End the workers that nobody uses, as the interpreter does at its end."""
        with cls._lock:
            while cls._waiting:
                cls._waiting.pop().end()

    @classmethod
    def forget(cls) -> None:
        """Leave the workers to the process that this one was forked from: both would read the same answers."""
        cls._inherited.extend(cls._waiting)  # kept: their end would be told of as a leak
        cls._waiting.clear()
        cls._lock = threading.Lock()
        cls._starter = ThreadPoolExecutor(1, thread_name_prefix="nordocr-starter")

    def ask(self, request: dict[str, Any], seconds: float, wording: Callable[[str], str]) -> dict[str, Any]:
        """Ask for something.

        Args:
            request: What is wanted.
            seconds: The time that it may take.
            wording: Makes a sentence of what is wrong, which is a predicate without full stop.

        Returns:
            The answer, with its ``pixels`` (uint8 ``[H, W, channels]``) where it has some.

        Raises:
            InputTooLarge: It takes too long or too much memory.
            InputUnreadable: The process ended, or what it refuses is unreadable.
            InputEncrypted: What it refuses is encrypted.
        """
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        self._busy = True
        timer.start()
        try:
            requests.write(json.dumps({**request, "seconds": seconds}).encode("utf-8") + b"\n")
            requests.flush()
            answer = _answer(answers)
        except (OSError, EOFError, ValueError) as error:
            if late.is_set():
                raise InputTooLarge(wording(f"takes longer than the limit of {seconds:g} s")) from error
            raise InputUnreadable(wording("is damaged: its decoder ended while it was read")) from error
        finally:
            timer.cancel()
        self._busy = False
        if "error" in answer:
            raise ERRORS[answer["error"]](wording(answer["message"]))
        return answer


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _answer(stream: Any) -> dict[str, Any]:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    answer: dict[str, Any] = json.loads(line)
    if "height" in answer:
        rows, stride = answer["height"], answer["stride"]
        held = np.empty(rows * stride, dtype=np.uint8)
        if stream.readinto(held) < len(held):
            raise EOFError
        used = answer["width"] * answer["channels"]
        answer["pixels"] = held.reshape(rows, stride)[:, :used].reshape(rows, answer["width"], answer["channels"])
    return answer


atexit.register(Worker.end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=Worker.forget)
