"""What one training is told: a typed recipe, unknown keys refused. Reading recipe files is ``recipe_files``' work.

``--set optimiser.peak_lr=1e-3`` changes one value of one run, and the recipe as it was run is written beside every
checkpoint.
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from nordocr.charset import CHARSETS, read_dict_file
from nordocr.linespec import LineSpec

_STEPS = 1000
"""How long a training is that does not say."""


_PATHS = {"dictionary", "corpora", "font_folders", "folders", "path"}
"""The keys whose values are files or folders of the machine that trains."""


def _names_only(value: Any, *, path: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _names_only(held, path=key in _PATHS) for key, held in value.items()}
    if isinstance(value, list):
        return [_names_only(held, path=path) for held in value]
    return Path(value).name if path and isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SynthPart(_Part):
    """A stream of synthetic lines. ``recipe``: bundled name or YAML file of ``nordocr.synth``.

    ``curriculum``: pairs (lines, longest text in characters); after their sum of lines the last pair holds on. Short
    lines first, because a step on wide lines costs many times more and teaches letters no better.

    ``rerender``: how often one rendered line is used, each time degraded anew; for machines whose cores cannot feed
    their GPU. ``rerender_lanes``: how many blocks lie between two uses; set it to the workers of all processes
    together, so that the worker that rendered a line is the one that uses it again (lines are the same at any number
    of workers, but are then rendered again).
    """

    recipe: str = "scans"
    seed: int = 1
    curriculum: tuple[tuple[int, int], ...] = ()
    corpora: tuple[str, ...] = ()
    font_folders: tuple[str, ...] = ()
    rerender: int = Field(default=1, ge=1)
    rerender_lanes: int = Field(default=1, ge=1)


class LinesPart(_Part):
    """Labelled lines: ``path`` is a labels folder or an LMDB folder. Each line counts ``times`` times in its pool."""

    path: str
    times: int = Field(default=1, ge=1)


class DataPart(_Part):
    """One entry of a mixture: a synthetic stream or a pool of labelled lines, never both.

    ``weight``: share of the lines, relative to the other entries' weights. ``validation_share``: the share of the
    pool's documents (never of single lines) that is kept out of training and judged instead. ``augment``: the share
    of labelled lines that is mildly degraded before use. ``reframe``: the share whose crop is cut tighter or looser.
    """

    weight: float = Field(default=1.0, gt=0)
    synth: SynthPart | None = None
    lines: tuple[LinesPart, ...] = ()
    validation_share: float = Field(default=0.0, ge=0.0, lt=1.0)
    augment: float = Field(default=0.0, ge=0.0, le=1.0)
    reframe: float = Field(default=0.0, ge=0.0, le=1.0)

    @model_validator(mode="after")
    def _one_kind(self) -> DataPart:
        if (self.synth is None) == (not self.lines):
            raise ValueError("an entry of data has either synth or lines")
        return self


class BatchPart(_Part):
    """How lines become batches.

    ``area``: lines x width in pixels of one micro-batch, so that memory does not depend on width. ``lines_per_step``:
    the effective batch; micro-batches are accumulated until a step has at least this many lines, over all processes.
    ``block_lines``: lines that are sorted by width together; the order of batches within a block is shuffled.
    ``pad_wider``: the share of lines that is padded one to ``pad_wider_rungs`` rungs further than reading would, so
    that the model learns to ignore padding. ``full_width`` pads every line to ``max_width`` instead, as the guide's
    own training does. ``padded_steps`` lets CTC use the padding's output steps too, as OpenOCR's loss does, instead of
    each line's own: for experiments, since reading never looks there. ``workers``: processes that make lines; 0 for
    none, -1 for one a core but one.
    """

    area: int = Field(default=12288, ge=32)
    lines_per_step: int = Field(default=32, ge=1)
    block_lines: int = Field(default=1024, ge=1)
    pad_wider: float = Field(default=0.3, ge=0.0, le=1.0)
    pad_wider_rungs: int = Field(default=2, ge=1)
    full_width: bool = False
    padded_steps: bool = False
    workers: int = Field(default=2, ge=-1)


class OptimiserPart(_Part):
    """AdamW (Loshchilov and Hutter, ICLR 2019) under a one-cycle schedule: linear warm-up, cosine to ``final_lr``.

    The length is ``budget_s`` seconds of training over all sittings where that is given (the schedule then follows
    the clock), else ``epochs`` of ``lines_per_epoch``, else ``steps``. ``peak_lr`` is meant for an effective batch of
    ``peak_lr_lines`` lines; another batch's peak follows ``lr_scaling`` (sqrt is the rule for Adam: Malladi et al.,
    NeurIPS 2022). ``weight_decay`` acts on matrices and kernels only. ``ema``: decay a step.
    """

    peak_lr: float = Field(default=7e-4, gt=0)
    peak_lr_lines: int | None = Field(default=None, ge=1)
    lr_scaling: Literal["sqrt", "linear"] = "sqrt"
    final_lr: float = Field(default=1e-6, ge=0)
    warmup: float = Field(default=0.05, ge=0.0, lt=1.0)
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = Field(default=0.05, ge=0)
    clip: float = Field(default=20.0, gt=0)
    steps: int | None = Field(default=None, ge=1)
    epochs: int | None = Field(default=None, ge=1)
    lines_per_epoch: int | None = Field(default=None, ge=1)
    budget_s: float | None = Field(default=None, gt=0)
    ema: float = Field(default=0.998, ge=0.0, lt=1.0)

    @model_validator(mode="after")
    def _whole_epochs(self) -> OptimiserPart:
        if (self.epochs is None) != (self.lines_per_epoch is None):
            raise ValueError("epochs and lines_per_epoch go together")
        if self.epochs is not None and self.steps is not None:
            raise ValueError("a training is sized by steps or by epochs, not by both")
        return self


class ValidationPart(_Part):
    """When and on what the EMA weights are judged, by exact NFC CER, spaces and case counted.

    ``every`` in steps. ``folders``: labels folders; ``limit``: their first lines only; ``synth_lines``: lines of the
    same synthetic recipe from held-out font families and another seed.
    """

    every: int = Field(default=500, ge=1)
    folders: tuple[str, ...] = ()
    limit: int | None = Field(default=None, ge=1)
    synth_lines: int = Field(default=256, ge=0)


class Recipe(_Part):
    """One experiment.

    ``max_width`` in pixels: wider lines are squeezed to it. ``interpolation``: how a crop becomes 32 px high.
    ``charset``: a bundled charset; ``dictionary``: a dict file of
    another. ``data``: a mixture; without it the training is on ``synth`` alone. ``device``: ``auto`` (a GPU where
    there is one), ``cpu``, ``cuda`` or ``cuda:1``. ``compile``: what torch.compile is
    let at, the attention blocks or all blocks. ``preflight``: first overfit one batch on a copy of the model.
    ``save_every`` and ``log_every`` in steps; ``keep``: how many of the newest checkpoints stay.
    """

    name: str
    model: str = "nano"
    max_width: int = 1024
    interpolation: Literal["linear", "area"] = "linear"
    charset: Literal["nordic-126", "nordic-ext"] = "nordic-126"
    dictionary: str | None = None
    seed: int = 1
    precision: Literal["fp32", "bf16"] = "bf16"
    device: str = "auto"
    compile: Literal["none", "attention", "blocks"] = "none"
    preflight: bool = False
    synth: SynthPart = SynthPart()
    data: tuple[DataPart, ...] = ()
    batch: BatchPart = BatchPart()
    optimiser: OptimiserPart = OptimiserPart()
    validation: ValidationPart = ValidationPart()
    save_every: int = Field(default=250, ge=1)
    log_every: int = Field(default=20, ge=1)
    keep: int = Field(default=2, ge=1)

    @cached_property
    def spec(self) -> LineSpec:
        """The LineSpec that this recipe trains for. A text may be as long as T(``max_width``) has room for.

        Raises what reading ``dictionary`` raises: :class:`InputMissing` or :class:`DataInvalid`.
        """
        charset = read_dict_file(Path(self.dictionary)) if self.dictionary else CHARSETS[self.charset]
        return LineSpec(
            max_width=self.max_width,
            interpolation=self.interpolation,
            charset_name=charset.name,
            characters=charset.characters,
        )

    def described(self) -> dict[str, Any]:
        """The recipe as JSON values for a weights file that goes out: of every path its last part only."""
        found: dict[str, Any] = _names_only(self.model_dump(mode="json"))
        return found

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
        """The highest learning rate, scaled to this recipe's effective batch."""
        part = self.optimiser
        ratio = self.batch.lines_per_step / (part.peak_lr_lines or self.batch.lines_per_step)
        return part.peak_lr * (math.sqrt(ratio) if part.lr_scaling == "sqrt" else ratio)
