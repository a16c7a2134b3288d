"""A vision transformer over the patches of a text line, of any width up to that of its position grid.

Dosovitskiy et al. (ICLR 2021) without a class token, as PARSeq uses it; parameter names are timm's. Two things are
ours, because lines here are long and padded. The position embedding is a grid of few columns that is interpolated to
the patches of the widest line, so that the end of a long line is learnt from middling ones too. And what is white to
the line's end is not attended to: a line reads the same whatever it is padded to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nordocr.families.patches import WIDEST
from nordocr.model.base import LineNetwork
from nordocr.model.layers import MASKED, Attention, Mlp

HEIGHT: Final = 32


@dataclass(frozen=True)
class ViTShape:
    """The shape of an encoder.

    Attributes:
        dim: Channels.
        depth: Blocks.
        heads: Attention heads of a block.
        patch: Height and width of a patch in pixels.
        columns: Columns of the position grid, interpolated to those of a line 1,024 px wide.
    """

    dim: int
    depth: int
    heads: int
    patch: tuple[int, int]
    columns: int

    @property
    def rows(self) -> int:
        """Rows of patches."""
        return HEIGHT // self.patch[0]

    def attention_bytes(self, lines: int, width: int) -> int:
        """Estimate the bytes of one block's attention scores for a batch of lines ``width`` pixels wide."""
        tokens = self.rows * -(-width // self.patch[1])
        return lines * self.heads * tokens * tokens * 4


class Block(nn.Module):
    """A pre-norm transformer block; ``[B, N, C]`` in and out."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads, qkv_bias=True)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Map ``[B, N, C]`` to ``[B, N, C]``; ``bias`` as in :func:`nordocr.model.layers.attend`."""
        x = x + self.attn(self.norm1(x), bias)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class PatchEmbed(nn.Module):
    """Each patch by one linear map; the last patch of a line is filled up with white."""

    def __init__(self, dim: int, patch: tuple[int, int]) -> None:
        super().__init__()
        self.fill = patch[1] - 1
        self.proj = nn.Conv2d(3, dim, patch, stride=patch)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[B, 3, 32, W]`` to ``[B, C, rows, ceil(W / patch width)]``."""
        # The convolution drops what does not fill a patch: filling up by one column less than a patch suits any width.
        out: Tensor = self.proj(F.pad(x, (0, self.fill), value=1.0))
        return out


class ViTEncoder(nn.Module):
    """``[B, 3, 32, W]``, float32 in [-1, 1], to tokens ``[B, rows * columns, C]``, row by row, and their bias."""

    grid_to_patches: Tensor

    def __init__(self, shape: ViTShape) -> None:
        super().__init__()
        self.shape = shape
        self.patch_embed = PatchEmbed(shape.dim, shape.patch)
        self.pos_embed = nn.Parameter(torch.empty(1, shape.rows * shape.columns, shape.dim))
        self.blocks = nn.ModuleList(Block(shape.dim, shape.heads) for _ in range(shape.depth))
        self.norm = nn.LayerNorm(shape.dim, eps=1e-6)
        weights = linear_weights(shape.columns, WIDEST // shape.patch[1])
        self.register_buffer("grid_to_patches", weights, persistent=False)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the tokens, and float32 ``[B, 1, 1, rows * columns]`` that hides those beyond the line's end."""
        patches = self.patch_embed(x)
        columns = patches.shape[3]
        grid = self.pos_embed.reshape(self.shape.rows, self.shape.columns, self.shape.dim)
        positions = (self.grid_to_patches @ grid)[:, :columns]
        tokens = (patches + positions.permute(2, 0, 1)).flatten(2).transpose(1, 2)
        bias = self.end_bias(x)
        for block in self.blocks:
            tokens = block(tokens, bias)
        return self.norm(tokens), bias

    def parts_after(self, name: str) -> int:
        """Count the blocks from that of the encoder's parameter ``name`` on; patches and positions come before all."""
        place = name.split(".")
        if place[0] == "blocks":
            return len(self.blocks) - int(place[1])
        return 0 if place[0] == "norm" else len(self.blocks) + 1

    def end_bias(self, x: Tensor) -> Tensor:
        """Return 0 for the patches up to the last that is not white, :data:`MASKED` for those after it.

        ``[B, 3, 32, W]`` to float32 ``[B, 1, 1, rows * columns]``. Of an empty line the first column stays visible.
        """
        _, across = self.shape.patch
        darkest = F.pad(-x.amin(dim=(1, 2)), (0, across - 1), value=-1.0)
        inked = F.max_pool1d(darkest.unsqueeze(1), across) > -1.0
        number = torch.arange(inked.shape[2], device=x.device)
        last = torch.where(inked, number, torch.zeros_like(number)).amax(dim=2, keepdim=True)
        bias = torch.where(number <= last, 0.0, MASKED).to(torch.float32)
        return bias.repeat(1, 1, self.shape.rows).unsqueeze(2)


def linear_weights(have: int, want: int) -> Tensor:
    """Return the matrix, float32 ``[want, have]``, that interpolates ``have`` columns linearly to ``want``.

    Columns are cells: the outer edges of both rows of cells coincide.
    """
    places = ((torch.arange(want) + 0.5) * have / want - 0.5).clamp(0, have - 1)
    left = places.floor().long().clamp(max=max(have - 2, 0))
    share = places - left
    weights = torch.zeros(want, have)
    weights[torch.arange(want), left] = 1 - share
    if have > 1:
        weights[torch.arange(want), left + 1] += share
    return weights


class ViTNetwork(LineNetwork):
    """What the networks with this encoder and one linear head have in common."""

    BLOCKS: ClassVar[Mapping[str, tuple[type[nn.Module], ...]]] = {
        "none": (),
        "attention": (Block,),
        "blocks": (Block,),
    }
    encoder: ViTEncoder
    head: nn.Linear

    def begin_at_prior(self, log_prior: Tensor) -> None:
        """Set the head's bias to the classes' log-frequencies."""
        with torch.no_grad():
            self.head.bias.copy_(log_prior)

    def parts_after(self, name: str) -> int:
        """Count the encoder's blocks after the parameter; 0 for what comes after the encoder."""
        return self.encoder.parts_after(name.removeprefix("encoder.")) if name.startswith("encoder.") else 0

    def attention_bytes(self, lines: int, width: int) -> int:
        """Estimate the bytes of one encoder block's attention scores."""
        return self.encoder.shape.attention_bytes(lines, width)
