"""A small network whose text is decided, and a few rendered lines: what the export's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from nordocr.errors import DataInvalid
from nordocr.export.parity_run import ParityLine
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.weights import save_weights
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

SPEC = LineSpec(ladder=(32, 64, 128, 256, 1024))
"""A short ladder: each of the check's shapes costs time on a CPU."""

NARROW = LineSpec(ladder=(32, 64, 128, 256), max_width=256)
"""A ladder for where text does not matter much."""


def lines(count: int = 12) -> list[ParityLine]:
    """Rendered lines; skips where no font is usable."""
    try:
        synth = LineSynth(load_synth_recipe("clean").with_fonts(split="all"), 5)
        return [ParityLine(*synth.line(index)) for index in range(count)]
    except DataInvalid:
        pytest.skip("no usable font on this system")


def checkpoint(folder: Path, spec: LineSpec = SPEC) -> Path:
    """An untrained micro with a decided output, saved."""
    torch.manual_seed(5)
    model = build_model("micro")
    with torch.no_grad():
        model.decoder.fc.weight.mul_(30.0)
    path = folder / "best.safetensors"
    save_weights(path, model, spec, {"step": 3})
    return path
