"""The learned line detector: a small residual encoder, a feature pyramid and a differentiable-binarisation head.

Liao et al., "Real-time scene text detection with differentiable binarization" (AAAI 2020), with the pyramid that sums
instead of concatenating and maps at half the input's resolution, because lines of small type lie a few pixels apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS: Final = (32, 64, 96, 128)
"""Channels at strides 4, 8, 16 and 32."""

STEEPNESS: Final = 50.0
"""The k of the paper's approximate step function."""


def _conv(before: int, after: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    layers = [
        nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(after, momentum=0.05),
        nn.ReLU(inplace=True),
    ]
    return nn.Sequential(*layers)


class Residual(nn.Module):
    """``relu(x + conv(conv(x)))``: ``[B, C, H, W]`` to the same."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width, momentum=0.05)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, C, H, W]`` to the same shape."""
        return functional.relu(x + self.norm(self.second(self.first(x))))


class DbNet(nn.Module):
    """Gray pages ``[B, 1, H, W]`` in [-1, 1], sides multiples of 32, to maps ``[B, 1, H / 2, W / 2]``.

    ``forward`` gives logits of (probability of being inside a shrunk line, binarisation threshold); ``probability``
    the first as probabilities, which is all that reading needs.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS, pyramid: int = 48) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv(1, 16, 2), _conv(16, widths[0], 2))
        stages: list[nn.Module] = [Residual(widths[0])]
        for before, after in itertools.pairwise(widths):
            stages.append(nn.Sequential(_conv(before, after, 2), Residual(after)))
        self.stages = nn.ModuleList(stages)
        self.lateral = nn.ModuleList(nn.Conv2d(width, pyramid, 1) for width in widths)
        self.smooth = _conv(pyramid, 32)
        self.head = nn.Conv2d(32, 8, 1)
        nn.init.constant_(cast(Tensor, self.head.bias)[:4], -2.0)

    def forward(self, pages: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits ``[B, 1, H / 2, W / 2]`` of being in a core and of the threshold."""
        x, features = self.stem(pages), []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        merged = self.lateral[-1](features[-1])
        for index in range(len(features) - 2, -1, -1):
            merged = functional.interpolate(merged, scale_factor=2.0, mode="nearest") + self.lateral[index](
                features[index]
            )
        maps = functional.pixel_shuffle(self.head(self.smooth(merged)), 2)
        return maps[:, :1], maps[:, 1:]

    def probability(self, pages: Tensor) -> Tensor:
        """Return probabilities, float32 ``[B, 1, H / 2, W / 2]``."""
        return torch.sigmoid(self(pages)[0].float())


def binarised(probability: Tensor, threshold: Tensor) -> Tensor:
    """Return the differentiable step between a probability and its threshold (equation 2 of the paper)."""
    return torch.sigmoid(STEEPNESS * (probability - threshold))
