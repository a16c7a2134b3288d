"""When a sitting ends before the training does: a signal, or the time that this sitting was given."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Stop:
    """The step in hand is finished, a checkpoint written, and the process ends normally.

    ``deadline``: a time of ``time.monotonic()`` after which no step begins.
    """

    deadline: float | None = None
    asked: bool = False

    @property
    def now(self) -> bool:
        """Whether no further step should begin."""
        return self.asked or (self.deadline is not None and time.monotonic() >= self.deadline)

    @contextmanager
    def on_signals(self) -> Iterator[Stop]:
        """Listen to SIGTERM and SIGINT inside the ``with`` block. A second Ctrl-C interrupts at once."""

        def ask(number: int, _frame: FrameType | None) -> None:
            if self.asked and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.asked = True

        if threading.current_thread() is not threading.main_thread():
            yield self  # only the main thread may set handlers
            return
        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
