"""What the frame around reading costs as work grows: the supervisor, the journal, listing.

    python benchmarks/scale.py [--documents 100 1000 10000] [--rows 1000000] [--read] [--beside TEXT]
        [--csv benchmarks/scale.csv]

- `batch`: batches of tiny pages read by a recogniser that does nothing, with two workers. The time is that of
  everything but OCR: listing, journal, processes, decoding, writing. CPU seconds are those of all processes, `mb` is
  the supervisor's memory.
- `batch, read` (with `--read`): small pages of two short lines, each another, read by the bundled model.
- `journal`: a journal with a million done documents, and a folder that has them. How long the journal takes to open,
  and a second run until it has found the first new document, and until it has looked at all.

CPU seconds are worth more than seconds where the machine does other work besides, which `--beside` says. A row of the
CSV replaces an older one of the same what and documents.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from machine import hardware, our_versions, revision
from nordocr.batch.journal import Journal, document_id
from nordocr.batch.lister import Lister
from nordocr.batch.options import BatchOptions
from nordocr.batch.run import Batch
from nordocr.batch.spool import Spool
from nordocr.batch.tasks import WorkerSettings
from nordocr.config import ReadingConfig
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Crop, LineText, Recognizer

COLUMNS = ("what", "documents", "seconds", "a_second", "cpu_seconds", "ms_cpu_a_document", "mb", "load_average")
SAID = ("beside", "hardware", "versions", "date", "revision")


class Nothing:
    """Reads nothing, at once."""

    name, model, model_sha256 = "nothing", "nothing", ""

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        return [LineText("x", 1.0) for _ in crops]

    def close(self) -> None:
        pass


def open_nothing(config: ReadingConfig) -> Recognizer:
    return Nothing()


def open_reader(config: ReadingConfig, recognizer: Recognizer) -> Reader:
    return Reader(config, recognizer)


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def row(what: str, documents: int, started: tuple[float, float], mb: float = 0.0) -> dict[str, object]:
    seconds, spent = time.perf_counter() - started[0], cpu() - started[1]
    found = {
        "what": what,
        "documents": documents,
        "seconds": f"{seconds:.2f}",
        "a_second": f"{documents / seconds:.2f}",
        "cpu_seconds": f"{spent:.2f}",
        "ms_cpu_a_document": f"{1000 * spent / documents:.4f}",
        "mb": f"{mb:.0f}" if mb else "",
        "load_average": f"{os.getloadavg()[0]:.1f}",
    }
    print(found, flush=True)
    return found


def write_tiny(source: Path, count: int) -> None:
    """Write documents with one bar, all alike."""
    pixels = np.full((40, 200), 255, np.uint8)
    pixels[10:20, 20:180:3] = 0
    Image.fromarray(pixels).convert("1").save(source / "0.tif", compression="group4")
    page = (source / "0.tif").read_bytes()
    for number in range(1, count):
        (source / f"{number}.tif").write_bytes(page)


def write_small(source: Path, count: int) -> None:
    """Write documents of two short lines, each with its number."""
    font = ImageFont.load_default(28)
    for number in range(count):
        page = Image.new("1", (480, 160), 1)
        drawing = ImageDraw.Draw(page)
        drawing.text((40, 35), f"Faktura {number:05d}", fill=0, font=font)
        drawing.text((40, 90), f"Summa {7 * number} kr", fill=0, font=font)
        page.save(source / f"{number}.tif", compression="group4", dpi=(200, 200))


def run_documents(folder: Path, count: int, read: bool) -> dict[str, object]:
    source = folder / f"pages-{count}"
    source.mkdir()
    if read:
        write_small(source, count)
        settings = WorkerSettings(ReadingConfig(threads=1))
    else:
        write_tiny(source, count)
        config = ReadingConfig(threads=1, turn_pages=False)
        settings = WorkerSettings(config, open_recognizer=open_nothing, open_reader=open_reader)
    started = time.perf_counter(), cpu()
    progress = Batch([str(source)], settings, BatchOptions(folder / f"out-{count}", workers=2)).run()
    assert progress.documents == count
    what = "batch, read" if read else "batch"
    return row(what, count, started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def run_journal(folder: Path, rows: int) -> list[dict[str, object]]:
    """The journal holds ``rows`` done documents, which lie in 1,000 folders."""
    source, journal = folder / "many", folder / "out" / "journal.sqlite"
    found: list[dict[str, object]] = []
    addresses = (str(source / f"{number // 1000:04d}" / f"{number:07d}.tif") for number in range(rows))
    started = time.perf_counter(), cpu()
    with Journal(journal) as made:
        made._base.execute("BEGIN")
        made._base.executemany(
            "INSERT INTO documents (id, input, state, size, sha256, pages, attempts, seconds, changed, output) "
            "VALUES (?, ?, 'done', 1, ?, 1, 1, 1.0, 0.0, ?)",
            ((document_id(a), a, "0" * 64, a[-40:]) for a in addresses),
        )
        made._base.execute("INSERT INTO totals VALUES ('done', ?, ?)", (rows, rows))
        made._base.execute("COMMIT")
    found.append(row("journal: rows written", rows, started, journal.stat().st_size / 1e6))
    for number in range(rows):
        path = source / f"{number // 1000:04d}" / f"{number:07d}.tif"
        if number % 1000 == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
    started = time.perf_counter(), cpu()
    with Journal(journal) as opened:
        opened.totals()
        opened.failures()
    found.append(row("journal: opened, totals and failures", rows, started))
    (source / "0000" / "0000000-new.tif").write_bytes(b"x")
    for what in ("until the first new document is found", "until all are listed"):
        spool = Spool()
        started = time.perf_counter(), cpu()
        lister = Lister([str(source)], journal, spool, folder / "out")
        lister.start()
        while not lister.complete and not (what.endswith("found") and len(spool)):
            time.sleep(0.002)
        found.append(row(f"resume: {what}", rows, started))
        lister.stop()
        lister.join()
        spool.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--documents", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--read", action="store_true", help="small pages read by the bundled model; no journal")
    parser.add_argument("--beside", default="", help="what else runs on the machine, for the table")
    parser.add_argument("--csv", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    common = {"beside": options.beside, "hardware": hardware(), "date": f"{datetime.date.today()}"}
    common |= {"versions": our_versions(), "revision": revision()}
    with tempfile.TemporaryDirectory() as temporary:
        for count in options.documents:
            note(options.csv, [run_documents(Path(temporary), count, options.read) | common])
        if options.rows and not options.read:
            note(options.csv, [one | common for one in run_journal(Path(temporary), options.rows)])


def note(path: Path, rows: list[dict[str, object]]) -> None:
    """Put rows into the CSV, in the place of those of the same name and size."""
    old: list[dict[str, str]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            old = list(csv.DictReader(file))
    measured = {(str(one["what"]), str(one["documents"])) for one in rows}
    kept = [one for one in old if (one["what"], one["documents"]) not in measured]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, *SAID], restval="")
        writer.writeheader()
        writer.writerows([*kept, *rows])


if __name__ == "__main__":
    main()
