"""A unit of work to compare times with, so that no test depends on how fast a machine is or how busy."""

from __future__ import annotations

import time

ROUNDS = 200_000


def unit_of_work() -> float:
    """Return the processor seconds that a fixed loop of plain Python takes now: the best of five runs.

    About 10 ms on a processor of 2023. A test states its budget as a multiple of it.
    """
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        total = 0
        for number in range(ROUNDS):
            total += number & 7
        best = min(best, time.process_time() - started)
    return best
