"""Checkpoints that resume exactly. Nothing is pickled: tensors in safetensors, the rest in JSON beside them.

A checkpoint is a folder ``step-00001234`` with ``model.safetensors``, ``ema.safetensors``, ``optimiser.safetensors``
(its state and the random states of every process) and ``state.json`` (step, data position of every process, recipe,
LineSpec, checksums of the data, git revision). It is written under another name and renamed when complete, so a
folder of that name is always whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from nordocr.errors import ConfigInvalid, InputMissing, OutputUnwritable, TrainingFailed
from nordocr.files import write_whole
from nordocr.jsontext import load_json
from nordocr.model.base import LineNetwork
from nordocr.model.weights import disk_errors, require_whole
from nordocr.train.distributed import Ranks
from nordocr.train.fingerprint import git_revision
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_files import parse_recipe

_NAME = re.compile(r"step-(\d{8})")
_PARTIAL = ".partial"
_COMPARED = ("model", "max_width", "seed", "synth", "data", "batch")


@dataclass
class Position:
    """How far a training has come.

    ``block`` and ``batch``: this process's next micro-batch. ``lines``: of all processes. ``elapsed_s``: seconds
    trained, over all sittings. ``best_cer``: the lowest mean CER of a validation yet. ``stale``: validations since.
    """

    step: int = 0
    block: int = 0
    batch: int = 0
    lines: int = 0
    elapsed_s: float = 0.0
    best_cer: float | None = None
    stale: int = 0

    def advance(self, lines: int, elapsed_s: float) -> None:
        """Count a step of ``lines`` lines."""
        self.step, self.lines, self.elapsed_s = self.step + 1, self.lines + lines, elapsed_s


@dataclass(frozen=True)
class Training:
    """Everything that changes while a model is trained. ``checksums``: of the data, by what they are of."""

    model: LineNetwork
    ema: AveragedModel
    optimiser: torch.optim.Optimizer
    at: Position
    ranks: Ranks
    checksums: Mapping[str, str]


def save_checkpoint(run: Path, recipe: Recipe, training: Training) -> Path:
    """Write a checkpoint into ``run/checkpoints`` and remove all but the newest ``recipe.keep``.

    Every process calls it, the first one writes. Raises :class:`OutputUnwritable`.
    """
    at, ranks = training.at, training.ranks
    folder = run / "checkpoints" / f"step-{at.step:08d}"
    ranks.require_same_weights(training.model)
    everyone = ranks.gather((_random_states(), [at.block, at.batch]))
    if not ranks.first:
        return folder
    state = {
        "position": asdict(at),
        "cursors": [cursor for _, cursor in everyone],
        "recipe": recipe.model_dump(mode="json"),
        "linespec": recipe.spec.model_dump(mode="json"),
        "data": dict(training.checksums),
        "git": git_revision(),
        "torch": torch.__version__,
    }
    tensors = {f"rng.{rank}.{name}": t for rank, (states, _) in enumerate(everyone) for name, t in states.items()}
    try:
        with disk_errors():
            _write(folder, training, tensors, json.dumps(state, indent=2, ensure_ascii=False))
        for old in checkpoints(run)[: -recipe.keep]:
            shutil.rmtree(old)
    except OSError as error:
        raise OutputUnwritable(f"The checkpoint {folder} cannot be written: {error.strerror}.") from error
    return folder


def _write(folder: Path, training: Training, tensors: dict[str, Tensor], state: str) -> None:
    if folder.is_dir():
        # The end of a training falls on a step that was saved already: only what was judged since can be new.
        write_whole(folder / "state.json", state)
        return
    # Those of sittings that were killed while they saved, too.
    for leftover in folder.parent.glob(f"*{_PARTIAL}"):
        shutil.rmtree(leftover, ignore_errors=True)
    partial = folder.with_name(folder.name + _PARTIAL)
    try:
        partial.mkdir(parents=True)
        save_file(_cloned(training.model.state_dict()), partial / "model.safetensors")
        save_file(_cloned(training.ema.state_dict()), partial / "ema.safetensors")
        for index, slots in training.optimiser.state_dict()["state"].items():
            tensors |= {f"{index}.{s}": torch.as_tensor(value).detach().cpu().clone() for s, value in slots.items()}
        save_file(tensors, partial / "optimiser.safetensors")
        (partial / "state.json").write_text(state, encoding="utf-8")
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def checkpoints(run: Path) -> list[Path]:
    """List the complete checkpoints of a run, oldest first."""
    folder = run / "checkpoints"
    return sorted(p for p in folder.glob("step-*") if _NAME.fullmatch(p.name)) if folder.is_dir() else []


def refuse_used(run: Path, resume: bool) -> None:
    """Raise :class:`TrainingFailed` where ``run`` holds a training, unless it is to ``resume``."""
    if not resume and checkpoints(run):
        raise TrainingFailed(f"{run} holds a training already: resume it, or name another folder.")


def newest_checkpoint(run: Path) -> Path:
    """Return the newest one; :class:`InputMissing` if there is none, :class:`TrainingFailed` if all are damaged."""
    found, wrong = checkpoints(run), ""
    for folder in reversed(found):
        reason = _damage(folder)
        if not reason:
            return folder
        wrong = wrong or reason
    if found:
        raise TrainingFailed(f"No checkpoint in {run / 'checkpoints'} can be resumed; of the newest, {wrong}.")
    raise InputMissing(f"There is no checkpoint in {run / 'checkpoints'} to resume.")


def set_damaged_aside(run: Path) -> list[str]:
    """Rename the damaged checkpoints that are newer than the one to resume, and return a sentence for each.

    Raises :class:`OutputUnwritable` where one cannot be renamed.
    """
    whole, notes = newest_checkpoint(run), []
    for folder in checkpoints(run):
        if folder.name > whole.name:
            reason, aside = _damage(folder), folder.with_name(folder.name + ".damaged")
            try:
                shutil.rmtree(aside, ignore_errors=True)
                os.replace(folder, aside)
            except OSError as error:
                raise OutputUnwritable(f"{folder} cannot be renamed: {error.strerror}.") from error
            notes.append(f"Checkpoint {folder} is damaged ({reason}): it is now {aside.name}, {whole.name} is resumed.")
    return notes


def _damage(folder: Path) -> str:
    """Return what is wrong with a checkpoint's files as far as their headers and lengths tell, empty if nothing is."""
    try:
        _state(folder)
        for name in ("model", "ema", "optimiser"):
            require_whole(folder / f"{name}.safetensors")
    except OSError as error:
        return f"{Path(str(error.filename)).name} cannot be read: {error.strerror}"
    except (ValueError, TrainingFailed) as error:
        return str(error).rstrip(".")
    return ""


def recipe_of(run: Path) -> Recipe:
    """Return the recipe of a run's newest checkpoint; :class:`InputMissing` or :class:`TrainingFailed`."""
    folder = newest_checkpoint(run)
    return parse_recipe(_state(folder)["recipe"], folder)


def load_checkpoint(folder: Path, recipe: Recipe, training: Training) -> list[str]:
    """Put everything back as it was.

    Another ``batch.area`` and another number of processes are taken: the effective batch stays, but the lines come in
    another order from there on, beginning with the first block that no process had begun.

    Args:
        folder: The checkpoint.
        recipe: What is to be trained.
        training: The fresh training, which is changed.

    Returns:
        Sentences for the user on what is no longer exactly the same.

    Raises:
        TrainingFailed: The checkpoint is damaged, or of another experiment.
    """
    state = _state(folder)
    _require_same(folder, state, recipe, training)
    try:
        training.model.load_state_dict(load_file(folder / "model.safetensors"))
        training.ema.load_state_dict(load_file(folder / "ema.safetensors"))
        tensors = load_file(folder / "optimiser.safetensors")
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise TrainingFailed(f"Checkpoint {folder} cannot be resumed: {error}.") from error
    prefix = f"rng.{training.ranks.rank}."
    _set_random_states({n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)})
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, slot = name.partition(".")
        if index.isdigit():
            slots.setdefault(int(index), {})[slot] = tensor
    groups = training.optimiser.state_dict()["param_groups"]
    training.optimiser.load_state_dict({"state": slots, "param_groups": groups})
    at, cursors, ranks = Position(**state["position"]), state["cursors"], training.ranks
    notes = []
    if len(cursors) != ranks.world:
        notes.append(f"It was trained by {len(cursors)} processes and goes on with {ranks.world}")
    area = int(state["recipe"]["batch"]["area"])
    if area != recipe.batch.area:
        notes.append(f"It was trained with batch.area {area} and goes on with {recipe.batch.area}")
    if notes:
        at.block, at.batch = max(block + (batch > 0) for block, batch in cursors) + ranks.rank, 0
    else:
        at.block, at.batch = cursors[ranks.rank]
    if not any(name.startswith(prefix) for name in tensors):
        torch.manual_seed(recipe.seed + 1000 * ranks.rank + at.step)
    vars(training.at).update(vars(at))
    each = recipe.batch.lines_per_step
    return [f"{note}: {each} lines a step as before, the data in another order." for note in notes]


def _state(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = load_json((folder / "state.json").read_bytes())
        position = state["position"]
        state.setdefault("cursors", [[position["block"], position["batch"]]])
        return state
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingFailed(f"Checkpoint {folder} cannot be resumed: {error}.") from error


def _require_same(folder: Path, state: Mapping[str, Any], recipe: Recipe, training: Training) -> None:
    try:
        theirs, mine = _comparable(parse_recipe(state["recipe"], folder)), _comparable(recipe)
    except ConfigInvalid as error:
        raise TrainingFailed(f"Checkpoint {folder} cannot be resumed: {error}") from error
    for key, value in mine.items():
        if theirs[key] != value:
            raise TrainingFailed(f"Checkpoint {folder} was trained with another {key!r} than recipe {recipe.name} has.")
    if state["linespec"] != recipe.spec.model_dump(mode="json"):
        raise TrainingFailed(f"Checkpoint {folder} was trained with another LineSpec than recipe {recipe.name} has.")
    known = state.get("data", training.checksums)
    for name in sorted({*known, *training.checksums}):
        if known.get(name) != training.checksums.get(name):
            raise TrainingFailed(f"Checkpoint {folder} was trained on other data: {name} is not what it was.")


def _comparable(recipe: Recipe) -> dict[str, Any]:
    """What must be equal for a training to go on.

    Where files lie, how many workers there are and how large a micro-batch is need not be.
    """
    values = recipe.model_dump(mode="json", include=set(_COMPARED))
    for key in ("workers", "area"):
        values["batch"].pop(key)
    streams = [values["synth"], *(entry["synth"] for entry in values["data"] if entry["synth"])]
    for stream in streams:
        stream["corpora"] = [Path(path).name for path in stream["corpora"]]
        stream.pop("font_folders")
    for entry in values["data"]:
        for part in entry["lines"]:
            part["path"] = Path(part["path"]).name
    return values


def _random_states() -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _set_random_states(states: Mapping[str, Tensor]) -> None:
    if "cpu" in states:
        torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])


def _cloned(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
