"""One experiment as a typed recipe; unknown keys are refused. Recipe files are read by ``recipe_files``.

``--set optimiser.peak_lr=1e-3`` changes one value of one run, and the recipe as it was run is written beside every
checkpoint.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from nordocr.charset import CHARSETS, read_dict_file
from nordocr.errors import ConfigInvalid
from nordocr.linespec import LineSpec
from nordocr.model.network import family_of_variant
from nordocr.train.recipe_parts import (
    BatchPart,
    CompanionPart,
    DataPart,
    OptimiserPart,
    Part,
    SynthPart,
    ValidationPart,
)

_STEPS = 1000
"""Length of a training that states none."""

_READ_FOR_TRAINED = 3
"""Lines that are read in the time of one that is trained on: forward once, where training goes back twice as far."""

_PATHS = {"dictionary", "corpora", "font_folders", "folders", "path", "init"}
"""The keys whose values are files or folders of the machine that trains."""


class Recipe(Part):
    """One experiment."""

    name: str
    """The recipe's name, and the default name of its run's folder."""
    model: str = "nano"
    """The model's variant, see :mod:`nordocr.model.variants`."""
    max_width: int = 1024
    """Width in pixels of the widest line; wider lines are squeezed to it."""
    interpolation: Literal["linear", "area", "area-lanczos"] = "linear"
    """How a crop is resized to a height of 32 px."""
    framing: Literal["whole", "ink"] = "whole"
    """``ink`` straightens crops that are askew and cuts loose ones to their ink (with ``interpolation: area``)."""
    charset: Literal["nordic-126", "nordic-ext"] = "nordic-126"
    """A bundled charset."""
    dictionary: str | None = None
    """A dictionary file of another charset, in place of ``charset``."""
    threads: int = Field(default=0, ge=0)
    """Threads of PyTorch in each process on a CPU; 0 takes the cores that workers and other processes leave."""
    seed: int = 1
    """Seed of the first weights, of the order of the data and of dropped paths."""
    precision: Literal["fp32", "bf16"] = "bf16"
    """Number format of matrix products and convolutions (autocast)."""
    device: str = "auto"
    """``auto`` (a GPU where there is one), ``cpu``, ``cuda`` or ``cuda:1``."""
    compile: Literal["none", "attention", "blocks"] = "none"
    """What torch.compile compiles: nothing, the attention blocks or all blocks."""
    preflight: bool = False
    """First overfit one batch on a copy of the model, and stop where the loss does not fall."""
    synth: SynthPart = SynthPart()
    """The synthetic stream that is trained on where ``data`` is empty."""
    data: tuple[DataPart, ...] = ()
    """A mixture of synthetic streams and labelled lines."""
    batch: BatchPart = BatchPart()
    """How lines become batches."""
    optimiser: OptimiserPart = OptimiserPart()
    """How weights are updated, and for how long."""
    companions: tuple[CompanionPart, ...] = ()
    """Further models that are trained beside ``model`` on the same batches, on one device."""
    validation: ValidationPart = ValidationPart()
    """When and on what the weights are judged."""
    save_every: int = Field(default=250, ge=1)
    """Steps between two checkpoints."""
    log_every: int = Field(default=20, ge=1)
    """Steps between two progress lines."""
    keep: int = Field(default=2, ge=1)
    """How many of the newest checkpoints are kept."""

    @cached_property
    def spec(self) -> LineSpec:
        """The LineSpec that this recipe trains for. How long a text may be is the family's matter.

        Raises:
            ConfigInvalid: There is no such variant, or its family does not read as wide lines.
            InputMissing: There is no file ``dictionary``.
            DataInvalid: ``dictionary`` is not a dictionary file.
        """
        charset = read_dict_file(Path(self.dictionary)) if self.dictionary else CHARSETS[self.charset]
        family = family_of_variant(self.model)
        spec = LineSpec(
            max_width=self.max_width,
            interpolation=self.interpolation,
            framing=self.framing,
            charset_name=charset.name,
            characters=charset.characters,
            family=family.name,
        )
        if self.max_width > family.ceiling(spec):
            raise ConfigInvalid(
                f"Recipe {self.name} trains to {self.max_width} px, but {family.title} reads up to "
                f"{family.ceiling(spec)} px."
            )
        return spec

    def described(self) -> dict[str, Any]:
        """Return the recipe as JSON values for a weights file that goes out: of every path its last part only."""
        found: dict[str, Any] = _names_only(self.model_dump(mode="json"))
        return found

    def label_folders(self) -> list[Path]:
        """Return every folder of labelled lines that is trained or validated on."""
        folders = [Path(part.path) for entry in self.mixture for part in entry.lines]
        return folders + [Path(folder) for folder in self.validation.folders]

    def for_processes(self, count: int) -> Recipe:
        """Return the recipe with its effective batch settled.

        Args:
            count: Processes that train together.

        Returns:
            The recipe with ``batch.lines_per_step`` instead of ``batch.lines_per_step_per_gpu``.
        """
        each = self.batch.lines_per_step_per_gpu
        if each is None:
            return self
        batch = self.batch.model_copy(update={"lines_per_step": each * count, "lines_per_step_per_gpu": None})
        return self.model_copy(update={"batch": batch})

    def for_epochs(self, lines: int | None) -> Recipe:
        """Return the recipe with the length of its epochs settled.

        Args:
            lines: Lines of an epoch of the labelled lines that are trained on; None where there are none.

        Returns:
            The recipe with ``optimiser.lines_per_epoch``, where it has ``epochs`` and did not say it.
        """
        part = self.optimiser
        if part.epochs is None or part.lines_per_epoch is not None or lines is None:
            return self
        return self.model_copy(update={"optimiser": part.model_copy(update={"lines_per_epoch": lines})})

    def validation_steps(self, lines: int) -> int:
        """Return the steps between two validations on ``lines`` lines: ``every``, or more to keep to ``most_cost``."""
        part = self.validation
        if part.most_cost is None:
            return part.every
        return max(part.every, math.ceil(lines / _READ_FOR_TRAINED / part.most_cost / self.batch.lines_per_step))

    def of_companion(self, companion: CompanionPart) -> Recipe:
        """Return the recipe as ``companion`` is trained by it: one model, named after both."""
        optimiser = self.optimiser.model_copy(update={"peak_lr": companion.peak_lr or self.optimiser.peak_lr})
        values = {name: getattr(self, name) for name in type(self).model_fields}
        values |= {"name": f"{self.name}-{companion.model}", "model": companion.model, "companions": ()}
        return Recipe.model_validate(values | {"optimiser": optimiser})

    def enough(self, stale: int) -> bool:
        """Decide whether a training ends because its last ``stale`` validations were no better than the best."""
        return self.validation.patience is not None and stale >= self.validation.patience

    @model_validator(mode="after")
    def _known_epochs(self) -> Recipe:
        part = self.optimiser
        if part.epochs and not part.lines_per_epoch and not any(entry.lines for entry in self.data):
            raise ValueError("optimiser.epochs needs lines_per_epoch where no labelled lines are trained on")
        return self

    @model_validator(mode="after")
    def _companions_beside(self) -> Recipe:
        names = [self.model, *(companion.model for companion in self.companions)]
        if len(set(names)) < len(names):
            raise ValueError("companions are models of other variants than the recipe's own, each named once")
        taught = [companion.model for companion in self.companions if companion.distil]
        for name in [self.model, *taught] if taught else ():
            if not family_of_variant(name).columns:
                raise ValueError(f"distil needs scores by column, which {name} does not give")
        return self

    @property
    def mixture(self) -> tuple[DataPart, ...]:
        """What is trained on: ``data``, or ``synth`` as its only entry."""
        return self.data or (DataPart(synth=self.synth),)

    @property
    def steps(self) -> int:
        """Steps of the whole training where it is not sized by the clock."""
        part = self.optimiser
        if part.epochs and part.lines_per_epoch:
            return max(1, part.epochs * part.lines_per_epoch // self.batch.lines_per_step)
        return part.steps or _STEPS

    @property
    def peak_lr(self) -> float:
        """The highest learning rate, scaled to this recipe's effective batch where ``peak_lr_lines`` is given."""
        part = self.optimiser
        ratio = self.batch.lines_per_step / (part.peak_lr_lines or self.batch.lines_per_step)
        return part.peak_lr * (math.sqrt(ratio) if part.lr_scaling == "sqrt" else ratio)


def _names_only(value: Any, *, path: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _names_only(held, path=key in _PATHS) for key, held in value.items()}
    if isinstance(value, list):
        return [_names_only(held, path=path) for held in value]
    return Path(value).name if path and isinstance(value, str) else value
