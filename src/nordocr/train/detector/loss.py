"""The loss of differentiable binarisation: hard-mined cross-entropy, dice and an L1 on the threshold's border."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from nordocr.model.dbnet import binarised
from nordocr.train.detector.labels import LOW


def db_loss(logits: tuple[Tensor, Tensor], core: Tensor, threshold: Tensor, weight: Tensor) -> dict[str, Tensor]:
    """Return ``loss`` and its parts for maps ``[B, 1, H, W]``, weighed 5 (probability), 10 (threshold) and 1 (dice)."""
    score, border = logits[0].float(), torch.sigmoid(logits[1].float())
    probability = hard_mined(score, core, weight)
    near = (threshold > LOW + 0.01).float() * (weight > 0)
    edge = ((border - threshold).abs() * near).sum() / near.sum().clamp(min=1.0)
    binary = dice(binarised(torch.sigmoid(score), border), core, weight)
    return {"loss": 5 * probability + 10 * edge + binary, "probability": probability, "threshold": edge, "dice": binary}


def hard_mined(score: Tensor, core: Tensor, weight: Tensor, negatives: float = 3.0) -> Tensor:
    """Return the cross-entropy over all positives and the ``negatives`` times as many worst negatives."""
    each = functional.binary_cross_entropy_with_logits(score, core, reduction="none")
    positive, negative = core * weight, (1 - core) * (weight > 0)
    count = float(positive.sum().item())
    wanted = min(int(negative.sum().item()), max(int(negatives * count), 1000))
    worst = torch.topk((each * negative).flatten(), wanted).values
    return ((each * positive).sum() + worst.sum()) / (count + wanted + 1e-6)


def dice(found: Tensor, core: Tensor, weight: Tensor) -> Tensor:
    """Return one minus the overlap of two soft masks (Milletari et al., 3DV 2016)."""
    common = (found * core * weight).sum()
    return 1 - 2 * common / ((found * weight).sum() + (core * weight).sum() + 1e-6)
