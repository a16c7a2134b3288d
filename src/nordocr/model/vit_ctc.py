"""PARSeq's encoder alone with a CTC head: patches 4 px wide, the rows of a column averaged, one linear layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
from torch import Tensor, nn

from nordocr.model.base import Labelled
from nordocr.model.layers import init_weights
from nordocr.model.svtr import ctc_loss
from nordocr.model.vit import ViTEncoder, ViTNetwork, ViTShape


@dataclass(frozen=True)
class ViTVariant:
    """A named encoder."""

    name: str
    encoder: ViTShape


def _variant(name: str, dim: int, depth: int, heads: int) -> ViTVariant:
    # As many tokens as PARSeq's 4 x 8 patches, but lying: one output step for 4 px, as every CTC model has it here.
    return ViTVariant(name, ViTShape(dim, depth, heads, (8, 4), 64))


VARIANTS: Final[Mapping[str, ViTVariant]] = {
    v.name: v
    for v in (
        _variant("vit-ctc-micro", 32, 2, 2),
        _variant("vit-ctc-tiny", 128, 6, 4),
        _variant("vit-ctc-small", 192, 12, 3),
    )
}
"""micro is for tests; tiny and small have the encoders of PARSeq's."""


class ViTCTC(ViTNetwork):
    """``[B, 3, 32, W]`` in [-1, 1], W up to 1,024, to raw logits ``[B, ceil(W / 4), classes]``."""

    VARIANTS: ClassVar[Mapping[str, ViTVariant]] = VARIANTS
    HEAD = ("head.weight", "head.bias")

    def __init__(self, variant: ViTVariant, classes: int) -> None:
        super().__init__()
        self.variant: ViTVariant = variant
        self.encoder = ViTEncoder(variant.encoder)
        self.head = nn.Linear(variant.encoder.dim, classes)
        self.apply(init_weights)
        nn.init.trunc_normal_(self.encoder.pos_embed, std=0.02)

    @classmethod
    def build(cls, variant: str, classes: int) -> ViTCTC:
        """Build one of the variants."""
        return cls(VARIANTS[variant], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, 32, W]`` to raw logits ``[B, T, classes]``."""
        tokens, _ = self.encoder(x)
        out: Tensor = self.head(tokens.unflatten(1, (self.variant.encoder.rows, -1)).mean(1))
        return out

    def loss(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> Tensor:
        """Sum the CTC loss over the lines."""
        return self.loss_and_scores(pixels, labels, bf16=bf16)[0]

    def loss_and_scores(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> tuple[Tensor, Tensor]:
        """Sum the CTC loss over the lines, and give the logits with it."""
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=bf16):
            logits: Tensor = self(pixels)
        return ctc_loss(logits, labels), logits
