"""The models that learn from one stream: the recipe's own and its companions, each with everything of it that changes.

Each lives in a folder of its own (the run's, and one in it named after the variant) with its recipe, checkpoints and
weights, so that it can be resumed, judged and exported as if it had been trained alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nordocr.errors import ConfigInvalid
from nordocr.model.growth import grow
from nordocr.model.network import LineNetwork, build_model
from nordocr.train.checkpoint import Position, Training, load_checkpoint, newest_checkpoint, set_damaged_aside
from nordocr.train.device import compile_blocks
from nordocr.train.distributed import Ranks
from nordocr.train.events import Report, Window
from nordocr.train.initial import Init, initial_model, recipe_for
from nordocr.train.optimiser import build_optimiser, freeze_norms, set_learning_rate
from nordocr.train.preflight import preflight
from nordocr.train.prior import class_log_prior, first_batches
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_files import write_recipe
from nordocr.train.recipe_parts import CompanionPart
from nordocr.train.source import TrainingData
from nordocr.train.stream import MicroBatch


@dataclass(frozen=True)
class Pupil:
    """One model of a training: how and where it is trained, its state, and figures of its last steps."""

    recipe: Recipe
    run: Path
    training: Training
    window: Window
    report: Report
    companion: CompanionPart | None = None

    def step(self, lines: float, loss: Tensor, progress: float) -> float:
        """Update the weights by the gradients that were summed up.

        Args:
            lines: Lines of this step, of all processes.
            loss: This process's summed loss.
            progress: Share of the training that is done, in [0, 1].

        Returns:
            The learning rate.
        """
        model, optimiser, at = self.training.model, self.training.optimiser, self.training.at
        rate = set_learning_rate(optimiser, progress, self.recipe, at.step)
        loss = self.training.ranks.average_gradients(model, lines, loss)
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), self.recipe.optimiser.clip)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        self.training.ema.update_parameters(model)
        self.window.add(loss, norm, lines)
        return rate

    def counted(self, batch: MicroBatch, recipe: Recipe) -> MicroBatch:
        """Return a batch of the stream of ``recipe`` as this model's family counts its steps."""
        return _counted(batch, recipe, self.recipe)

    def distil(self, progress: float) -> float:
        """Weight of the loss that makes it answer as the recipe's own model does."""
        part = self.companion
        return part.distil * max(0.0, 1.0 - progress / part.distil_until) if part is not None else 0.0


def start_pupils(
    recipe: Recipe,
    data: TrainingData,
    run: Path,
    resume: bool,
    initial: LineNetwork | None,
    device: torch.device,
    ranks: Ranks,
    report: Report,
) -> Sequence[Pupil]:
    """Build the recipe's own model and its companions: fresh, from initial weights, or as checkpoints left them."""
    lines = _FirstLines(data, recipe)
    first = Pupil(recipe, run, _fresh(recipe, data, lines, initial, resume, device, ranks), Window(device), report)
    pupils = [first]
    for companion in recipe.companions:
        own = recipe.of_companion(companion)
        init = None if resume else _start_of(companion, own, recipe, initial)
        training = _fresh(own, data, lines, init, resume, device, ranks)
        folder = run / companion.model
        if ranks.first:
            folder.mkdir(parents=True, exist_ok=True)
            write_recipe(own, folder / "recipe.yaml")
        pupils.append(Pupil(own, folder, training, Window(device), _named(companion.model, report), companion))
    if resume:
        _resume(pupils, ranks)
    else:
        # Every process starts from the same weights, drawn above, but drops other paths.
        torch.manual_seed(recipe.seed + 1000 * ranks.rank)
    for pupil in pupils:
        if pupil.recipe.preflight and ranks.first and not resume:
            before, after = preflight(pupil.training.model, data.source, pupil.recipe)
            pupil.report({"step": 0, "preflight": {"before": before, "after": after}})
        compile_blocks(pupil.training.model, pupil.recipe)
    return pupils


def _start_of(companion: CompanionPart, own: Recipe, recipe: Recipe, initial: LineNetwork | None) -> LineNetwork | None:
    """The model that a companion starts from; None for fresh weights."""
    if companion.init is not None:
        start = Init(Path(companion.init))
        return initial_model(recipe_for(own, start), start)[0]
    if not companion.grow:
        return None
    if initial is None:
        raise ConfigInvalid(f"There is nothing to grow {companion.model} from: start the training with --init.")
    classes = recipe.spec.charset.num_classes
    model = build_model(companion.model, classes)
    model.load_state_dict(grow(initial.state_dict(), recipe.model, companion.model, classes))
    return model


class _FirstLines:
    """The stream's first lines, made once for all models that begin at the classes' frequencies."""

    def __init__(self, data: TrainingData, recipe: Recipe) -> None:
        self._data, self._recipe = data, recipe
        self._batches: Sequence[MicroBatch] = ()

    def counted_for(self, recipe: Recipe) -> Sequence[MicroBatch]:
        """Return them with the steps of the family of ``recipe``."""
        self._batches = self._batches or first_batches(self._data.source, self._recipe)
        return [_counted(batch, self._recipe, recipe) for batch in self._batches]


def _counted(batch: MicroBatch, made: Recipe, wanted: Recipe) -> MicroBatch:
    """A batch of the stream of one recipe with the steps of another's family."""
    return batch if made.spec.family == wanted.spec.family else batch.counted_for(wanted.spec)


def _fresh(
    recipe: Recipe,
    data: TrainingData,
    lines: _FirstLines,
    initial: LineNetwork | None,
    resume: bool,
    device: torch.device,
    ranks: Ranks,
) -> Training:
    """Model, average and optimiser before the first step."""
    classes = recipe.spec.charset.num_classes
    model = initial if initial is not None else build_model(recipe.model, classes)
    if initial is None and not resume:
        model.begin_at_prior(class_log_prior(lines.counted_for(recipe), classes))
    model = model.to(device).train()
    if recipe.optimiser.norms == "frozen":
        freeze_norms(model)
    ranks.share_weights(model)
    averaging = get_ema_multi_avg_fn(recipe.optimiser.ema)  # type: ignore[no-untyped-call]
    ema = AveragedModel(model, multi_avg_fn=averaging, use_buffers=True)
    optimiser = build_optimiser(model, recipe.optimiser, device)
    return Training(model, ema, optimiser, Position(block=ranks.rank), ranks, data.checksums)


def _resume(pupils: Sequence[Pupil], ranks: Ranks) -> None:
    """Put every model back to the step of the first one's newest checkpoint, which is written after the others'."""
    newest = newest_checkpoint(pupils[0].run)
    for pupil in pupils:
        notes = set_damaged_aside(pupil.run) if ranks.first else []
        same = pupil.run / newest.relative_to(pupils[0].run)
        notes += load_checkpoint(same, pupil.recipe, pupil.training)
        for note in notes if ranks.first else ():
            pupil.report({"step": pupil.training.at.step, "note": note})


def _named(name: str, report: Report) -> Report:
    """Return a report that says of which model it tells."""
    return lambda event: report({"model": name} | event)
