from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.batch.doubles import Ruler

from nordocr.recognize.base import Crop, LineText
from nordocr.recognize.together import Reading, Together


def crop(width: int) -> Crop:
    return np.full((8, width), width % 251, np.uint8)


def test_lines_that_are_asked_for_at_the_same_time_are_read_in_one_call() -> None:
    calls: list[Reading] = []
    together = Together(Ruler(), wait=5.0, on_read=calls.append)

    def read(widths: range) -> list[str]:
        with together.visiting():
            both.wait()
            return [line.text for line in together.read([crop(width) for width in widths])]

    both = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(read, [range(10, 13), range(20, 25)]))
    assert found == [
        [line.text for line in Ruler().read([crop(w) for w in ws])] for ws in (range(10, 13), range(20, 25))
    ]
    assert [(call.calls, call.lines) for call in calls] == [(2, 8)]


def test_nobody_waits_for_company_that_cannot_come() -> None:
    wait = 30.0
    together = Together(Ruler(), wait=wait)
    started = time.monotonic()
    with together.visiting():
        together.read([crop(9)])
    together.read([crop(9)])
    assert time.monotonic() - started < wait


def test_the_wait_for_company_ends() -> None:
    together = Together(Ruler(), wait=0.05)
    with together.visiting(), together.visiting():  # one of the two never asks
        started = time.monotonic()
        together.read([crop(9)])  # without an end it would last until the test is given up
        assert time.monotonic() - started > 0.04


def test_a_call_holds_no_more_lines_than_asked_for() -> None:
    calls: list[Reading] = []
    together = Together(Ruler(), wait=5.0, most=6, on_read=calls.append)

    def read(width: int) -> int:
        with together.visiting():
            all_here.wait()
            return len(together.read([crop(width)] * 4))

    all_here = threading.Barrier(3)
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(read, [11, 12, 13])) == [4, 4, 4]
    assert max(call.lines for call in calls) <= 6


def test_one_callers_bad_line_does_not_fail_the_others() -> None:
    class Picky(Ruler):
        def read(self, crops: Sequence[Crop]) -> list[LineText]:
            if any(c.shape[1] == 13 for c in crops):
                raise ValueError("thirteen")
            return super().read(crops)

    together = Together(Picky(), wait=5.0)
    both = threading.Barrier(2)

    def read(width: int) -> str:
        with together.visiting():
            both.wait()
            try:
                return together.read([crop(width)])[0].text
            except ValueError as error:
                return str(error)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(read, [12, 13])) == [Ruler().read([crop(12)])[0].text, "thirteen"]
    with pytest.raises(ValueError, match="thirteen"):
        together.read([crop(13)])
