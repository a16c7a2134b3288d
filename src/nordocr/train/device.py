"""Where training computes: the device, its number formats, and compiling the model's blocks."""

from __future__ import annotations

import os

import torch

from nordocr.errors import EngineUnavailable
from nordocr.linespec import LADDER
from nordocr.model.base import LineNetwork
from nordocr.model.running import take_any_shape
from nordocr.train.recipe import Recipe


def choose_device(name: str) -> torch.device:
    """Choose the device to train on.

    Args:
        name: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; under torchrun ``cuda`` is this process's own GPU.

    Returns:
        The device, which is the current one from now on.

    Raises:
        EngineUnavailable: PyTorch has no such device.
    """
    kind = ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
    try:
        device = torch.device(kind)
    except RuntimeError as error:
        raise EngineUnavailable(f"PyTorch knows no device {name!r}.") from error
    if device.type not in {"cpu", "cuda"} or (device.type == "cuda" and not torch.cuda.is_available()):
        raise EngineUnavailable(f"This PyTorch ({torch.__version__}) has no usable device {name!r}.")
    if device.type == "cuda" and device.index is None:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    if device.type == "cuda":
        if device.index >= torch.cuda.device_count():
            raise EngineUnavailable(f"There is no {device}: this machine has {torch.cuda.device_count()} GPUs.")
        torch.cuda.set_device(device)
        take_any_shape()
    return device


def threads_for(recipe: Recipe, device: torch.device, processes: int) -> int:
    """Decide how many threads PyTorch gets.

    Args:
        recipe: ``threads``, and ``batch.workers``, which need cores too.
        device: Where it trains.
        processes: Processes of this training on this machine.

    Returns:
        The recipe's number; without one the cores that are left on a CPU, and 0 (PyTorch's default) on a GPU or where
        ``OMP_NUM_THREADS`` has decided.
    """
    if recipe.threads:
        return recipe.threads
    if device.type != "cpu" or os.environ.get("OMP_NUM_THREADS"):
        return 0
    cores = (os.cpu_count() or 1) // processes
    return max(1, cores - max(0, recipe.batch.workers)) if recipe.batch.workers >= 0 else 1


def allow_tf32() -> None:
    """Let matrix products and convolutions that stay in float32 round their factors to TF32 on a GPU."""
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True


def compile_blocks(model: LineNetwork, recipe: Recipe) -> None:
    """Compile the model's blocks in place, as the recipe says; names of parameters stay as they are.

    Blocks, not the whole: attention of one width in channels is one graph with batch and length dynamic, shared by all
    blocks of that kind, so everything is compiled within the first minute. The whole model takes a graph a rung, each
    many times as long; convolution blocks (``blocks``) take one a rung too, but small ones.
    """
    chosen = model.BLOCKS[recipe.compile]
    if not chosen:
        return
    import torch._dynamo

    torch._dynamo.config.recompile_limit = 8 * len(LADDER)
    for module in model.modules():
        if isinstance(module, chosen):
            module.compile(dynamic=True)
