"""The loss of one micro-batch."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from nordocr.linespec import NORMALISED
from nordocr.model.network import SVTRv2
from nordocr.train.stream import MicroBatch


def ctc_loss(model: SVTRv2, batch: MicroBatch, *, bf16: bool) -> Tensor:
    """Sum the negative log-likelihood over the lines of ``batch``, each over its own unpadded steps; float32.

    Lengths stay on the CPU: PyTorch's own CUDA kernel reads them there, and taking them from the GPU would wait for
    it. (cuDNN's kernel wants every line as long as the batch, which padded lines never are.)
    """
    device = batch.pixels.device
    pixels = _normalised(device)[batch.pixels.int()].expand(-1, 3, -1, -1)
    with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
        logits = model(pixels)
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(log_probabilities, batch.targets, batch.steps, batch.target_lengths, reduction="sum")


@lru_cache(maxsize=4)
def _normalised(device: torch.device) -> Tensor:
    """The look-up from byte to input value, once a device: the same table that reading uses."""
    return torch.from_numpy(NORMALISED).to(device)
