"""The pieces that encoder and head are built of. Parameter names are OpenOCR's: its weights load as they are."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Mlp(nn.Module):
    """Two linear layers with the exact (erf) GELU between them; ``[..., C] -> [..., C]``."""

    def __init__(self, dim: int, ratio: int = 4) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, dim * ratio)
        self.fc2 = nn.Linear(dim * ratio, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[..., C]`` to ``[..., C]``."""
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


MASKED: Final = -1e4
"""What is added to the scores of what must not be seen. Its exponential is 0 exactly, in fp16 too; minus infinity would
make a row of nothing but masked scores not a number, and a graph that multiplies a mask by 0 as well."""


FUSED_FROM: Final = 256
"""Keys from which the fused kernel trains faster on a CPU, where there is a bias."""


def attend(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None) -> Tensor:
    """Attend by softmax: ``[B, heads, N, D]`` three times in and once out, scores scaled by D ** -0.5.

    ``bias``: added to the scores, float32 that broadcasts to ``[B, heads, N, N of the keys]``.

    PyTorch's fused kernel, but for most training on a CPU: there its backward pass makes a step of nano-low 15 to 25 %
    slower than the plain products are, and one of parseq-tiny twice as slow at 128 px (one core, bf16). From
    :data:`FUSED_FROM` keys on, with a bias, the fused one wins: 2.4 times at 512 px, 3.2 times at 1,024.
    """
    many = bias is not None and k.shape[-2] >= FUSED_FROM
    if q.requires_grad and q.device.type == "cpu" and not many:
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        scores = scores if bias is None else scores + bias.to(scores.dtype)
        mixed: Tensor = scores.softmax(-1).to(v.dtype) @ v
        return mixed
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias)


class Attention(nn.Module):
    """Multi-head self-attention over all tokens, one ``qkv`` projection in the order q, k, v; ``[B, N, C]``."""

    def __init__(self, dim: int, heads: int, *, qkv_bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        """Map ``[B, N, C]`` to ``[B, N, C]``; scores scaled by head_dim ** -0.5, ``bias`` added to them."""
        batch, tokens, dim = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, dim // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = attend(q, k, v, bias)
        out: Tensor = self.proj(mixed.transpose(1, 2).reshape(batch, tokens, dim))
        return out


class DropPath(nn.Module):
    """Stochastic depth (Huang et al., ECCV 2016): drops a residual branch for whole items, in training only."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, ...]`` of any rank to the same shape."""
        if not self.training or self.rate == 0.0:
            return x
        keep = 1.0 - self.rate
        mask = torch.empty((x.shape[0],) + (1,) * (x.ndim - 1), dtype=x.dtype, device=x.device).bernoulli_(keep)
        return x * mask / keep


def init_weights(module: nn.Module) -> None:
    """Initialise one module: Linear truncated normal 0.02, Conv Kaiming-normal fan-out, biases 0, norms 1 and 0."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
    elif isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, (nn.LayerNorm, nn.BatchNorm2d)):
        nn.init.ones_(module.weight)
    else:
        return
    if module.bias is not None:
        nn.init.zeros_(module.bias)
