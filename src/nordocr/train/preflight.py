"""Before hours are spent: can this model, on this device, learn one small batch of these lines by heart?

Wrong labels, a wrong charset, a learning rate that is far off or a broken kernel show here within a minute.
"""

from __future__ import annotations

import copy

import torch

from nordocr.errors import TrainingFailed
from nordocr.model.base import LineNetwork
from nordocr.train.loss import line_loss
from nordocr.train.optimiser import build_optimiser
from nordocr.train.recipe import Recipe
from nordocr.train.stream import BlockDataset, LineSource

_LINES = 16
_STEPS = 150
_LEARNED = 0.5
"""Loss a character, in nats, below which a batch counts as known from the start (weights that were trained before)."""


def preflight(model: LineNetwork, source: LineSource, recipe: Recipe, steps: int = _STEPS) -> tuple[float, float]:
    """Overfit a copy of ``model`` to the stream's first lines; gives the loss a character before and after, in nats.

    The model itself and the random state stay as they are. Raises :class:`TrainingFailed` where the loss has not
    fallen by a quarter at least and was not low from the start.
    """
    device = next(model.parameters()).device
    small = recipe.batch.model_copy(update={"block_lines": _LINES, "area": _LINES * recipe.max_width})
    batches = [batch.to(device) for batch in BlockDataset(source, recipe.spec, small, recipe.seed)[0].batches]
    if not batches:
        raise TrainingFailed("None of the first lines can be trained on: every label is too long for its width.")
    characters = sum(int(batch.target_lengths.sum()) for batch in batches)
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        pupil = copy.deepcopy(model).train()
        optimiser = build_optimiser(pupil, recipe.optimiser, device)
        losses = []
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = min(recipe.peak_lr, 1e-3) * min(1.0, (step + 1) / 10)
            total = torch.zeros((), device=device)
            for batch in batches:
                loss = line_loss(pupil, batch, bf16=recipe.precision == "bf16")
                (loss / characters).backward()  # type: ignore[no-untyped-call]
                total += loss.detach()
            torch.nn.utils.clip_grad_norm_(pupil.parameters(), recipe.optimiser.clip)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            losses.append(total / characters)
    first, last = losses[0].item(), torch.stack(losses[-3:]).mean().item()
    if not (last <= 0.75 * first or last <= _LEARNED):
        raise TrainingFailed(
            f"The pre-flight failed: on one batch the loss went from {first:.2f} to {last:.2f} a character in {steps} "
            f"steps, where it should have fallen by a quarter; look at the labels, the charset and peak_lr."
        )
    return first, last
