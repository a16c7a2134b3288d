"""How fast one core makes training lines, and which stage takes how much: python benchmarks/lab/synth.py [--count N].

Prints milliseconds a line of text, render, degrade and the 32 px tensor, in processor seconds of one process, after
the glyph caches are warm; appends a row to benchmarks/lab/synth.csv with ``--csv``.
"""

from __future__ import annotations

import argparse
import csv
import platform
import time
from pathlib import Path

import cv2
import numpy as np

from nordocr.linespec import LineSpec, collate, prepare
from nordocr.synth.degrade import degrade
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe
from nordocr.synth.render import render_line

STAGES = ("text", "font", "render", "degrade", "tensor")


def measure(recipe: str, count: int, warm: int, corpora: tuple[str, ...]) -> dict[str, float]:
    synth = LineSynth(load_synth_recipe(recipe).with_text(corpora=corpora), seed=7)
    for index in range(warm):
        synth.make(index)
    spec, spent = LineSpec(), dict.fromkeys(STAGES, 0.0)
    clock = time.process_time
    for index in range(warm, warm + count):
        rng = np.random.default_rng([synth.seed, index])
        marks = [clock()]
        text = synth.texts.sample(rng)
        marks.append(clock())
        face = synth.pool.sample(rng, text.text)
        marks.append(clock())
        line = render_line(text.text, face, rng, synth.recipe.render, context=lambda r: synth.texts.sample(r).text)
        marks.append(clock())
        scanned = degrade(line.image, rng, synth.recipe.degrade, dpi=line.dpi)
        marks.append(clock())
        prepared = prepare(scanned.image, spec)
        collate([prepared], spec.rung(prepared.width), spec)
        marks.append(clock())
        for stage, start, end in zip(STAGES, marks, marks[1:], strict=False):
            spent[stage] += end - start
    return {stage: 1000 * seconds / count for stage, seconds in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="scans")
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--warm", type=int, default=6000)
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    spent = measure(options.recipe, options.count, options.warm, tuple(options.corpus))
    total = sum(spent.values())
    for stage in STAGES:
        print(f"{stage:8} {spent[stage]:7.3f} ms  {100 * spent[stage] / total:5.1f} %")
    print(f"{'all':8} {total:7.3f} ms  {1000 / total:.0f} lines/s of one core")
    if options.csv:
        new = not options.csv.exists()
        with options.csv.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(["recipe", *STAGES, "lines_per_s", "opencv", "python", "hardware"])
            hardware = f"{platform.machine()}, one core"
            row = [options.recipe, *(f"{spent[s]:.3f}" for s in STAGES), f"{1000 / total:.0f}", cv2.__version__]
            writer.writerow([*row, platform.python_version(), hardware])


if __name__ == "__main__":
    main()
