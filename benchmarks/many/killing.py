"""A batch that is killed ten times, and whether it lost or doubled anything."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from nordocr.batch.journal import Journal
from nordocr.errors import OutputUnwritable


def run_killed(command: Sequence[str], output: Path, kills: int, documents: int) -> dict[str, object]:
    """Run a batch, kill it ``kills`` times at random moments before its end, and then let it end.

    Args:
        command: Starts the batch in a process of its own.
        output: Its output folder.
        kills: How often its supervisor gets SIGKILL: up to a second after a random number of documents was done.
        documents: How many documents there are to read.

    Returns:
        Columns of the table.
    """
    dice = random.Random(20)
    at: list[int] = []
    started = time.perf_counter()
    for after in sorted(dice.sample(range(documents), kills)):
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
        while process.poll() is None and totals(output)["done"] < after:
            time.sleep(0.05)
        time.sleep(dice.random())
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            raise SystemExit(f"ended before it was killed, with {process.returncode}")
        at.append(totals(output)["done"])
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    spent = time.perf_counter() - started
    told = " ".join(str(done) for done in at)
    return {"seconds": f"{spent:.1f}", "kills": kills, "done_at_kills": told, **totals(output)}


def totals(output: Path) -> dict[str, int]:
    """How many documents the journal has in each state; none while it is being made."""
    found: dict[str, tuple[int, int]] = {}
    path = output / "journal.sqlite"
    if path.exists():
        with contextlib.suppress(OutputUnwritable), Journal(path, read_only=True) as journal:
            found = journal.totals()
    done, failed, aside = (found.get(state, (0, 0))[0] for state in ("done", "failed", "skipped"))
    return {"done": done, "failed": failed, "set_aside": aside}


def results(output: Path) -> dict[str, bytes]:
    """Everything in an output folder but the journal, by its path: what is left behind or doubled is seen too."""
    held = {}
    for path in sorted(output.rglob("*")):
        if path.is_file() and "journal" not in path.name:
            held[path.relative_to(output).as_posix()] = path.read_bytes()
    return held
