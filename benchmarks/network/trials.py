"""Which shape learns most from equal lines: PYTHONPATH=benchmarks python benchmarks/network/trials.py --seed 1.

All shapes of trial_networks.py, the present one among them, learn from scratch from one stream, batch for batch, under
one schedule, as companions of one training. The teacher, bundled weights that stay as they are, gives its scores as a
second goal that fades: without it a short trial measures who leaves the plateau of the classes' frequencies by luck.
One core of an Intel Xeon with AMX makes and learns about 8 lines a second for all eight. Seeds are runs of their own;
``--resume`` goes on with one. ``--report RUN ... --csv FILE`` writes what runs have measured. ``--real``: a folder of
labels folders to judge on beside the synthetic lines.
"""

from __future__ import annotations

import argparse
import csv
import functools
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from network.shapes import LINES, WIDTHS, best
from network.trial_networks import BASELINE, PRESENT, SHAPES, TrialNetwork
from nordocr.charset import NORDIC_EXT
from nordocr.cli import main as nordocr
from nordocr.export.source import onnx_scorer, trace
from nordocr.families.columns import SVTRV2

LONGEST = 24
"""Characters of a line: short ones teach letters as well and cost a third."""


def recipe(options: argparse.Namespace) -> list[str]:
    """Return what is laid over the recipe nano-proof."""
    taught = f"peak_lr: 1.5e-3, distil: {options.distil}"
    companions = ", ".join(f"{{model: {name}, {taught}}}" for name in options.shapes)
    folders = sorted(folder for folder in options.real.iterdir() if folder.is_dir()) if options.real else []
    settings = {
        "name": "shape-trials",
        "model": BASELINE,
        "seed": options.seed,
        "charset": "nordic-ext",
        "interpolation": "area-lanczos",
        "framing": "ink",
        "synth": f"{{recipe: scans, seed: {options.seed}, curriculum: [[0, {LONGEST}]]}}",
        "companions": f"[{companions}]",
        "batch.workers": 0,
        "batch.lines_per_step": 24,
        "batch.block_lines": 2048,
        "optimiser.budget_s": options.budget,
        "optimiser.peak_lr": 1e-9,
        "optimiser.final_lr": 1e-10,
        "validation.every": options.every,
        "validation.limit": 100,
        "validation.folders": f"[{', '.join(map(str, folders))}]",
        "save_every": 200,
        "log_every": 40,
    }
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


def rows(run: Path) -> Iterator[dict[str, object]]:
    """Read what a run measured: one row a shape and validation."""
    seed = run.name.rpartition("-")[2]
    for line in (run / "metrics.jsonl").read_text("utf-8").splitlines():
        event = json.loads(line)
        if "validation" in event:
            row: dict[str, object] = {"seed": seed, "shape": event.get("model", BASELINE), "lines": event["lines"]}
            for score in event["validation"]:
                row |= {f"{score['name']} exact": round(100 * score["exact"], 2)}
                row |= {f"{score['name']} CER": round(100 * score["cer"], 2)}
            yield row


def speed() -> Iterator[dict[str, object]]:
    """Measure how long each shape reads: one thread of ONNX Runtime, batches of four lines, the best of seven rounds.

    The shapes take turns, so that a busy moment hits them all.
    """
    named = {name: TrialNetwork.build(name, NORDIC_EXT.num_classes) for name in SHAPES}
    parts = {name: sum(part.numel() for part in model.as_read().parameters()) for name, model in named.items()}
    scorers = {name: onnx_scorer(trace(model).SerializeToString(), threads=1) for name, model in named.items()}
    rows: dict[str, dict[str, object]] = {name: {"shape": name, "parameters": parts[name]} for name in named}
    for width in WIDTHS:
        batch = np.random.default_rng(0).uniform(-1, 1, (LINES, 3, 32, width)).astype(np.float32)
        seconds = best({name: functools.partial(score, batch) for name, score in scorers.items()})
        for name, row in rows.items():
            row[f"ms a line of {width} px"] = round(seconds[name] / LINES * 1000, 2)
            row[f"times, {width} px"] = round(seconds[name] / seconds[PRESENT], 2)
    yield from rows.values()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=6600, help="seconds of training")
    parser.add_argument("--every", type=int, default=600, help="steps of 24 lines or more between two validations")
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--teacher", type=Path, default=Path("models/nano-1024.safetensors"))
    parser.add_argument("--distil", type=float, default=3.0, help="weight of the teacher's scores at the start")
    parser.add_argument("--output", type=Path, default=Path("runs/shapes"), help="the seed's number is appended")
    parser.add_argument("--real", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--report", nargs="*", type=Path, help="runs to write to --csv instead of training")
    parser.add_argument("--speed", action="store_true", help="write to --csv how long the shapes read instead")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    if options.report or options.speed:
        found = list(speed()) if options.speed else [row for run in options.report for row in rows(run)]
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
        return
    torch.set_num_threads(1)
    SVTRV2.network = "network.trial_networks:TrialNetwork"  # type: ignore[misc]
    run = options.output.with_name(f"{options.output.name}-{options.seed}")
    start = (
        ["--resume", str(run)]
        if options.resume
        else ["nano-proof", *recipe(options), "--init", str(options.teacher), "--output", str(run)]
    )
    sys.argv = ["nordocr", "train", *start, "--threads", "1"]
    nordocr()


if __name__ == "__main__":
    main()
