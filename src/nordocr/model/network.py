"""The whole recogniser: SVTRv2 encoder and RCTC head, built by variant name."""

from __future__ import annotations

from torch import Tensor, nn

from nordocr.charset import NORDIC_126
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
        """Map ``[B, 3, 32, W]`` to raw logits ``[B, T, classes]``."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


def build_model(name: str, classes: int = NORDIC_126.num_classes) -> SVTRv2:
    """Build a freshly initialised model.

    Args:
        name: A variant of :data:`VARIANTS`.
        classes: Characters plus the blank.

    Returns:
        The model, in training mode.

    Raises:
        ConfigInvalid: There is no such variant.
    """
    if name not in VARIANTS:
        raise ConfigInvalid(f"There is no model variant {name!r}; there are {', '.join(VARIANTS)}.")
    return SVTRv2(VARIANTS[name], classes)
