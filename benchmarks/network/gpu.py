"""How fast lines are read on a GPU by PyTorch: as it is, and as recorded CUDA graphs, in each number format.

    PYTHONPATH=benchmarks python benchmarks/network/gpu.py --data typescript-g4-validation --lines 2048

takes the lines of an LMDB (without ``--data`` it renders some by the recipe ``scans``), prepares them once, and lets
every way of running the network take turns over all of them, after a round that does not count: in it graphs are
recorded. ``lines_per_s`` is the median; it includes copying, decoding and batching, which one core does.
``network_lines_per_s`` is one batch of lines of 512 px again and again, without them. ``texts_as_cpu``: lines that the
processor reads alike in float32. ``gpu.csv`` gets a row each.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import statistics
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from machine import revision
from nordocr.data.lmdb import LmdbLines
from nordocr.linespec import LineSpec, PreparedLine, prepare
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.running import Mode
from nordocr.model.weights import read_weights
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE.parents[1] / "models" / "nano-1024.safetensors"
MODES: tuple[Mode, ...] = ("eager", "graphs")
WAYS = [(mode, precision) for mode in MODES for precision in ("f32", "bf16", "f16")]
COMPARED = 256


def lines_of(data: Path | None, count: int, spec: LineSpec) -> list[PreparedLine]:
    """``count`` lines of the LMDB ``data``, over and over where it holds fewer, or synthetic ones."""
    if data is None:
        synth = LineSynth(load_synth_recipe("scans"), 5, spec.charset)
        crops = [synth.make(index).image for index in range(min(count, 512))]
    else:
        store = LmdbLines(data)
        encoded = [np.frombuffer(store.image(index), np.uint8) for index in range(min(count, len(store)))]
        crops = [np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), dtype=np.uint8) for content in encoded]
    prepared = [prepare(crop, spec) for crop in crops]
    return [prepared[index % len(prepared)] for index in range(count)]


def network_rate(engine: TorchRecognizer, lines: int, width: int) -> float:
    """Lines a second of the network alone, one batch of noise on the device."""
    pixels = torch.rand((lines, 3, 32, width), device="cuda") * 2 - 1
    seconds = []
    kind = engine.autocast or torch.bfloat16
    with torch.inference_mode(), torch.autocast("cuda", kind, enabled=engine.autocast is not None):
        for _ in range(30):
            torch.cuda.synchronize()
            started = time.perf_counter()
            engine._run(pixels)
            torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
    return lines / statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--lines", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--area", type=int, default=131072)
    parser.add_argument("--csv", type=Path, default=HERE / "gpu.csv")
    asked = parser.parse_args()
    weights = read_weights(asked.weights)
    lines = lines_of(asked.data, asked.lines, weights.spec)
    processor = TorchRecognizer.from_file(asked.weights)
    texts = [line.text for line in processor.read_prepared(lines[:COMPARED])]
    engines: dict[tuple[Mode, str], TorchRecognizer] = {}
    seconds: dict[tuple[Mode, str], list[float]] = {}
    alike: dict[tuple[Mode, str], int] = {}
    for mode, precision in WAYS:
        engines[mode, precision] = TorchRecognizer.from_file(
            asked.weights, area=asked.area, device="cuda", precision=precision, mode=mode
        )
    for turn in range(asked.rounds + 1):
        for way, engine in engines.items():
            started = time.perf_counter()
            read = engine.read_prepared(lines)
            if turn:
                seconds.setdefault(way, []).append(time.perf_counter() - started)
            alike[way] = sum(line.text == text for line, text in zip(read, texts, strict=False))
    rows: list[dict[str, Any]] = []
    for way, engine in engines.items():
        rows.append(
            {
                "model": weights.variant,
                "mode": way[0],
                "precision": way[1],
                "lines": len(lines),
                "mean_width": round(sum(line.width for line in lines) / len(lines)),
                "lines_per_s": round(len(lines) / statistics.median(seconds[way])),
                "network_lines_per_s": round(network_rate(engine, 256, 512)),
                "texts_as_cpu": f"{alike[way]} of {len(texts)}",
                "device": torch.cuda.get_device_name(0),
                "torch": torch.__version__,
                "date": datetime.date.today().isoformat(),
                "revision": revision(),
            }
        )
        print(*rows[-1].values(), flush=True)
    with asked.csv.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        if not file.tell():
            writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
