"""The guide's comparison on whole pages: from a multi-page TIFF to the report and the gate, with the users' commands.

    python benchmarks/comparison.py --real ../shared/real --output out

takes the pages of each real set and their truth, makes one TIFF of them (as they are; ``--bilevel``: 1-bit G4, as
scanners of business documents write them) and a ``truth.tsv``, and runs ``nordocr compare TIFF --engines
svtrv2,tesseract --reference TSV`` and ``nordocr gate`` on it. The commands and all that they print go to standard
output, the reports to ``OUTPUT/SET``, the figures to ``benchmarks/comparison.csv`` (rows of the same data, engine and
model are replaced). The document that comes with nordocr is always the first.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

import nordocr
from accuracy import LANGUAGES
from machine import hardware, per_cent, revision
from nordocr.evaluate.documents.readings import read_readings
from nordocr.evaluate.documents.truth import TABLE_COLUMNS

HERE = Path(__file__).resolve().parent
DEMO = Path(nordocr.__file__).parent / "demo" / "nordic-report.tif"
PAGES = (".jpg", ".png", ".tif")
REFUSED = 20
COLUMNS = (
    *("data", "engine", "model", "pages", "regions", "referenced", "exact", "exact_low", "exact_high"),
    *("space_insensitive", "cer", "cer_low", "cer_high", "right_truncation", "leading_garbage", "missed", "spurious"),
    *("interval_unit", "recognise_s", "peak_mb", "gate", "threads", "nordocr", "hardware", "date", "revision"),
)
KEY = ("data", "engine", "model")


def main() -> int:
    arguments = parse()
    arguments.output.mkdir(parents=True, exist_ok=True)
    sets = [(DEMO, DEMO.with_suffix(".json"), "swe")]
    for name, languages in LANGUAGES.items():
        folder = arguments.real / name / "pages" if arguments.real is not None else None
        if folder is not None and folder.is_dir() and name in (arguments.set or LANGUAGES):
            sets.append((*one_document(folder, arguments.output / name, arguments.bilevel), languages))
    for pages, truth, languages in sets:
        write(arguments.csv, list(compare(pages, truth, languages, arguments)))
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--real", type=Path, help="folder that holds the real sets")
    add("--set", action="append", help="only this real set; repeat")
    add("--output", type=Path, required=True, help="folder for TIFFs, truths and reports")
    add("--bilevel", action="store_true", help="pages as 1-bit G4 (Otsu's threshold)")
    add("--threads", type=int, default=1)
    add("--csv", type=Path, default=HERE / "comparison.csv")
    return parser.parse_args()


def one_document(folder: Path, stem: Path, bilevel: bool) -> tuple[Path, Path]:
    """All pages of ``folder`` as one TIFF, and their lines as one table."""
    files = sorted(path for path in folder.iterdir() if path.suffix in PAGES)
    rows = ["\t".join(TABLE_COLUMNS)]
    images = []
    tiff = stem.with_name(f"{stem.name}-g4.tif" if bilevel else f"{stem.name}.tif")
    for number, path in enumerate(files, start=1):
        gray = np.asarray(Image.open(path).convert("L"))
        if bilevel:
            _, gray = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        images.append(
            Image.fromarray(gray).convert("1", dither=Image.Dither.NONE) if bilevel else Image.fromarray(gray)
        )
        (reading,) = read_readings(path.with_suffix(".json"))
        for line in reading.pages[0].lines:
            b = line.box
            rows.append("\t".join(map(str, (tiff.name, number, b.x, b.y, b.width, b.height, line.text))))
    images[0].save(tiff, save_all=True, append_images=images[1:], compression="group4" if bilevel else "tiff_lzw")
    tiff.with_suffix(".tsv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")
    return tiff, tiff.with_suffix(".tsv")


def compare(pages: Path, truth: Path, languages: str, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Compare and gate one document; a row an engine."""
    folder = arguments.output / pages.stem
    options = ["--engines", "svtrv2,tesseract", "--tess-lang", languages, "--threads", str(arguments.threads)]
    run(["compare", str(pages), *options, "--reference", str(truth), "--output", str(folder)])
    found = folder / "comparison.json"
    sides = ["--baseline", str(found), "--baseline-engine", "tess"]
    sides += ["--candidate", str(found), "--candidate-engine", "svtrv2", "--fewest-lines", "150"]
    code = run(["gate", *sides, "--output", str(folder / "gate.json")], REFUSED)
    comparison = json.loads(found.read_text(encoding="utf-8"))
    measured = json.loads((folder / "benchmark.json").read_text(encoding="utf-8"))["engines"]
    for name, engine in comparison["engines"].items():
        m, times = engine["metrics"], measured[name]
        exact, cer = m["intervals"]["exact"], m["intervals"]["cer"]
        yield {
            "data": pages.stem,
            "engine": name,
            "model": f"{Path(times['model']).name} {times['model_sha256'][:12]}".strip(),
            "pages": comparison["pages"],
            "regions": comparison["regions"],
            "referenced": comparison["referenced"],
            "exact": per_cent(m["exact"]),
            "exact_low": per_cent(exact["low"]),
            "exact_high": per_cent(exact["high"]),
            "space_insensitive": per_cent(m["space_insensitive"]),
            "cer": per_cent(m["cer"], 3),
            "cer_low": per_cent(cer["low"], 3),
            "cer_high": per_cent(cer["high"], 3),
            "right_truncation": m["taxonomy"]["right_truncation"],
            "leading_garbage": m["taxonomy"]["leading_garbage"],
            "missed": engine["missed"],
            "spurious": engine["spurious"],
            "interval_unit": m["unit"],
            "recognise_s": times["recognize_seconds"],
            "peak_mb": round(times["peak_memory"] / 1e6) if times["peak_memory"] else "",
            "gate": ("refused" if code else "allowed") if name == "svtrv2" else "",
            "threads": arguments.threads,
            "nordocr": comparison["nordocr"],
            "hardware": hardware(),
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "revision": revision(),
        }


def run(arguments: list[str], *allowed: int) -> int:
    """The command as a user types it, then what it prints; its exit code, which must be 0 or ``allowed``."""
    print(f"\n$ nordocr {shlex.join(arguments)}", flush=True)
    done = subprocess.run([sys.executable, "-m", "nordocr", *arguments], check=False)
    if done.returncode not in (0, *allowed):
        raise SystemExit(f"nordocr {arguments[0]} ended with exit code {done.returncode}")
    return done.returncode


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Put ``rows`` into the table, in place of those of the same :data:`KEY`."""
    kept: dict[tuple[str, ...], dict[str, Any]] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            kept = {tuple(row[k] for k in KEY): row for row in csv.DictReader(file)}
    kept |= {tuple(str(row[k]) for k in KEY): row for row in rows}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for _, row in sorted(kept.items()))


if __name__ == "__main__":
    sys.exit(main())
