"""The sizes of SVTRv2 that nordocr trains: tiny, small and base are OpenOCR's, nano and mini our own for CPUs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Mixer = Literal["Conv", "FGlobal", "Global"]
"""What a block mixes with: grouped convolutions, attention after the first flattening, attention."""


@dataclass(frozen=True)
class Variant:
    """The shape of one encoder: three stages, heads of 32 channels.

    ``dims``: channels a stage. ``mixers``: one entry a block; ``FGlobal`` marks where the map becomes tokens.
    ``strides``: (height, width) of the two downsamplings between the stages; the published sizes have maps 8, 8 and 4
    rows high.
    """

    name: str
    dims: tuple[int, int, int]
    mixers: tuple[tuple[Mixer, ...], tuple[Mixer, ...], tuple[Mixer, ...]]
    strides: tuple[tuple[int, int], tuple[int, int]] = ((1, 1), (2, 1))

    @property
    def heads(self) -> tuple[int, ...]:
        """Attention heads (and groups of the convolutions) of each stage."""
        return tuple(dim // 32 for dim in self.dims)

    @property
    def depth(self) -> int:
        """Blocks in all three stages."""
        return sum(len(stage) for stage in self.mixers)


_CONV: Final[tuple[Mixer, ...]] = ("Conv",)
_GLOBAL: Final[tuple[Mixer, ...]] = ("Global",)
_LOW: Final = ((2, 1), (2, 1))


VARIANTS: Final[Mapping[str, Variant]] = {
    v.name: v
    for v in (
        Variant("nano", (32, 64, 128), (_CONV * 2, _CONV * 4, ("FGlobal", "Global"))),
        Variant("nano-low", (32, 64, 128), (_CONV * 2, _CONV * 4, ("FGlobal", "Global")), _LOW),
        Variant("nano-low-wide", (32, 64, 160), (_CONV * 2, _CONV * 4, ("FGlobal", "Global")), _LOW),
        Variant("nano-wide", (48, 96, 160), (_CONV * 2, _CONV * 4, ("FGlobal", "Global")), _LOW),
        Variant("mini", (64, 96, 224), (_CONV * 2, _CONV * 4, ("FGlobal", *_GLOBAL * 2)), _LOW),
        Variant("micro", (32, 64, 96), (_CONV * 2, ("Conv", "FGlobal", "Global"), _GLOBAL * 2)),
        Variant("tiny", (64, 128, 256), (_CONV * 3, (*_CONV * 3, "FGlobal", *_GLOBAL * 2), _GLOBAL * 3)),
        Variant("small", (96, 192, 384), (_CONV * 3, (*_CONV * 3, "FGlobal", *_GLOBAL * 2), _GLOBAL * 3)),
        Variant("base", (128, 256, 384), (_CONV * 6, (*_CONV * 2, "FGlobal", *_GLOBAL * 3), _GLOBAL * 6)),
    )
}
"""Parameters with 126 classes: nano 1,077,006; nano-wide 1,832,150; mini 3,479,070; micro 669,774; tiny 5,136,222;
small 11,263,182; base 19,767,486."""
