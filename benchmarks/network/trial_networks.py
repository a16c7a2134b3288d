"""Shapes of the small recogniser that are on trial: each differs from nano-low-wide in one thing.

A shape that wins becomes a variant of the product; until then it lives here. ``SHAPES`` says what each one is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nordocr.model.base import Labelled
from nordocr.model.layers import init_weights
from nordocr.model.svtr import SVTRv2, ctc_loss
from nordocr.model.svtrv2 import ConvBlock
from nordocr.model.variants import VARIANTS, Variant

BASELINE: Final = "nano-low-wide"
PRESENT: Final = "present"
_DIMS, _LOW = VARIANTS[BASELINE].dims, VARIANTS[BASELINE].strides
_CONVS: Final = VARIANTS[BASELINE].mixers

SHAPES: Final[Mapping[str, tuple[Variant, str]]] = {
    variant.name: (variant, said)
    for variant, said in (
        (Variant(PRESENT, _DIMS, _CONVS, _LOW), "nano-low-wide as it is"),
        (Variant("wide-early", (48, 96, 160), _CONVS, _LOW), "48, 96 and 160 channels instead of 32, 64 and 160"),
        (
            Variant("cheap-first", _DIMS, (("Conv",), ("Conv",) * 4, ("FGlobal", "Global")), _LOW),
            "one block in the first stage instead of two",
        ),
        (
            Variant("attention-early", _DIMS, (("Conv",) * 2, (*("Conv",) * 3, "FGlobal"), ("Global",) * 2), _LOW),
            "the second stage's last block attends instead of convolving",
        ),
        (
            Variant("attention-late", _DIMS, (("Conv",) * 2, ("Conv",) * 4, ("Conv", "FGlobal")), _LOW),
            "the third stage's first block convolves instead of attending",
        ),
        (Variant("reparameterised", _DIMS, _CONVS, _LOW), "3x3, 1x1 and identity branches, one convolution when read"),
        (Variant("rows-48", _DIMS, _CONVS, _LOW), "the line is enlarged to 48 rows inside the network"),
        (Variant("guided", _DIMS, _CONVS, _LOW), "semantic guidance beside CTC in training"),
    )
}


class BranchedConv(nn.Module):
    """A 3x3 convolution learnt as three branches, each with its own batch norm (Ding et al., "RepVGG", CVPR 2021)."""

    def __init__(self, dim: int, groups: int) -> None:
        super().__init__()
        self.wide = nn.Conv2d(dim, dim, 3, padding=1, groups=groups, bias=False)
        self.point = nn.Conv2d(dim, dim, 1, groups=groups, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(dim) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, C, H, W]`` to ``[B, C, H, W]``."""
        wide, point, same = self.norms
        out: Tensor = wide(self.wide(x)) + point(self.point(x)) + same(x)
        return out

    def merged(self) -> nn.Conv2d:
        """Return the one convolution that computes the same in evaluation mode."""
        dim = self.wide.out_channels
        conv = nn.Conv2d(dim, dim, 3, padding=1, groups=self.wide.groups)
        each = self.wide.weight.shape[1]
        same = torch.zeros_like(self.wide.weight)
        same[torch.arange(len(same)), torch.arange(len(same)) % each, 1, 1] = 1.0
        kernels = (self.wide.weight, F.pad(self.point.weight, (1, 1, 1, 1)), same)
        with torch.no_grad():
            conv.weight.zero_()
            conv.bias.zero_()  # type: ignore[union-attr]
            for kernel, norm in zip(kernels, self.norms, strict=True):
                assert isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None
                scale = norm.weight / (norm.running_var + norm.eps).sqrt()
                conv.weight += kernel * scale[:, None, None, None]
                conv.bias += norm.bias - norm.running_mean * scale  # type: ignore[operator]
        return conv


class Guide(nn.Module):
    """The semantic guidance of SVTRv2 (Du et al., ICCV 2025, section 3.4), for training only.

    Each character is told from the features that its neighbours in the text point at: a query made of the five
    characters before it (and, in a pass of its own, of the five after it) attends over the map. So the map learns what
    stands beside what, and reading pays nothing.
    """

    CONTEXT: Final = 5

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(classes + 1, dim)  # the last one stands beyond either end
        self.side = nn.Embedding(2, dim)
        self.places = nn.Parameter(torch.zeros(2, self.CONTEXT, dim))
        self.mix = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.key = nn.Linear(dim, dim)
        self.out = nn.Linear(dim, classes)

    def forward(self, features: Tensor, labels: Labelled) -> Tensor:
        """Sum over the characters of ``[B, C, H, T]`` the cross-entropy, mean of both sides; float32 scalar."""
        batch, dim, rows, columns = features.shape
        outside, device = self.characters.num_embeddings - 1, features.device
        lengths = labels.target_lengths.to(device)
        longest = int(lengths.max())
        inside = torch.arange(longest, device=device) < lengths[:, None]
        text = torch.full((batch, longest), outside, device=device)
        text[inside] = labels.targets.to(device)
        framed = F.pad(text, (self.CONTEXT, self.CONTEXT), value=outside)
        windows = framed.unfold(1, self.CONTEXT, 1)  # window i: characters i - CONTEXT to i - 1
        tokens = features.flatten(2).transpose(1, 2)
        steps = labels.steps.to(device).clamp(max=columns)
        seen = (torch.arange(columns, device=device) < steps[:, None]).repeat(1, rows)
        keys = self.key(tokens)
        loss = torch.zeros((), device=device)
        for number, context in enumerate((windows[:, :longest], windows[:, self.CONTEXT + 1 :])):
            embedded = self.characters(context) + self.places[number]
            asked = self.side.weight[number]
            weights = (embedded @ asked * dim**-0.5).softmax(-1)
            query = self.norm(self.mix((weights[..., None] * embedded).sum(2)) + asked)
            scores = (query @ keys.transpose(1, 2)) * dim**-0.5
            found = scores.masked_fill(~seen[:, None], -1e4).softmax(-1) @ tokens
            loss = loss + F.cross_entropy(self.out(found)[inside].float(), text[inside], reduction="sum")
        return loss / 2


class TrialNetwork(SVTRv2):
    """nano-low-wide with one thing changed, as the variant's name says."""

    VARIANTS: ClassVar[Mapping[str, Variant]] = {**VARIANTS, **{name: variant for name, (variant, _) in SHAPES.items()}}

    def __init__(self, variant: Variant, classes: int) -> None:
        super().__init__(variant, classes)
        self.guide = Guide(variant.dims[-1], classes) if variant.name == "guided" else None
        if self.guide is not None:
            self.guide.apply(init_weights)
        if variant.name == "reparameterised":
            for block in self.modules():
                if isinstance(block, ConvBlock):
                    dim = block.norm1.normalized_shape[0]
                    block.mixer = nn.Sequential(BranchedConv(dim, dim // 32), BranchedConv(dim, dim // 32))
                    block.mixer.apply(init_weights)

    def features(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, 32, W]`` to ``[B, C, rows, T]``."""
        if self.variant.name == "rows-48":
            x = F.interpolate(x, scale_factor=(1.5, 1.0), mode="bilinear", align_corners=False)
        out: Tensor = self.encoder(x)
        return out

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, 32, W]`` to raw logits ``[B, T, classes]``."""
        out: Tensor = self.decoder(self.features(x))
        return out

    def loss_and_scores(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> tuple[Tensor, Tensor]:
        """Sum the CTC loss, and the guide's where there is one, over the lines, and give the logits with it."""
        if self.variant.name == BASELINE:
            return self._taught(pixels, labels, bf16=bf16)
        if self.guide is None:
            return super().loss_and_scores(pixels, labels, bf16=bf16)
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=bf16):
            features = self.features(pixels)
            logits: Tensor = self.decoder(features)
            guided: Tensor = self.guide(features, labels)
        return ctc_loss(logits, labels) + guided, logits

    def _taught(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> tuple[Tensor, Tensor]:
        """The same of the teacher, which stays as it is: its gradients are zero."""
        self.eval()
        with torch.no_grad():
            loss, logits = super().loss_and_scores(pixels, labels, bf16=bf16)
        return loss + 0.0 * self.decoder.fc.bias.sum(), logits

    def parts_after(self, name: str) -> int:
        """As the product's networks, the guide counted with the head."""
        return 0 if name.startswith("guide.") else super().parts_after(name)

    def as_read(self) -> nn.Module:
        """Return what an export would hold: branches merged, no guide."""
        self.guide = None
        for block in self.modules():
            if isinstance(block, ConvBlock):
                branched = [conv for conv in block.mixer if isinstance(conv, BranchedConv)]
                block.mixer = nn.Sequential(*(conv.merged() for conv in branched)) if branched else block.mixer
        return self.eval()
