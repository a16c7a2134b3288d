"""Two processes by Gloo: the gradients of one that sees all lines, and the same weights in both."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.train.tiny import DATA, tiny_recipe

from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.weights import save_weights
from nordocr.train.checkpoint import checkpoints
from nordocr.train.distributed import Ranks
from nordocr.train.initial import Init, initial_model
from nordocr.train.loop import train
from nordocr.train.loss import line_loss
from nordocr.train.recipe_parts import OptimiserPart
from nordocr.train.stream import BlockDataset

PROGRAM = Path(__file__).with_name("tiny.py")
ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join([str(ROOT), str(ROOT / "src")])


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def run_both(arguments: list[str]) -> None:
    """The program as torchrun starts it, twice."""
    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    processes = []
    for rank in "01":
        variables = os.environ | common | {"RANK": rank, "LOCAL_RANK": rank, "PYTHONPATH": PATH}
        processes.append(subprocess.Popen([sys.executable, *arguments], env=variables | {"OMP_NUM_THREADS": "1"}))
    assert [process.wait(timeout=200) for process in processes] == [0, 0]


def gradients_of(rank: int, world: int) -> tuple[dict[str, torch.Tensor], float]:
    """Gradients of the mean loss over blocks 0 and 1, by a process that takes its share of them."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    recipe = tiny_recipe()
    # eval: dropped paths are drawn by each process for itself
    model = build_model("micro").eval()
    dataset = BlockDataset(DATA.source, recipe.spec, recipe.batch, recipe.seed)
    ranks = Ranks(rank, world)
    with ranks.joined(torch.device("cpu")):
        loss, lines = torch.zeros(()), 0
        for block in range(rank, 2, world):
            for batch in dataset[block].batches[: 3 + block]:
                one = line_loss(model, batch, bf16=False)
                one.backward()
                loss, lines = loss + one.detach(), lines + batch.lines
        (total,) = ranks.totals(lines)
        loss = ranks.average_gradients(model, total, loss)
        ranks.require_same_weights(model)
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return found, loss.item() / total


@pytest.mark.slow
def test_two_processes_have_the_gradients_of_one(tmp_path: Path) -> None:
    run_both([str(Path(__file__)), str(tmp_path)])
    alone, loss = gradients_of(0, 1)
    for rank in (0, 1):
        found, their_loss = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert abs(their_loss - loss) < 1e-4 * loss
        assert found.keys() == alone.keys()
        for name, gradient in alone.items():
            torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_a_training_by_two_stays_one_training_and_resumes_to_the_same_bits(tmp_path: Path) -> None:
    # Both processes compare their weights before every checkpoint, and fail where they differ.
    run_both([str(PROGRAM), str(tmp_path / "whole"), "fresh", "5"])
    told = [json.loads(line) for line in (tmp_path / "whole" / "metrics.jsonl").read_text("utf-8").splitlines()]
    assert [event["step"] for event in told if "loss" in event] == [1, 2, 3, 4, 5]
    assert told[-1]["lines"] >= 5 * 8
    # Three of its steps, then the rest from the checkpoint.
    half = tmp_path / "half"
    (half / "checkpoints").mkdir(parents=True)
    (tmp_path / "whole" / "checkpoints" / "step-00000003").rename(half / "checkpoints" / "step-00000003")
    run_both([str(PROGRAM), str(half), "resume", "5"])
    for name in ("model.safetensors", "ema.safetensors", "optimiser.safetensors"):
        mine, theirs = (load_file(checkpoints(tmp_path / run)[-1] / name) for run in ("half", "whole"))
        assert not [key for key in mine if not torch.equal(mine[key], theirs[key])]


def statistics_of(rank: int) -> list[torch.Tensor]:
    """Batch norm's running statistics after a step in which this process's are all ``rank`` + 1."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build_model("micro")
    with Ranks(rank, 2).joined(torch.device("cpu")) as ranks:
        for buffer in model.buffers():
            if buffer.is_floating_point():
                buffer.fill_(rank + 1.0)
        ranks.average_gradients(model, 1.0, torch.zeros(()))
    return [buffer for buffer in model.buffers() if buffer.is_floating_point()]


def test_running_statistics_are_averaged_over_the_processes(tmp_path: Path) -> None:
    run_both([str(Path(__file__)), str(tmp_path), "statistics"])
    for rank in (0, 1):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert len(found) == 4  # two norms, mean and variance
        assert all(torch.equal(buffer, torch.full_like(buffer, 1.5)) for buffer in found)


def extended_start(rank: int, folder: Path) -> dict[str, torch.Tensor]:
    """Weights after one step from a nordic-126 model extended to nordic-ext, its new rows drawn by each process."""
    torch.set_num_threads(1)
    torch.manual_seed(100 + rank)
    recipe = tiny_recipe(charset="nordic-ext", optimiser=OptimiserPart(steps=1))
    model, _ = initial_model(recipe, Init(folder / "old.safetensors"))
    mine = model.decoder.fc.weight.detach().clone()
    # The checkpoint at its end compares the weights of both processes, and fails where they have drifted apart.
    train(recipe, DATA, [], folder / "run", initial=model)
    return {"drawn": mine, **model.state_dict()}


def test_processes_that_drew_other_rows_for_new_characters_start_from_the_same_weights(tmp_path: Path) -> None:
    old = build_model("micro")
    save_weights(tmp_path / "old.safetensors", old, LineSpec(), {})
    run_both([str(Path(__file__)), str(tmp_path), "extended"])
    first, second = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    new = slice(old.decoder.fc.weight.shape[0], None)
    assert not torch.equal(first["drawn"][new], second["drawn"][new])
    assert all(torch.equal(first[name], second[name]) for name in first if name != "drawn")


if __name__ == "__main__":
    this, where, what = int(os.environ["RANK"]), Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "gradients"
    if what == "extended":
        torch.save(extended_start(this, where), where / f"{this}.pt")
    else:
        torch.save(gradients_of(this, 2) if what == "gradients" else statistics_of(this), where / f"{this}.pt")
    Ranks.from_environment().leave()
