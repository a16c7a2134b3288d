"""The model as it was at the start: what lines that remind are to be read like."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Final

from nordocr.errors import ConfigInvalid
from nordocr.model.base import LineNetwork
from nordocr.model.weights import load_model, save_weights
from nordocr.train.recipe import Recipe

ELDER: Final = "elder.safetensors"
"""Its weights, in the run's folder."""


def elder_of(
    recipe: Recipe, initial: LineNetwork | None, run: Path, *, resume: bool, first: bool = True
) -> LineNetwork | None:
    """Return the model that lines which remind are to be read like, and keep its weights for later sittings.

    Args:
        recipe: Says whether there are such lines.
        initial: The model to start from.
        run: The run's folder.
        resume: Whether the training goes on.
        first: Whether this is the process that writes.

    Returns:
        The model, in evaluation mode; None where no line reminds.

    Raises:
        ConfigInvalid: The training starts from nothing.
        ModelMissing: It goes on, and the weights are gone.
    """
    if not recipe.remind:
        return None
    if resume:
        model, _ = load_model(run / ELDER)
    elif initial is None:
        raise ConfigInvalid(f"Recipe {recipe.name} has data with remind, which needs weights to start from: --init.")
    else:
        model = deepcopy(initial)
        if first:
            run.mkdir(parents=True, exist_ok=True)
            save_weights(run / ELDER, model, recipe.spec, {})
    return model.eval().requires_grad_(False)
