"""Is it the width? Equal trainings to several widths read lines of every width; one row an arm, reading, set and band.

    python benchmarks/width.py --arm 768=runs/w768/last.safetensors --arm 1024=runs/w1024/last.safetensors \
        --arm full:1024=runs/full/last.safetensors --real ../shared/real --plots docs/experiments

``docs/experiments/width.md`` says how the arms are trained; the name of one that was trained on lines padded to its
full width begins with ``full:``. Each arm reads every line squeezed to its own limit and padded by the ladder (``own``:
what a system with that model does) and at its natural width up to 1792 px (``natural``); the synthetic lines also
padded to the full limit, white (``own-full``) and gray (``own-full-gray``). The synthetic lines are 1-bit, of font
families that training never saw, as many in each band of 192 px from 64 to 1792 px. ``--draw-only`` only draws the
plots from the table.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from machine import hardware, per_cent, revision
from nordocr.evaluate.lines.predict import natural_width, read_crop
from nordocr.evaluate.lines.run import open_sets
from nordocr.evaluate.scoring.metrics import Pair, score
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.linespec import CEILING
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.weights import load_model
from nordocr.recognize.base import Crop
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

HERE = Path(__file__).resolve().parent
RECIPE = HERE / "width_lines.yaml"
SEED = 70_768
BANDS = tuple((low, low + 192) for low in range(64, CEILING, 192))
DRAWN_AT_MOST = 40_000
REAL_BANDS = ((0, 768), (768, 1024), (1024, CEILING))
REAL = ("danish-typewritten", "english-print", "english-typewritten", "french-typewritten")
FULL = "full:"
KINDS = [str(kind) for kind in ErrorClass if kind is not ErrorClass.EXACT]
COLUMNS = (
    *("arm", "max_width", "reading", "data", "band", "lines", "exact", "space_insensitive", "cer"),
    *KINDS,
    *("model", "hardware", "date", "revision"),
)


@dataclass(frozen=True)
class Line:
    """A crop, its truth, and its natural width in pixels at height 32."""

    crop: Crop
    text: str
    width: int


def synthetic(each: int, corpora: tuple[str, ...]) -> list[Line]:
    """``each`` lines of every band, in the order in which they were drawn."""
    recipe = load_synth_recipe(str(RECIPE)).with_fonts(split="validation")
    synth = LineSynth(recipe.with_text(corpora=corpora) if corpora else recipe, SEED)
    held: dict[tuple[int, int], list[Line]] = {band: [] for band in BANDS}
    for index in range(DRAWN_AT_MOST):
        image, text = synth.line(index)
        width = natural_width(image)
        band = next(((low, high) for low, high in BANDS if low < width <= high), None)
        if band is not None and len(held[band]) < each:
            held[band].append(Line(image, text, width))
            if all(len(lines) == each for lines in held.values()):
                return [line for lines in held.values() for line in lines]
    sys.exit(f"{DRAWN_AT_MOST} lines did not fill every band with {each}.")


def real(folder: Path) -> dict[str, list[Line]]:
    found = {}
    for name in REAL:
        if (folder / name).is_dir():
            rows = open_sets([folder / name])[name].rows
            crops = [read_crop(row.image) for row in rows]
            found[name] = [Line(c, row.text, natural_width(c)) for c, row in zip(crops, rows, strict=True)]
    return found


def readings(weights: Path) -> dict[str, TorchRecognizer]:
    """The ways in which one arm reads."""
    model, held = load_model(weights)
    model.eval()
    spec, limit = held.spec, held.spec.max_width
    full = spec.model_copy(update={"ladder": (limit,)})
    gray = full.model_copy(update={"pad_value": 128})
    return {
        "own": TorchRecognizer(model, spec, ceiling=limit, bf16=True),
        "natural": TorchRecognizer(model, spec, ceiling=CEILING, bf16=True),
        "own-full": TorchRecognizer(model, full, ceiling=limit, bf16=True),
        "own-full-gray": TorchRecognizer(model, gray, ceiling=limit, bf16=True),
    }


def rows_of(pairs: Sequence[Pair], bands: Iterable[tuple[int, int]]) -> Iterable[dict[str, object]]:
    """The figures of each band that has lines, and of all."""
    for low, high in (*bands, (0, 10**6)):
        held = [pair for pair in pairs if pair.width is not None and low < pair.width <= high]
        if held:
            figures = score(held, resamples=0)
            yield {
                "band": f"{low}-{high}" if high < 10**6 else "all",
                "lines": figures.lines,
                "exact": per_cent(figures.exact),
                "space_insensitive": per_cent(figures.space_insensitive),
                "cer": per_cent(figures.cer, 3),
                **{kind: figures.taxonomy.get(kind, 0) for kind in KINDS},
            }


def measure(arms: dict[str, Path], sets: dict[str, list[Line]], table: Path) -> None:
    place = {"hardware": hardware(), "date": datetime.date.today().isoformat(), "revision": revision()}
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for arm, weights in arms.items():
            for reading, recognizer in readings(weights).items():
                for name, lines in sets.items():
                    if name != "synthetic" and reading not in ("own", "natural"):
                        continue
                    texts = [line.text for line in recognizer.read([line.crop for line in lines])]
                    pairs = [Pair(line.text, text, line.width) for line, text in zip(lines, texts, strict=True)]
                    known = {"arm": arm, "max_width": recognizer.spec.max_width, "reading": reading, "data": name}
                    for row in rows_of(pairs, BANDS if name == "synthetic" else REAL_BANDS):
                        writer.writerow({**known, **row, "model": weights.name, **place})
                    file.flush()
                    whole = score(pairs, resamples=0)
                    cut = whole.taxonomy.get("right_truncation", 0)
                    said = f"{per_cent(whole.exact):>6} % exact, CER {per_cent(whole.cer)}, {cut} lose their right end"
                    print(f"{arm:10} {reading:13} {name:20} {said}", flush=True)


def draw(table: Path, folder: Path) -> None:
    """Two pictures: lines that lose their right end, and CER, by natural width, each arm as it would be used."""
    try:
        from matplotlib import pyplot
    except ImportError:
        sys.exit("The plots need matplotlib: pip install matplotlib.")
    curves: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["data"] == "synthetic" and row["band"] != "all":
                curves[row["arm"], row["reading"]].append(row)
    titles = {"own": "squeezed to the arm's own limit", "natural": "read at their natural width"}
    figures = {"right_truncation": "lines that lose their right end, %", "cer": "CER, %", "exact": "exact lines, %"}
    grid, axes = pyplot.subplots(len(figures), 2, figsize=(9, 9), sharex=True, sharey="row", layout="constrained")
    for row_of_axes, (figure, label) in zip(axes, figures.items(), strict=True):
        for axis, (reading, title) in zip(row_of_axes, titles.items(), strict=True):
            for (arm, how), rows in curves.items():
                used = "own-full" if arm.startswith(FULL) and reading == "own" else reading
                if how != used:
                    continue
                middles = [np.mean([int(end) for end in row["band"].split("-")]) for row in rows]
                share = [100.0 / int(row["lines"]) if figure == "right_truncation" else 1.0 for row in rows]
                heights = [float(row[figure]) * part for row, part in zip(rows, share, strict=True)]
                named = f"{arm.removeprefix(FULL)}, padded to the full width" if arm.startswith(FULL) else arm
                axis.plot(middles, heights, marker="o", markersize=3, label=named)
            for limit in (768, 1024):
                axis.axvline(limit, color="0.8", linewidth=0.8, zorder=0)
            if figure == "right_truncation":
                axis.set_title(title, fontsize=10)
            axis.set_ylim(bottom=0)
        row_of_axes[0].set_ylabel(label)
    for axis in axes[-1]:
        axis.set_xlabel("natural width, px at height 32")
    axes[0][0].legend(title="trained to", fontsize=8, title_fontsize=8)
    grid.savefig(folder / "width.png", dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arm", action="append", default=[], metavar="NAME=WEIGHTS")
    parser.add_argument("--each", type=int, default=100, help="synthetic lines of each band")
    parser.add_argument("--corpora", nargs="*", default=[], help="files of sentences for the synthetic lines")
    parser.add_argument("--real", type=Path)
    parser.add_argument("--csv", type=Path, default=HERE / "width.csv")
    parser.add_argument("--plots", type=Path)
    parser.add_argument("--draw-only", action="store_true")
    options = parser.parse_args()
    if not options.draw_only:
        arms = {name: Path(weights) for name, _, weights in (arm.partition("=") for arm in options.arm)}
        sets = {"synthetic": synthetic(options.each, tuple(options.corpora))}
        if options.real:
            sets |= real(options.real)
        measure(arms, sets, options.csv)
    if options.plots:
        draw(options.csv, options.plots)


if __name__ == "__main__":
    main()
