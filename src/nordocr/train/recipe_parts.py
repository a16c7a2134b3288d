"""The parts of a recipe: where lines come from, how they are batched, how weights are updated and judged."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """What all parts share: unknown keys are refused, values do not change, and each key is described at its field."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class SynthPart(Part):
    """A stream of synthetic lines."""

    recipe: str = "scans"
    """Bundled name or YAML file of a synthetic recipe (``nordocr.synth``)."""
    seed: int = 1
    """Seed of the lines: line i is a pure function of (seed, i)."""
    curriculum: tuple[tuple[int, int], ...] = ()
    """Pairs (lines, longest text in characters), one per stage; the last stage has no end. Short lines come first,
    because a step on wide lines costs many times more and teaches letters no better."""
    corpora: tuple[str, ...] = ()
    """Text files to draw sentences from, in place of the synthetic recipe's."""
    font_folders: tuple[str, ...] = ()
    """Folders of fonts, in place of the machine's."""
    rerender: int = Field(default=1, ge=1)
    """How often one rendered line is used, each time degraded anew; for machines whose cores cannot feed their GPU."""
    rerender_lanes: int = Field(default=1, ge=1)
    """How many blocks lie between two uses of a rendered line. Set it to the workers of all processes together, so that
    the worker that rendered a line uses it again; with another number the lines are the same but rendered again."""


class LinesPart(Part):
    """A folder of labelled lines."""

    path: str
    """A labels folder or an LMDB."""
    times: int = Field(default=1, ge=1)
    """How often each line counts in its pool."""


class DataPart(Part):
    """One entry of a mixture: a synthetic stream or a pool of labelled lines, never both."""

    weight: float = Field(default=1.0, gt=0)
    """Share of the lines, relative to the other entries' weights."""
    synth: SynthPart | None = None
    """The synthetic stream."""
    lines: tuple[LinesPart, ...] = ()
    """The pool's folders."""
    validation_share: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the pool's documents (never of single lines) that is kept out of training and validated on."""
    augment: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the pool's lines that is mildly degraded before use."""
    reframe: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the pool's lines whose crop is made tighter or looser."""

    @model_validator(mode="after")
    def _one_kind(self) -> DataPart:
        if (self.synth is None) == (not self.lines):
            raise ValueError("an entry of data has either synth or lines")
        return self


class BatchPart(Part):
    """How lines become batches."""

    area: int = Field(default=12288, ge=32)
    """Lines x width in pixels of one micro-batch, so that memory does not depend on width."""
    lines_per_step: int = Field(default=32, ge=1)
    """The effective batch: micro-batches are accumulated until a step has at least this many lines, over all
    processes."""
    lines_per_step_per_gpu: int | None = Field(default=None, ge=1)
    """The effective batch of each process. Where given, ``lines_per_step`` is this times the number of processes."""
    block_lines: int = Field(default=1024, ge=1)
    """Lines that are sorted by width together; the order of the batches within a block is shuffled."""
    pad_wider: float = Field(default=0.3, ge=0.0, le=1.0)
    """Share of the lines that is padded further than reading would, so that the model learns to ignore padding."""
    pad_wider_rungs: int = Field(default=2, ge=1)
    """By at most how many rungs of the width ladder these lines are padded further."""
    lines_multiple: int = Field(default=1, ge=1)
    """What the number of lines of a micro-batch is a multiple of, as far as possible: lines of a width that are over
    are padded to the next one. A GPU's libraries choose kernels, or build them, for every new shape."""
    full_width: bool = False
    """Pad every line to ``max_width``, as the guide's own training does."""
    padded_steps: bool = False
    """Let CTC use the output steps of the padding too, as OpenOCR's loss does. For experiments: reading never looks
    there."""
    workers: int = Field(default=2, ge=-1)
    """Processes that make lines; 0 for none, -1 for the number of cores less one."""


class OptimiserPart(Part):
    """AdamW (Loshchilov and Hutter, ICLR 2019) under a one-cycle schedule: linear warm-up, cosine to ``final_lr``.

    The length is ``budget_s`` where that is given, else ``epochs`` of ``lines_per_epoch``, else ``steps``.
    """

    peak_lr: float = Field(default=7e-4, gt=0)
    """The highest learning rate."""
    peak_lr_lines: int | None = Field(default=None, ge=1)
    """The effective batch that ``peak_lr`` is meant for: another batch's peak follows ``lr_scaling``. Without it the
    peak is ``peak_lr`` at every batch."""
    lr_scaling: Literal["sqrt", "linear"] = "sqrt"
    """How the peak follows the effective batch; ``sqrt`` is the rule for Adam (Malladi et al., NeurIPS 2022)."""
    final_lr: float = Field(default=1e-6, ge=0)
    """The learning rate at the end."""
    warmup: float = Field(default=0.05, ge=0.0, lt=1.0)
    """Share of the training in which the learning rate rises."""
    warmup_steps: int | None = Field(default=None, ge=1)
    """Steps in which the learning rate rises, in place of ``warmup``: a share of a budget of time can be over before
    the first kernels are compiled."""
    betas: tuple[float, float] = (0.9, 0.99)
    """AdamW's decay rates of the two moments."""
    weight_decay: float = Field(default=0.05, ge=0)
    """AdamW's weight decay, on matrices and kernels only."""
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    """What the learning rate of each part of the network is multiplied by, once for every part that lies between it
    and the output: head, the stages from the last to the first, patch embedding. 1 trains all alike; less keeps what
    early layers have learnt (ELECTRA's layer-wise decay, Clark et al., ICLR 2020)."""
    norms: Literal["batch", "frozen"] = "batch"
    """What batch norms divide by in training: each batch's own statistics, or those that the weights came with, which
    then stay. Few lines of one kind have statistics that other lines do not."""
    clip: float = Field(default=20.0, gt=0)
    """The largest norm of a step's gradient."""
    steps: int | None = Field(default=None, ge=1)
    """Length of the training in steps."""
    epochs: int | None = Field(default=None, ge=1)
    """Length of the training in epochs: of ``lines_per_epoch``, else of the labelled lines in ``data``."""
    lines_per_epoch: int | None = Field(default=None, ge=1)
    """Lines of an epoch: a synthetic stream has no end of its own. Where labelled lines are trained on, an epoch
    without it is as long as it takes to see each of the largest pool's lines once, synthetic lines between counted."""
    budget_s: float | None = Field(default=None, gt=0)
    """Length of the training in seconds over all sittings; the schedule then follows the clock."""
    ema: float = Field(default=0.998, ge=0.0, lt=1.0)
    """Decay per step of the averaged weights."""

    @model_validator(mode="after")
    def _whole_epochs(self) -> OptimiserPart:
        if self.epochs is None and self.lines_per_epoch is not None:
            raise ValueError("lines_per_epoch needs epochs")
        if self.epochs is not None and self.steps is not None:
            raise ValueError("a training is sized by steps or by epochs, not by both")
        return self


class CompanionPart(Part):
    """Another model that learns from the very same batches: rendering lines often costs more than training on them."""

    model: str
    """The model's variant, of whichever family. What is written of it goes to a folder of this name in the run's."""
    peak_lr: float | None = Field(default=None, gt=0)
    """Its highest learning rate; the recipe's without it."""
    init: str | None = None
    """Weights to start from."""
    grow: bool = False
    """Start from the weights that the recipe's own model starts from, grown to this variant: of the same family and
    strides, wider or with more blocks at its end."""
    distil: float = Field(default=0.0, ge=0.0)
    """Weight at the start of a second loss beside the labels': that its scores be those of the recipe's own model,
    column by column (Hinton, Vinyals and Dean, 2015). It falls to nothing evenly. Where that model reads already, a
    fresh companion learns in a few hundred steps where the characters lie."""
    distil_until: float = Field(default=0.6, gt=0.0, le=1.0)
    """Share of the training after which the second loss has fallen to nothing."""

    @model_validator(mode="after")
    def _one_start(self) -> CompanionPart:
        if self.grow and self.init is not None:
            raise ValueError("a companion starts from init or is grown, not both")
        return self


class ValidationPart(Part):
    """When and on what the averaged weights are judged, by exact NFC CER, spaces and case counted."""

    every: int = Field(default=500, ge=1)
    """Steps between two validations."""
    folders: tuple[str, ...] = ()
    """Labels folders and LMDBs to validate on."""
    before: dict[str, float] = Field(default_factory=dict)
    """CER of the weights to start from on each set, 0 to 1. The best weights are then those of the lowest mean of each
    set's CER relative to it, so that a set which is read well already weighs as much as one that is not; without it,
    those of the lowest mean CER."""
    limit: int | None = Field(default=5000, ge=1)
    """At most this many lines of each folder and of each pool's held-out documents: a sample that is always the same,
    in which documents take turns."""
    patience: int | None = Field(default=None, ge=1)
    """The training ends after so many validations in a row that were no better than the best; None for never."""
    most_cost: float | None = Field(default=None, gt=0, lt=1)
    """The share of the training that validations may cost: where ``every`` would cost more, they come less often. A
    line that is read counts as a third of a line that is trained on."""
    synth_lines: int = Field(default=256, ge=0)
    """Lines of the same synthetic recipe, from held-out font families and another seed."""


PARTS: Final = (SynthPart, LinesPart, DataPart, BatchPart, OptimiserPart, CompanionPart, ValidationPart)
"""All of them."""
