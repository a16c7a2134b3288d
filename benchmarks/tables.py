"""How well tables are found: cells whose text and place are right, and tables where there are none.

    python benchmarks/tables.py

makes synthetic pages of each kind with the held-out font families and a fixed seed, and writes ``tables.csv``:
a row for each kind with the truth's lines (the structure alone; look ``laid out``), and one for each kind and look with
what was read: clean gray scans and 1-bit as for CCITT G4. ``f1``: cells with the right text in the right row and column
of the right table; ``place_f1``: the same without the text. On pages without tables the tables found are false.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from cells.match import CellTally, tally
from machine import hardware, per_cent, revision
from nordocr import Reader
from nordocr.files import whole_file
from nordocr.results import Page, Table
from nordocr.synth.degrade import DegradeConfig
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import PageRecipe, PageSynth, read_truth, write_pages
from nordocr.synth.pages.files import truth_of
from nordocr.synth.pages.recipe import LayoutConfig
from nordocr.tables import find_tables

HERE = Path(__file__).resolve().parent
SEED = 90_210
WITH_TABLES = {
    "statement": ("statement", LayoutConfig()),
    "notes": ("notes", LayoutConfig()),
    "notes, side by side": ("notes", LayoutConfig(side_by_side=1.0)),
    "invoice": ("invoice", LayoutConfig()),
    "account": ("account", LayoutConfig()),
}
WITHOUT = {kind: (kind, LayoutConfig()) for kind in ("running", "letter", "minutes", "audit", "contents", "form")}
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
    parser.add_argument("--count", type=int, default=40, help="pages of each kind whose structure is found")
    parser.add_argument("--read", type=int, default=20, help="pages of each kind and look that are read")
    parser.add_argument("--read-without", type=int, default=8, help="the same for kinds without tables")
    parser.add_argument("--kind", action="append", choices=(*WITH_TABLES, *WITHOUT), help="repeat (default: all)")
    parser.add_argument("--output", type=Path, default=HERE / "tables.csv")
    arguments = parser.parse_args()
    kinds = arguments.kind or [*WITH_TABLES, *WITHOUT]
    rows: list[dict[str, Any]] = []

    def add(*values: Any) -> None:
        rows.append(row(*values))
        print(" ".join(str(rows[-1][column]) for column in COLUMNS[:14]), flush=True)
        write(arguments.output, rows)

    for kind in kinds if arguments.count else ():
        add(kind, "laid out", *laid_out(recipe_of(kind, "clean", 150), arguments.count), None)
    if not arguments.read:
        return 0
    with tempfile.TemporaryDirectory() as scratch, Reader() as reader:
        for look in LOOKS:
            for kind in kinds:
                count = arguments.read if kind in WITH_TABLES else arguments.read_without
                paths = write_pages(Path(scratch) / f"{look}-{kind}", count, SEED, recipe_of(kind, look, 200))
                add(kind, look, *read(paths, reader), reader)
    return 0


def recipe_of(kind: str, look: str, dpi: int) -> PageRecipe:
    layout, hard = (WITH_TABLES | WITHOUT)[kind]
    bilevel, profiles = LOOKS[look]
    return PageRecipe(
        kinds={layout: 1.0}, fonts=FontConfig(split="validation"), bilevel=bilevel, dpi=((dpi, 1.0),), layout=hard,
        degrade=DegradeConfig(keep_size=True, inverted=0.0, profiles=profiles),
    )  # fmt: skip


def laid_out(recipe: PageRecipe, count: int) -> tuple[CellTally, float]:
    """Return the tally of the tables found in the truth's lines, and the seconds that it took to find them."""
    synth = PageSynth(recipe, SEED)
    total, spent = CellTally(), 0.0
    for number in range(count):
        page = synth.make(number)
        [truth] = truth_of([page], "page").pages
        found, seconds = timed(truth, page.skew)
        total, spent = total + tally(truth, found), spent + seconds
    return total, spent


def read(paths: list[Path], reader: Reader) -> tuple[CellTally, float]:
    """Return the tally of the tables of the pages read, and the seconds that finding tables took."""
    total, spent = CellTally(), 0.0
    for path in paths:
        document = read_truth(path.with_suffix(".json"))
        [truth] = document.pages
        [page] = reader.read(path).pages
        total, spent = total + tally(truth, page.tables), spent + timed(page, document.truth[0].skew)[1]
    return total, spent


def timed(page: Page, degrees: float) -> tuple[list[Table], float]:
    started = time.process_time()
    found = find_tables(page.lines, degrees)
    return found, time.process_time() - started


def row(kind: str, look: str, result: CellTally, seconds: float, reader: Reader | None) -> dict[str, Any]:
    about = reader.engine if reader else None
    tables = kind in WITH_TABLES
    return {
        "kind": kind, "look": look, "lines": "read" if about else "truth", "pages": result.pages,
        "tables": result.tables, "tables_found": result.tables_found, "heads_right": result.heads if tables else "",
        "cells": result.cells, "cells_found": result.found,
        "precision": per_cent(result.right / max(1, result.found)) if tables else "",
        "recall": per_cent(result.right / max(1, result.cells)) if tables else "",
        "f1": per_cent(result.f1(result.right)) if tables else "",
        "place_f1": per_cent(result.f1(result.in_place)) if tables else "",
        "ms_a_page": f"{1000 * seconds / max(1, result.pages):.1f}",
        "model": f"{Path(about.model).name} {about.model_sha256[:12]}" if about else "",
        "detector": about.detector if about else "", "hardware": hardware(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "revision": revision(),
    }  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with whole_file(path) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
