"""Interrupted or not, a training ends with the same weights."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from safetensors.torch import load_file
from tests.train.tiny import DATA, NoiseLines, tiny_recipe

from nordocr.cli.train import line_of
from nordocr.errors import TrainingFailed
from nordocr.train import loop
from nordocr.train.checkpoint import checkpoints
from nordocr.train.loop import train
from nordocr.train.recipe_parts import BatchPart, OptimiserPart
from nordocr.train.source import TrainingData
from nordocr.train.stopping import Stop

PROGRAM = Path(__file__).with_name("tiny.py")
STEPS = 10
FAMILIES = ["micro", "parseq-micro", "vit-ctc-micro"]
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """As the killed process has: sums in another order are other sums."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """An uninterrupted training of a model, one of each."""

    @cache
    def trained(model: str) -> Path:
        torch.set_num_threads(1)
        run = tmp_path_factory.mktemp("whole")
        train(tiny_recipe(model=model), DATA, [], run)
        return run

    return trained


@pytest.fixture(scope="module")
def uninterrupted(whole_run: Callable[[str], Path]) -> Path:
    return whole_run("micro")


def start(run: Path, how: str, steps: int = STEPS, model: str = "micro") -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[2]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), str(root / "src")]), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, str(PROGRAM), str(run), how, str(steps), model], env=variables, cwd=root)


def steps_told(run: Path) -> int:
    path = run / "metrics.jsonl"
    return len(path.read_bytes().splitlines()) if path.is_file() else 0


def wait_for(run: Path, steps: int, process: subprocess.Popen[bytes]) -> None:
    while steps_told(run) < steps:
        assert process.poll() is None, "the training ended before it could be interrupted"
        time.sleep(0.002)


def require_equal(run: Path, other: Path) -> None:
    for name in ("model.safetensors", "ema.safetensors", "optimiser.safetensors"):
        mine, theirs = (load_file(checkpoints(r)[-1] / name) for r in (run, other))
        assert mine.keys() == theirs.keys()
        assert not [key for key in mine if not torch.equal(mine[key], theirs[key])]
    best, best_of_other = (load_file(r / "best.safetensors") for r in (run, other))
    assert not [key for key in best if not torch.equal(best[key], best_of_other[key])]


@pytest.mark.parametrize("model", FAMILIES[:2])
def test_killed_at_a_random_step_it_resumes_to_the_same_bits(
    whole_run: Callable[[str], Path], tmp_path: Path, model: str
) -> None:
    process = start(tmp_path, "fresh", model=model)
    wait_for(tmp_path, random.Random().randint(4, STEPS - 3), process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    step = int(checkpoints(tmp_path)[-1].name.removeprefix("step-"))
    assert 3 <= step < STEPS
    train(tiny_recipe(model=model), DATA, [], tmp_path, resume=True)
    require_equal(tmp_path, whole_run(model))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_the_step_with_a_checkpoint(number: signal.Signals, tmp_path: Path) -> None:
    process = start(tmp_path, "fresh", 100_000)
    wait_for(tmp_path, 2, process)
    process.send_signal(number)
    assert process.wait(timeout=30) == 0
    told = [json.loads(line)["step"] for line in (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert checkpoints(tmp_path)[-1].name == f"step-{max(told):08d}"


@pytest.mark.parametrize("model", FAMILIES)
def test_a_sitting_that_is_over_is_resumed_to_the_same_bits(
    whole_run: Callable[[str], Path], tmp_path: Path, model: str
) -> None:
    steps = 0
    while steps < STEPS:
        ends = Stop()

        def end(event: dict[str, object], ends: Stop = ends) -> None:
            ends.asked = int(str(event["step"])) % 4 == 0

        train(tiny_recipe(model=model), DATA, [], tmp_path, resume=steps > 0, stop=ends, report=end)
        assert int(checkpoints(tmp_path)[-1].name.removeprefix("step-")) > steps
        steps = int(checkpoints(tmp_path)[-1].name.removeprefix("step-"))
    require_equal(tmp_path, whole_run(model))


def test_a_deadline_that_is_past_stops_after_one_step(tmp_path: Path) -> None:
    train(tiny_recipe(), DATA, [], tmp_path, stop=Stop(deadline=time.monotonic()))
    assert [path.name for path in checkpoints(tmp_path)] == ["step-00000001"]


def test_workers_may_be_another_number(uninterrupted: Path, tmp_path: Path) -> None:
    batch = tiny_recipe().batch.model_copy(update={"workers": 1})
    train(tiny_recipe(batch=batch), DATA, [], tmp_path)
    require_equal(tmp_path, uninterrupted)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 2}, "'seed'"),
        ({"max_width": 768}, "'max_width'"),
        ({"batch": BatchPart(area=256, lines_per_step=9, block_lines=12, workers=0)}, "'batch'"),
    ],
)
def test_another_recipe_is_refused_by_key(uninterrupted: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(TrainingFailed, match=named):
        train(tiny_recipe(**changes), DATA, [], uninterrupted, resume=True)


def test_other_data_is_refused_by_name(uninterrupted: Path) -> None:
    with pytest.raises(TrainingFailed, match="other data: noise"):
        train(tiny_recipe(), TrainingData(NoiseLines(), {}, {"noise": "8"}), [], uninterrupted, resume=True)


def test_a_run_is_not_trained_over(uninterrupted: Path) -> None:
    with pytest.raises(TrainingFailed, match="holds a training already"):
        train(tiny_recipe(), DATA, [], uninterrupted)


def test_a_damaged_checkpoint_is_refused(uninterrupted: Path, tmp_path: Path) -> None:
    copy = tmp_path / "checkpoints" / "step-00000010"
    copy.mkdir(parents=True)
    for file in checkpoints(uninterrupted)[-1].iterdir():
        data = file.read_bytes()
        (copy / file.name).write_bytes(data[: len(data) // 2] if file.name.startswith("ema") else data)
    with pytest.raises(TrainingFailed, match=r"No checkpoint in .* of the newest, ema\.safetensors is cut off"):
        train(tiny_recipe(), DATA, [], tmp_path, resume=True)


def test_only_the_newest_checkpoints_are_kept(uninterrupted: Path) -> None:
    assert [path.name for path in checkpoints(uninterrupted)] == ["step-00000009", "step-00000010"]


def copied(run: Path, to: Path) -> Path:
    (to / "checkpoints").mkdir(parents=True)
    shutil.copytree(checkpoints(run)[-1], to / "checkpoints" / checkpoints(run)[-1].name)
    return to


def test_a_smaller_micro_batch_goes_on_with_the_same_effective_batch(uninterrupted: Path, tmp_path: Path) -> None:
    run, told = copied(uninterrupted, tmp_path), []
    batch = tiny_recipe().batch.model_copy(update={"area": 128})
    longer = tiny_recipe(batch=batch, optimiser=OptimiserPart(steps=12))
    train(longer, DATA, [], run, resume=True, report=told.append)
    assert told[0]["note"].startswith("It was trained with batch.area 256 and goes on with 128: 8 lines a step")
    position = json.loads((checkpoints(run)[-1] / "state.json").read_text(encoding="utf-8"))["position"]
    before = json.loads((checkpoints(uninterrupted)[-1] / "state.json").read_text(encoding="utf-8"))["position"]
    assert position["step"] == 12
    assert 16 <= position["lines"] - before["lines"] <= 2 * (8 + 3)  # a micro-batch is at most 4 lines of 32 px
    assert line_of(told[0]) == told[0]["note"]


def test_another_number_of_processes_may_go_on(
    uninterrupted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied(uninterrupted, tmp_path)
    path = checkpoints(run)[-1] / "state.json"
    state = json.loads(path.read_text(encoding="utf-8"))
    state["cursors"] = [[6, 0], [9, 2]]  # as two processes leave it
    path.write_text(json.dumps(state), encoding="utf-8")
    asked: list[int] = []

    class Watched(NoiseLines):
        def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
            asked.append(index)
            return super().line(index)

    told: list[dict[str, Any]] = []
    data = TrainingData(Watched(), {}, dict(DATA.checksums))
    train(tiny_recipe(optimiser=OptimiserPart(steps=11)), data, [], run, resume=True, report=told.append)
    assert "2 processes and goes on with 1" in told[0]["note"] and "another order" in told[0]["note"]
    assert asked[0] == 10 * tiny_recipe().batch.block_lines  # the first block that nobody had begun


def test_a_gpu_that_is_too_small_gets_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object, **__: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(loop, "losses", too_large)
    with pytest.raises(TrainingFailed, match=r"--set batch\.area=1024 .*effective batch stays 8 lines"):
        train(tiny_recipe(), DATA, [], tmp_path)
