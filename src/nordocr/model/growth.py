"""Widening trained weights: a wider network that starts where a narrower one of the same family is.

Net2WiderNet (Chen, Goodfellow and Shlens, ICLR 2016): new channels are copies of old ones, and whatever reads a channel
that is now there twice weighs each copy by half. Layer norms see slightly other statistics, so the wider network reads
nearly, not exactly, as the narrow one did; a little noise on the copies lets training tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

from nordocr.errors import ModelInvalid
from nordocr.model.network import build_model
from nordocr.model.variants import VARIANTS, Variant

HEAD_DIM: Final = 32
_NOISE: Final = 0.02
"""Standard deviation of the noise on a copied channel, in that of its own tensor."""


def grow(tensors: Mapping[str, Tensor], old: str, new: str, classes: int, *, seed: int = 0) -> dict[str, Tensor]:
    """Widen the last stage and the head of a model.

    Args:
        tensors: The state of a model of variant ``old`` with ``classes`` classes, float32.
        old: Variant of ``tensors``.
        new: Variant wanted: the same mixers, first and second stage, and a wider third stage.
        classes: Characters plus the blank.
        seed: Of the noise on copied channels.

    Returns:
        The state of a model of variant ``new``.

    Raises:
        ModelInvalid: The variants differ in more than a wider last stage.
    """
    narrow, wide = VARIANTS[old], VARIANTS[new]
    if not can_grow(narrow, wide):
        raise ModelInvalid(f"A {old!r} cannot be widened to a {new!r}: more than the last stage differs.")
    before, after = narrow.dims[-1], wide.dims[-1]
    generator = torch.Generator().manual_seed(seed)
    with torch.device("meta"):
        wanted = {name: tuple(t.shape) for name, t in build_model(new, classes).state_dict().items()}
    grown = {}
    for name, shape in wanted.items():
        tensor = tensors[name]
        for axis, size in enumerate(shape):
            if tensor.shape[axis] == size:
                continue
            reads = (axis > 0 and tensor.ndim > 1) or name.endswith("char_token")
            tensor = _widened(tensor, axis, _sources(name, axis, before, after), reads, generator)
        grown[name] = tensor
    return grown


def can_grow(narrow: Variant, wide: Variant) -> bool:
    """Tell whether ``wide`` is ``narrow`` with more channels in its last stage and nothing else changed."""
    return (
        narrow.mixers == wide.mixers
        and narrow.strides == wide.strides
        and narrow.dims[:-1] == wide.dims[:-1]
        and narrow.dims[-1] < wide.dims[-1]
    )


def _sources(name: str, axis: int, before: int, after: int) -> Tensor:
    """The old channel that each new channel of one axis of one tensor copies.

    Channels of attention heads are copied by whole heads, those of the residual stream and of hidden layers evenly
    spread, so that a layer norm's mean and variance stay about what they were.
    """
    stream = torch.cat([torch.arange(before), torch.arange(after - before) * before // (after - before)])
    heads = torch.cat([torch.arange(before), torch.arange(after - before) % before])
    if ".qkv." in name and axis == 0:
        return torch.cat([heads, before + heads, 2 * before + heads])
    if ".proj." in name and axis == 1:
        return heads
    if "fc_kv." in name and axis == 0:
        return torch.cat([stream, before + stream])
    hidden = (".fc1." in name and axis == 0) or (".fc2." in name and axis == 1)
    if hidden and ".mlp." in name:
        return torch.cat([torch.arange(4 * before), torch.arange(4 * (after - before)) * before // (after - before)])
    return stream


def _widened(tensor: Tensor, axis: int, sources: Tensor, reads: bool, generator: torch.Generator) -> Tensor:
    """``tensor`` with the channels ``sources`` along ``axis``; an axis that reads its channels shares their weight."""
    wide = tensor.index_select(axis, sources)
    counts = torch.bincount(sources, minlength=tensor.shape[axis])[sources]
    shape = [1] * tensor.ndim
    shape[axis] = len(sources)
    if reads:
        wide = wide / counts.view(shape)
    copies = (counts > 1).view(shape)
    noise = torch.randn(wide.shape, generator=generator) * _NOISE * (tensor.std() if tensor.numel() > 1 else 0.0)
    return torch.where(copies, wide + noise, wide) if tensor.ndim > 1 else wide
