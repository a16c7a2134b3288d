"""Does a line's text depend on its neighbours or on its padding? python benchmarks/network/padding.py [--lines N].

Reads N synthetic lines alone, then in mixed batches of several sizes and orders (which must change nothing), then each
padded one, two and three rungs wider than reading ever pads (which shows how well training taught the model to ignore
white). Prints how many texts change; with ``--csv`` appends a row to a table.
"""

from __future__ import annotations

import argparse
import csv
from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime

from nordocr.ctc import decode_batch
from nordocr.linespec import CEILING, LineSpec, PreparedLine, collate, prepare
from nordocr.recognize.bundled import bundled_model
from nordocr.recognize.onnx import OnnxRecognizer
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

AREAS = (2048, 16384, 65536)


class Padded:
    """The model itself, at any padded width."""

    def __init__(self, path: Path, spec: LineSpec) -> None:
        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self.spec = spec

    def read(self, line: PreparedLine, width: int) -> str:
        scores = self.session.run(["output"], {"input": collate([line], width, self.spec)})[0]
        return decode_batch(scores, self.spec, [line.width])[0].text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=bundled_model("nano"))
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    synth = LineSynth(load_synth_recipe("scans").with_fonts(split="all"), seed=99)
    crops = [synth.make(index).image for index in range(options.lines)]
    single = OnnxRecognizer(options.model)
    alone = [single.read([crop])[0].text for crop in crops]
    changed: dict[str, int] = {}
    order = np.random.default_rng(0).permutation(len(crops))
    for area in AREAS:
        together = OnnxRecognizer(options.model, batch_area=area).read([crops[i] for i in order])
        changed[f"batches of {area} px, shuffled"] = sum(
            t.text != alone[i] for t, i in zip(together, order, strict=True)
        )
    padded = Padded(options.model, single.spec)
    ladder = single.spec.ladder
    lines = [prepare(crop, single.spec, CEILING) for crop in crops]
    base = [padded.read(line, single.spec.rung(line.width)) for line in lines]
    for extra in (1, 2, 3):
        wider = [ladder[min(ladder.index(single.spec.rung(line.width)) + extra, len(ladder) - 1)] for line in lines]
        texts = [padded.read(line, width) for line, width in zip(lines, wider, strict=True)]
        changed[f"padded {extra} rungs wider"] = sum(a != b for a, b in zip(base, texts, strict=True))
    for name, count in changed.items():
        print(f"{name:34} {count:5} of {len(crops)} texts change")
    if options.csv:
        new = not options.csv.exists()
        with options.csv.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(["model", "sha256", "lines", *changed, "onnxruntime", "date"])
            versions = [onnxruntime.__version__, date.today().isoformat()]
            writer.writerow([options.model.name, single.model_sha256[:12], len(crops), *changed.values(), *versions])


if __name__ == "__main__":
    main()
