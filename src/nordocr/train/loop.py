"""The training loop, readable from top to bottom: plain PyTorch, one process or several."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nordocr.errors import TrainingFailed
from nordocr.locks import alone_in
from nordocr.model.network import LineNetwork
from nordocr.model.weights import save_weights
from nordocr.train.checkpoint import Position, Training, refuse_used, save_checkpoint
from nordocr.train.device import allow_tf32, choose_device
from nordocr.train.distributed import Ranks
from nordocr.train.events import Report
from nordocr.train.fingerprint import git_revision
from nordocr.train.loss import losses
from nordocr.train.pupils import Pupil, start_pupils
from nordocr.train.recipe import Recipe
from nordocr.train.source import TrainingData
from nordocr.train.stopping import Stop
from nordocr.train.stream import BlockDataset, Next, micro_batches, worker_count
from nordocr.train.validation import Score, ValidationSet, mean_cer, validate, write_pages

_log = logging.getLogger(__name__)


def train(
    recipe: Recipe,
    data: TrainingData,
    validation: Sequence[ValidationSet],
    run: Path,
    *,
    resume: bool = False,
    initial: LineNetwork | None = None,
    stop: Stop | None = None,
    report: Report = lambda event: None,
) -> Path:
    """Train, and write the best averaged weights.

    Args:
        recipe: The experiment.
        data: The stream of lines.
        validation: What the averaged weights are judged on.
        run: The folder that checkpoints and weights are written to.
        resume: Go on from the run's newest checkpoint, exactly.
        initial: A model to start from with a fresh optimiser.
        stop: May end the sitting before the training; a checkpoint is then its last act.
        report: Called with one dict per logged step or validation, in the first process only.

    Returns:
        ``run/best.safetensors``; the same weights as fp16 lie beside it.

    Raises:
        OutputUnwritable: Another process trains in ``run``, or the disk is full.
        TrainingFailed: The loss is not finite, a check or the GPU's memory fails, or ``run`` holds another training.
    """
    refuse_used(run, resume)
    device, ranks, stop = choose_device(recipe.device), Ranks.from_environment(), stop or Stop()
    recipe, pin = recipe.for_processes(ranks.world), device.type == "cuda"
    allow_tf32()
    torch.manual_seed(recipe.seed)
    with ExitStack() as stack:
        stack.enter_context(alone_in(run) if ranks.first else nullcontext())
        stack.enter_context(stop.on_signals())
        stack.enter_context(ranks.joined(device))
        pupils = start_pupils(recipe, data, run, resume, initial, device, ranks, report)
        at = pupils[0].training.at
        others = [pupil.recipe.spec for pupil in pupils[1:]]
        dataset = BlockDataset(data.source, recipe.spec, recipe.batch, recipe.seed, others)
        workers = worker_count(recipe.batch.workers, ranks.local_world)
        stream = micro_batches(dataset, at.block, at.batch, workers, every=ranks.world, pin=pin)
        stack.enter_context(closing(stream))
        share = -(-recipe.batch.lines_per_step // ranks.world)
        before, started, stops = at.elapsed_s, 0.0, 0.0
        judged_every = recipe.validation_steps(sum(len(one.lines) for one in validation))

        while _progress(at, recipe) < 1.0 and not stops:
            done = _progress(at, recipe)
            mine, sums = _accumulate(recipe, pupils, stream, share, done)
            # One clock, from the first step's end on (compiling is no progress), and one decision to stop for all.
            started = started or time.monotonic()
            clock = before + time.monotonic() - started if ranks.first else 0.0
            lines, stops, elapsed = ranks.totals(mine, stop.now or recipe.enough(at.stale), clock)
            rates = [pupil.step(lines, loss, done) for pupil, loss in zip(pupils, sums, strict=True)]
            for pupil in pupils:
                pupil.training.at.advance(int(lines), elapsed)

            if at.step % recipe.log_every == 0 and ranks.first:
                for pupil, rate in zip(pupils, rates, strict=True):
                    pupil.report(_figures(pupil, rate, data.epoch_lines))
            if at.step % judged_every == 0:
                _validate(pupils, validation)
            if at.step % recipe.save_every == 0:
                _save(pupils)

        if (_progress(at, recipe) >= 1.0 and at.step % judged_every) or not (run / "best.safetensors").is_file():
            _validate(pupils, validation)
        _save(pupils)
    return run / "best.safetensors"


def _accumulate(
    recipe: Recipe, pupils: Sequence[Pupil], stream: Iterator[Next], share: int, progress: float
) -> tuple[int, list[Tensor]]:
    """Sum up gradients over this process's ``share`` of lines; give how many they were and each model's summed loss."""
    models, window = [pupil.training.model for pupil in pupils], pupils[0].window
    distil = [pupil.distil(progress) for pupil in pupils]
    device = next(models[0].parameters()).device
    mine, sums = 0, [torch.zeros((), device=device) for _ in models]
    while mine < share:
        asked = time.monotonic()
        following = next(stream)
        window.waited += time.monotonic() - asked
        window.too_long += following.too_long
        window.unreadable += following.unreadable
        for fault in following.faults:
            _log.warning("%s", fault)
        batch = following.micro_batch
        try:
            sent = batch.to(device)
            batches = [pupil.counted(sent, recipe) for pupil in pupils]
            found = losses(models, batches, distil, bf16=recipe.precision == "bf16")
            for number, (taught, loss) in enumerate(found):
                taught.backward()  # type: ignore[no-untyped-call]
                sums[number] = sums[number] + loss
        except torch.OutOfMemoryError as error:
            raise TrainingFailed(
                f"The GPU's memory is too small for {batch.lines} lines of {batch.pixels.shape[-1]} px in step "
                f"{pupils[0].training.at.step + 1}: go on with a smaller micro-batch, --resume RUN --set batch.area="
                f"{max(recipe.max_width, recipe.batch.area // 2)} (without a checkpoint start again with it); the "
                f"effective batch stays {recipe.batch.lines_per_step} lines."
            ) from error
        mine += batch.lines
        for pupil in pupils:
            pupil.training.at.block, pupil.training.at.batch = following.block, following.batch
    return mine, sums


def _progress(at: Position, recipe: Recipe) -> float:
    """Share of the training that is done: of its time where it has a budget, else of its steps."""
    budget = recipe.optimiser.budget_s
    return at.elapsed_s / budget if budget else at.step / recipe.steps


def _figures(pupil: Pupil, rate: float, epoch_lines: int | None) -> dict[str, Any]:
    recipe, at = pupil.recipe, pupil.training.at
    progress, budget = _progress(at, recipe), recipe.optimiser.budget_s
    rest = budget - at.elapsed_s if budget else at.elapsed_s / progress - at.elapsed_s
    place = {"step": at.step, "progress": progress, "lines": at.lines, "elapsed_s": at.elapsed_s, "eta_s": max(rest, 0)}
    length = recipe.optimiser.lines_per_epoch or epoch_lines
    if length:
        place["epoch"] = at.lines / length
        place["epoch_eta_s"] = (length - at.lines % length) * at.elapsed_s / max(at.lines, 1)
        if not budget:
            place["epochs"] = recipe.steps * recipe.batch.lines_per_step / length
    return place | {"lr": rate} | pupil.window.take(at.step)


def _validate(pupils: Sequence[Pupil], sets: Sequence[ValidationSet]) -> None:
    """Judge every model."""
    with _paused(pupils):
        for pupil in pupils:
            _judge(pupil.recipe, pupil.training, sets, pupil.run, pupil.report)


def _save(pupils: Sequence[Pupil]) -> None:
    """Write checkpoints: the recipe's own model's last, because a training goes on from the newest of those."""
    with _paused(pupils):
        for pupil in reversed(pupils):
            save_checkpoint(pupil.run, pupil.recipe, pupil.training)


@contextmanager
def _paused(pupils: Sequence[Pupil]) -> Iterator[None]:
    """Leave what happens inside out of every model's time of training lines."""
    with ExitStack() as stack:
        for pupil in pupils:
            stack.enter_context(pupil.window.paused(pupil.training.at.step))
        yield


def _judge(recipe: Recipe, training: Training, sets: Sequence[ValidationSet], run: Path, report: Report) -> None:
    """Score the EMA weights; keep them as ``best.safetensors`` where their mean CER over the sets is the lowest yet."""
    if not training.ranks.first:
        return
    at, averaged = training.at, training.ema.module
    assert isinstance(averaged, LineNetwork)
    started = time.monotonic()
    scores, predictions = validate(averaged, recipe.spec, list(sets), bf16=recipe.precision == "bf16")
    # Without anything to judge by, the latest weights are the best.
    mean = mean_cer(scores, recipe.validation.before) if scores else -float(at.step)
    write_pages(run, f"{recipe.name}, step {at.step}", predictions, recipe.spec)
    history = _history(recipe, at, scores)
    at.stale = 0 if at.best_cer is None or mean < at.best_cer else at.stale + 1
    if at.best_cer is None or mean <= at.best_cer:
        at.best_cer = mean
        save_weights(run / "best.safetensors", averaged, recipe.spec, history)
        save_weights(run / "best-fp16.safetensors", averaged, recipe.spec, history, half=True)
    save_weights(run / "last.safetensors", averaged, recipe.spec, history)
    seconds = time.monotonic() - started
    judged = [vars(score) for score in scores]
    report({"step": at.step, "lines": at.lines, "validation": judged, "mean_cer": mean, "seconds": seconds})


def _history(recipe: Recipe, at: Position, scores: list[Score]) -> dict[str, Any]:
    """What a weights file says of its origin."""
    return {
        "recipe": recipe.described(),
        "step": at.step,
        "lines": at.lines,
        "elapsed_s": round(at.elapsed_s, 1),
        "validation": [vars(score) for score in scores],
        "git": git_revision(),
    }
