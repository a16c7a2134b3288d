"""What networks of several families cost by width: processor milliseconds a line, one thread, untrained weights.

Reading is ONNX Runtime in fp32, in batches of 4,096 px in all; training is the loss and its gradients in bf16. PARSeq's
weights are set so that every text ends after one character for 10 px, because its time depends on that.
"""

from __future__ import annotations

import argparse
import csv
import functools
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from nordocr.export.source import trace
from nordocr.model.network import LineNetwork, build_model
from nordocr.model.parseq import PARSeq
from nordocr.model.weights import parameter_count
from nordocr.train.loss import line_loss
from nordocr.train.stream import MicroBatch

WIDTHS = (128, 320, 512, 768, 1024)
READ_AREA, TRAIN_AREA, PX_A_CHARACTER, ROUNDS = 4096, 12288, 10, 3


def processor_ms(work: Callable[[], object], lines: int) -> float:
    """The least processor time of a line, in milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return 1000 * min(spent) / lines


def end_by_place(model: PARSeq) -> None:
    """Let only the first channel of a place decide whether a text ends there."""
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.weight[:2, 0] = torch.tensor([10.0, -10.0])


def ending_after(proto: onnx.ModelProto, characters: int) -> None:
    """Set the places of a graph so that every text ends after so many characters."""
    for tensor in proto.graph.initializer:
        if tensor.name == "pos_queries":
            places = onnx.numpy_helper.to_array(tensor).copy()
            places[:, :characters, 0], places[:, characters:, 0] = -100, 100
            tensor.CopyFrom(onnx.numpy_helper.from_array(places, tensor.name))


def reading(proto: onnx.ModelProto, width: int) -> float:
    """Milliseconds of reading a line."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.enable_mem_pattern = 1, False
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    shape = (READ_AREA // width, 3, 32, width)
    batch = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    session.run(None, {"input": batch})
    return processor_ms(functools.partial(session.run, None, {"input": batch}), shape[0])


def training(model: LineNetwork, width: int) -> float:
    """Milliseconds of training on a line."""
    lines, characters = TRAIN_AREA // width, width // PX_A_CHARACTER
    pixels = torch.randint(0, 255, (lines, 1, 32, width), dtype=torch.uint8)
    targets, lengths = torch.randint(1, 126, (lines * characters,)), torch.full((lines,), characters)
    batch = MicroBatch(pixels, torch.full((lines,), width), torch.full((lines,), width // 4), targets, lengths)
    return processor_ms(lambda: torch.autograd.backward(line_loss(model.train(), batch, bf16=True)), lines)


def main() -> None:
    """Print a row for each variant and width, and write them as CSV."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variants", nargs="*", default=["nano-low-wide", "parseq-tiny", "vit-ctc-tiny"])
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows: list[dict[str, object]] = []
    for name in options.variants:
        model = build_model(name)
        if isinstance(model, PARSeq):
            end_by_place(model)
        proto = trace(model.eval())
        for width in WIDTHS:
            ending_after(proto, width // PX_A_CHARACTER)
            row: dict[str, object] = {"variant": name, "parameters": parameter_count(model), "width": width}
            row |= {"reading ms": round(reading(proto, width), 2), "training ms": round(training(model, width), 1)}
            row |= {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
            row |= {"hardware": f"{platform.machine()}, {os.cpu_count()} cores", "date": date.today().isoformat()}
            rows.append(row)
            print(row, flush=True)
    if options.csv is not None:
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
