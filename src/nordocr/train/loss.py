"""The losses of one micro-batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import torch
from torch import Tensor

from nordocr.linespec import NORMALISED
from nordocr.model.base import LineNetwork
from nordocr.train.stream import MicroBatch


def line_loss(model: LineNetwork, batch: MicroBatch, *, bf16: bool) -> Tensor:
    """Sum the network's loss over the lines of ``batch``; float32, in nats."""
    return model.loss(_inputs(batch), batch, bf16=bf16)


def _inputs(batch: MicroBatch) -> Tensor:
    """What the networks see of a batch: float32 ``[B, 3, 32, W]``."""
    return _normalised(batch.pixels.device)[batch.pixels.int()].expand(-1, 3, -1, -1)


def losses(
    models: Sequence[LineNetwork],
    batches: Sequence[MicroBatch],
    distil: Sequence[float],
    *,
    bf16: bool,
    elder: LineNetwork | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Give each model's losses of the same lines in turn, so that one graph at a time is held.

    Args:
        models: The recipe's own model and its companions.
        batches: For each of them the lines, on its device, with the steps of its family.
        distil: Of each model, the weight of :func:`distillation` from the first one's scores.
        bf16: Compute matrix products and convolutions in bfloat16.
        elder: The one model as it was at the start, where there are lines that remind of it.

    Yields:
        What is to go backward, and what is told of it (without distillation), each summed over the lines.
    """
    if elder is not None:
        loss = reminded_loss(models[0], elder, batches[0], bf16=bf16)
        yield loss, loss.detach()
        return
    if not any(distil):
        for model, batch in zip(models, batches, strict=True):
            loss = line_loss(model, batch, bf16=bf16)
            yield loss, loss.detach()
        return
    pixels = _inputs(batches[0])
    teacher: Tensor | None = None
    for model, batch, weight in zip(models, batches, distil, strict=True):
        if teacher is not None and not weight:
            loss = taught = model.loss(pixels, batch, bf16=bf16)
        else:
            loss, scores = model.loss_and_scores(pixels, batch, bf16=bf16)
            taught = loss if teacher is None else loss + weight * distillation(scores, teacher, batch.steps)
            teacher = scores.detach() if teacher is None else teacher
        yield taught, loss.detach()


def reminded_loss(model: LineNetwork, elder: LineNetwork, batch: MicroBatch, *, bf16: bool) -> Tensor:
    """Sum the labels' loss over lines that teach and, over lines that remind, what sets the model off from its elder.

    A line that is only to be read as before has no gradient as long as it is: its label would have one wherever the
    line cannot be read, and weights that are well trained do not get better by that in a few hundred steps.

    Args:
        model: The model that is trained.
        elder: The model as it was at the start, in evaluation mode.
        batch: The lines.
        bf16: Compute matrix products and convolutions in bfloat16.

    Returns:
        A float32 scalar, in nats.
    """
    reminding = torch.zeros(batch.lines, dtype=torch.bool) if batch.remind is None else batch.remind > 0
    if not reminding.any():
        return line_loss(model, batch, bf16=bf16)
    held = batch.only(reminding)
    pixels = _inputs(held)
    with torch.no_grad():
        wanted = elder.loss_and_scores(pixels, held, bf16=bf16)[1]
    scores = model.loss_and_scores(pixels, held, bf16=bf16)[1]
    loss = distillation(scores, wanted, held.steps, held.remind)
    return loss if reminding.all() else loss + line_loss(model, batch.only(~reminding), bf16=bf16)


def distillation(scores: Tensor, teacher: Tensor, steps: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum the Kullback-Leibler divergence of a model's scores from its teacher's over the columns of all lines.

    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), at temperature 1.

    Args:
        scores: Raw logits ``[B, T, classes]``.
        teacher: The teacher's, of the same shape.
        steps: int64 ``[B]``, columns of each line that count.
        weights: float32 ``[B]``, of each line; 1 without.

    Returns:
        A float32 scalar, in nats.
    """
    wanted = teacher.float().log_softmax(-1)
    apart = (wanted.exp() * (wanted - scores.float().log_softmax(-1))).sum(-1)
    counted = torch.arange(apart.shape[1], device=apart.device) < steps.to(apart.device)[:, None]
    apart = (apart * counted).sum(-1)
    return apart.sum() if weights is None else (apart * weights.to(apart.device)).sum()


@lru_cache(maxsize=4)
def _normalised(device: torch.device) -> Tensor:
    """The look-up from byte to input value, once a device: the same table that reading uses."""
    return torch.from_numpy(NORMALISED).to(device)
