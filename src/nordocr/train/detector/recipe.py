"""What one training of the detector is told: a typed recipe, unknown keys refused."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.invalid import first_fault
from nordocr.synth.pages import PageRecipe
from nordocr.train.recipe_files import apply_settings
from nordocr.yamlfile import load_yaml


class DetectorRecipe(BaseModel):
    """One training of the line detector: AdamW under a linear warm-up and a cosine to 0. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    name: str
    """The recipe's name."""
    seed: int = Field(default=1, ge=0)
    """Seed of the pages, of the first weights and of the crops."""
    synth: PageRecipe = Field(default_factory=lambda: PageRecipe(skew=0.0))
    """What the synthetic pages look like."""
    pages: int = Field(default=400, ge=1)
    """Synthetic pages to train on."""
    held_out: int = Field(default=6, ge=1)
    """Further pages of another seed, which are judged."""
    first_pages: int = Field(default=16, ge=1)
    """Pages that must be there before the first step."""
    steps_per_page: float = Field(default=1.0, gt=0)
    """Steps until one page more is trained on, so that training need not wait for all of them."""
    long_side: int = Field(default=1280, ge=320, le=4096)
    """Long side of a page in pixels, as the network sees it."""
    crop: int = Field(default=640, ge=64, multiple_of=32)
    """Side of a training crop in pixels."""
    batch: int = Field(default=4, ge=1)
    """Crops of a step."""
    steps: int = Field(default=1500, ge=1)
    """Length of the training in steps."""
    budget_s: float | None = Field(default=None, gt=0)
    """Length of the training in seconds, in place of ``steps``."""
    peak_lr: float = Field(default=1e-3, gt=0)
    """The highest learning rate."""
    warmup: int = Field(default=40, ge=0)
    """Steps in which the learning rate rises."""
    weight_decay: float = Field(default=1e-2, ge=0)
    """AdamW's weight decay."""
    clip: float = Field(default=5.0, gt=0)
    """The largest norm of a step's gradient."""
    ema: float = Field(default=0.99, ge=0.0, lt=1.0)
    """Decay per step of the averaged weights, which are what is judged and kept."""
    judge_every: int = Field(default=100, ge=1)
    """Steps between two judgements."""
    threads: int = Field(default=0, ge=0)
    """Threads of PyTorch; 0 leaves its default."""
    bfloat16: bool = False
    """Compute matrix products and convolutions in bfloat16."""
    ahead: int = Field(default=1, ge=0, le=1)
    """1: another process makes the pages ahead of the training; 0: they are made first."""


def load_detector_recipe(name: str, settings: list[str] | None = None) -> DetectorRecipe:
    """Load the bundled recipe ``detector-NAME`` or ``NAME``, or a YAML file, with ``key=value`` settings laid over it.

    Raises :class:`InputMissing` or :class:`ConfigInvalid` naming the key.
    """
    data = _values(name)
    apply_settings(data, settings or [])
    try:
        return DetectorRecipe.model_validate(data)
    except ValidationError as error:
        raise ConfigInvalid(f"Detector recipe {name}: {first_fault(error)}.") from error


def bundled_detector_recipes() -> list[str]:
    """Return the names of the detector recipes in the package."""
    folder = resources.files("nordocr.train.detector") / "recipes"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def _values(name: str) -> dict[str, Any]:
    bundled = resources.files("nordocr.train.detector") / "recipes" / f"{name}.yaml"
    path = Path(name)
    try:
        if name in bundled_detector_recipes():
            text = bundled.read_text(encoding="utf-8")
        elif path.is_file():
            text = path.read_text(encoding="utf-8")
        else:
            known = ", ".join(bundled_detector_recipes())
            raise InputMissing(f"There is no detector recipe {name}: it is a YAML file or one of {known}.")
        data = load_yaml(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"Detector recipe {name} is not YAML: {error}.") from error
    if not isinstance(data, dict):
        raise ConfigInvalid(f"Detector recipe {name} is not a table of keys.")
    return data
