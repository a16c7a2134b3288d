"""The first signal asks a long run to finish what it has begun, the second to stop at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def two_signals(drain: Callable[[], None], stop: Callable[[], None]) -> Iterator[list[int]]:
    """Call ``drain`` at the first SIGTERM, Ctrl-C (or Ctrl-Break), and ``stop`` at the second, during the block.

    Yields:
        The signals that came; it grows.
    """
    came: list[int] = []

    def handle(number: int, _: object) -> None:
        came.append(number)
        if len(came) == 1:
            print("nordocr: finishing what is in hand; once more stops at once.", file=sys.stderr, flush=True)
            drain()
        else:
            stop()

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                before[number] = signal.signal(number, handle)
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
