"""How fast the shapes of a recogniser are: python benchmarks/network/shapes.py [VARIANT ...] [--csv FILE].

Weights are random, since speed does not depend on them. Every variant is exported and read in ONNX Runtime (fp32) and
OpenVINO (fp32, bf16) on one thread, in batches of four lines, the variants in turn so that a busy moment hits them all;
the best of seven rounds counts. Then training: lines a second of forward, loss and backward on two threads in bf16.
"""

from __future__ import annotations

import argparse
import csv
import functools
import platform
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime
import openvino
import torch

from nordocr.export.onnx import export_onnx
from nordocr.linespec import LineSpec
from nordocr.model.network import LineNetwork, build_model
from nordocr.model.weights import parameter_count, save_weights
from nordocr.recognize.openvino_core import shared_core
from nordocr.train.loss import line_loss
from nordocr.train.stream import MicroBatch

WIDTHS = (320, 512, 768, 1024)
LINES, ROUNDS, AREA = 4, 7, 12288


def engines(path: Path) -> dict[str, Callable[[np.ndarray], object]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    found: dict[str, Callable[[np.ndarray], object]] = {"onnxruntime fp32": lambda x: session.run(None, {"input": x})}
    core = shared_core()
    for precision in ("f32", "bf16"):
        config = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
        found[f"openvino {precision}"] = core.compile_model(str(path), "CPU", config)
    return found


def train_step(model: LineNetwork, width: int) -> None:
    lines, length = AREA // width, width // 16
    pixels = torch.randint(0, 256, (lines, 1, 32, width), dtype=torch.uint8)
    targets = torch.randint(1, 126, (lines * length,))
    batch = MicroBatch(
        pixels, torch.full((lines,), width), torch.full((lines,), width // 4), targets, torch.full((lines,), length)
    )
    torch.autograd.backward(line_loss(model, batch, bf16=True))


def best(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each call, the best of all rounds; the calls take turns."""
    for call in calls.values():
        call()
    seconds = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            seconds[name] = min(seconds[name], time.perf_counter() - started)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variants", nargs="*", default=["nano", "nano-low", "nano-low-wide"])
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(2)
    models = {name: build_model(name) for name in options.variants}
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        opened = {}
        for name, model in models.items():
            save_weights(Path(folder) / f"{name}.safetensors", model, LineSpec(), {})
            export_onnx(Path(folder) / f"{name}.safetensors", Path(folder) / f"{name}.onnx")
            opened[name] = engines(Path(folder) / f"{name}.onnx")
        for width in WIDTHS:
            batch = np.random.default_rng(0).uniform(-1, 1, (LINES, 3, 32, width)).astype(np.float32)
            reading = best(
                {f"{n}/{e}": functools.partial(run, batch) for n, held in opened.items() for e, run in held.items()}
            )
            training = best({n: functools.partial(train_step, model.train(), width) for n, model in models.items()})
            for name, model in models.items():
                row: dict[str, object] = {"variant": name, "parameters": parameter_count(model), "width": width}
                row |= {f"{e} ms": round(reading[f"{name}/{e}"] / LINES * 1000, 2) for e in opened[name]}
                row["training lines/s"] = round(AREA // width / training[name], 1)
                rows.append(row)
                print(row, flush=True)
    hardware = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__, "openvino": openvino.__version__}
    hardware |= {"hardware": f"{platform.machine()}, two cores", "date": date.today().isoformat()}
    if options.csv:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0], *hardware], lineterminator="\n")
            writer.writeheader()
            writer.writerows([row | hardware for row in rows])


if __name__ == "__main__":
    main()
