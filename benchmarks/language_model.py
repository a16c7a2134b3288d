"""What the language model brings and costs, on labelled lines and on whole pages; one row a set, or a file, and way.

    python benchmarks/language_model.py --real ../shared/real --page src/nordocr/demo/nordic-report.tif \
        --csv benchmarks/language_model.csv

One recogniser reads everything with one thread, first as its network alone, then with the language model. Lines:
exact, CER, how far confidences are off (expected calibration error), lines that the model changed. Times are processor
seconds, the best of ``--rounds``, the two ways taking turns; a page's time is all of it, decoding and detection too.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
import time
from importlib import metadata
from pathlib import Path

from machine import hardware, per_cent, revision
from nordocr.config import ReadingConfig
from nordocr.evaluate.lines.predict import read_crop
from nordocr.evaluate.lines.run import open_sets
from nordocr.evaluate.scoring.metrics import Pair, score
from nordocr.lm.file import bundled_file, load_model
from nordocr.pipeline.reader import Reader
from nordocr.recognize.engine import LineRecognizer
from nordocr.recognize.registry import open_recognizer

HERE = Path(__file__).resolve().parent
WAYS = ("alone", "lm")
COLUMNS = (
    *("data", "way", "lines", "changed", "exact", "cer", "calibration_error", "pages", "ms_a_line", "ms_a_page"),
    *("more_time", "recognizer", "language_model", "bytes", "versions", "hardware", "date", "revision"),
)
Row = dict[str, object]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, help="a folder of labels folders")
    parser.add_argument("--page", type=Path, action="append", default=[], help="a file of pages; repeat for more")
    parser.add_argument("--model", default=ReadingConfig().recognizer)
    parser.add_argument("--lm", type=Path, default=bundled_file())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    recognizer = open_recognizer(options.model, ReadingConfig(threads=1, lm="none"))
    if not isinstance(recognizer, LineRecognizer):
        sys.exit(f"{options.model} takes no language model.")
    held = load_model(options.lm)

    def turn(way: str) -> None:
        recognizer.guide((), held if way == "lm" else None)

    folders = sorted(p for p in options.real.iterdir() if (p / "labels.tsv").is_file()) if options.real else []
    rows = [row for folder in folders for row in lines(recognizer, folder, turn, options.rounds)]
    rows += [row for page in options.page for row in pages(recognizer, page, turn, options.rounds)]
    names = ("nordocr", "onnxruntime", "numpy", "opencv-python-headless")
    about: Row = {
        "recognizer": f"{options.model} {recognizer.model_sha256[:12]}",
        "language_model": f"{held.name} {held.sha256[:12]}",
        "bytes": options.lm.stat().st_size,
        "versions": " ".join(f"{name} {metadata.version(name)}" for name in names),
        "hardware": hardware(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "revision": revision(),
    }
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(row | about for row in rows)
    return 0


def lines(recognizer: LineRecognizer, folder: Path, turn, rounds: int) -> list[Row]:  # type: ignore[no-untyped-def]
    """The two rows of a labels folder, its lines read in pages of 60."""
    rows = next(iter(open_sets([folder], recognizer.spec.charset).values())).rows
    crops = [read_crop(row.image) for row in rows]
    best, read = dict.fromkeys(WAYS, float("inf")), {}
    for _ in range(rounds):
        for way in WAYS:
            turn(way)
            started = time.process_time()
            read[way] = [line for i in range(0, len(crops), 60) for line in recognizer.read(crops[i : i + 60])]
            best[way] = min(best[way], time.process_time() - started)
    found = []
    for way in WAYS:
        pairs = [Pair(r.text, t.text, confidence=t.confidence) for r, t in zip(rows, read[way], strict=True)]
        figures = score(pairs, resamples=0, charset=recognizer.spec.charset)
        row: Row = {"data": folder.name, "way": way, "lines": len(rows)}
        row |= {"changed": sum("lm" in line.flags for line in read[way])}
        row |= {"exact": per_cent(figures.exact, 1), "cer": per_cent(figures.cer)}
        row |= {"calibration_error": per_cent(figures.accept.calibration_error, 1) if figures.accept else ""}
        row |= {"ms_a_line": f"{1e3 * best[way] / len(rows):.2f}", "more_time": more(best, way)}
        print(*row.values(), flush=True)
        found.append(row)
    return found


def pages(recognizer: LineRecognizer, file: Path, turn, rounds: int) -> list[Row]:  # type: ignore[no-untyped-def]
    """The two rows of a file of pages."""
    best, read = dict.fromkeys(WAYS, float("inf")), {}
    with Reader(ReadingConfig(threads=1), recognizer) as reader:
        for _ in range(rounds):
            for way in WAYS:
                turn(way)
                started = time.process_time()
                read[way] = list(reader.pages(file))
                best[way] = min(best[way], time.process_time() - started)
    found = []
    for way in WAYS:
        held = [line for page in read[way] for line in page.lines]
        row: Row = {"data": file.name, "way": way, "lines": len(held), "pages": len(read[way])}
        row |= {"changed": sum("lm" in line.flags for line in held)}
        row |= {"ms_a_page": f"{1e3 * best[way] / len(read[way]):.0f}", "more_time": more(best, way)}
        print(*row.values(), flush=True)
        found.append(row)
    return found


def more(best: dict[str, float], way: str) -> str:
    """How much longer ``way`` takes than the network alone, in per cent."""
    return "" if way == WAYS[0] else f"{100 * (best[way] / best[WAYS[0]] - 1):.1f}"


if __name__ == "__main__":
    sys.exit(main())
