"""How well tables are found: cells whose text and place are right, and tables where there are none.

    python benchmarks/tables.py

renders synthetic pages of each kind, as clean gray scans and 1-bit as for CCITT G4, with the held-out font families and
a fixed seed, and writes ``benchmarks/tables.csv``: a row for each kind and look, once with the truth's lines (the
structure alone) and once with what was read. ``f1``: cells with the right text in the right row and column of the right
table; ``place_f1``: the same without the text. On pages without tables the tables found are false.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from machine import hardware, per_cent, revision
from nordocr import Reader
from nordocr.files import whole_file
from nordocr.results import Page, Table
from nordocr.synth.degrade import DegradeConfig
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import PageRecipe, read_truth, write_pages
from nordocr.tables import find_tables
from table_match import CellTally, tally

HERE = Path(__file__).resolve().parent
SEED = 90_210
WITH_TABLES = ("statement", "notes", "invoice")
WITHOUT = ("running", "letter", "minutes", "audit", "contents", "form")
LOOKS = {
    "clean": (0.0, {"clean-gray": 1.0}),
    "g4": (1.0, {"clean-1bit": 1.0, "normal-1bit": 3.0, "photocopy-1bit": 1.0}),
}
COLUMNS = (
    *("kind", "look", "lines", "pages", "tables", "tables_found", "heads_right", "cells", "cells_found", "precision"),
    *("recall", "f1", "place_f1", "ms_a_page", "model", "detector", "hardware", "date", "revision"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="pages of each kind with tables, in each look")
    parser.add_argument("--without", type=int, default=15, help="pages of each kind without tables")
    parser.add_argument("--output", type=Path, default=HERE / "tables.csv")
    arguments = parser.parse_args()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch, Reader() as reader:
        for look in LOOKS:
            for kind in (*WITH_TABLES, *WITHOUT):
                count = arguments.count if kind in WITH_TABLES else arguments.without
                paths = render(kind, look, count, Path(scratch) / f"{look}-{kind}")
                for lines, result, seconds in judged(paths, reader):
                    rows.append(row(kind, look, lines, result, seconds, reader))
                    print(" ".join(str(rows[-1][column]) for column in COLUMNS[:14]), flush=True)
                    write(arguments.output, rows)
    return 0


def render(kind: str, look: str, count: int, folder: Path) -> list[Path]:
    """Write pages of one kind; return their pictures."""
    bilevel, profiles = LOOKS[look]
    recipe = PageRecipe(
        kinds={kind: 1.0}, fonts=FontConfig(split="validation"), bilevel=bilevel, dpi=((200, 0.5), (300, 0.5)),
        degrade=DegradeConfig(keep_size=True, inverted=0.0, profiles=profiles),
    )  # fmt: skip
    return write_pages(folder, count, SEED, recipe)


def judged(paths: list[Path], reader: Reader) -> Iterator[tuple[str, CellTally, float]]:
    """Yield the tally of the truth's lines and that of what was read, with the seconds that finding tables took."""
    given, read = CellTally(), CellTally()
    given_seconds = read_seconds = 0.0
    for path in paths:
        document = read_truth(path.with_suffix(".json"))
        [truth] = document.pages
        found, seconds = timed(truth, document.truth[0].skew)
        given, given_seconds = given + tally(truth, found), given_seconds + seconds
        [page] = reader.read(path).pages
        _, seconds = timed(page, document.truth[0].skew)
        read, read_seconds = read + tally(truth, page.tables), read_seconds + seconds
    yield "truth", given, given_seconds
    yield "read", read, read_seconds


def timed(page: Page, degrees: float) -> tuple[list[Table], float]:
    started = time.perf_counter()
    found = find_tables(page.lines, degrees)
    return found, time.perf_counter() - started


def row(kind: str, look: str, lines: str, result: CellTally, seconds: float, reader: Reader) -> dict[str, Any]:
    about = reader.engine
    tables = kind in WITH_TABLES
    return {
        "kind": kind, "look": look, "lines": lines, "pages": result.pages, "tables": result.tables,
        "tables_found": result.tables_found, "heads_right": result.heads if tables else "", "cells": result.cells,
        "cells_found": result.found, "precision": per_cent(result.right / max(1, result.found)) if tables else "",
        "recall": per_cent(result.right / max(1, result.cells)) if tables else "",
        "f1": per_cent(result.f1(result.right)) if tables else "",
        "place_f1": per_cent(result.f1(result.in_place)) if tables else "",
        "ms_a_page": f"{1000 * seconds / max(1, result.pages):.1f}",
        "model": f"{Path(about.model).name} {about.model_sha256[:12]}" if lines == "read" else "",
        "detector": about.detector if lines == "read" else "", "hardware": hardware(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "revision": revision(),
    }  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with whole_file(path) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
