"""Fine-tuning starts from a model and goes on with that model: what a recipe does not state is taken from the weights.

A recipe that states something else is refused, because the weights of one network read nothing as another: trained as
another variant, a model that read every clean line lost four lines in ten within a step.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from nordocr.charset import CHARSETS
from nordocr.errors import ConfigInvalid
from nordocr.linespec import LineSpec
from nordocr.model.base import LineNetwork
from nordocr.model.openocr import PICKLED, read_openocr
from nordocr.model.transfer import start_from, variant_of
from nordocr.model.weights import read_weights
from nordocr.train.recipe import Recipe

Change = Literal["model", "max_width", "interpolation", "framing", "charset"]
"""What may be changed on purpose where a training starts from weights."""

CHANGES: Final[tuple[Change, ...]] = get_args(Change)

_FIXED: Final = ("height", "stride", "align", "pad_value", "normalization", "channels", "ladder")
"""What no recipe states: a model with another value cannot be fine-tuned."""


@dataclass(frozen=True)
class Init:
    """Where a training starts."""

    path: Path
    """Weights of ours (``.safetensors``) or of OpenOCR (``.pth``)."""
    dictionary: Path | None = None
    """The dictionary file that a ``.pth`` was trained with."""
    append_space: bool = False
    """The ``.pth`` was trained with ``use_space_char``."""
    changes: Collection[str] = ()
    """What may differ from the weights, of :data:`CHANGES`."""


def recipe_for(recipe: Recipe, init: Init) -> Recipe:
    """Complete a recipe by what the weights are.

    A wider ``max_width`` may be stated freely: that is what retraining at 1024 px means, and no weight depends on it.

    Args:
        recipe: The recipe, of which only the keys that were stated count.
        init: The weights, and what may differ from them.

    Returns:
        The recipe with variant, interpolation, framing, charset and width of the weights where it states none.

    Raises:
        ConfigInvalid: The recipe states another value than the weights have and the change was not asked for, or
            ``init.changes`` names what cannot be changed.
        ModelMissing: There is no such file.
        ModelInvalid: It does not hold weights.
    """
    unknown = sorted(set(init.changes) - set(CHANGES))
    if unknown:
        raise ConfigInvalid(f"{unknown[0]!r} cannot be changed at a start; what can is {', '.join(CHANGES)}.")
    theirs = _facts(recipe, init)
    values: dict[str, Any] = {}
    for key in CHANGES:
        stated = key in recipe.model_fields_set or (key == "charset" and recipe.dictionary is not None)
        if key not in theirs:
            continue
        if not stated:
            values[key] = theirs[key]
        elif not _same(recipe, key, theirs) and key not in init.changes:
            raise ConfigInvalid(
                f"Recipe {recipe.name} states {key} {_stated(recipe, key)!r}, but {init.path} was trained with "
                f"{theirs[key]!r}: leave the key out, or ask for the change with --init-change {key}."
            )
    if values.get("charset", "") not in {*CHARSETS, ""}:
        raise ConfigInvalid(
            f"{init.path} reads the charset {values['charset']!r}, which is not bundled: state its file as dictionary."
        )
    merged = recipe.model_dump(mode="json", exclude_unset=True) | values
    return Recipe.model_validate(merged)


def initial_model(recipe: Recipe, init: Init) -> tuple[LineNetwork, list[str]]:
    """Build the model that a training starts from.

    Args:
        recipe: A recipe that :func:`recipe_for` completed.
        init: The weights.

    Returns:
        The model, and sentences for the user on what was taken over.

    Raises:
        UsageError: A ``.pth`` without its dictionary.
        ModelMissing: There is no such file.
        ModelInvalid: The weights do not fit the recipe's variant.
    """
    model, kept = start_from(
        init.path, recipe.model, recipe.spec, dictionary=init.dictionary, append_space=init.append_space
    )
    return model, kept.sentences()


def _facts(recipe: Recipe, init: Init) -> dict[str, Any]:
    """What the weights say of themselves, by key; a ``.pth`` says nothing of width and charset."""
    if init.path.suffix.lower() in PICKLED:
        found = variant_of(read_openocr(init.path), recipe.model)
        return {"interpolation": "linear", "framing": "whole"} | ({} if found is None else {"model": found})
    weights = read_weights(init.path)
    plain = LineSpec()
    for name in _FIXED:
        if getattr(weights.spec, name) != getattr(plain, name):
            raise ConfigInvalid(f"{init.path} has {name} {getattr(weights.spec, name)!r}, which no recipe trains.")
    spec = weights.spec
    known = next((name for name, held in CHARSETS.items() if held.characters == spec.characters), spec.charset_name)
    facts = {"model": weights.variant, "max_width": spec.max_width, "interpolation": spec.interpolation}
    facts["framing"] = spec.framing
    return facts | {"charset": known, "characters": spec.characters}


def _same(recipe: Recipe, key: Change, theirs: dict[str, object]) -> bool:
    if key == "charset":
        return recipe.spec.characters == theirs["characters"]
    if key == "max_width":
        return recipe.max_width >= int(str(theirs["max_width"]))
    stated: object = getattr(recipe, key)
    return stated == theirs[key]


def _stated(recipe: Recipe, key: Change) -> Any:
    return recipe.dictionary if key == "charset" and recipe.dictionary else getattr(recipe, key)
