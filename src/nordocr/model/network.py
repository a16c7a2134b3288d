"""The whole recogniser: SVTRv2 encoder and RCTC head, built by variant name."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from nordocr.charset import BLANK, NORDIC_126
from nordocr.errors import ConfigInvalid
from nordocr.model.layers import init_weights
from nordocr.model.rctc import RCTCHead
from nordocr.model.svtrv2 import SVTRv2Encoder
from nordocr.model.variants import VARIANTS, Variant


class SVTRv2(nn.Module):
    """``[B, 3, 32, W]`` float32 in [-1, 1] to ``[B, T, classes]`` raw logits, T = ceil(W / 4), any W from 4 up."""

    def __init__(self, variant: Variant, classes: int) -> None:
        super().__init__()
        self.variant = variant
        self.encoder = SVTRv2Encoder(variant)
        self.decoder = RCTCHead(variant.dims[-1], classes)
        self.apply(init_weights)
        nn.init.trunc_normal_(self.decoder.char_token, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        """``[B, 3, 32, W] -> [B, T, classes]``."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


def expect_blanks(model: SVTRv2, share: float = 0.9) -> None:
    """Let a fresh model begin by giving each step's blank the probability ``share``, and the rest to all characters.

    CTC's first lesson is "nearly always blank". Learnt from biases of 0, it sends a gradient through the whole
    network that is the same everywhere, and the post-norm blocks drown what differs between columns in it: within 50
    steps the features' spread over a batch fell from 0.50 to 0.02 and the loss stayed at the characters' frequencies
    for good (13 lines could not be learnt by heart in 300 steps). Begun from this bias they are learnt in 150.
    """
    classes = model.decoder.fc.out_features
    with torch.no_grad():
        model.decoder.fc.bias[BLANK] = math.log(share / (1.0 - share) * (classes - 1))


def build_model(name: str, classes: int = NORDIC_126.num_classes) -> SVTRv2:
    """A freshly initialised model of a variant in :data:`VARIANTS`; :class:`ConfigInvalid` for an unknown name."""
    if name not in VARIANTS:
        raise ConfigInvalid(f"There is no model variant {name!r}; there are {', '.join(VARIANTS)}.")
    return SVTRv2(VARIANTS[name], classes)
