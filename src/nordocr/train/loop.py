"""The training loop, readable from top to bottom: plain PyTorch, one process or several."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nordocr.errors import TrainingFailed
from nordocr.locks import alone_in
from nordocr.model.network import LineNetwork, build_model
from nordocr.model.weights import save_weights
from nordocr.train.checkpoint import (
    Position,
    Training,
    load_checkpoint,
    newest_checkpoint,
    refuse_used,
    save_checkpoint,
    set_damaged_aside,
)
from nordocr.train.device import allow_tf32, choose_device, compile_blocks
from nordocr.train.distributed import Ranks
from nordocr.train.events import Report, Window
from nordocr.train.fingerprint import git_revision
from nordocr.train.loss import line_loss
from nordocr.train.optimiser import build_optimiser, freeze_norms, set_learning_rate
from nordocr.train.preflight import preflight
from nordocr.train.prior import class_log_prior, first_batches
from nordocr.train.recipe import Recipe
from nordocr.train.source import TrainingData
from nordocr.train.stopping import Stop
from nordocr.train.stream import BlockDataset, Next, micro_batches, worker_count
from nordocr.train.validation import Score, ValidationSet, validate, write_pages

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
        training = _start(recipe, data, run, resume, initial, device, ranks, report)
        model, ema, optimiser, at = training.model, training.ema, training.optimiser, training.at
        compile_blocks(model, recipe)
        dataset = BlockDataset(data.source, recipe.spec, recipe.batch, recipe.seed)
        workers = worker_count(recipe.batch.workers, ranks.local_world)
        stream = micro_batches(dataset, at.block, at.batch, workers, every=ranks.world, pin=pin)
        stack.enter_context(closing(stream))
        share, window = -(-recipe.batch.lines_per_step // ranks.world), Window(device)
        before, started, stops = at.elapsed_s, 0.0, 0.0
        judged_every = recipe.validation_steps(sum(len(one.lines) for one in validation))

        while _progress(at, recipe) < 1.0 and not stops:
            rate = set_learning_rate(optimiser, _progress(at, recipe), recipe)
            mine, loss = _accumulate(recipe, training, stream, share, window)
            # One clock, from the first step's end on (compiling is no progress), and one decision to stop for all.
            started = started or time.monotonic()
            clock = before + time.monotonic() - started if ranks.first else 0.0
            lines, stops, elapsed = ranks.totals(mine, stop.now or recipe.enough(at.stale), clock)
            loss = ranks.average_gradients(model, lines, loss)
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.optimiser.clip)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            ema.update_parameters(model)
            at.step, at.lines, at.elapsed_s = at.step + 1, at.lines + int(lines), elapsed
            window.add(loss, norm, lines)

            if at.step % recipe.log_every == 0 and ranks.first:
                report(_figures(at, recipe, rate, window, data.epoch_lines))
            if at.step % judged_every == 0:
                with window.paused(at.step):
                    _validate(recipe, training, validation, run, report)
            if at.step % recipe.save_every == 0:
                with window.paused(at.step):
                    save_checkpoint(run, recipe, training)

        window.require_finite(at.step)
        if (_progress(at, recipe) >= 1.0 and at.step % judged_every) or not (run / "best.safetensors").is_file():
            _validate(recipe, training, validation, run, report)
        save_checkpoint(run, recipe, training)
    return run / "best.safetensors"


def _accumulate(
    recipe: Recipe, training: Training, stream: Iterator[Next], share: int, window: Window
) -> tuple[int, Tensor]:
    """Sum up gradients over this process's ``share`` of lines; give how many they were and their summed loss."""
    model, at = training.model, training.at
    device = next(model.parameters()).device
    mine, loss = 0, torch.zeros((), device=device)
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
            batch_loss = line_loss(model, batch.to(device), bf16=recipe.precision == "bf16")
            batch_loss.backward()  # type: ignore[no-untyped-call]
        except torch.OutOfMemoryError as error:
            raise TrainingFailed(
                f"The GPU's memory is too small for {batch.lines} lines of {batch.pixels.shape[-1]} px in step "
                f"{at.step + 1}: go on with a smaller micro-batch, --resume RUN --set batch.area="
                f"{max(recipe.max_width, recipe.batch.area // 2)} (without a checkpoint start again with it); the "
                f"effective batch stays {recipe.batch.lines_per_step} lines."
            ) from error
        mine, loss = mine + batch.lines, loss + batch_loss.detach()
        at.block, at.batch = following.block, following.batch
    return mine, loss


def _start(
    recipe: Recipe,
    data: TrainingData,
    run: Path,
    resume: bool,
    initial: LineNetwork | None,
    device: torch.device,
    ranks: Ranks,
    report: Report,
) -> Training:
    """Model, average and optimiser: fresh, from initial weights, or as a checkpoint left them."""
    classes = recipe.spec.charset.num_classes
    model = initial if initial is not None else build_model(recipe.model, classes)
    if initial is None and not resume:
        model.begin_at_prior(class_log_prior(first_batches(data.source, recipe), classes))
    model = model.to(device).train()
    if recipe.optimiser.norms == "frozen":
        freeze_norms(model)
    ranks.share_weights(model)
    averaging = get_ema_multi_avg_fn(recipe.optimiser.ema)  # type: ignore[no-untyped-call]
    ema = AveragedModel(model, multi_avg_fn=averaging, use_buffers=True)
    optimiser = build_optimiser(model, recipe.optimiser, device)
    training = Training(model, ema, optimiser, Position(block=ranks.rank), ranks, data.checksums)
    if resume:
        notes = set_damaged_aside(run) if ranks.first else []
        notes += load_checkpoint(newest_checkpoint(run), recipe, training)
        for note in notes if ranks.first else ():
            report({"step": training.at.step, "note": note})
        return training
    # Every process starts from the same weights, drawn above, but drops other paths.
    torch.manual_seed(recipe.seed + 1000 * ranks.rank)
    if recipe.preflight and ranks.first:
        first, last = preflight(model, data.source, recipe)
        report({"step": 0, "preflight": {"before": first, "after": last}})
    return training


def _progress(at: Position, recipe: Recipe) -> float:
    """Share of the training that is done: of its time where it has a budget, else of its steps."""
    budget = recipe.optimiser.budget_s
    return at.elapsed_s / budget if budget else at.step / recipe.steps


def _figures(at: Position, recipe: Recipe, rate: float, window: Window, epoch_lines: int | None) -> dict[str, Any]:
    progress, budget = _progress(at, recipe), recipe.optimiser.budget_s
    rest = budget - at.elapsed_s if budget else at.elapsed_s / progress - at.elapsed_s
    place = {"step": at.step, "progress": progress, "lines": at.lines, "elapsed_s": at.elapsed_s, "eta_s": max(rest, 0)}
    length = recipe.optimiser.lines_per_epoch or epoch_lines
    if length:
        place["epoch"] = at.lines / length
        place["epoch_eta_s"] = (length - at.lines % length) * at.elapsed_s / max(at.lines, 1)
        if not budget:
            place["epochs"] = recipe.steps * recipe.batch.lines_per_step / length
    return place | {"lr": rate} | window.take(at.step)


def _validate(recipe: Recipe, training: Training, sets: Sequence[ValidationSet], run: Path, report: Report) -> None:
    """Score the EMA weights; keep them as ``best.safetensors`` where their mean CER over the sets is the lowest yet."""
    if not training.ranks.first:
        return
    at, averaged = training.at, training.ema.module
    assert isinstance(averaged, LineNetwork)
    started = time.monotonic()
    scores, predictions = validate(averaged, recipe.spec, list(sets), bf16=recipe.precision == "bf16")
    # Without anything to judge by, the latest weights are the best.
    mean = sum(score.cer for score in scores) / len(scores) if scores else -float(at.step)
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
