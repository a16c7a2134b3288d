"""Peak memory of reading long documents: 3 pages against 18, and a thousand pages streamed.

    python benchmarks/memory.py [--pages 3 18 1000] [--repeats 5] [--csv benchmarks/memory.csv] [--keep DIR]

G4 TIFFs of A4 pages at 200 dpi (pages of `nordocr synth pages` repeated, CCITT G4) are read by `nordocr process
--format jsonl`, each in a process of its own. Measured from outside: the process's peak resident memory, and when its
first and its last page came out. Every tenth of a long document its resident memory is noted as well: flat means that
the last of them is no higher than the first but for noise.

A short document's peak depends on which page is being prepared while the widest line is read: documents of fewer than
100 pages are read ``--repeats`` times, and the run of the median peak counts. Linux (/proc).
"""

from __future__ import annotations

import argparse
import csv
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image

import nordocr

_DIFFERENT_PAGES: Final = 3


@dataclass
class Run:
    """One document read: pages, MB at the peak and at every tenth, seconds to the first page and to the last."""

    pages: int
    peak_mb: float = 0.0
    tenths_mb: list[float] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0


def write_document(path: Path, pages: int, scans: list[Path]) -> None:
    """A G4 TIFF of ``pages`` pages, the scans over and over."""
    images = [Image.open(scan).convert("1") for scan in scans]
    several = (images[number % len(images)] for number in range(1, pages))
    images[0].save(path, save_all=True, append_images=several, compression="group4", dpi=(200, 200))


def synthetic_pages(folder: Path, count: int) -> list[Path]:
    """Pages of business documents, made by `nordocr synth pages`."""
    command = [sys.executable, "-m", "nordocr", "synth", "pages", str(folder), "--count", str(count), "--seed", "18"]
    subprocess.run([*command, "--dpi", "200"], check=True, stdout=subprocess.DEVNULL)
    return sorted(p for p in folder.iterdir() if p.suffix in {".png", ".tif"})


def resident(process: int, key: str) -> float:
    """``VmRSS`` or ``VmHWM`` of a process in MB (proc(5)); 0 once it is gone."""
    try:
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def measure(document: Path, pages: int) -> Run:
    run, started = Run(pages), time.perf_counter()
    command = [sys.executable, "-m", "nordocr", "process", str(document), "--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        for number, _ in enumerate(process.stdout, 1):
            now = time.perf_counter() - started
            run.first, run.last = run.first or now, now
            run.peak_mb = max(run.peak_mb, resident(process.pid, "VmHWM"))
            if pages >= 100 and number % (pages // 10) == 0:
                run.tenths_mb.append(resident(process.pid, "VmRSS"))
    if process.returncode != 0:
        raise SystemExit(f"reading {document} failed with {process.returncode}")
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, nargs="+", default=[3, 18, 1000])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    runs: list[Run] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        scans = synthetic_pages(folder / "pages", _DIFFERENT_PAGES)
        for pages in options.pages:
            document = folder / f"document-{pages}.tif"
            write_document(document, pages, scans)
            tries = [measure(document, pages) for _ in range(options.repeats if pages < 100 else 1)]
            run = sorted(tries, key=lambda tried: tried.peak_mb)[len(tries) // 2]
            runs.append(run)
            if len(tries) > 1:
                print(f"{pages} pages, peaks of all runs: {' '.join(f'{tried.peak_mb:.0f}' for tried in tries)} MB")
            tenths = f", at every tenth {' '.join(f'{mb:.0f}' for mb in run.tenths_mb)}" if run.tenths_mb else ""
            print(f"{pages} pages: peak {run.peak_mb:.1f} MB{tenths}; ", end="")
            print(f"first page after {run.first:.1f} s, last after {run.last:.1f} s", flush=True)
    least = runs[0]
    for run in runs[1:]:
        print(f"{run.pages} pages need {100 * (run.peak_mb / least.peak_mb - 1):+.1f} % of {least.pages} pages' memory")
    if options.csv is not None:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["pages", "peak_mb", "tenths_mb", "first_s", "last_s", "nordocr", "python", "machine"])
            for run in runs:
                tenths = " ".join(f"{mb:.0f}" for mb in run.tenths_mb)
                times = [f"{run.first:.1f}", f"{run.last:.1f}"]
                where = [nordocr.__version__, platform.python_version(), f"{platform.machine()} {platform.system()}"]
                writer.writerow([run.pages, f"{run.peak_mb:.1f}", tenths, *times, *where])


if __name__ == "__main__":
    main()
