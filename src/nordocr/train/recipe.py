"""What one training is told: a typed recipe, one YAML file an experiment, unknown keys refused.

Bundled recipes lie in ``nordocr/train/recipes``; ``--set optimiser.peak_lr=1e-3`` changes one value of one run, and the
recipe as it was run is written beside every checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.linespec import LineSpec


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SynthPart(_Part):
    """The stream of synthetic lines. ``recipe``: bundled name or YAML file of ``nordocr.synth``.

    ``curriculum``: pairs (lines, longest text in characters); after their sum of lines the last pair holds on. Short
    lines first, because a step on wide lines costs many times more and teaches letters no better.
    """

    recipe: str = "scans"
    seed: int = 1
    curriculum: tuple[tuple[int, int], ...] = ()
    corpora: tuple[str, ...] = ()
    font_folders: tuple[str, ...] = ()


class BatchPart(_Part):
    """How lines become batches.

    ``area``: lines x width in pixels of one micro-batch, so that memory does not depend on width. ``lines_per_step``:
    micro-batches are accumulated until a step has at least this many lines. ``block_lines``: lines that are sorted by
    width together; the order of batches within a block is shuffled. ``pad_wider``: the share of lines that is padded
    one to ``pad_wider_rungs`` rungs further than reading would, so that the model learns to ignore padding.
    """

    area: int = Field(default=12288, ge=32)
    lines_per_step: int = Field(default=32, ge=1)
    block_lines: int = Field(default=1024, ge=1)
    pad_wider: float = Field(default=0.3, ge=0.0, le=1.0)
    pad_wider_rungs: int = Field(default=2, ge=1)
    workers: int = Field(default=2, ge=0)


class OptimiserPart(_Part):
    """AdamW (Loshchilov and Hutter, ICLR 2019) under a one-cycle schedule: linear warm-up, cosine to ``final_lr``.

    The length is ``steps``, or ``budget_s`` seconds of training if that is given (the schedule then follows the
    clock). ``weight_decay`` acts on matrices and kernels only.
    """

    peak_lr: float = Field(default=7e-4, gt=0)
    final_lr: float = Field(default=1e-6, ge=0)
    warmup: float = Field(default=0.05, ge=0.0, lt=1.0)
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = Field(default=0.05, ge=0)
    clip: float = Field(default=20.0, gt=0)
    steps: int = Field(default=1000, ge=1)
    budget_s: float | None = Field(default=None, gt=0)
    ema: float = Field(default=0.998, ge=0.0, lt=1.0)


class ValidationPart(_Part):
    """When and on what the EMA weights are judged, by exact NFC CER, spaces and case counted.

    ``folders``: labels folders; ``synth_lines``: lines of the same synthetic recipe from held-out font families and
    another seed.
    """

    every: int = Field(default=500, ge=1)
    folders: tuple[str, ...] = ()
    limit: int | None = Field(default=None, ge=1)
    synth_lines: int = Field(default=256, ge=0)


class Recipe(_Part):
    """One experiment. ``max_width`` in pixels: wider lines are squeezed to it. ``save_every`` in steps."""

    name: str
    model: str = "nano"
    max_width: int = 1024
    seed: int = 1
    precision: Literal["fp32", "bf16"] = "bf16"
    synth: SynthPart = SynthPart()
    batch: BatchPart = BatchPart()
    optimiser: OptimiserPart = OptimiserPart()
    validation: ValidationPart = ValidationPart()
    save_every: int = Field(default=250, ge=1)
    keep: int = Field(default=2, ge=1)

    @property
    def spec(self) -> LineSpec:
        """The LineSpec that this recipe trains for."""
        return LineSpec(max_width=self.max_width)


def load_recipe(name: str, settings: Iterable[str] = ()) -> Recipe:
    """A bundled recipe by name or a YAML file by path, with ``key=value`` settings laid over it.

    A setting's key is dotted (``optimiser.steps``), its value YAML. Raises :class:`InputMissing` or
    :class:`ConfigInvalid` naming the key.
    """
    data = _read(name)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise ConfigInvalid(f"A setting is written key=value, not {setting!r}.")
        _put(data, key.split("."), yaml.safe_load(value), setting)
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigInvalid(f"Recipe {name}: {where}: {first['msg']}.") from error


def bundled_recipes() -> list[str]:
    """Names of the recipes in the package."""
    folder = resources.files("nordocr.train") / "recipes"
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def _read(name: str) -> dict[str, Any]:
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise InputMissing(f"There is no recipe file {path}.")
        text = path.read_text(encoding="utf-8")
    elif name in bundled_recipes():
        text = (resources.files("nordocr.train") / "recipes" / f"{name}.yaml").read_text(encoding="utf-8")
    else:
        raise InputMissing(f"There is no recipe {name!r}; bundled are {', '.join(bundled_recipes())}.")
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigInvalid(f"Recipe {name} is not YAML: {error}.") from error
    if not isinstance(data, dict):
        raise ConfigInvalid(f"Recipe {name} is not a mapping of keys to values.")
    return data


def _put(data: dict[str, Any], keys: list[str], value: object, setting: str) -> None:
    for key in keys[:-1]:
        data = data.setdefault(key, {})
        if not isinstance(data, dict):
            raise ConfigInvalid(f"The setting {setting!r} goes below a key that holds a plain value.")
    data[keys[-1]] = value
