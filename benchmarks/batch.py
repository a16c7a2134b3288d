"""Many documents: pages a second with one and two workers, memory, and what SIGKILL, corrupt and deadly files cost.

    python benchmarks/batch.py one two [--pages 300] [--rows 0] [--different 200] [--keep DIR] [--beside TEXT]

Every document is a CCITT G4 TIFF of one A4 page at 200 dpi, or of its upper `--rows`: `--different` pages of `nordocr
synth pages`, each moved down by another number of rows of pixels, so that no two files are the same. Runs:

- `pages`: write the documents only. `--keep DIR` keeps them for later runs, which then take `--pages` of them.
- `two`, `one`: `nordocr batch` with two workers on two cores, with one worker on one core. `one-free`: one worker that
  may use both cores: it prepares a page on one while it reads lines of another on the other. The memory of the largest
  worker and of the supervisor is given for each tenth of the run.
- `killed`: ten corrupt files and one that kills its worker among the documents, and SIGKILL to the supervisor
  `--kills` times, up to a second after a random number of documents was done. At the end every result must be there
  once, with the bytes of an undisturbed run of the good documents; nothing else may be in the output folder.
- `ray`: the same documents on a Ray cluster of three nodes on this machine; an actor's process is killed, then a node.
- `tesseract`, `ocrmypdf`: Tesseract with GNU parallel and `ocrmypdf --jobs 2`.

A row of the CSV replaces an older one of the same run, documents, rows, workers and cores. `--beside` says what else
ran on the machine. Linux (/proc).
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from machine import hardware, our_versions, revision
from many.killing import results, run_killed
from many.measuring import run_whole
from many.others import ocrmypdf_version, run_ocrmypdf, run_tesseract, tesseract_version
from many.scans import CORRUPT, first_of, write_hostile, write_pages

KEY = ("run", "documents", "rows", "workers", "cores")
MEASURED = ("seconds", "pages_a_second", "cpu_seconds_a_page", "supervisor_ms_a_page", "worker_mb", "supervisor_mb")
COUNTED = ("kills", "done_at_kills", "done", "failed", "set_aside", "identical")
SAID = ("beside", "load_average", "hardware", "versions", "date", "revision")
COLUMNS = (*KEY, *MEASURED, *COUNTED, *SAID)
Row = dict[str, object]


class Table:
    """The CSV: read, a row replaced or added, written at once."""

    def __init__(self, path: Path, beside: str, rows: int) -> None:
        self._path, self._beside, self._rows_of_pixels = path, beside, rows or "all"

    def note(self, run: str, documents: int, row: Row, versions: str = "") -> None:
        row = {"run": run, "documents": documents, "rows": self._rows_of_pixels, "beside": self._beside, **row}
        row |= {"load_average": f"{os.getloadavg()[1]:.1f}", "hardware": hardware(), "revision": revision()}
        row |= {"date": f"{datetime.date.today()}", "versions": versions or our_versions()}
        new = {column: str(row.get(column, "")) for column in COLUMNS}
        print({column: value for column, value in new.items() if value}, flush=True)
        rows = []
        if self._path.exists():
            with self._path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        rows = [old for old in rows if any(old.get(key) != new[key] for key in KEY)]
        with self._path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore")
            writer.writeheader()
            writer.writerows([*rows, new])


def compared(source: Path, folder: Path, table: Table, run: Callable[[Path, Path], Row]) -> Row:
    """Run undisturbed on the good documents, then ``run`` with the bad ones among them, and compare the results."""
    calm = run_whole(source, folder / "calm", 2)
    table.note("undisturbed", len(list(source.iterdir())), calm)
    write_hostile(source)
    row = run(source, folder / "disturbed")
    row["identical"] = results(folder / "disturbed") == results(folder / "calm")
    whole = row["done"] == calm["done"] and row["failed"] == CORRUPT and row["set_aside"] == 1
    if not (whole and row["identical"]):
        raise SystemExit(f"something was lost: {row}")
    return row


def run_one(name: str, source: Path, folder: Path, kills: int, table: Table) -> None:
    documents = len(list(source.iterdir()))
    if name == "one-free":
        table.note("undisturbed", documents, run_whole(source, folder / name, 1))
    elif name in {"one", "two"}:
        count = ("one", "two").index(name) + 1
        table.note("undisturbed", documents, run_whole(source, folder / name, count, count))
    elif name == "tesseract":
        table.note(name, documents, run_tesseract(source, folder / name), tesseract_version())
    elif name == "ocrmypdf":
        table.note(name, documents, run_ocrmypdf(source, folder / name), ocrmypdf_version())
    elif name == "killed":
        child = [sys.executable, __file__, "two", "--child"]

        def killed(mixed: Path, output: Path) -> Row:
            found = run_killed([*child, str(mixed), str(output)], output, kills, documents)
            return {"workers": 2, "cores": os.cpu_count(), **found}

        table.note(name, documents + CORRUPT + 1, compared(source, folder, table, killed))
    else:
        from many.cluster import ray_version, run_cluster

        table.note(name, documents + CORRUPT + 1, compared(source, folder, table, run_cluster), ray_version())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    runs = ("pages", "one", "one-free", "two", "tesseract", "ocrmypdf", "killed", "ray")
    parser.add_argument("runs", nargs="+", choices=runs)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rows", type=int, default=0, help="read only the upper rows of each page (default: all)")
    parser.add_argument("--different", type=int, default=200, help="pages that are rendered")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--csv", type=Path, default=Path(__file__).with_suffix(".csv"))
    parser.add_argument("--keep", type=Path, help="folder for the pages, which stay for the next run")
    parser.add_argument("--beside", default="", help="what else runs on the machine, for the table")
    parser.add_argument("--child", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_whole(options.child[0], options.child[1], 2)
        return
    with tempfile.TemporaryDirectory(dir=options.keep and options.keep.parent) as temporary:
        folder = Path(temporary)
        source = options.keep or folder / "all"
        if not source.is_dir():
            write_pages(source, options.pages, options.rows, options.different)
        table = Table(options.csv, options.beside, options.rows)
        for name in options.runs:
            if name != "pages":
                chosen = first_of(source, options.pages, folder / name / "in")
                run_one(name, chosen, folder / name, options.kills, table)
                shutil.rmtree(folder / name)


if __name__ == "__main__":
    main()
