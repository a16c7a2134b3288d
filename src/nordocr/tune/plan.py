"""What a tuning is asked to do, and the recipe that follows from the lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from nordocr.data.labels import LabelRow
from nordocr.data.lines import size_of
from nordocr.errors import InputUnreadable
from nordocr.linespec import LineSpec
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_files import apply_settings, load_recipe, parse_recipe
from nordocr.tune.split import Split

RECIPE: Final = "tune"
"""The bundled recipe."""

EPOCHS: Final = 10
"""How often each line is seen, where that is neither too little nor too much."""

FEWEST_STEPS: Final = 100
"""Below, the schedule is too short to learn a face from a few dozen lines."""

MOST_PIXELS: Final = 6_000_000
"""Width in pixels of all lines trained on, at a height of 32. Two cores train nano on some 22,000 pixels a second
(docs/training.md), so this is four to five minutes."""

LEAST_EPOCHS: Final = 2
"""How often each line is seen at least, however many lines there are."""

CORRECTED: Final = 4
"""How often a corrected line counts where there are further lines."""

_SYNTHETIC_WIDTH: Final = 500
_JUDGED: Final = 12
_MEASURED: Final = 1000


@dataclass(frozen=True)
class TunePlan:
    """What to tune, on what.

    Attributes:
        lines: Labels folders or LMDBs of corrected lines.
        also: Labels folders or LMDBs of further lines that are trained on and never judged by, as engines label them.
        model: The model to start from: a name, an ONNX file that nordocr exported, or a weights file.
        held_share: Share of the lines whose documents are held out, 0 to 1.
        guard_lines: Synthetic lines of each kind that the model must not read worse.
        settings: ``key=value`` laid over the recipe, for experiments.
        threads: Threads of PyTorch and of the recogniser; 0 for all cores.
    """

    lines: tuple[Path, ...]
    model: str = "nano"
    held_share: float = 0.2
    guard_lines: int = 200
    settings: tuple[str, ...] = ()
    threads: int = 0
    also: tuple[Path, ...] = ()


class TuningLines(Protocol):
    """Where the lines of a tuning are."""

    @property
    def train(self) -> Path:
        """The labels folder to train on."""

    @property
    def also(self) -> Path | None:
        """Further lines to train on."""

    @property
    def also_lines(self) -> int:
        """How many these are."""

    @property
    def judged(self) -> dict[str, Path]:
        """The labels folders to judge on."""

    @property
    def split(self) -> Split:
        """How the lines were parted."""


def tuning_recipe(plan: TunePlan, lines: TuningLines, before: Mapping[str, float], *, stages: bool = True) -> Recipe:
    """Return the recipe of a tuning.

    Args:
        plan: Its settings count.
        lines: Where the lines are.
        before: CER of the model to start from on each set that is judged on.
        stages: Whether the network has stages; of one without all parts learn at one rate.

    Raises:
        ConfigInvalid: A setting is wrong.
    """
    values = load_recipe(RECIPE).model_dump(mode="json", exclude_unset=True)
    values["data"][0]["lines"] = [{"path": str(lines.train), "times": CORRECTED if lines.also else 1}]
    if lines.also:
        values["data"][0]["lines"].append({"path": str(lines.also)})
    values["validation"]["folders"] = [str(folder) for folder in lines.judged.values()]
    values["validation"]["before"] = dict(before)
    rows = lines.split.train * (CORRECTED if lines.also else 1)
    steps = tuning_steps(parse_recipe(values, RECIPE), rows + [rows[0]] * lines.also_lines)
    values["optimiser"]["steps"] = steps
    if not stages:
        values["optimiser"]["layer_decay"] = 1.0
    values["validation"]["every"] = max(10, math.ceil(steps / _JUDGED))
    apply_settings(values, plan.settings)
    return parse_recipe(values, RECIPE)


def tuning_steps(recipe: Recipe, rows: Sequence[LabelRow]) -> int:
    """Return how many steps a tuning on ``rows`` takes.

    :data:`EPOCHS` of the lines, but at least :data:`FEWEST_STEPS`, and not more than :data:`MOST_PIXELS` allow unless
    each line would then be seen fewer than :data:`LEAST_EPOCHS` times.
    """
    entries = recipe.mixture
    share = sum(entry.weight for entry in entries if entry.lines) / sum(entry.weight for entry in entries)
    labelled = share * recipe.batch.lines_per_step
    width = share * _mean_width(rows, recipe.max_width) + (1 - share) * _SYNTHETIC_WIDTH
    wanted = max(FEWEST_STEPS, math.ceil(EPOCHS * len(rows) / labelled))
    affordable = int(MOST_PIXELS / (width * recipe.batch.lines_per_step))
    return max(min(wanted, affordable), math.ceil(LEAST_EPOCHS * len(rows) / labelled))


def _mean_width(rows: Sequence[LabelRow], most: int) -> float:
    """The mean width of lines at the model's height, in pixels, by a thousand of them."""
    widths = []
    for row in rows[:: max(1, len(rows) // _MEASURED)]:
        try:
            width, height = size_of(row)
        except InputUnreadable:
            continue
        widths.append(min(most, width * LineSpec().height / max(1, height)))
    return sum(widths) / len(widths) if widths else float(_SYNTHETIC_WIDTH)
