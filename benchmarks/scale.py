"""What the frame around reading costs as work grows: the supervisor, the journal, listing.

    python benchmarks/scale.py [--documents 100 1000 10000] [--rows 1000000] [--csv benchmarks/scale.csv]

- `documents`: batches of tiny pages read by a recogniser that does nothing, with two workers. The time is that of
  everything but OCR: listing, journal, processes, decoding, writing. CPU seconds are those of all processes.
- `journal`: a journal with a million done documents, and a folder that has them. How long the journal takes to open,
  and a second run until it has found the first new document, and until it has looked at all.

CPU seconds are worth more than seconds where the machine does other work besides.
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
from PIL import Image

from machine import hardware, revision
from nordocr.batch.journal import Journal, document_id
from nordocr.batch.lister import Lister
from nordocr.batch.options import BatchOptions
from nordocr.batch.run import Batch
from nordocr.batch.spool import Spool
from nordocr.batch.tasks import WorkerSettings
from nordocr.config import ReadingConfig
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Crop, LineText, Recognizer

COLUMNS = ("what", "documents", "seconds", "cpu_seconds", "ms_cpu_a_document", "mb", "load_average")


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
        "cpu_seconds": f"{spent:.2f}",
        "ms_cpu_a_document": f"{1000 * spent / documents:.4f}",
        "mb": f"{mb:.0f}" if mb else "",
        "load_average": f"{os.getloadavg()[0]:.1f}",
    }
    print(found, flush=True)
    return found


def run_documents(folder: Path, count: int) -> dict[str, object]:
    source = folder / f"pages-{count}"
    source.mkdir()
    pixels = np.full((40, 200), 255, np.uint8)
    pixels[10:20, 20:180:3] = 0
    Image.fromarray(pixels).convert("1").save(source / "0.tif", compression="group4")
    page = (source / "0.tif").read_bytes()
    for number in range(1, count):
        (source / f"{number}.tif").write_bytes(page)
    settings = WorkerSettings(
        ReadingConfig(threads=1, turn_pages=False), open_recognizer=open_nothing, open_reader=open_reader
    )
    started = time.perf_counter(), cpu()
    progress = Batch([str(source)], settings, BatchOptions(folder / f"out-{count}", workers=2)).run()
    assert progress.documents == count
    return row("batch", count, started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


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
    parser.add_argument("--csv", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for count in options.documents:
            rows.append(run_documents(Path(temporary), count))
        if options.rows:
            rows += run_journal(Path(temporary), options.rows)
    common = {"hardware": hardware(), "date": f"{datetime.date.today()}", "revision": revision()}
    with options.csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*COLUMNS, *common])
        writer.writeheader()
        writer.writerows([one | common for one in rows])


if __name__ == "__main__":
    main()
