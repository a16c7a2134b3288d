"""How exactly each engine reads: the bundled model and its peers on the same crops, one row a data set and engine.

    python benchmarks/accuracy.py --real ../shared/real --engine tesseract --engine rapidocr

measures the four real sets and the fixed synthetic set and writes ``benchmarks/accuracy.csv``: rows of the same engine,
model, data and number of lines are replaced, others are kept. The synthetic set is committed as a recipe and a seed
(``SYNTHETIC``), not as images, and is rendered when it is wanted. rapidocr runs in an environment of its own
(``peers/rapidocr_lines.py``).
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from machine import hardware, per_cent, revision
from nordocr.config import ReadingConfig
from nordocr.data.labels import Labels
from nordocr.evaluate.lines.predict import natural_width, read_crop
from nordocr.evaluate.lines.run import evaluate_sets, open_sets
from nordocr.evaluate.scoring.metrics import Metrics, Pair, score
from nordocr.files import whole_file
from nordocr.recognize.registry import open_recognizer

HERE = Path(__file__).resolve().parent
COLUMNS = (
    *("engine", "version", "model", "data", "lines", "exact", "exact_low", "exact_high", "space_insensitive"),
    *("cer", "cer_low", "cer_high", "wer", "right_truncation", "leading_garbage", "interval_unit"),
    *("seconds", "threads", "hardware", "date", "revision"),
)
KEY = ("engine", "model", "data", "lines")

LANGUAGES = {
    "danish-typewritten": "dan",
    "english-print": "eng",
    "english-typewritten": "eng",
    "french-typewritten": "fra",
}
"""Tesseract's languages for each set: its own, which is the setting that is fair to it."""

NORDIC = "swe+nor+dan+fin+isl"
"""Its languages for the synthetic set, which mixes them."""

SYNTHETIC = {"recipe": "scans", "seed": 20_241, "count": 2000, "split": "validation"}
"""The fixed synthetic set, of font families that our models were not trained on, named by these values. Lines follow
from recipe, seed and revision: compare rows of one revision of the recipe only."""


def main() -> int:
    arguments = parse()
    folders = list(arguments.data)
    if arguments.real is not None:
        folders += [arguments.real / name for name in LANGUAGES if (arguments.real / name).is_dir()]
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.synthetic:
            folders.append(render_synthetic(Path(scratch)))
        rows = []
        for folder in folders:
            for engine in arguments.engine:
                rows.append(measure(engine, folder, arguments))
                print(" ".join(str(rows[-1][c]) for c in COLUMNS[:-2]), flush=True)
                write(arguments.output, rows)
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--engine", action="append", help="a bundled model, a model file, tesseract or rapidocr; repeat (default: all)")
    add("--data", action="append", type=Path, default=[], help="a labels folder; repeat")
    add("--real", type=Path, help="folder that holds the four real sets")
    add("--synthetic", action=argparse.BooleanOptionalAction, default=True, help="the fixed synthetic set as well")
    add("--output", type=Path, default=HERE / "accuracy.csv")
    add("--tess-lang", help="Tesseract's languages for every set (default: each set's own)")
    add("--tessdata", type=Path, help="folder of Tesseract's language data")
    add("--rapidocr-venv", type=Path, default=Path(tempfile.gettempdir()) / "nordocr-rapidocr")
    add("--threads", type=int, default=1)
    add("--limit", type=int, help="first lines of each set only, for trying this script out")
    arguments = parser.parse_args()
    arguments.engine = arguments.engine or [ReadingConfig().recognizer, "tesseract", "rapidocr"]
    return arguments


def render_synthetic(scratch: Path) -> Path:
    """Render the fixed synthetic set with the command that users have; its folder."""
    values = {name: str(value) for name, value in SYNTHETIC.items()}
    folder = scratch / "-".join(["synthetic", *values.values()])
    options = [part for name, value in values.items() for part in (f"--{name}", value)]
    # The entry point by its name, because the script may not be on the path.
    nordocr = [sys.executable, "-c", "import sys; from nordocr.cli import main; sys.exit(main())"]
    subprocess.run([*nordocr, "synth", "lines", str(folder), *options], check=True)
    return folder


def measure(engine: str, folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """One row: ``engine`` on the labels folder."""
    (name, labels), *_ = open_sets([folder]).items()
    run = peer if engine == "rapidocr" else own
    about, metrics = run(engine, name, labels, arguments)
    exact, cer = metrics.intervals.get("exact"), metrics.intervals.get("cer")
    return {
        **about,
        "data": name,
        "lines": metrics.lines,
        "exact": per_cent(metrics.exact),
        "exact_low": per_cent(exact.low if exact else None),
        "exact_high": per_cent(exact.high if exact else None),
        "space_insensitive": per_cent(metrics.space_insensitive),
        "cer": per_cent(metrics.cer, 3),
        "cer_low": per_cent(cer.low if cer else None, 3),
        "cer_high": per_cent(cer.high if cer else None, 3),
        "wer": per_cent(metrics.wer),
        "right_truncation": metrics.taxonomy["right_truncation"],
        "leading_garbage": metrics.taxonomy["leading_garbage"],
        "interval_unit": metrics.unit,
        "threads": arguments.threads,
        "hardware": hardware(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "revision": revision(),
    }


def own(engine: str, name: str, labels: Labels, arguments: argparse.Namespace) -> tuple[dict[str, Any], Metrics]:
    """An engine that nordocr opens itself, Tesseract among them."""
    languages = arguments.tess_lang or LANGUAGES.get(name, NORDIC)
    config = ReadingConfig(tess_lang=languages, tessdata=arguments.tessdata, threads=arguments.threads)
    recognizer = open_recognizer(engine, config, shared=True)
    try:
        result = evaluate_sets(recognizer, {name: labels}, limit=arguments.limit)
    finally:
        recognizer.close()
    about = result.engine
    model = f"{about['model'] if engine == 'tesseract' else Path(engine).name} {about['model_sha256'][:12]}".strip()
    row = {"engine": about["name"], "version": about["version"] or about["nordocr"], "model": model}
    return row | {"seconds": round(about["seconds"], 1)}, result.total


def peer(engine: str, name: str, labels: Labels, arguments: argparse.Namespace) -> tuple[dict[str, Any], Metrics]:
    """Run rapidocr in its own environment, its predictions scored here."""
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "predictions.tsv"
        command = [sys.executable, str(HERE / "peers" / "rapidocr_lines.py"), str(labels.folder), str(table)]
        command += ["--venv", str(arguments.rapidocr_venv), "--threads", str(arguments.threads)]
        command += ["--limit", str(arguments.limit)] if arguments.limit else []
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
        about = json.loads(done.stdout.strip().splitlines()[-1])
        lines = table.read_text(encoding="utf-8").split("\n")[1:-1]
    read = {filename: (text, float(confidence)) for filename, text, confidence in (x.split("\t") for x in lines)}
    model = f"{about['model']} {about['model_sha256'][:12]}".strip()
    row = {"engine": engine, "version": about["rapidocr"], "model": model, "seconds": round(about["seconds"], 1)}
    return row, score(_pairs(labels, read, arguments.limit))


def _pairs(labels: Labels, read: dict[str, tuple[str, float]], limit: int | None) -> Iterator[Pair]:
    for label in labels.rows[:limit]:
        text, confidence = read[label.filename]
        yield Pair(label.text, text, natural_width(read_crop(label.image)), label.source, label.page, confidence)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Put ``rows`` into the table, in place of those of the same :data:`KEY`."""
    kept: dict[tuple[str, ...], dict[str, Any]] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            kept = {tuple(row[k] for k in KEY): row for row in csv.DictReader(file)}
    kept |= {tuple(str(row[k]) for k in KEY): row for row in rows}
    with whole_file(path) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for _, row in sorted(kept.items(), key=lambda item: (item[0][2], item[0])))


if __name__ == "__main__":
    sys.exit(main())
