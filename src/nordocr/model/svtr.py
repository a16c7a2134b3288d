"""SVTRv2 whole: the encoder and the RCTC head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nordocr.model.base import Labelled, LineNetwork
from nordocr.model.layers import init_weights
from nordocr.model.rctc import RCTCHead, RowBlock
from nordocr.model.svtrv2 import AttentionBlock, ConvBlock, SVTRv2Encoder
from nordocr.model.variants import VARIANTS, Variant


def ctc_loss(logits: Tensor, labels: Labelled) -> Tensor:
    """Sum the negative log-likelihood under CTC over the lines, each over its own unpadded steps; float32.

    Lengths stay on the CPU: PyTorch's own CUDA kernel reads them there, and taking them from the GPU would wait for
    it. (cuDNN's kernel wants every line as long as the batch, which padded lines never are.)
    """
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(log_probabilities, labels.targets, labels.steps, labels.target_lengths, reduction="sum")


class SVTRv2(LineNetwork):
    """``[B, 3, 32, W]`` float32 in [-1, 1] to ``[B, T, classes]`` raw logits, T = ceil(W / 4), any W from 4 up."""

    VARIANTS: ClassVar[Mapping[str, Variant]] = VARIANTS
    HEAD = ("decoder.fc.weight", "decoder.fc.bias")
    BLOCKS: ClassVar[Mapping[str, tuple[type[nn.Module], ...]]] = {
        "none": (),
        "attention": (AttentionBlock, RowBlock),
        "blocks": (AttentionBlock, RowBlock, ConvBlock),
    }

    def __init__(self, variant: Variant, classes: int) -> None:
        super().__init__()
        self.variant = variant
        self.encoder = SVTRv2Encoder(variant)
        self.decoder = RCTCHead(variant.dims[-1], classes)
        self.apply(init_weights)
        nn.init.trunc_normal_(self.decoder.char_token, std=0.02)

    @classmethod
    def build(cls, variant: str, classes: int) -> Self:
        """Build one of the variants."""
        return cls(cls.VARIANTS[variant], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, 32, W]`` to raw logits ``[B, T, classes]``."""
        out: Tensor = self.decoder(self.encoder(x))
        return out

    def loss(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> Tensor:
        """Sum the CTC loss over the lines."""
        return self.loss_and_scores(pixels, labels, bf16=bf16)[0]

    def loss_and_scores(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> tuple[Tensor, Tensor]:
        """Sum the CTC loss over the lines, and give the logits with it."""
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=bf16):
            logits: Tensor = self(pixels)
        return ctc_loss(logits, labels), logits

    def begin_at_prior(self, log_prior: Tensor) -> None:
        """Set the head's bias to the classes' log-frequencies."""
        with torch.no_grad():
            self.decoder.fc.bias.copy_(log_prior)

    def parts_after(self, name: str) -> int:
        """Count the encoder's stages after the parameter's own and, for what comes before them all, one more."""
        stages, place = len(self.encoder.stages), name.split(".")
        if place[0] != "encoder":
            return 0
        return stages - int(place[2]) if place[1] == "stages" else stages + 1

    def attention_bytes(self, lines: int, width: int) -> int:
        """Estimate the bytes of attention scores: lines x heads x tokens^2 x 4 in the stage where they are most."""
        variant = self.variant
        assert isinstance(variant, Variant)
        rows, largest = 8, 0
        stages = zip(variant.mixers, variant.heads, (*variant.strides, (1, 1)), strict=True)
        for mixers, heads, (stride, _) in stages:
            if "Global" in mixers or "FGlobal" in mixers:
                largest = max(largest, heads * rows * rows)
            rows = -(-rows // stride)
        steps = -(-width // 4)
        return int(lines * largest * steps * steps * 4)
