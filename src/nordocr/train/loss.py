"""The loss of one micro-batch."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from nordocr.linespec import NORMALISED
from nordocr.model.base import LineNetwork
from nordocr.train.stream import MicroBatch


def line_loss(model: LineNetwork, batch: MicroBatch, *, bf16: bool) -> Tensor:
    """Sum the network's loss over the lines of ``batch``; float32, in nats."""
    pixels = _normalised(batch.pixels.device)[batch.pixels.int()].expand(-1, 3, -1, -1)
    return model.loss(pixels, batch, bf16=bf16)


@lru_cache(maxsize=4)
def _normalised(device: torch.device) -> Tensor:
    """The look-up from byte to input value, once a device: the same table that reading uses."""
    return torch.from_numpy(NORMALISED).to(device)
