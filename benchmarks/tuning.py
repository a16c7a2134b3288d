"""What correcting more lines is worth, and choosing them: nano tuned on 50, 100, 200, 500 lines of an archive.

    python benchmarks/tuning.py OUT [--counts 50,100,200,500] [--how random,suggest] [--leaning 0.5 | --face FILE |
        --lines LABELS] [--steps N] [--csv benchmarks/tuning.csv]

The archive is made here: documents of lines in one face, which nano reads badly because the face leans backwards by
``--leaning`` of its height, or because it is the font ``--face``. With ``--every 5`` only every fifth document leans,
and the others are read well as they are. With ``--lines`` it is a labels folder. A third of its documents is never
chosen from and is what CER is measured on, before and after. Everything else is what ``nordocr tune`` does: its steps
unless ``--steps`` says otherwise, its held-out documents, its guard, the exported model. ``share`` is how far from the
start that lies, ``better`` whether it would be installed. ``minutes`` are of the wall clock, ``processor`` those of
all cores together, both of the whole tuning.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageFont

from machine import hardware, per_cent, revision
from nordocr.charset import CHARSETS
from nordocr.config import settings
from nordocr.data.crops import encode_png
from nordocr.data.labels import IMAGES, LabelReport, LabelRow, read_labels, write_labels
from nordocr.data.lines import copy_lines, read_lines
from nordocr.evaluate.lines.predict import predict
from nordocr.evaluate.lines.run import charset_of
from nordocr.evaluate.scoring.paired import Difference, paired_differences
from nordocr.evaluate.scoring.table import ScoredTable
from nordocr.recognize.named import named_model
from nordocr.recognize.registry import open_recognizer
from nordocr.synth.degrade import degrade
from nordocr.synth.fonts.draw import SIZE, examine
from nordocr.synth.fonts.pool import Face
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe
from nordocr.synth.render import render_line
from nordocr.tune.plan import TunePlan
from nordocr.tune.run import tune
from nordocr.tune.split import split_rows
from nordocr.tune.suggest.features import FeatureReader
from nordocr.tune.suggest.run import suggest_lines

COLUMNS: Final = (
    "archive", "characters", "lines", "how", "steps", "minutes", "processor", "documents", "test_lines",
    "cer_before", "cer_after", "low", "high", "exact_before", "exact_after", "share", "better",
    "clean_before", "clean_after", "clean_low", "clean_high", "scans_before", "scans_after", "scans_low", "scans_high",
    "hardware", "revision",
)  # fmt: skip
Gray = npt.NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder to work in")
    parser.add_argument("--counts", default="50,100,200,500")
    parser.add_argument("--how", default="random,suggest")
    parser.add_argument("--leaning", type=float, default=0.5)
    parser.add_argument("--every", type=int, default=1, help="only every so manieth document leans, others are upright")
    parser.add_argument("--face", type=Path, default=None)
    parser.add_argument("--lines", type=Path, default=None)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--per-document", type=int, default=15)
    parser.add_argument("--most-characters", type=int, default=60)
    parser.add_argument("--guard", type=int, default=200)
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--test-lines", type=int, default=None, help="measure on so many lines only")
    parser.add_argument("--set", action="append", default=[], help="key=value laid over the recipe")
    parser.add_argument("--csv", type=Path, default=None)
    options = parser.parse_args()
    pool, test = archive(options)
    rows = []
    for count in map(int, options.counts.split(",")):
        for how in options.how.split(","):
            rows.append(measured(options, pool, test, count, how))
            print(*(rows[-1][column] for column in COLUMNS), sep="\t", flush=True)
            if options.csv is not None:
                write(options.csv, rows)


def archive(options: argparse.Namespace) -> tuple[Path, Path]:
    """The lines to choose from and the lines to measure on, documents apart."""
    pool, test = options.out / "pool", options.out / "test"
    if not (test / "labels.tsv").is_file():
        made = options.lines or made_archive(options, options.out / "archive")
        split = split_rows(read_lines(made, charset=CHARSETS["nordic-ext"]).rows, 1 / 3)
        copy_lines(split.train, pool, LabelReport(pool))
        held = split.held[:: max(1, len(split.held) // options.test_lines)] if options.test_lines else split.held
        copy_lines(held, test, LabelReport(test))
    return pool, test


def made_archive(options: argparse.Namespace, folder: Path) -> Path:
    """Documents of Swedish lines in one face, each line scanned in its own way."""
    charset = CHARSETS["nordic-ext"]
    recipe = load_synth_recipe("scans").with_fonts(split="all", shares={"serif": 1.0})
    recipe = recipe.with_text(
        shares={"templates": 0.4, "sentences": 0.4, "words": 0.2},
        languages={"sv": 1.0},
        min_chars=3,
        max_chars=options.most_characters,
    )
    synth = LineSynth(recipe, 8, charset)
    face = font_face(options.face, charset.characters) if options.face is not None else None
    (folder / IMAGES).mkdir(parents=True)
    rows: list[LabelRow] = []
    rng = np.random.default_rng(8)
    # Without a font of its own the archive is set in one serif face of this machine.
    serif = face or next(f for f in synth.pool.faces if "liberation serif" in f.family and f.style == "Regular")
    while len(rows) < options.documents * options.per_document:
        text = synth.texts.sample(rng).text
        if set(text) - serif.covered - {" "} or len(text) > options.most_characters:
            continue
        rendered = render_line(text, serif, rng, recipe.render)
        image = degrade(rendered.image, rng, recipe.degrade, dpi=rendered.dpi).image
        name = f"{len(rows):05d}.png"
        number = len(rows) // options.per_document
        by = 0.0 if face is not None or number % options.every else options.leaning
        (folder / IMAGES / name).write_bytes(encode_png(leaning(image, by)))
        document = f"document {number:03d}"
        rows.append(LabelRow(name, text, folder / IMAGES / name, 0, source=document))
    write_labels(folder, rows)
    return folder


def font_face(path: Path, characters: str) -> Face:
    """A face of a font file, whatever the pool thinks of it."""
    font = ImageFont.truetype(str(path), SIZE, layout_engine=ImageFont.Layout.BASIC)
    return Face(str(path), 0, path.stem, "", "serif", False, frozenset(examine(font, characters).drawn))


def leaning(image: Gray, by: float) -> Gray:
    """The line sheared backwards by ``by`` of its height."""
    if not by:
        return image
    height, width = image.shape
    more, move = int(by * height) + 2, np.array([[1, by, 0], [0, 1, 0]], np.float32)
    paper = int(np.median(image))
    moved = cv2.warpAffine(image, move, (width + more, height), flags=cv2.INTER_AREA, borderValue=paper)
    return np.asarray(moved, dtype=np.uint8)


def measured(options: argparse.Namespace, pool: Path, test: Path, count: int, how: str) -> dict[str, object]:
    """One tuning and its figures."""
    work = options.out / f"{how}-{count}"
    chosen = work / "lines"
    if not (chosen / "labels.tsv").is_file():
        copy_lines(chosen_rows(options, pool, count, how), chosen, LabelReport(chosen))
    laid = list(options.set) + ([f"optimiser.steps={options.steps}"] if options.steps else [])
    if options.steps:
        laid.append(f"validation.every={max(1, options.steps // 4)}")
    plan = TunePlan((chosen,), guard_lines=options.guard, settings=tuple(laid), threads=options.threads)
    started, processor = time.monotonic(), processor_seconds()
    done = tune(plan, work / "tune")
    minutes, processor = (time.monotonic() - started) / 60, (processor_seconds() - processor) / 60
    found = paired_differences(read("nano", test, options.threads), read(str(done.model), test, options.threads))
    trained, judged = done.verdict.trained, done.verdict.sets
    figures: dict[str, object] = {
        "archive": archive_name(options),
        "characters": options.most_characters,
        "lines": count,
        "how": how,
        "steps": trained["steps"],
        "minutes": f"{minutes:.1f}",
        "processor": f"{processor:.1f}",
        "documents": len({row.source for row in read_labels(chosen).rows}),
        "test_lines": len(read_labels(test).rows),
        "share": trained["share"],
        "better": "yes" if done.verdict.better else "no",
    }
    cer = found.rates["cer"]
    figures |= both("cer", cer) | dict(zip(("low", "high"), ends(cer), strict=True))
    figures |= both("exact", found.rates["exact"])
    for name in ("clean", "scans"):
        change = next(check.difference for check in judged[name].checks if check.name == "cer")
        figures |= both(name, change) | dict(zip((f"{name}_low", f"{name}_high"), ends(change), strict=True))
    return figures | {"hardware": hardware(), "revision": revision()}


def processor_seconds() -> float:
    """Seconds of all cores so far, of this process and of its workers that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def chosen_rows(options: argparse.Namespace, pool: Path, count: int, how: str) -> list[LabelRow]:
    """The lines that somebody corrects: random ones, or those that are suggested; their texts are the truth."""
    rows = read_labels(pool, charset=CHARSETS["nordic-ext"]).rows
    if how == "random":
        order = np.random.default_rng(count).permutation(len(rows))[:count]
        return [rows[place] for place in sorted(order.tolist())]
    truth = {row.filename: row.text for row in rows}
    suggestions, _ = suggest_lines([pool], count, FeatureReader(named_model("nano"), options.threads))
    return [replace(one.row, text=truth[one.row.filename]) for one in suggestions if one.row is not None]


def read(model: str, folder: Path, threads: int) -> ScoredTable:
    """A labels folder read by a model, without the language model."""
    engine = open_recognizer(model, settings(None, {"threads": threads, "lm": "none"}))
    table = predict(engine, read_labels(folder, charset=charset_of(engine))).table
    engine.close()
    return table


def ends(difference: Difference) -> tuple[str, str]:
    """The interval's ends in points."""
    interval = difference.interval
    return per_cent(interval.low if interval else None), per_cent(interval.high if interval else None)


def both(name: str, difference: Difference) -> dict[str, object]:
    return {f"{name}_before": per_cent(difference.first), f"{name}_after": per_cent(difference.second)}


def archive_name(options: argparse.Namespace) -> str:
    if options.lines is not None:
        return str(options.lines.resolve().name)
    if options.face is not None:
        return str(options.face.stem)
    return f"leaning {options.leaning:g}" + (f" in 1 of {options.every}" if options.every > 1 else "")


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
