"""PARSeq's decoder layer: pre-norm, two attentions and an MLP; queries know their place only, never their character.

Of the two streams of XLNet's attention that the paper builds on, the content stream's own output is needed by a further
layer only; there is one, so of the content stream the keys and values are all that is computed. Parameter names and
shapes are those of the authors' repository (PyTorch's ``MultiheadAttention`` within).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nordocr.model.layers import attend

DROPOUT = 0.1


class SplitAttention(nn.Module):
    """Multi-head attention whose queries, keys and values are projected apart, in ``MultiheadAttention``'s weights."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj_weight)

    def queries(self, x: Tensor) -> Tensor:
        """``[B, N, C]`` to ``[B, heads, N, C / heads]``."""
        return self._projected(x, 0)

    def keys_values(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``[B, N, C]`` to keys and values, both ``[B, heads, N, C / heads]``."""
        return self._projected(x, 1), self._projected(x, 2)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None) -> Tensor:
        """Attend, ``bias`` added to the scores, and bring the heads together: ``[B, N, C]``."""
        mixed = attend(queries, keys, values, bias)
        out: Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return out

    def _projected(self, x: Tensor, part: int) -> Tensor:
        dim = x.shape[-1]
        weight = self.in_proj_weight.view(3, dim, dim)[part]
        y = F.linear(x, weight, self.in_proj_bias.view(3, dim)[part])
        parts: Tensor = y.unflatten(-1, (self.heads, dim // self.heads))  # type: ignore[no-untyped-call]
        return parts.transpose(1, 2)


class DecoderLayer(nn.Module):
    """Queries look at the characters that they may see, then at the line."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.self_attn = SplitAttention(dim, heads)
        self.cross_attn = SplitAttention(dim, heads)
        self.linear1 = nn.Linear(dim, 4 * dim)
        self.linear2 = nn.Linear(4 * dim, dim)
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.norm_q = nn.LayerNorm(dim)
        self.norm_c = nn.LayerNorm(dim)

    def forward(
        self,
        query: Tensor,
        content: tuple[Tensor, Tensor],
        memory: tuple[Tensor, Tensor],
        seen: Tensor,
        end: Tensor,
    ) -> Tensor:
        """Predict.

        Args:
            query: The places to predict, ``[B, N, C]``.
            content: Keys and values of the characters, from :meth:`content_of`.
            memory: Keys and values of the line's patches.
            seen: What each query may see of the characters, added to the scores: broadcasts to ``[B, heads, N, M]``.
            end: The same for the patches.

        Returns:
            ``[B, N, C]``.
        """
        query = query + self._dropped(self.self_attn(self.self_attn.queries(self.norm_q(query)), *content, seen))
        query = query + self._dropped(self.cross_attn(self.cross_attn.queries(self.norm1(query)), *memory, end))
        hidden = self._dropped(F.gelu(self.linear1(self.norm2(query))))
        return query + self._dropped(self.linear2(hidden))

    def content_of(self, characters: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of embedded characters ``[B, M, C]``."""
        return self.self_attn.keys_values(self.norm_c(characters))

    def _dropped(self, x: Tensor) -> Tensor:
        return F.dropout(x, DROPOUT, self.training)


class Decoder(nn.Module):
    """The one layer and a last norm."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([DecoderLayer(dim, heads)])
        self.norm = nn.LayerNorm(dim)
