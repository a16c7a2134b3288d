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
    models: Sequence[LineNetwork], batches: Sequence[MicroBatch], distil: Sequence[float], *, bf16: bool
) -> Iterator[tuple[Tensor, Tensor]]:
    """Give each model's losses of the same lines in turn, so that one graph at a time is held.

    Args:
        models: The recipe's own model and its companions.
        batches: For each of them the lines, on its device, with the steps of its family.
        distil: Of each model, the weight of :func:`distillation` from the first one's scores.
        bf16: Compute matrix products and convolutions in bfloat16.

    Yields:
        What is to go backward, and the labels' loss alone, each summed over the lines.
    """
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


def distillation(scores: Tensor, teacher: Tensor, steps: Tensor) -> Tensor:
    """Sum the Kullback-Leibler divergence of a model's scores from its teacher's over the columns of all lines.

    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), at temperature 1.

    Args:
        scores: Raw logits ``[B, T, classes]``.
        teacher: The teacher's, of the same shape.
        steps: int64 ``[B]``, columns of each line that count.

    Returns:
        A float32 scalar, in nats.
    """
    wanted = teacher.float().log_softmax(-1)
    apart = (wanted.exp() * (wanted - scores.float().log_softmax(-1))).sum(-1)
    counted = torch.arange(apart.shape[1], device=apart.device) < steps.to(apart.device)[:, None]
    return (apart * counted).sum()


@lru_cache(maxsize=4)
def _normalised(device: torch.device) -> Tensor:
    """The look-up from byte to input value, once a device: the same table that reading uses."""
    return torch.from_numpy(NORMALISED).to(device)
