"""Checkpoints that resume exactly. Nothing is pickled: tensors in safetensors, the rest in JSON beside them.

A checkpoint is a folder ``step-00001234`` with ``model.safetensors``, ``ema.safetensors``, ``optimiser.safetensors``
and ``state.json`` (step, data position, recipe, LineSpec, git revision). It is written under another name and renamed
when complete, so a folder of that name is always whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nordocr.errors import TrainingFailed
from nordocr.train.recipe import Recipe

_NAME = re.compile(r"step-(\d{8})")


@dataclass
class Position:
    """How far a training has come.

    ``block`` and ``batch``: the next micro-batch to be taken. ``elapsed_s``: seconds trained, over all sittings.
    """

    step: int = 0
    block: int = 0
    batch: int = 0
    lines: int = 0
    elapsed_s: float = 0.0
    best_cer: float = float("inf")


def git_revision() -> str:
    """The source's git revision, with ``+`` where files are changed; empty outside a checkout."""
    here = Path(__file__).parent
    try:
        run = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
            cwd=here, capture_output=True, text=True, encoding="utf-8", check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()


def save_checkpoint(
    run: Path, recipe: Recipe, position: Position, model: nn.Module, ema: nn.Module, optimiser: torch.optim.Optimizer
) -> Path:
    """Write a checkpoint into ``run/checkpoints`` and remove all but the newest ``recipe.keep``."""
    folder = run / "checkpoints" / f"step-{position.step:08d}"
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file(_cloned(model.state_dict()), partial / "model.safetensors")
    save_file(_cloned(ema.state_dict()), partial / "ema.safetensors")
    tensors: dict[str, Tensor] = {"rng": torch.get_rng_state()}
    for index, slots in optimiser.state_dict()["state"].items():
        tensors |= {f"{index}.{slot}": torch.as_tensor(value).detach().cpu().clone() for slot, value in slots.items()}
    save_file(tensors, partial / "optimiser.safetensors")
    state = {
        "position": asdict(position),
        "recipe": recipe.model_dump(mode="json"),
        "linespec": recipe.spec.model_dump(mode="json"),
        "git": git_revision(),
        "torch": torch.__version__,
    }
    (partial / "state.json").write_text(json.dumps(state, indent=2, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(partial, folder)
    for old in checkpoints(run)[: -recipe.keep]:
        shutil.rmtree(old)
    return folder


def checkpoints(run: Path) -> list[Path]:
    """Complete checkpoints of a run, oldest first."""
    folder = run / "checkpoints"
    return sorted(p for p in folder.glob("step-*") if _NAME.fullmatch(p.name)) if folder.is_dir() else []


def load_checkpoint(
    folder: Path, recipe: Recipe, model: nn.Module, ema: nn.Module, optimiser: torch.optim.Optimizer
) -> Position:
    """Put everything back as it was; :class:`TrainingFailed` where the checkpoint is of another experiment."""
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        model.load_state_dict(load_file(folder / "model.safetensors"))
        ema.load_state_dict(load_file(folder / "ema.safetensors"))
        tensors = load_file(folder / "optimiser.safetensors")
    except (OSError, ValueError, RuntimeError) as error:
        raise TrainingFailed(f"Checkpoint {folder} cannot be resumed: {error}.") from error
    for key in ("model", "max_width", "seed", "synth", "batch"):
        if state["recipe"][key] != recipe.model_dump(mode="json")[key]:
            raise TrainingFailed(f"Checkpoint {folder} was trained with another {key!r} than recipe {recipe.name} has.")
    torch.set_rng_state(tensors.pop("rng"))
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, slot = name.split(".", 1)
        slots.setdefault(int(index), {})[slot] = tensor
    optimiser.load_state_dict({"state": slots, "param_groups": optimiser.state_dict()["param_groups"]})
    return Position(**state["position"])


def _cloned(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
