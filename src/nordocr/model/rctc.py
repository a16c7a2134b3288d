"""The RCTC head of SVTRv2: the four rows of the feature map become one column each by a learned weighting.

``[B, C, 4, T] -> [B, T, classes]`` raw logits; softmax belongs to decoding (OpenOCR applies it in eval mode, we never
do). Du et al., ICCV 2025, section "feature rearranging".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nordocr.model.layers import Attention, Mlp


class RowBlock(nn.Module):
    """A pre-norm attention block along the width, on each row alone; ``[B, T, C]`` in and out."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, heads, qkv_bias=False)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, T, C]`` to ``[B, T, C]``."""
        x = x + self.attn(self.norm1(x))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class RCTCHead(nn.Module):
    """Each column picks from its rows by how well their keys match one learned token."""

    def __init__(self, dim: int, classes: int) -> None:
        super().__init__()
        self.w_atten_block = RowBlock(dim, dim // 32)
        self.char_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.fc_kv = nn.Linear(dim, 2 * dim)
        self.fc = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, C, H, T]`` to raw logits ``[B, T, classes]``."""
        batch, dim, rows, steps = x.shape
        by_row = x.permute(0, 2, 3, 1).reshape(batch * rows, steps, dim)
        mixed = self.w_atten_block(by_row).reshape(batch, rows, steps, dim)
        key, value = self.fc_kv(mixed).split(dim, dim=-1)
        weights = (key * self.char_token).sum(-1, keepdim=True).softmax(dim=1)
        out: Tensor = self.fc((weights * value).sum(dim=1))
        return out
