"""Weights between a start and what was trained from it: what was forgotten comes back before what was learnt goes.

Wortsman et al., Robust fine-tuning of zero-shot models (CVPR 2022): on the straight line between weights and their
fine-tuned ones, the new task is kept long after the old ones have recovered.
"""

from __future__ import annotations

from pathlib import Path

from nordocr.model.base import LineNetwork
from nordocr.model.network import build_model
from nordocr.model.weights import Weights, read_weights


def blended(start: Path, trained: Path, share: float) -> tuple[LineNetwork, Weights]:
    """Return the model that lies between two weights files of one network.

    Args:
        start: The weights to start from.
        trained: The weights that came of them.
        share: How far from ``start``, 0 to 1.

    Returns:
        The model, in evaluation mode, and what ``trained`` holds.
    """
    first, second = read_weights(start), read_weights(trained)
    model = build_model(second.variant, second.spec.charset.num_classes)
    state = {
        name: tensor if not tensor.is_floating_point() else first.tensors[name].lerp(tensor, share)
        for name, tensor in second.tensors.items()
    }
    model.load_state_dict(state)
    return model.eval(), second
