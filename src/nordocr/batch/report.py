"""What a batch says while it runs and when it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from nordocr.batch.journal import Journal
from nordocr.batch.options import Progress

# Seconds between lines where standard error is no terminal.
_EVERY: Final = 60.0
# Pages a second are those of the last minutes: an average over days says nothing of now.
_WINDOW: Final = 300.0
_SHOWN_FAILURES: Final = 12


class Pace:
    """How fast a run is, over the last minutes."""

    def __init__(self) -> None:
        self._marks: list[tuple[float, int, int]] = [(0.0, 0, 0)]

    def add(self, progress: Progress) -> None:
        """Take note of where the run stands."""
        ended = progress.documents + progress.failed + progress.aside
        if progress.seconds - self._marks[-1][0] >= 1.0:
            self._marks.append((progress.seconds, progress.pages, ended))
            while len(self._marks) > 2 and progress.seconds - self._marks[0][0] > _WINDOW:
                self._marks.pop(0)

    def pages(self) -> float:
        """Pages a second; 0 at first."""
        return self._rate(1)

    def left(self, documents: int) -> float | None:
        """Seconds that so many documents will take; None where that is not known yet."""
        rate = self._rate(2)
        return documents / rate if rate > 0 else None

    def _rate(self, column: int) -> float:
        first, last = self._marks[0], self._marks[-1]
        spent = last[0] - first[0]
        return (last[column] - first[column]) / spent if spent > 0 else 0.0


def line_of(progress: Progress, pace: Pace) -> str:
    """Return where a run stands in one line."""
    ended = progress.documents + progress.failed + progress.aside
    left = progress.waiting + progress.in_hand
    total = f"{ended + left:,}" + (" or more" if progress.listing else "")
    parts = [f"{ended:,} of {total} documents", f"{progress.pages:,} pages", f"{pace.pages():.1f} pages/s"]
    seconds = pace.left(left)
    if seconds is not None and left:
        parts.append(f"{span(seconds)} left")
    wrong = progress.failed + progress.aside
    if wrong:
        parts.append(f"{wrong:,} failed")
    return ", ".join(parts)


@contextmanager
def shown() -> Iterator[Callable[[Progress], None]]:
    """Give a function that shows progress on standard error: one living line on a terminal, else a line a minute."""
    pace = Pace()
    living = sys.stderr.isatty()
    last = time.monotonic()
    width = 0

    def show(progress: Progress) -> None:
        nonlocal last, width
        pace.add(progress)
        now = time.monotonic()
        if now - last < (1.0 if living else _EVERY):
            return
        last = now
        line = line_of(progress, pace)
        if living:
            print("\r" + line.ljust(width), end="", file=sys.stderr, flush=True)
            width = len(line)
        else:
            print(f"nordocr: {line}", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if living and width:
            print("\r" + " " * width + "\r", end="", file=sys.stderr, flush=True)


def summary(progress: Progress, journal: Journal) -> str:
    """Return what a run has done, and what the whole folder holds, with failures by class."""
    pace = f", {progress.pages / progress.seconds:.1f} pages/s" if progress.seconds > 0 and progress.pages else ""
    lines = [
        f"This run: {progress.documents:,} documents read, {progress.pages:,} pages in {span(progress.seconds)}{pace}; "
        f"{progress.failed:,} failed, {progress.aside:,} set aside."
    ]
    if progress.listed.done or progress.listed.left:
        lines.append(f"From earlier runs: {progress.listed.done:,} done, {progress.listed.left:,} failed or set aside.")
    left = progress.waiting + progress.in_hand
    if left or progress.listing:
        lines.append(f"Left to read: {left:,} documents{' or more' if progress.listing else ''}.")
    failures = journal.failures()
    if failures:
        lines.append("Failures of all runs:")
        lines += [
            f"  {count:>9,}  {state:<7}  {kind:<16}  for example {example}"
            for state, kind, count, example in failures[:_SHOWN_FAILURES]
        ]
    return "\n".join(lines)


def span(seconds: float) -> str:
    """Return a stretch of time as people say it: ``42 s``, ``3:05 min``, ``2:10 h``, ``3 days 4 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}:{minutes:02d} h"
    return f"{hours // 24} days {hours % 24} h"
