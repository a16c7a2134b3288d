"""The sizes of PARSeq."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nordocr.families.patches import LONGEST
from nordocr.model.vit import ViTShape


@dataclass(frozen=True)
class ParseqVariant:
    """The shape of one PARSeq: patches 4 px high and 8 px wide, MLPs four times as wide as the rest.

    Attributes:
        name: Its name.
        dim: Channels of encoder and decoder.
        depth: Blocks of the encoder; the decoder has one layer.
        heads: Attention heads of the encoder.
        decoder_heads: Attention heads of the decoder.
        columns: Columns of the position grid.
        longest: Characters of the longest text.
    """

    name: str
    dim: int
    depth: int
    heads: int
    decoder_heads: int
    columns: int = 64
    longest: int = LONGEST

    @property
    def encoder(self) -> ViTShape:
        """The encoder's shape."""
        return ViTShape(self.dim, self.depth, self.heads, (4, 8), self.columns)


VARIANTS: Final[Mapping[str, ParseqVariant]] = {
    v.name: v
    for v in (
        ParseqVariant("parseq-micro", 32, 2, 2, 2),
        ParseqVariant("parseq-tiny", 128, 6, 4, 4),
        ParseqVariant("parseq-small", 192, 12, 3, 6),
        ParseqVariant("parseq-base", 384, 12, 6, 12),
    )
}
"""micro is for tests; tiny is of about SVTRv2 nano's size; small and base are what the authors call PARSeq-tiny and
PARSeq, but for lines up to 1,024 px and 160 characters instead of 128 px and 25."""
