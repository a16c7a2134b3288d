"""Processor time and peak memory of reading a document whole, the process's start included, beside Tesseract.

    PYTHONPATH=benchmarks python benchmarks/lines/whole.py FILE... [--rounds 5] [--csv FILE] [--source DIR]...

Every program reads each file in a process of its own with one thread, in turns, after a round that does not count (it
fills the disk cache and writes ``.pyc`` files). ``--source`` names other versions of ``src`` to compare. A row has the
median and the least of the rounds: processor time means the same on a machine that others use as well, but for caches.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import hardware, our_versions, revision

HERE = Path(__file__).resolve().parent
COLUMNS = (
    *("file", "program", "rounds", "cpu_s", "best_cpu_s", "of_tesseract", "peak_mb"),
    *("load", "versions", "hardware", "date", "revision"),
)


def spent(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command to its end; return its processor time in seconds and its peak memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def programs(file: Path, sources: list[Path], scratch: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return the command and the environment of each program. Tesseract's own threads are held to one."""
    plain = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
    plain.pop("PYTHONDONTWRITEBYTECODE", None)
    found = {}
    for number, source in enumerate(sources):
        own = {**plain, "PYTHONPATH": str(source), "PYTHONPYCACHEPREFIX": str(scratch / str(number))}
        found[f"nordocr {source}"] = ([sys.executable, "-m", "nordocr", "process", str(file), "--threads", "1"], own)
    found["tesseract"] = (["tesseract", str(file), "-", "-l", "swe"], plain)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--source", type=Path, action="append", help="a folder src; default: this repository's")
    parser.add_argument("--csv", type=Path, default=HERE / "whole.csv")
    options = parser.parse_args()
    sources = [path.resolve() for path in options.source or [HERE.parents[1] / "src"]]
    about = {"versions": our_versions(), "hardware": hardware(), "revision": revision()}
    about |= {"date": datetime.datetime.now(datetime.UTC).date().isoformat(), "load": f"{os.getloadavg()[0]:.0f}"}
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for file in options.files:
            runs = programs(file, sources, Path(scratch))
            taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
            for number in range(options.rounds + 1):
                for name, (command, environment) in runs.items():
                    measured = spent(command, environment)
                    if number:
                        taken[name].append(measured)
            median = {name: statistics.median(seconds for seconds, _ in values) for name, values in taken.items()}
            for number, (name, values) in enumerate(taken.items()):
                row = {"file": file.name, "program": name.split()[0], "rounds": options.rounds}
                if len(sources) > 1 and number < len(sources):
                    row["program"] = f"nordocr, source {number + 1}"
                row |= {"cpu_s": f"{median[name]:.2f}", "best_cpu_s": f"{min(seconds for seconds, _ in values):.2f}"}
                row |= {"of_tesseract": f"{median[name] / median['tesseract']:.2f}"}
                rows.append(row | {"peak_mb": f"{max(memory for _, memory in values):.0f}"} | about)
                print({key: rows[-1][key] for key in COLUMNS[1:7]}, flush=True)
    with options.csv.open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
