"""The training loop of the detector. Plain PyTorch on one device; the averaged weights that judged best are kept."""

from __future__ import annotations

import copy
import math
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nordocr.detect.dbnet.spec import DetectorSpec
from nordocr.files import replacing
from nordocr.model.dbnet import DbNet
from nordocr.model.page_map import detector_spec
from nordocr.model.weights import disk_errors
from nordocr.orphans import end_with_parent
from nordocr.train.detector.crops import random_crop
from nordocr.train.detector.judge import judge
from nordocr.train.detector.labels import KEPT_HEIGHT
from nordocr.train.detector.loss import db_loss
from nordocr.train.detector.pages import PageFolder, TrainingPage
from nordocr.train.detector.recipe import DetectorRecipe

Report = Callable[[dict[str, Any]], None]
_HELD_OUT_SEED = 900_000


def train_detector(recipe: DetectorRecipe, run: Path, report: Report, initial: Path | None = None) -> Path:
    """Train by ``recipe`` in the folder ``run``; gives the path of the best weights, ``best.safetensors``.

    ``initial``: weights to start from.
    Pages lie in ``run/pages`` and are used again if they are there. Raises the errors of the page synthesis.
    """
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    train_pages = PageFolder(run / "pages", recipe.synth, recipe.seed, recipe.long_side)
    held_out = PageFolder(run / "held-out", recipe.synth, recipe.seed + _HELD_OUT_SEED, recipe.long_side)
    maker = _maker(recipe, run)
    try:
        judged = [held_out.page(index) for index in range(recipe.held_out)]
        network = DbNet()
        if initial is not None:
            network.load_state_dict(load_file(initial))
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return _run(recipe, run, network, train_pages, judged, report)
    finally:
        if maker is not None:
            maker.terminate()
            maker.join()


def _run(
    recipe: DetectorRecipe, run: Path, network: DbNet, pages: PageFolder, judged: Sequence[TrainingPage], report: Report
) -> Path:
    averaged = copy.deepcopy(network).eval()
    judging = _Judging(judged, detector_spec(recipe.long_side, KEPT_HEIGHT), run, report)
    groups = [
        {"params": [p for p in network.parameters() if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in network.parameters() if p.ndim <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=recipe.peak_lr, betas=(0.9, 0.99))
    best, started, step, recent = -1.0, time.monotonic(), 0, []
    while True:
        elapsed = time.monotonic() - started
        progress = elapsed / recipe.budget_s if recipe.budget_s else step / recipe.steps
        if progress >= 1:
            break
        rate = recipe.peak_lr * 0.5 * (1 + math.cos(math.pi * progress)) * min(1.0, (step + 1) / (recipe.warmup + 1))
        for group in optimiser.param_groups:
            group["lr"] = rate
        parts = _step(recipe, network, optimiser, _batch(recipe, pages, step))
        step += 1
        _average(averaged, network, min(recipe.ema, step / (step + 10)))
        recent.append(parts)
        if step % recipe.judge_every == 0:
            means = {key: sum(one[key] for one in recent) / len(recent) for key in parts}
            recent = []
            best = max(best, judging.judge(averaged, best, {"step": step, "seconds": elapsed, **means}))
    judging.judge(averaged, best, {"step": step, "seconds": time.monotonic() - started})
    return run / "best.safetensors"


@dataclass(frozen=True)
class _Judging:
    """What judging needs beside the weights."""

    pages: Sequence[TrainingPage]
    spec: DetectorSpec
    run: Path
    report: Report

    def judge(self, averaged: DbNet, best: float, event: dict[str, Any]) -> float:
        """Return the F1 of the averaged weights, which are saved if it is no worse than ``best``."""
        result = judge(averaged, self.pages, self.spec)
        _save(averaged, self.run / "last.safetensors")
        self.report({**event, "recall": result.recall, "precision": result.precision})
        if result.f1 >= best:
            _save(averaged, self.run / "best.safetensors")
        return result.f1


def _save(network: DbNet, path: Path) -> None:
    with replacing(path) as partial, disk_errors():
        save_file({name: value.contiguous() for name, value in network.state_dict().items()}, partial)


def _step(
    recipe: DetectorRecipe, network: DbNet, optimiser: torch.optim.Optimizer, batch: tuple[Tensor, ...]
) -> dict[str, float]:
    network.train()
    images, core, threshold, weight = batch
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
        logits = network(images.contiguous(memory_format=torch.channels_last))
    losses = db_loss(logits, core, threshold, weight)
    optimiser.zero_grad(set_to_none=True)
    losses["loss"].backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
    optimiser.step()
    return {name: float(value.detach()) for name, value in losses.items()}


def _batch(recipe: DetectorRecipe, pages: PageFolder, step: int) -> tuple[Tensor, ...]:
    """The crops of step ``step``: a pure function of the recipe and the step."""
    rng = np.random.default_rng([recipe.seed, 7, step])
    reach = min(recipe.pages, recipe.first_pages + int(step / recipe.steps_per_page))
    crops = [random_crop(pages.page(int(rng.integers(reach))), recipe.crop, rng) for _ in range(recipe.batch)]
    names = ("image", "core", "threshold", "weight")
    return tuple(torch.from_numpy(np.stack([getattr(crop, name) for crop in crops])[:, None]) for name in names)


def _average(averaged: DbNet, network: DbNet, decay: float) -> None:
    with torch.no_grad():
        for name, value in network.state_dict().items():
            mean = averaged.state_dict()[name]
            if value.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)


def _maker(recipe: DetectorRecipe, run: Path) -> multiprocessing.process.BaseProcess | None:
    if not recipe.ahead:
        return None
    process = multiprocessing.get_context("spawn").Process(target=_make_pages, args=(recipe, run), daemon=True)
    process.start()
    return process


def _make_pages(recipe: DetectorRecipe, run: Path) -> None:
    end_with_parent()
    pages = PageFolder(run / "pages", recipe.synth, recipe.seed, recipe.long_side)
    for index in range(recipe.pages):
        if not pages.path(index).is_file():
            pages.make(index)
