"""What ``nordocr retrain`` is told: the keys of its YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.invalid import first_fault
from nordocr.yamlfile import load_yaml


class RetrainPlan(BaseModel):
    """The keys of a retraining's YAML file. Paths are relative to the working directory; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    recipe: str
    """A bundled recipe's name or a recipe file."""
    settings: tuple[str, ...] = ()
    """``key=value`` settings laid over the recipe."""
    init: Path | None = None
    """Weights to start from: ``.safetensors``, or OpenOCR's ``.pth`` with ``init_dict``."""
    init_dict: Path | None = None
    """The dictionary file that a ``.pth`` was trained with."""
    init_change: tuple[Literal["model", "max_width", "interpolation", "framing", "charset"], ...] = ()
    """What of the recipe may differ from the weights to start from."""
    init_space: bool = False
    """The ``.pth`` was trained with ``use_space_char``."""
    max_width: int | None = Field(default=None, ge=32)
    """The width in pixels that the recipe must train to."""
    threads: int = Field(default=0, ge=0)
    """Threads of each process; 0 leaves the choice to the libraries."""
    nproc: int = Field(default=1, ge=1)
    """Processes that train together, one per GPU, started by torchrun."""
    parity: Literal["quick", "full"] = "full"
    """How much the parity check of the exported model shows."""
    data: tuple[Path, ...] = ()
    """Labels folders and LMDBs to check before the training."""
    pages: tuple[Path, ...] = Field(min_length=1)
    """Page files, or folders of them, to compare the engines on."""
    reference: Path
    """The pages' true text: a folder, ``.tsv``, ALTO, PAGE XML or JSON; or ``vlm`` to ask a vision-language model."""
    vlm_url: str = ""
    """The vision-language model's OpenAI-compatible address."""
    vlm_model: str = ""
    """The vision-language model's name."""
    workers: int = Field(default=8, ge=1)
    """Questions to the vision-language model at a time."""
    in_use: str = "nano"
    """The recogniser in production: a bundled name or a model file."""
    config: Path | None = None
    """The settings file that the recogniser in production is read with."""
    tesseract: str | None = "swe+nor+dan+fin+isl+eng"
    """Tesseract's languages; null leaves Tesseract out."""
    fewest_lines: int = Field(default=200, ge=1)
    """The fewest lines that the gate decides on."""

    @property
    def asks(self) -> bool:
        """Whether a vision-language model is the reference."""
        return str(self.reference) == "vlm"

    @model_validator(mode="after")
    def _whom_to_ask(self) -> Self:
        if self.asks and not (self.vlm_url and self.vlm_model):
            raise ValueError("reference: vlm needs vlm_url and vlm_model")
        return self


def load_plan(path: Path) -> RetrainPlan:
    """Read a plan.

    Args:
        path: A YAML file.

    Returns:
        The plan.

    Raises:
        InputMissing: There is no such file.
        ConfigInvalid: It is not YAML, or a key is unknown or has a wrong value; the message names the key.
    """
    if not path.is_file():
        raise InputMissing(f"There is no retraining file {path}.")
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} is not YAML: {' '.join(str(error).split())}.") from error
    try:
        return RetrainPlan.model_validate(values if values is not None else {})
    except ValidationError as error:
        raise ConfigInvalid(f"{path}: {first_fault(error)}.") from error
