"""How well what stands beside upright lines is read: turned type, tick boxes, strokes over amounts; junk of pictures.

    PYTHONPATH=benchmarks python benchmarks/lines/beside.py

makes 50 pages by the recipe ``beside`` (held-out fonts, five languages, clean gray and 1-bit), reads them with each
detector and writes ``benchmarks/lines/beside.csv``: a row for each kind of line and detector. A line of the truth is
found by the line of the result whose box agrees with its own from an IoU of 0.5. ``junk`` counts lines that lie on no
line of the truth, and their characters. For lines that a stroke runs over ``marked`` counts those that say so.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cells.match import iou, paired
from machine import hardware, per_cent, revision
from nordocr.config import ReadingConfig
from nordocr.files import whole_file
from nordocr.pipeline.reader import Reader
from nordocr.results import Line
from nordocr.synth.pages.files import TruthDocument, read_truth

HERE = Path(__file__).resolve().parent
LANGUAGES = ("sv", "nb", "da", "fi", "is")
SEED = 16_000
SIGNS = frozenset("☐☑☒")
KINDS = ("upright", "side", "upside down", "option", "overlapped", "junk")
COLUMNS = (
    *("detector", "kind", "pages", "lines", "found", "exact", "marked", "wrongly_marked", "characters"),
    *("exact_share", "seconds_a_page", "hardware", "date", "revision"),
)


@dataclass
class Count:
    """``marked``: lines whose rotation, sign or flag is the right one; ``wrong``: others that have one."""

    lines: int = 0
    found: int = 0
    exact: int = 0
    marked: int = 0
    wrong: int = 0
    characters: int = 0


@dataclass
class Tally:
    """The counts of each kind over some pages."""

    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KINDS})
    pages: int = 0
    seconds: float = 0.0

    def add(self, truth: Sequence[Line], kinds: Sequence[str], read: Sequence[Line], tell: bool) -> None:
        """Count one page; ``tell``: print what is wrong."""
        self.pages += 1
        of = matches(truth, read)
        for number, (line, name) in enumerate(zip(truth, kinds, strict=True)):
            kind = kind_of(line, name)
            count, found = self.counts[kind], of.get(number)
            count.lines += 1
            if found is not None:
                count.found += 1
                count.exact += found.text == line.text and found.rotation == line.rotation
                count.marked += is_marked(kind, line, found)
            if tell and (found is None or found.text != line.text or found.rotation != line.rotation):
                print(f"    {kind}: {line.text!r} read {found.text if found else None!r}")
        taken = {id(line) for line in of.values()}
        for line in read:
            if id(line) not in taken and all(iou(line.bbox, other.bbox) == 0 for other in truth):
                self.counts["junk"].lines += 1
                self.counts["junk"].characters += len(line.text)
                if tell:
                    print(f"    junk: {line.text!r} {line.confidence:.2f} {line.bbox}")
        self._wrongly(truth, kinds, read, of)

    def _wrongly(self, truth: Sequence[Line], kinds: Sequence[str], read: Sequence[Line], of: dict[int, Line]) -> None:
        right = {id(found): kind_of(truth[number], kinds[number]) for number, found in of.items()}
        for line in read:
            kind = right.get(id(line), "")
            self.counts["side"].wrong += line.rotation in (90, 270) and kind != "side"
            self.counts["upside down"].wrong += line.rotation == 180 and kind != "upside down"
            self.counts["option"].wrong += bool(SIGNS & set(line.text)) and kind != "option"
            self.counts["overlapped"].wrong += "overlapped" in line.flags and kind != "overlapped"


def kind_of(line: Line, name: str) -> str:
    """Return the kind of a line of the truth among :data:`KINDS`."""
    if "overlapped" in line.flags:
        return "overlapped"
    if line.rotation:
        return "upside down" if line.rotation == 180 else "side"
    return "option" if SIGNS & set(line.text) else "upright"


def is_marked(kind: str, truth: Line, found: Line) -> bool:
    """Return whether the line found says what is special about it."""
    if kind == "overlapped":
        return "overlapped" in found.flags
    if kind == "option":
        return [c for c in truth.text if c in SIGNS] == [c for c in found.text if c in SIGNS]
    return truth.rotation == found.rotation


def matches(truth: Sequence[Line], read: Sequence[Line]) -> dict[int, Line]:
    """Return the line read for each line of the truth that was found, the best pairs first."""
    pairs = paired([line.bbox for line in truth], [line.bbox for line in read])
    return {i: read[j] for i, j in pairs}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--count", type=int, default=10, help="pages a language")
    add("--language", action="append", choices=LANGUAGES, help="repeat (default: all)")
    add("--recipe", default="beside")
    add("--seed", type=int, default=SEED)
    add("--detector", action="append", help="repeat (default: the default one)")
    add("--tell", action="store_true", help="print each line that is wrong")
    add("--pages", type=Path, help="folder of pages made before")
    add("--output", type=Path, default=HERE / "beside.csv")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.pages or Path(scratch)
        if arguments.pages is None:
            make(folder, arguments)
        rows = []
        for detector in arguments.detector or [ReadingConfig().detector]:
            rows += rows_of(detector, tally(detector, folder, arguments.tell))
            write(arguments.output, rows)
    return 0


def make(folder: Path, arguments: argparse.Namespace) -> None:
    """Make the pages with the command that users have."""
    nordocr = [sys.executable, "-c", "import sys; from nordocr.cli import main; sys.exit(main())"]
    for number, code in enumerate(arguments.language or LANGUAGES):
        options = ["--count", str(arguments.count), "--seed", str(arguments.seed + number), "--language", code]
        options += ["--recipe", arguments.recipe]
        subprocess.run(
            [*nordocr, "synth", "pages", str(folder / code), *options], check=True, stdout=subprocess.DEVNULL
        )


def tally(detector: str, folder: Path, tell: bool) -> Tally:
    """Read all pages of a folder and count."""
    total = Tally()
    with Reader(ReadingConfig(detector=detector, threads=1, char_boxes=True)) as reader:
        for path in sorted(folder.rglob("*.json")):
            truth: TruthDocument = read_truth(path)
            source = next(p for p in (path.with_suffix(".tif"), path.with_suffix(".png")) if p.is_file())
            if tell:
                print(source)
            started = time.process_time()
            page = reader.document(source).pages[0]
            total.seconds += time.process_time() - started
            total.add(truth.pages[0].lines, truth.truth[0].line_kinds, page.lines, tell)
    return total


def rows_of(detector: str, total: Tally) -> list[dict[str, object]]:
    """Return the rows of the table, printed as well."""
    rows: list[dict[str, object]] = []
    for kind, count in total.counts.items():
        about = {"detector": detector, "kind": kind, "pages": total.pages, "lines": count.lines, "found": count.found}
        about |= {"exact": count.exact, "marked": count.marked, "wrongly_marked": count.wrong}
        about |= {"characters": count.characters, "exact_share": per_cent(count.exact / max(1, count.lines))}
        print(" ".join(f"{key} {value}" for key, value in about.items()), flush=True)
        rows.append(
            {
                **about,
                "seconds_a_page": f"{total.seconds / max(1, total.pages):.2f}",
                "hardware": hardware(),
                "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
                "revision": revision(),
            }
        )
    return rows


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Write the table."""
    with whole_file(path) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", extrasaction="raise")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
