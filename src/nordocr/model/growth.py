"""Growing trained weights: a larger network that starts where a smaller one of the same family is.

Wider by Net2WiderNet (Chen, Goodfellow and Shlens, ICLR 2016): new channels are copies of old ones, and whatever reads
a channel that is now there twice weighs each copy by half. A little noise on the copies lets training tell them apart.
Deeper by blocks after the last one whose branches add nothing yet. Layer norms see slightly other statistics, so the
larger network reads nearly, not exactly, as the smaller one did.
"""

from __future__ import annotations

import re
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
_BLOCK: Final = re.compile(r"encoder\.stages\.(\d)\.blocks\.(\d+)\.(.*)")


def grow(tensors: Mapping[str, Tensor], old: str, new: str, classes: int, *, seed: int = 0) -> dict[str, Tensor]:
    """Widen the stages of a model and its head, and lengthen its last stage.

    Args:
        tensors: The state of a model of variant ``old`` with ``classes`` classes, float32.
        old: Variant of ``tensors``.
        new: Variant wanted: the same strides and mixers, wider stages, perhaps more blocks of attention at the end.
        classes: Characters plus the blank.
        seed: Of the noise on copied channels.

    Returns:
        The state of a model of variant ``new``.

    Raises:
        ModelInvalid: The one variant cannot be grown to the other.
    """
    if not can_grow(old, new):
        raise ModelInvalid(f"A {old!r} cannot be grown to a {new!r}: more differs than channels and blocks at the end.")
    small, large = VARIANTS[old], VARIANTS[new]
    generator = torch.Generator().manual_seed(seed)
    with torch.device("meta"):
        wanted = {name: tuple(t.shape) for name, t in build_model(new, classes).state_dict().items()}
    grown: dict[str, Tensor] = {}
    for name, shape in wanted.items():
        tensor = tensors[name] if name in tensors else _new_block(tensors, name, small)
        for axis, size in enumerate(shape):
            if tensor.shape[axis] == size:
                continue
            reads = (axis > 0 and tensor.ndim > 1) or name.endswith("char_token")
            stage = _stage(name, axis)
            sources = _sources(name, axis, small.dims[stage], large.dims[stage], _grouped(small, stage))
            tensor = _widened(tensor, axis, sources, reads, generator)
        grown[name] = tensor
    return grown


def can_grow(old: str, new: str) -> bool:
    """Tell whether ``new`` is ``old`` with wider stages or more blocks of attention at its end, and nothing else."""
    if not {old, new} <= VARIANTS.keys():
        return False
    small, large = VARIANTS[old], VARIANTS[new]
    last, longer = small.mixers[-1], large.mixers[-1]
    return (
        small.dims != large.dims
        and all(before <= after for before, after in zip(small.dims, large.dims, strict=True))
        and small.strides == large.strides
        and small.mixers[:-1] == large.mixers[:-1]
        and longer[: len(last)] == last
        and set(longer[len(last) :]) <= {"Global"}
    )


def _grouped(variant: Variant, stage: int) -> bool:
    """Tell whether a stage has convolutions in groups of :data:`HEAD_DIM` channels."""
    return "Conv" in variant.mixers[stage]


def _stage(name: str, axis: int) -> int:
    """The stage whose channels (or hidden layers on them) lie along an axis of a tensor."""
    if ".patch_embed." in name:
        return 0
    found = re.match(r"encoder\.stages\.(\d)\.", name)
    if found is None:
        return -1
    written = ".downsample." in name and not (axis == 1 and name.endswith("conv.weight"))
    return int(found[1]) + written


def _sources(name: str, axis: int, before: int, after: int, grouped: bool) -> Tensor:
    """The old channel that each new channel of one axis of one tensor copies.

    Channels of attention heads and of a stage with grouped convolutions are copied by whole groups, those of other
    residual streams and of hidden layers evenly spread, so that a layer norm's mean and variance stay about what they
    were.
    """
    heads = _repeated(before, after)
    stream = heads if grouped else _spread(before, after)
    if ".qkv." in name and axis == 0:
        return torch.cat([heads, before + heads, 2 * before + heads])
    if ".proj." in name and axis == 1:
        return heads
    if "fc_kv." in name and axis == 0:
        return torch.cat([stream, before + stream])
    if ".mlp." in name and ((".fc1." in name and axis == 0) or (".fc2." in name and axis == 1)):
        return _spread(4 * before, 4 * after)
    # The first of the two convolutions of the patch embedding has half the channels.
    if ".patch_embed.0." in name or (".patch_embed.1.conv." in name and axis == 1):
        return _repeated(before // 2, after // 2)
    return stream


def _repeated(before: int, after: int) -> Tensor:
    """The old channels in order, and again from the first one on."""
    return torch.arange(after) % before


def _spread(before: int, after: int) -> Tensor:
    """The old channels in order, and after them copies of some that are spread evenly over all."""
    more = after - before
    return torch.cat([torch.arange(before), torch.arange(more) * before // max(more, 1) % before])


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


def _new_block(tensors: Mapping[str, Tensor], name: str, small: Variant) -> Tensor:
    """A tensor of a block that the smaller network has not: its branches end in zeros, its norms give back what comes.

    What comes is the output ``weight * n + bias`` of the last block's norm, n with mean 0 and variance 1 over channels.
    """
    found = _BLOCK.fullmatch(name)
    assert found is not None
    last = f"encoder.stages.{found[1]}.blocks.{len(small.mixers[-1])}."
    like, part = tensors[last + found[3]], found[3]
    if part.startswith("norm"):
        weight, bias = tensors[last + "norm2.weight"], tensors[last + "norm2.bias"]
        level = bias.mean() if part.endswith("bias") else (weight.square().mean() + bias.var()).sqrt()
        return torch.full_like(like, float(level))
    return torch.zeros_like(like) if part.startswith(("mixer.proj", "mlp.fc2")) else like.clone()
