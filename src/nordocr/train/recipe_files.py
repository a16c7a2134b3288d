"""Recipes as YAML: bundled by name, a user's own by path, one value changed by ``key=value``.

Bundled recipes lie in ``nordocr/train/recipes``. A file holds one recipe, or several under ``recipes:``. A recipe may
say ``extends: NAME`` (bundled, of the same file, or a YAML file beside it) and then tells only what differs.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.files import write_whole
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_parts import (
    PARTS,
    BatchPart,
    CompanionPart,
    DataPart,
    LinesPart,
    OptimiserPart,
    Part,
    SynthPart,
    ValidationPart,
)
from nordocr.yamlfile import load_yaml

_Values = dict[str, Any]

_FOREIGN: Final = {
    "batch_size": "the batch of one GPU is batch.lines_per_step_per_gpu, of all GPUs batch.lines_per_step",
    "max_seq_len": "a text may be as long as max_width has output steps, one per 4 px",
    "max_text_length": "a text may be as long as max_width has output steps, one per 4 px",
    "epochs": "it is optimiser.epochs, with optimiser.lines_per_epoch unless labelled lines are trained on",
    "epoch_num": "it is optimiser.epochs, with optimiser.lines_per_epoch unless labelled lines are trained on",
    "lr": "it is optimiser.peak_lr",
    "learning_rate": "it is optimiser.peak_lr",
    "weight_decay": "it is optimiser.weight_decay",
    "warmup_epoch": "it is optimiser.warmup, a share of the training",
    "num_workers": "it is batch.workers",
    "character_dict_path": "it is dictionary",
    "max_w": "it is max_width",
}
"""Keys of the guide's and OpenOCR's programs, and what to write instead."""

_WHERE: Final[tuple[tuple[str, type[Part]], ...]] = (
    ("at the top of the recipe", Recipe),
    ("under 'synth'", SynthPart),
    ("in an entry of 'data'", DataPart),
    ("in an entry of a 'data' entry's 'lines'", LinesPart),
    ("under 'batch'", BatchPart),
    ("under 'optimiser'", OptimiserPart),
    ("in an entry of 'companions'", CompanionPart),
    ("under 'validation'", ValidationPart),
)
"""Where each part of a recipe stands."""


def load_recipe(name: str | Recipe, settings: Iterable[str] = ()) -> Recipe:
    """Load a recipe.

    Args:
        name: A bundled recipe's name, a YAML file's path, or a recipe.
        settings: ``key=value`` laid over it; keys are dotted (``optimiser.steps``, ``data.0.weight``), values YAML.

    Returns:
        The recipe.

    Raises:
        InputMissing: There is no such recipe.
        ConfigInvalid: A key is unknown or has a wrong value; the message names the key.
    """
    if isinstance(name, Recipe):
        source, data = name.name, name.model_dump(mode="json")
    else:
        source, data = name, _resolved(name, Path(), ())
    apply_settings(data, settings)
    return parse_recipe(data, source)


def apply_settings(data: _Values, settings: Iterable[str]) -> None:
    """Put ``key=value`` settings into a recipe's plain values; :class:`ConfigInvalid` names the one that cannot be."""
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ConfigInvalid(f"A setting is written key=value, not {setting!r}.")
        try:
            _put(data, key.split("."), load_yaml(value), setting)
        except yaml.YAMLError as error:
            raise ConfigInvalid(f"The value of the setting {setting!r} is not YAML.") from error


def parse_recipe(data: object, source: object) -> Recipe:
    """Turn plain values into a recipe; :class:`ConfigInvalid` names ``source`` and the first key that is wrong."""
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = f"there is no such key{_hint(first['loc'])}" if first["type"] == "extra_forbidden" else first["msg"]
        said = said.removeprefix("Value error, ")
        raise ConfigInvalid(": ".join(filter(None, [f"Recipe {source}", where, said])) + ".") from error


def _hint(place: tuple[int | str, ...]) -> str:
    """The key that was probably meant: another program's name of it, ours in another place, or the nearest of ours."""
    name = str(place[-1])
    if name in _FOREIGN:
        return f"; {_FOREIGN[name]}"
    homes = [where for where, part in _WHERE if name in part.model_fields]
    if homes:
        return f" here; {name!r} belongs {' or '.join(homes)}"
    known = [key for part in (Recipe, *PARTS) for key in part.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def bundled_recipes() -> list[str]:
    """List the recipes in the package by name."""
    return sorted(_bundled())


def write_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe as YAML that :func:`load_recipe` reads back; :class:`OutputUnwritable`."""
    write_whole(path, yaml.safe_dump(recipe.model_dump(mode="json"), allow_unicode=True, sort_keys=False))


def _bundled() -> dict[str, _Values]:
    found: dict[str, _Values] = {}
    for file in (resources.files("nordocr.train") / "recipes").iterdir():
        if file.name.endswith(".yaml"):
            found |= _several(_parsed(file.read_text(encoding="utf-8"), file.name), Path(file.name).stem)
    return found


def _several(data: _Values, name: str) -> dict[str, _Values]:
    """The recipes of one file by name."""
    if "recipes" not in data:
        return {str(data.get("name", name)): data}
    if set(data) != {"recipes"} or not isinstance(data["recipes"], dict):
        raise ConfigInvalid(f"Recipe file {name} has recipes: and something else beside it.")
    return {str(key): {"name": str(key), **(values or {})} for key, values in data["recipes"].items()}


def _resolved(name: str, folder: Path, seen: tuple[str, ...]) -> _Values:
    """The values of a recipe with everything that it extends below them."""
    if name in seen:
        raise ConfigInvalid(f"Recipe {name} extends itself.")
    path = folder / name
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise InputMissing(f"There is no recipe file {path}.")
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigInvalid(f"Recipe file {path} is not UTF-8: {error.reason}.") from error
        held = _several(_parsed(text, str(path)), path.stem)
        if len(held) != 1:
            raise ConfigInvalid(f"Recipe file {path} holds {len(held)} recipes; a file to train by holds one.")
        values, folder = next(iter(held.values())), path.parent
        values.setdefault("name", path.stem)
    else:
        held = _bundled()
        if name not in held:
            raise InputMissing(f"There is no recipe {name!r}; bundled are {', '.join(sorted(held))}.")
        values = held[name]
    below = values.pop("extends", None)
    return _laid_over(_resolved(str(below), folder, (*seen, name)), values) if below else values


def _parsed(text: str, name: str) -> _Values:
    try:
        data = load_yaml(text)
    except yaml.YAMLError as error:
        raise ConfigInvalid(f"Recipe {name} is not YAML: {error}.") from error
    if not isinstance(data, dict):
        raise ConfigInvalid(f"Recipe {name} is not a mapping of keys to values.")
    return data


def _laid_over(below: _Values, above: _Values) -> _Values:
    """Mappings are merged key by key, everything else is replaced."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _put(data: _Values, keys: list[str], value: object, setting: str) -> None:
    place: Any = data
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        if isinstance(place, list):
            if not key.isdigit() or int(key) >= len(place):
                raise ConfigInvalid(f"The setting {setting!r}: {key!r} is no entry of a list of {len(place)}.")
            index: Any = int(key)
        elif isinstance(place, dict):
            index = key
        else:
            raise ConfigInvalid(f"The setting {setting!r} goes below a key that holds a plain value.")
        if following is None:
            place[index] = value
        else:
            place = place[index] if isinstance(place, list) else place.setdefault(index, {})
