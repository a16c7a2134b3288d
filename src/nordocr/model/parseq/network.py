"""PARSeq whole: encoder, decoder, the loss over several reading orders, and reading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nordocr.model.base import Labelled
from nordocr.model.layers import MASKED
from nordocr.model.parseq.layers import DROPOUT, Decoder, DecoderLayer
from nordocr.model.parseq.masks import cloze, reading_orders, visible
from nordocr.model.parseq.reading import read_greedily
from nordocr.model.parseq.variants import VARIANTS, ParseqVariant
from nordocr.model.vit import ViTEncoder, ViTNetwork, linear_weights

ORDERS: Final = 6
"""Orders that a text is read in while training."""

IGNORED: Final = -100


class Embedding(nn.Module):
    """Embeddings of the classes, then of the token that begins a text and of the one that fills up a batch."""

    def __init__(self, classes: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(classes + 2, dim)
        self.scale = math.sqrt(dim)

    def forward(self, tokens: Tensor) -> Tensor:
        """``[...]`` to ``[..., C]``."""
        out: Tensor = self.scale * self.embedding(tokens)
        return out


class PARSeq(ViTNetwork):
    """``[B, 3, 32, W]`` in [-1, 1], W up to 1,024, to raw logits ``[B, longest + 1, classes]``; class 0 ends a text."""

    VARIANTS: ClassVar[Mapping[str, ParseqVariant]] = VARIANTS
    FIXED_WORK = False  # reading ends when every line has ended
    HEAD = ("text_embed.embedding.weight", "head.weight", "head.bias")

    def __init__(self, variant: ParseqVariant, classes: int) -> None:
        super().__init__()
        self.variant: ParseqVariant = variant
        self.begin, self.fill = classes, classes + 1
        self.encoder = ViTEncoder(variant.encoder)
        self.decoder = Decoder(variant.dim, variant.decoder_heads)
        self.head = nn.Linear(variant.dim, classes)
        self.text_embed = Embedding(classes, variant.dim)
        self.pos_queries = nn.Parameter(torch.empty(1, variant.longest + 1, variant.dim))
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.trunc_normal_(self.pos_queries, std=0.02)

    @classmethod
    def build(cls, variant: str, classes: int) -> PARSeq:
        """Build one of the variants."""
        return cls(VARIANTS[variant], classes)

    @classmethod
    def fitted(cls, tensors: Mapping[str, Tensor], variant: str) -> tuple[Mapping[str, Tensor], tuple[str, ...]]:
        """Stretch the position grid of other weights (the authors' are for 128 px and 25 characters) to ours.

        The places after their last character begin as copies of it.
        """
        shape, changed, notes = VARIANTS[variant], dict(tensors), tuple[str, ...]()
        grid, places = tensors.get("encoder.pos_embed"), tensors.get("pos_queries")
        rows = shape.encoder.rows
        if grid is not None and grid.ndim == 3 and grid.shape[1] != rows * shape.columns and grid.shape[1] % rows == 0:
            have = grid.shape[1] // rows
            cells = linear_weights(have, shape.columns) @ grid.reshape(rows, have, -1)
            changed["encoder.pos_embed"] = cells.reshape(1, rows * shape.columns, -1)
            notes += (f"Its position grid of {have} columns was stretched to {shape.columns}.",)
        if places is not None and places.ndim == 3 and places.shape[1] < shape.longest + 1:
            missing = shape.longest + 1 - places.shape[1]
            changed["pos_queries"] = torch.cat([places, places[:, -1:].expand(-1, missing, -1)], dim=1)
            notes += (f"It reads {places.shape[1] - 1} characters; the places up to {shape.longest} are copies.",)
        return changed, notes

    @property
    def layer(self) -> DecoderLayer:
        """The decoder's only layer."""
        layer = self.decoder.layers[0]
        assert isinstance(layer, DecoderLayer)
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """Read the lines greedily from left to right, then predict every character again with both sides known.

        Whatever a row holds after the first whose best class is the end means nothing.
        """
        tokens, end = self.encoder(x)
        memory = self.layer.cross_attn.keys_values(tokens)
        read = read_greedily(self, memory, end)
        return self.refined(read, memory, end)

    def refined(self, read: Tensor, memory: tuple[Tensor, Tensor], end: Tensor) -> Tensor:
        """Predict once more.

        Args:
            read: What was read, int64 ``[B, longest + 1]``; everything from the first 0 on is hidden.
            memory: Keys and values of the line's patches.
            end: What is added to the scores of the patches.

        Returns:
            Logits, float32 ``[B, longest + 1, classes]``.
        """
        rows = self.variant.longest + 1
        begin = torch.full_like(read[:, :1], self.begin)
        context = torch.cat([begin, read[:, :-1]], dim=1)
        over = (context == 0).to(torch.int64).cumsum(1) > 0
        seen = cloze(rows).to(read.device) & ~over[:, None, None, :]
        bias = torch.where(seen, 0.0, MASKED).to(torch.float32)
        content = self.layer.content_of(self.embedded(context))
        query = self.pos_queries + (read[:, :1] * 0).unsqueeze(2)
        return self.predicted(query, content, memory, bias, end)

    def embedded(self, tokens: Tensor) -> Tensor:
        """Embed tokens ``[B, N]`` that begin with the begin, each at the place after the one before it."""
        characters = self.text_embed(tokens)
        places = self.pos_queries[:, : tokens.shape[1] - 1]
        placed: Tensor = characters + F.pad(places, (0, 0, 1, 0))
        return placed

    def predicted(
        self,
        query: Tensor,
        content: tuple[Tensor, Tensor],
        memory: tuple[Tensor, Tensor],
        seen: Tensor,
        end: Tensor,
    ) -> Tensor:
        """Return logits ``[B, N, classes]`` of the places ``query``; the arguments are those of the decoder layer."""
        out: Tensor = self.head(self.decoder.norm(self.layer(query, content, memory, seen, end)))
        return out

    def loss(self, pixels: Tensor, labels: Labelled, *, bf16: bool) -> Tensor:
        """Sum the cross-entropy over the lines, averaged over the reading orders.

        The end is predicted in the first order and in its mirror only, as in the paper.
        """
        context, wanted = self._texts(labels, pixels.device)
        orders = reading_orders(context.shape[1] - 1, ORDERS).to(pixels.device)
        seen = visible(orders) & (context != self.fill)[:, None, None, :]
        with torch.autocast(pixels.device.type, torch.bfloat16, enabled=bf16):
            tokens, end = self.encoder(pixels)
            memory = self.layer.cross_attn.keys_values(tokens)
            content = self.layer.content_of(F.dropout(self.embedded(context), DROPOUT, self.training))
            logits = self._in_orders(context.shape, content, memory, seen, end)
        total = torch.zeros((), device=pixels.device)
        for number, one in enumerate(logits.float().unbind(1)):
            targets = wanted if number < 2 else torch.where(wanted == 0, IGNORED, wanted)
            total = total + F.cross_entropy(one.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum")
        return total / len(orders)

    def _in_orders(
        self,
        shape: torch.Size,
        content: tuple[Tensor, Tensor],
        memory: tuple[Tensor, Tensor],
        seen: Tensor,
        end: Tensor,
    ) -> Tensor:
        """Predict all places in all orders, ``[B, orders, rows, classes]``; ``seen``: ``[B, orders, rows, rows]``.

        The orders stand one after the other along the queries, so that everything is computed in one go.
        """
        lines, rows = shape
        orders = seen.shape[1]
        query = self.pos_queries[:, :rows].repeat(lines, orders, 1)
        query = F.dropout(query, DROPOUT, self.training)
        bias = torch.where(seen, 0.0, MASKED).to(torch.float32).flatten(1, 2).unsqueeze(1)
        logits = self.predicted(query, content, memory, bias, end)
        return logits.reshape(lines, orders, rows, -1)

    def _texts(self, labels: Labelled, device: torch.device) -> tuple[Tensor, Tensor]:
        """The begin and the characters, ``[B, n + 1]``, filled up; the characters and the end, the rest ignored."""
        lengths = labels.target_lengths.tolist()
        rows = max(lengths) + 1
        context = torch.full((len(lengths), rows), self.fill, dtype=torch.int64)
        wanted = torch.full_like(context, IGNORED)
        context[:, 0] = self.begin
        for line, text in enumerate(torch.split(labels.targets.cpu(), lengths)):
            context[line, 1 : len(text) + 1] = text
            wanted[line, : len(text)] = text
            wanted[line, len(text)] = 0
        return context.to(device), wanted.to(device)
