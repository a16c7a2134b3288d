"""The lab's engine: modes, devices and precisions that work, and those that are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nordocr.errors import EngineUnavailable
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.running import autocast_of, device_of, runner


def test_bfloat16_is_another_arithmetic_and_the_network_goes_back_to_training() -> None:
    torch.manual_seed(1)
    network = build_model("micro").train()
    full, half = TorchRecognizer(network, LineSpec()), TorchRecognizer(network, LineSpec(), bf16=True)
    network.eval()
    batch = np.random.default_rng(0).uniform(-1, 1, (2, 3, 32, 64)).astype(np.float32)
    difference = np.abs(full.scores(batch) - half.scores(batch)).max()
    assert 1e-5 < difference < 0.5
    network.train()
    assert len(full.read([np.full((32, 90), 255, np.uint8)])) == 1
    assert network.training


def test_what_does_not_work_here_is_refused() -> None:
    cpu = torch.device("cpu")
    if not torch.cuda.is_available():
        with pytest.raises(EngineUnavailable, match="finds no CUDA device"):
            device_of("cuda")
    with pytest.raises(EngineUnavailable, match="CUDA graphs need a CUDA device, not cpu"):
        runner(build_model("micro"), "graphs", cpu)
    for precision in ("f16", "int8"):
        with pytest.raises(EngineUnavailable, match=f"does not compute in {precision} on cpu"):
            autocast_of(precision, cpu)
    assert [autocast_of(p, cpu) for p in ("auto", "f32", "bf16")] == [None, None, torch.bfloat16]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_graphs_give_what_eager_gives() -> None:
    network = build_model("micro").cuda().eval()
    eager, graphs = TorchRecognizer(network, LineSpec()), TorchRecognizer(network, LineSpec(), mode="graphs")
    for lines, width in ((3, 64), (1, 64), (4, 128), (3, 64)):
        batch = np.random.default_rng(lines).uniform(-1, 1, (lines, 3, 32, width)).astype(np.float32)
        assert np.abs(eager.scores(batch) - graphs.scores(batch)).max() < 1e-3
