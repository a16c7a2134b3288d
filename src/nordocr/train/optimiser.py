"""AdamW with decay on matrices only, and the one-cycle schedule."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from nordocr.model.base import LineNetwork
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_parts import OptimiserPart


def build_optimiser(model: nn.Module, part: OptimiserPart, device: torch.device | None = None) -> torch.optim.AdamW:
    """Build AdamW whose weight decay spares norms, biases and the head's token: everything of fewer than two real axes.

    On a GPU it is PyTorch's fused kernel: one launch a step instead of hundreds.
    """
    fused = True if device is not None and device.type == "cuda" else None
    return torch.optim.AdamW(_groups(model, part), lr=part.peak_lr, betas=part.betas, fused=fused)


def _groups(model: nn.Module, part: OptimiserPart) -> list[dict[str, Any]]:
    """Parameters by their weight decay and, where the recipe says so, by their part of the network."""
    depths = dict.fromkeys((name for name, _ in model.named_parameters()), 0)
    if part.layer_decay < 1 and isinstance(model, LineNetwork):
        depths = {name: model.parts_after(name) for name in depths}
    groups: list[dict[str, Any]] = []
    for depth in sorted(set(depths.values())):
        decayed: list[nn.Parameter] = []
        spared: list[nn.Parameter] = []
        for name, parameter in model.named_parameters():
            if depths[name] == depth:
                matrix = sum(size > 1 for size in parameter.shape) >= 2
                (decayed if matrix else spared).append(parameter)
        factor = part.layer_decay**depth
        groups += [
            {"params": held, "weight_decay": decay, "factor": factor}
            for held, decay in ((decayed, part.weight_decay), (spared, 0.0))
        ]
    return groups


def freeze_norms(model: nn.Module) -> None:
    """Let every batch norm keep its statistics while the model trains; its scale and shift are trained as before."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def set_learning_rate(optimiser: torch.optim.Optimizer, progress: float, recipe: Recipe, step: int = 0) -> float:
    """Give every group its share of the learning rate at ``progress`` in [0, 1], and return the whole of it."""
    rate = learning_rate(progress, recipe, step)
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("factor", 1.0)  # a checkpoint of before has none
    return rate


def learning_rate(progress: float, recipe: Recipe, step: int = 0) -> float:
    """Return the learning rate at ``progress`` in [0, 1]: up from a twentieth of the peak, then cosine to ``final_lr``.

    One cycle after Smith and Topin (2018), with the cosine of Loshchilov and Hutter (ICLR 2017) on the way down.
    ``step`` counts where the recipe's warm-up is counted in steps; the cosine then begins at once, below the rise.
    """
    part, peak = recipe.optimiser, recipe.peak_lr
    if part.warmup_steps is not None:
        peak *= min(1.0, 0.05 + 0.95 * step / part.warmup_steps)
    elif progress < part.warmup:
        return peak * (0.05 + 0.95 * progress / part.warmup)
    start = part.warmup if part.warmup_steps is None else 0.0
    fall = min(1.0, (progress - start) / (1.0 - start))
    return part.final_lr + (peak - part.final_lr) * 0.5 * (1.0 + math.cos(math.pi * fall))
