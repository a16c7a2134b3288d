"""One recogniser for several threads: lines that are asked for at the same time are read in one call.

A page alone rarely fills the batches of every rung; the lines of several pages do. A line's text never depends on the
others in its batch, so nobody sees whom they were read with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nordocr.recognize.base import Crop, LineText, Recognizer


@dataclass(frozen=True)
class Reading:
    """One call of the recogniser.

    Attributes:
        calls: How many callers' lines were in it.
        lines: How many lines.
        waited: Seconds that the first caller waited for company.
    """

    calls: int
    lines: int
    waited: float


@dataclass(eq=False)
class _Call:
    crops: Sequence[Crop]
    texts: list[LineText] = field(default_factory=list)
    error: BaseException | None = None
    done: bool = False


class Together:
    """A :class:`nordocr.recognize.base.Recognizer` that any number of threads may use at the same time.

    The first caller to find the recogniser idle reads for all who wait. It waits for company at most ``wait`` seconds,
    and not at all once everyone who has said with :meth:`visiting` that they are at work is waiting too.

    Args:
        recognizer: Reads the lines; it is closed with this object.
        wait: The latency budget in seconds.
        most: Lines in one call at most, unless one caller alone has more.
        on_read: Told of each call of the recogniser.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        wait: float = 0.005,
        most: int = 512,
        on_read: Callable[[Reading], None] | None = None,
    ) -> None:
        self._recognizer = recognizer
        self._wait, self._most, self._on_read = wait, most, on_read
        self._changed = threading.Condition()
        self._waiting: list[_Call] = []
        self._visitors = 0
        self._busy = False
        self.name = recognizer.name
        self.model = recognizer.model
        self.model_sha256 = recognizer.model_sha256
        self.languages: tuple[str, ...] = tuple(getattr(recognizer, "languages", ()))
        self.language_model: str = getattr(recognizer, "language_model", "")

    @contextmanager
    def visiting(self) -> Iterator[None]:
        """Say for the time of the block that lines may be asked for, so that others wait for them."""
        with self._changed:
            self._visitors += 1
        try:
            yield
        finally:
            with self._changed:
                self._visitors -= 1
                self._changed.notify_all()

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops, results in the same order. Raises what the recogniser raises for these crops."""
        if not crops:
            return []
        call = _Call(crops)
        with self._changed:
            self._waiting.append(call)
            self._changed.notify_all()
            while not call.done and (self._busy or self._waiting[0] is not call):
                self._changed.wait()
            if call.done:
                return _answer(call)
            self._busy = True
            started = time.monotonic()
            taken = self._gather(started + self._wait)
            waited = time.monotonic() - started
        try:
            self._read(taken)
        finally:
            with self._changed:
                for other in taken:
                    other.done = True
                self._busy = False
                self._changed.notify_all()
        if self._on_read is not None:
            self._on_read(Reading(len(taken), sum(len(other.crops) for other in taken), waited))
        return _answer(call)

    def close(self) -> None:
        """Close the recogniser."""
        self._recognizer.close()

    def _gather(self, deadline: float) -> list[_Call]:
        """Wait for company, then take whoever waits out of the queue; the caller is first and always among them."""
        while len(self._waiting) < self._visitors and sum(len(call.crops) for call in self._waiting) < self._most:
            left = deadline - time.monotonic()
            if left <= 0 or not self._changed.wait(left):
                break
        taken = [self._waiting.pop(0)]
        lines = len(taken[0].crops)
        while self._waiting and lines + len(self._waiting[0].crops) <= self._most:
            taken.append(self._waiting.pop(0))
            lines += len(taken[-1].crops)
        return taken

    def _read(self, calls: Sequence[_Call]) -> None:
        try:
            texts = iter(self._recognizer.read([crop for call in calls for crop in call.crops]))
            for call in calls:
                call.texts = [next(texts) for _ in call.crops]
        except BaseException as error:
            if len(calls) == 1:
                calls[0].error = error
                return
            for call in calls:  # one caller's lines shall not fail another's
                self._read([call])


def _answer(call: _Call) -> list[LineText]:
    if call.error is not None:
        raise call.error
    return call.texts
