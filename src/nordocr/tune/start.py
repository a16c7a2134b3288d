"""The model that a tuning starts from, as a recogniser to compare with and as weights to train."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch

from nordocr.linespec import NORMALISED, LineSpec
from nordocr.model.base import LineNetwork
from nordocr.model.from_onnx import history_of, measure_norms, model_from_onnx
from nordocr.model.weights import load_model, save_weights
from nordocr.recognize.named import named_model
from nordocr.train.stream import MicroBatch


@dataclass(frozen=True)
class Start:
    """A model to start from.

    Attributes:
        name: What the user calls it.
        path: Its file.
        sha256: The file's checksum in hexadecimal.
        spec: Its LineSpec.
        model: The model, in evaluation mode.
        history: What its file says of its origin.
    """

    name: str
    path: Path
    sha256: str
    spec: LineSpec
    model: LineNetwork
    history: dict[str, object]


def open_start(name: str) -> Start:
    """Open a model to start from.

    Args:
        name: A bundled or installed model's name, an ONNX file that nordocr exported, or a weights file.

    Raises:
        ModelMissing: There is no such model.
        ModelInvalid: It cannot be trained.
    """
    path = Path(name)
    if path.suffix.lower() not in {".onnx", ".safetensors"}:
        path = named_model(name)
    if path.suffix.lower() == ".safetensors":
        model, weights = load_model(path)
        spec, history = weights.spec, dict(weights.history)
    else:
        model, spec, facts = model_from_onnx(path)
        history = history_of(facts)
    return Start(name, path, hashlib.sha256(path.read_bytes()).hexdigest(), spec, model, history)


def save_start(start: Start, batches: list[MicroBatch], output: Path) -> Path:
    """Write the weights to start from.

    Batch norms of an exported file are given the statistics of ``batches``; those of a weights file stay.

    Args:
        start: The model.
        batches: Lines as training sees them.
        output: The weights file to write.

    Raises:
        OutputUnwritable: It cannot be written.
    """
    if start.path.suffix.lower() != ".safetensors":
        table = torch.from_numpy(NORMALISED)
        measure_norms(start.model, [table[batch.pixels.int()].expand(-1, 3, -1, -1) for batch in batches])
    save_weights(output, start.model, start.spec, start.history)
    return output
