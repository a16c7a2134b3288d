"""One undisturbed batch: pages a second, processor time, memory over time."""

from __future__ import annotations

import itertools
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path

from many.scans import open_deadly
from nordocr.batch.options import BatchOptions, Progress
from nordocr.batch.run import Batch
from nordocr.batch.tasks import WorkerSettings
from nordocr.config import ReadingConfig

# One thread a worker: a single worker would else compute on all cores.
SETTINGS = WorkerSettings(ReadingConfig(threads=1), open_reader=open_deadly)


class Memory:
    """The largest resident memory of any worker, and that of the supervisor, once a second."""

    def __init__(self) -> None:
        self.workers: list[float] = []
        self.supervisor: list[float] = []
        self._next = 0.0

    def look(self, _: Progress) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 1.0
        self.workers.append(max(children_of(os.getpid()), default=0.0))
        self.supervisor.append(resident("self"))


def run_whole(source: Path, output: Path, workers: int, cores: int | None = None) -> dict[str, object]:
    """Run a batch to its end and measure it.

    Args:
        source: The folder of documents.
        output: Where results go.
        workers: Worker processes.
        cores: Cores that all processes together may use; None for all.

    Returns:
        Columns of the table. Seconds count from when the first worker is ready.
    """
    memory = Memory()
    allowed = os.sched_getaffinity(0)
    used = sorted(allowed)[:cores]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time()
    os.sched_setaffinity(0, used)  # children inherit it
    try:
        options = BatchOptions(output, workers=workers)
        progress = Batch([str(source)], SETTINGS, options, on_progress=memory.look).run()
    finally:
        os.sched_setaffinity(0, allowed)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.process_time() - own
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pages = max(1, progress.pages)
    return {
        "workers": workers,
        "cores": len(used),
        "seconds": f"{progress.seconds:.1f}",
        "pages_a_second": f"{progress.pages / max(progress.seconds, 1e-3):.3f}",
        "cpu_seconds_a_page": f"{spent / pages:.3f}",
        "supervisor_ms_a_page": f"{1000 * own / pages:.1f}",
        "worker_mb": in_tenths(memory.workers),
        "supervisor_mb": in_tenths(memory.supervisor),
        "done": progress.documents,
        "failed": progress.failed,
        "set_aside": progress.aside,
    }


def in_tenths(samples: Sequence[float]) -> str:
    """The largest of each tenth of the samples, in the order of time."""
    edges = [number * len(samples) // 10 for number in range(11)]
    tenths = [samples[start:end] for start, end in itertools.pairwise(edges)]
    return " ".join(f"{max(tenth):.0f}" for tenth in tenths if tenth)


def children_of(pid: int) -> list[float]:
    """Resident MB of each child of a process."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [resident(child) for child in children.read_text(encoding="ascii").split()]
        except OSError:
            continue
    return found


def resident(process: str) -> float:
    """Resident MB of a process, by its number or ``self``."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
