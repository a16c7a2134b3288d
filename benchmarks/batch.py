"""Many documents: pages a second with one and two workers, memory, and what SIGKILL, corrupt and deadly files cost.

    python benchmarks/batch.py [--pages 300] [--kills 10] [--csv benchmarks/batch.csv] [--keep DIR]

Every document is a CCITT G4 TIFF of one A4 page at 200 dpi: pages of `nordocr synth pages`, each moved down by another
number of rows, so that no two files are the same. `--pages 2000` is the full size; rows say what was run.

- `undisturbed`: `nordocr batch` with 1 and with 2 workers, pages/s since the first worker was ready, the largest
  resident memory of any worker in the first and the last third of the run.
- `killed`: the same with 10 corrupt files and one that kills its worker among the documents, and SIGKILL to the
  supervisor at random moments. At the end every result must be there once, with the bytes of the undisturbed run.
- `tesseract`: `xargs -P 2` (or GNU parallel, where it is installed) over `tesseract FILE` with one thread each.

Linux (/proc). Times on a machine that does other work besides are worth something as ratios within one run only.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageChops

from machine import hardware, revision
from nordocr.batch.journal import Journal
from nordocr.batch.options import BatchOptions
from nordocr.batch.run import Batch
from nordocr.batch.tasks import WorkerSettings
from nordocr.config import ReadingConfig
from nordocr.detect.base import Detector, PageArray, Region
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Recognizer

COLUMNS = (
    *(
        "run",
        "documents",
        "rows",
        "workers",
        "seconds",
        "pages_a_second",
        "cpu_seconds_a_page",
        "worker_mb_first_third",
        "worker_mb_last_third",
    ),
    *("kills", "done", "failed", "set_aside", "identical", "load_average", "hardware", "date", "revision"),
)
DEADLY_WIDTH = 113
DIFFERENT = 20


class Deadly:
    """A detector that ends its process on pages of one width."""

    def __init__(self, detector: Detector) -> None:
        self._detector, self.name = detector, detector.name

    def detect(self, image: PageArray) -> list[Region]:
        if image.shape[1] == DEADLY_WIDTH:
            os._exit(9)
        return self._detector.detect(image)


def open_deadly(config: ReadingConfig, recognizer: Recognizer) -> Reader:
    reader = Reader(config, recognizer)
    return Reader(config, recognizer, Deadly(reader.preparation.detector))


def write_pages(folder: Path, count: int, rows: int) -> None:
    """Write ``count`` documents to a folder, each the upper ``rows`` of a page; 0 for all of it."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "nordocr", "synth", "pages", made, "--count", str(min(count, DIFFERENT))]
        subprocess.run([*command, "--seed", "20", "--dpi", "200"], check=True, stdout=subprocess.DEVNULL)
        scans = [Image.open(p).convert("1") for p in sorted(Path(made).iterdir()) if p.suffix in {".png", ".tif"}]
    for number in range(count):
        scan = scans[number % len(scans)]
        moved = ImageChops.offset(scan, 0, number // len(scans))
        if rows:
            moved = moved.crop((0, 0, moved.width, rows))
        moved.save(folder / f"{number:06d}.tif", compression="group4", dpi=(200, 200))


def write_hostile(folder: Path) -> None:
    """Write 10 corrupt files and one that kills its worker."""
    good = sorted(folder.glob("0*.tif"))[0].read_bytes()
    for number in range(10):
        (folder / f"corrupt-{number}.tif").write_bytes(good[: 100 + 10 * number])
    Image.new("1", (DEADLY_WIDTH, 200), 1).save(folder / "deadly.tif", compression="group4")


def workers_of(pid: int) -> list[float]:
    """Resident MB of each child of a process."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text(encoding="ascii").split():
                pages = int(Path(f"/proc/{child}/statm").read_text(encoding="ascii").split()[1])
                found.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        except OSError:
            continue
    return found


def run_whole(source: Path, output: Path, workers: int) -> dict[str, object]:
    """One undisturbed run."""
    config = ReadingConfig(threads=1)  # one core a worker: a single worker would else take them all
    memory: list[float] = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    batch = Batch(
        [str(source)],
        WorkerSettings(config, open_reader=open_deadly),
        BatchOptions(output, workers=workers),
        on_progress=lambda _: memory.append(max(workers_of(os.getpid()), default=0.0)),
    )
    progress = batch.run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    third = max(1, len(memory) // 3)
    return {
        "workers": workers,
        "seconds": f"{progress.seconds:.1f}",
        "pages_a_second": f"{progress.pages / progress.seconds:.3f}",
        "cpu_seconds_a_page": f"{spent / progress.pages:.3f}",
        "worker_mb_first_third": f"{max(memory[:third]):.0f}",
        "worker_mb_last_third": f"{max(memory[-third:]):.0f}",
        "done": progress.documents,
    }


def run_killed(source: Path, output: Path, kills: int, seconds: float) -> dict[str, object]:
    """A run that is killed ``kills`` times at random moments of about ``seconds`` in all, and then left alone."""
    dice = random.Random(20)
    command = [sys.executable, __file__, "--child", str(source), str(output)]
    for _ in range(kills):
        process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.3, 1.7) * seconds / (kills + 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with Journal(output / "journal.sqlite", read_only=True) as journal:
        totals = journal.totals()
    done, failed, aside = (totals.get(state, (0, 0))[0] for state in ("done", "failed", "skipped"))
    return {"workers": 2, "kills": kills, "done": done, "failed": failed, "set_aside": aside}


def results(output: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in output.glob("*/*") if p.suffix == ".json" and not p.name.startswith(".")}


def run_tesseract(source: Path, output: Path) -> dict[str, object]:
    """Tesseract on the same pages, two at a time."""
    output.mkdir()
    names = "\n".join(p.stem for p in sorted(source.glob("0*.tif")))
    each = f"tesseract {source}/{{}}.tif {output}/{{}} -l swe+nor+dan+fin+isl+eng 2>/dev/null"
    parallel = (
        ["parallel", "-j", "2", each] if shutil.which("parallel") else ["xargs", "-P", "2", "-I{}", "sh", "-c", each]
    )
    started = time.perf_counter()
    subprocess.run(parallel, input=names, encoding="utf-8", check=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"})
    seconds = time.perf_counter() - started
    done = len(list(output.glob("*.txt")))
    return {"workers": 2, "seconds": f"{seconds:.1f}", "pages_a_second": f"{done / seconds:.3f}", "done": done}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rows", type=int, default=0, help="read only the upper rows of each page (default: all)")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--csv", type=Path, default=Path(__file__).with_suffix(".csv"))
    parser.add_argument("--keep", type=Path, help="folder for pages and results, which stay")
    parser.add_argument("--skip", nargs="*", default=[], choices=["one", "tesseract"], help="runs to leave out")
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_whole(options.child[0], options.child[1], 2)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        source = folder / "pages"
        if not source.is_dir():
            write_pages(source, options.pages, options.rows)
        rows: list[dict[str, object]] = []

        def note(run: str, row: dict[str, object]) -> None:
            common = {"run": run, "documents": len(list(source.iterdir())), "hardware": hardware()}
            common |= {"date": f"{datetime.date.today()}", "revision": revision()}
            common["rows"] = options.rows or "all"
            common["load_average"] = f"{os.getloadavg()[1]:.1f}"
            rows.append(common | row)
            print(rows[-1], flush=True)
            with options.csv.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS)
                writer.writeheader()
                writer.writerows(rows)

        note("undisturbed", run_whole(source, folder / "two", 2))
        if "one" not in options.skip:
            note("undisturbed", run_whole(source, folder / "one", 1))
        seconds = float(str(rows[0]["seconds"]))
        if "tesseract" not in options.skip:
            note("tesseract", run_tesseract(source, folder / "tesseract"))
        write_hostile(source)
        killed = run_killed(source, folder / "killed", options.kills, seconds)
        same = results(folder / "two") == results(folder / "killed")
        one = "one" in options.skip or results(folder / "two") == results(folder / "one")
        note("killed", killed | {"identical": same and one})


if __name__ == "__main__":
    main()
