"""The SVTRv2 encoder (Du et al., "SVTRv2: CTC Beats Encoder-Decoder Models in Scene Text Recognition", ICCV 2025).

``[B, 3, 32, W] -> [B, C, 4, T]`` with T = ceil(W / 4). Early blocks mix neighbours by grouped convolutions, later ones
mix the whole map by attention; there is no position embedding, so any width goes through. All residual blocks are
post-norm. Parameter names and shapes are OpenOCR's.
"""

from __future__ import annotations

from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from nordocr.model.layers import Attention, DropPath, Mlp
from nordocr.model.variants import Mixer, Variant

Size = tuple[int, int]
"""Height and width of the feature map, read from real shapes: widths need not be multiples of 4."""

DROP_PATH = 0.1
"""Stochastic depth of the last block; it rises linearly from 0 at the first. Training only."""


class ConvNorm(nn.Module):
    """Convolution 3x3 of stride 2, batch norm, GELU: halves height and width, rounding up."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, Cin, H, W]`` to ``[B, Cout, ceil(H / 2), ceil(W / 2)]``."""
        return F.gelu(self.norm(self.conv(x)))


class PatchEmbed(nn.Module):
    """``[B, 3, 32, W] -> [B, dim, 8, ceil(W / 4)]`` by two strided convolutions."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.patch_embed = nn.Sequential(ConvNorm(3, dim // 2), ConvNorm(dim // 2, dim))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, H, W]`` to ``[B, dim, ceil(H / 4), ceil(W / 4)]``."""
        out: Tensor = self.patch_embed(x)
        return out


class ConvBlock(nn.Module):
    """Local mixing on the map: y = x + conv(conv(x)); z = LN(y); out = LN(z + MLP(z)). ``[B, C, H, W]`` in and out."""

    def __init__(self, dim: int, heads: int, drop: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.mixer = nn.Sequential(*(nn.Conv2d(dim, dim, 3, padding=1, groups=heads) for _ in range(2)))
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)
        self.drop_path = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, C, H, W]`` to ``[B, C, H, W]``."""
        y = x + self.drop_path(self.mixer(x))
        z = self.norm1(y.flatten(2).transpose(1, 2))
        out: Tensor = self.norm2(z + self.drop_path(self.mlp(z)))
        return out.transpose(1, 2).reshape(x.shape)


class AttentionBlock(nn.Module):
    """Global mixing on tokens: z = LN(x + Attn(x)); out = LN(z + MLP(z)). ``[B, N, C]`` in and out."""

    def __init__(self, dim: int, heads: int, drop: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.mixer = Attention(dim, heads, qkv_bias=True)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)
        self.drop_path = DropPath(drop)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, N, C]`` to ``[B, N, C]``."""
        z = self.norm1(x + self.drop_path(self.mixer(x)))
        out: Tensor = self.norm2(z + self.drop_path(self.mlp(z)))
        return out


class ToTokens(nn.Module):
    """``[B, C, H, W] -> [B, H * W, C]``, row by row. It has no parameters but takes an index among a stage's blocks."""

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, C, H, W]`` to ``[B, H * W, C]``."""
        return x.flatten(2).transpose(1, 2)


class Downsample(nn.Module):
    """Convolution 3x3 to the next stage's channels, then layer norm over channels; works on a map or on tokens."""

    def __init__(self, channels_in: int, channels_out: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, stride=stride, padding=1)
        self.norm = nn.LayerNorm(channels_out)

    def forward(self, x: Tensor, size: Size) -> tuple[Tensor, Size]:
        """Map ``[B, C, H, W]`` or ``[B, H * W, C]`` to the same kind, and return the new (H, W) with it."""
        tokens = x.ndim == 3
        if tokens:
            x = x.transpose(1, 2).reshape(x.shape[0], -1, *size)
        x = self.conv(x)
        height, width = x.shape[2], x.shape[3]
        normed: Tensor = self.norm(x.flatten(2).transpose(1, 2))
        return (normed if tokens else normed.transpose(1, 2).reshape(x.shape)), (height, width)


class Stage(nn.Module):
    """The blocks of one resolution and, but for the last stage, the way down to the next."""

    def __init__(
        self, dim: int, mixers: tuple[Mixer, ...], drops: list[float], out_dim: int | None, stride: tuple[int, int]
    ) -> None:
        super().__init__()
        heads = dim // 32
        blocks: list[nn.Module] = []
        for mixer, drop in zip(mixers, drops, strict=True):
            if mixer == "Conv":
                blocks.append(ConvBlock(dim, heads, drop))
            else:
                if mixer == "FGlobal":
                    blocks.append(ToTokens())
                blocks.append(AttentionBlock(dim, heads, drop))
        self.blocks = nn.ModuleList(blocks)
        self.downsample = Downsample(dim, out_dim, stride) if out_dim is not None else None

    def forward(self, x: Tensor, size: Size) -> tuple[Tensor, Size]:
        """Map a map or tokens to a map or tokens, and return the new (H, W) with it."""
        for block in self.blocks:
            x = block(x)
        return (x, size) if self.downsample is None else cast(tuple[Tensor, Size], self.downsample(x, size))


class SVTRv2Encoder(nn.Module):
    """``[B, 3, 32, W] -> [B, C, 4, ceil(W / 4)]``."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        depth = variant.depth
        drops = [DROP_PATH * i / (depth - 1) for i in range(depth)]
        self.pope = PatchEmbed(variant.dims[0])
        stages = []
        for dim, mixers, out_dim, stride in zip(
            variant.dims, variant.mixers, (*variant.dims[1:], None), (*variant.strides, (1, 1)), strict=True
        ):
            stages.append(Stage(dim, mixers, drops[: len(mixers)], out_dim, stride))
            drops = drops[len(mixers) :]
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, 32, W]``, float32 in [-1, 1], to ``[B, C, 4, ceil(W / 4)]``."""
        x = self.pope(x)
        size = (x.shape[2], x.shape[3])
        for stage in self.stages:
            x, size = stage(x, size)
        return x.transpose(1, 2).reshape(x.shape[0], -1, *size)
