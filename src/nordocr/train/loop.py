"""The training loop, readable from top to bottom: plain PyTorch, one process."""

from __future__ import annotations

import itertools
import json
import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nordocr.errors import TrainingFailed
from nordocr.linespec import NORMALISED
from nordocr.model.network import SVTRv2, build_model
from nordocr.model.weights import load_model, save_weights
from nordocr.train.checkpoint import Position, checkpoints, git_revision, load_checkpoint, save_checkpoint
from nordocr.train.optimiser import build_optimiser, learning_rate
from nordocr.train.recipe import Recipe
from nordocr.train.stream import BlockDataset, LineSource, MicroBatch, blocks
from nordocr.train.validation import Score, ValidationSet, validate

Report = Callable[[dict[str, Any]], None]
"""Called with one JSON-able dict a logged step or validation."""


@dataclass
class Stop:
    """Set by SIGTERM and SIGINT: the step in hand is finished, a checkpoint written, and training ends normally."""

    asked: bool = field(default=False)

    @contextmanager
    def on_signals(self) -> Iterator[Stop]:
        """Listen to SIGTERM and SIGINT inside the ``with`` block."""

        def ask(_signum: int, _frame: FrameType | None) -> None:
            self.asked = True

        before = {s: signal.signal(s, ask) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def ctc_loss(model: SVTRv2, batch: MicroBatch, *, bf16: bool) -> Tensor:
    """Sum over the lines of ``batch`` of the negative log-likelihood, each over its own unpadded steps; float32."""
    device = next(model.parameters()).device
    pixels = torch.from_numpy(NORMALISED).to(device)[batch.pixels.to(device).int()]
    pixels = pixels.expand(-1, 3, -1, -1)
    with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
        logits = model(pixels)
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(log_probabilities, batch.targets, batch.steps, batch.target_lengths, reduction="sum")


def train(
    recipe: Recipe,
    source: LineSource,
    validation: list[ValidationSet],
    run: Path,
    *,
    resume: bool = False,
    init: Path | None = None,
    report: Report = lambda event: None,
    log_every: int = 20,
) -> Path:
    """Train by ``recipe`` on lines of ``source`` and write ``run/best.safetensors``, the best EMA weights.

    ``resume`` goes on from the run's newest checkpoint, exactly; ``init`` starts from a weights file with a fresh
    optimiser. Raises :class:`TrainingFailed` where the loss is not finite or a checkpoint does not fit.
    """
    torch.manual_seed(recipe.seed)
    spec, part = recipe.spec, recipe.optimiser
    model = load_model(init)[0].train() if init else build_model(recipe.model, spec.charset.num_classes).train()
    ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(part.ema), use_buffers=True)
    optimiser = build_optimiser(model, part)
    at = Position()
    if resume and checkpoints(run):
        at = load_checkpoint(checkpoints(run)[-1], recipe, model, ema, optimiser)
    bf16 = recipe.precision == "bf16"
    dataset = BlockDataset(source, spec, recipe.batch, recipe.seed)
    stream = _micro_batches(dataset, at, recipe.batch.workers)
    started, before, window, waited = time.monotonic(), at.elapsed_s, _Window(), 0.0
    with Stop().on_signals() as stop:
        while True:
            progress = at.elapsed_s / part.budget_s if part.budget_s else at.step / part.steps
            if progress >= 1.0 or stop.asked:
                break
            rate = learning_rate(progress, part)
            for group in optimiser.param_groups:
                group["lr"] = rate
            lines, loss_sum = 0, 0.0
            while lines < recipe.batch.lines_per_step:
                asked = time.monotonic()
                batch, at.block, at.batch = next(stream)
                waited += time.monotonic() - asked
                loss = ctc_loss(model, batch, bf16=bf16)
                loss.backward()  # type: ignore[no-untyped-call]
                lines, loss_sum = lines + batch.lines, loss_sum + loss.item()
            if not math.isfinite(loss_sum):
                raise TrainingFailed(f"The loss is {loss_sum} at step {at.step}; a lower peak_lr may help.")
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter.grad.div_(lines)
            torch.nn.utils.clip_grad_norm_(model.parameters(), part.clip)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            ema.update_parameters(model)
            at.step, at.lines = at.step + 1, at.lines + lines
            at.elapsed_s = before + time.monotonic() - started
            window.add(loss_sum, lines)
            if at.step % log_every == 0:
                report({"step": at.step, "lr": rate, "progress": progress, "waited": waited, **window.take()})
                waited = 0.0
            if at.step % recipe.validation.every == 0:
                _validate(recipe, model, ema, validation, at, run, report)
            if at.step % recipe.save_every == 0:
                save_checkpoint(run, recipe, at, model, ema, optimiser)
    save_checkpoint(run, recipe, at, model, ema, optimiser)
    if not stop.asked or not (run / "best.safetensors").is_file():
        _validate(recipe, model, ema, validation, at, run, report)
    return run / "best.safetensors"


def _micro_batches(dataset: BlockDataset, at: Position, workers: int) -> Iterator[tuple[MicroBatch, int, int]]:
    """Micro-batches from position ``at`` on, each with the position (block, batch) of the one after it."""
    skip = at.batch
    for number, block in zip(itertools.count(at.block), blocks(dataset, at.block, workers), strict=False):
        for index in range(skip, len(block.batches)):
            last = index + 1 == len(block.batches)
            yield block.batches[index], number + last, 0 if last else index + 1
        skip = 0


def _validate(
    recipe: Recipe,
    model: SVTRv2,
    ema: AveragedModel,
    sets: list[ValidationSet],
    at: Position,
    run: Path,
    report: Report,
) -> None:
    """Score the EMA weights; keep them as ``best.safetensors`` where their mean CER over the sets is the lowest yet."""
    averaged: SVTRv2 = ema.module  # type: ignore[assignment]
    scores = validate(averaged, recipe.spec, sets, bf16=recipe.precision == "bf16")
    model.train()
    mean = sum(score.cer for score in scores) / len(scores) if scores else -float(at.step)
    report({"step": at.step, "validation": [vars(score) for score in scores], "mean_cer": mean})
    if mean <= at.best_cer:
        at.best_cer = mean
        save_weights(run / "best.safetensors", averaged, recipe.spec, history(recipe, at, scores))
    save_weights(run / "last.safetensors", averaged, recipe.spec, history(recipe, at, scores))


def history(recipe: Recipe, at: Position, scores: list[Score]) -> dict[str, Any]:
    """What a weights file says of its origin."""
    return {
        "recipe": recipe.model_dump(mode="json"),
        "step": at.step,
        "lines": at.lines,
        "elapsed_s": round(at.elapsed_s, 1),
        "validation": [vars(score) for score in scores],
        "git": git_revision(),
    }


class _Window:
    """Mean loss a line and lines a second since the last report."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self.loss, self.lines, self.since = 0.0, 0, time.monotonic()

    def add(self, loss: float, lines: int) -> None:
        self.loss += loss
        self.lines += lines

    def take(self) -> dict[str, float]:
        seconds = max(time.monotonic() - self.since, 1e-9)
        values = {"loss": self.loss / max(self.lines, 1), "lines_per_s": self.lines / seconds}
        self._reset()
        return values


def metrics_file(run: Path) -> Report:
    """A report that appends each event as one line of JSON to ``run/metrics.jsonl``."""
    run.mkdir(parents=True, exist_ok=True)

    def report(event: dict[str, Any]) -> None:
        with (run / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")

    return report
