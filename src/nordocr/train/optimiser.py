"""AdamW with decay on matrices only, and the one-cycle schedule."""

from __future__ import annotations

import math

import torch
from torch import nn

from nordocr.train.recipe import Recipe
from nordocr.train.recipe_parts import OptimiserPart


def build_optimiser(model: nn.Module, part: OptimiserPart, device: torch.device | None = None) -> torch.optim.AdamW:
    """Build AdamW whose weight decay spares norms, biases and the head's token: everything of fewer than two real axes.

    On a GPU it is PyTorch's fused kernel: one launch a step instead of hundreds.
    """
    decayed: list[nn.Parameter] = []
    spared: list[nn.Parameter] = []
    for parameter in model.parameters():
        matrix = sum(size > 1 for size in parameter.shape) >= 2
        (decayed if matrix else spared).append(parameter)
    groups = [{"params": decayed, "weight_decay": part.weight_decay}, {"params": spared, "weight_decay": 0.0}]
    fused = True if device is not None and device.type == "cuda" else None
    return torch.optim.AdamW(groups, lr=part.peak_lr, betas=part.betas, fused=fused)


def set_learning_rate(optimiser: torch.optim.Optimizer, progress: float, recipe: Recipe) -> float:
    """Give every group the learning rate at ``progress`` in [0, 1], and return it."""
    rate = learning_rate(progress, recipe)
    for group in optimiser.param_groups:
        group["lr"] = rate
    return rate


def learning_rate(progress: float, recipe: Recipe) -> float:
    """Return the learning rate at ``progress`` in [0, 1]: up from a twentieth of the peak, then cosine to ``final_lr``.

    One cycle after Smith and Topin (2018), with the cosine of Loshchilov and Hutter (ICLR 2017) on the way down.
    """
    part, peak = recipe.optimiser, recipe.peak_lr
    if progress < part.warmup:
        return peak * (0.05 + 0.95 * progress / part.warmup)
    fall = min(1.0, (progress - part.warmup) / (1.0 - part.warmup))
    return part.final_lr + (peak - part.final_lr) * 0.5 * (1.0 + math.cos(math.pi * fall))
