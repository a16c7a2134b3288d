"""Lines that remind: their scores stay those of the start, and their labels are not looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file
from tests.train.tiny import DATA, NoiseLines, tiny_recipe
from torch import Tensor

from nordocr.errors import ConfigInvalid
from nordocr.model.base import LineNetwork
from nordocr.model.network import build_model
from nordocr.model.weights import read_weights
from nordocr.train.checkpoint import checkpoints
from nordocr.train.elder import ELDER
from nordocr.train.loop import train
from nordocr.train.loss import distillation, line_loss, losses, reminded_loss
from nordocr.train.mixture import Mixture
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_parts import DataPart, OptimiserPart, SynthPart
from nordocr.train.source import TrainingData
from nordocr.train.stopping import Stop
from nordocr.train.stream import BlockDataset, MicroBatch

MIXED = (DataPart(weight=1, synth=SynthPart()), DataPart(weight=2, synth=SynthPart(), remind=0.5))
MIXTURE = TrainingData(Mixture([NoiseLines(), NoiseLines()], [1, 2], 1, 12), {}, {"noise": "7"})


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def recipe(**changes: Any) -> Recipe:
    return tiny_recipe(data=MIXED, **changes)


def network(seed: int = 3) -> LineNetwork:
    torch.manual_seed(seed)
    return build_model("micro").eval()


def a_batch(remind: tuple[float, ...] = ()) -> MicroBatch:
    """A micro-batch of which each second line reminds."""
    plan = recipe()
    dataset = BlockDataset(MIXTURE.source, plan.spec, plan.batch, 1, (), remind or plan.remind)
    return max(dataset[0].batches, key=lambda one: one.lines)


def gradients(model: LineNetwork, loss: Tensor) -> float:
    model.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    return sum(float(p.grad.abs().sum()) for p in model.parameters() if p.grad is not None)


def test_each_line_has_the_weight_of_the_entry_that_it_is_from() -> None:
    plan = recipe()
    block = BlockDataset(MIXTURE.source, plan.spec, plan.batch, 1, (), plan.remind)[0]
    assert sorted(block.remind.tolist()) == [0.0] * 4 + [0.5] * 8
    plain = BlockDataset(MIXTURE.source, plan.spec, plan.batch, 1)[0]
    assert plain.remind.tolist() == [0.0] * 12
    assert torch.equal(plain.pixels, block.pixels)
    # Two sources of the same lines: line n of the mixture is one of the first or of the second.
    assert isinstance(MIXTURE.source, Mixture)
    wanted = {i: plan.remind[MIXTURE.source.place(i)[0]] for i in range(12)}
    dataset = BlockDataset(MIXTURE.source, plan.spec, plan.batch, 1, (), plan.remind)
    assert {i: dataset._remind(i) for i in range(12)} == wanted


def test_only_keeps_the_lines_with_their_own_labels() -> None:
    batch = a_batch()
    wanted = torch.arange(batch.lines) % 2 == 1
    held = batch.only(wanted)
    labels = torch.split(batch.targets, batch.target_lengths.tolist())
    assert held.lines == int(wanted.sum())
    assert torch.equal(held.pixels, batch.pixels[1::2])
    assert held.targets.tolist() == [c for label in labels[1::2] for c in label.tolist()]
    assert held.remind is not None and batch.remind is not None
    for mine, all_of_them in ((held.widths, batch.widths), (held.steps, batch.steps), (held.remind, batch.remind)):
        assert torch.equal(mine, all_of_them[1::2])


def test_where_all_lines_remind_nothing_is_learnt_at_the_start_and_change_is_undone() -> None:
    model, batch = network(), a_batch((1.0, 1.0))
    loss = reminded_loss(model, network(), batch, bf16=False)
    assert loss.item() == pytest.approx(0.0, abs=1e-4)
    assert gradients(model, loss) < 1e-2 * gradients(model, line_loss(model, batch, bf16=False))
    other = network(4)
    apart = reminded_loss(other, network(), batch, bf16=False)
    assert apart.item() > 0.01 and gradients(other, apart) > 0


def test_labels_count_for_lines_that_teach_and_the_elders_scores_for_the_others() -> None:
    model, elder, batch = network(5), network(6), a_batch()
    assert batch.remind is not None
    reminding = batch.remind > 0
    assert 0 < int(reminding.sum()) < batch.lines
    teaching, held = batch.only(~reminding), batch.only(reminding)
    pixels = held.pixels.float().expand(-1, 3, -1, -1) / 127.5 - 1
    wanted = line_loss(model, teaching, bf16=False) + 0.5 * distillation(model(pixels), elder(pixels), held.steps)
    found = list(losses([model], [batch], [0.0], bf16=False, elder=elder))
    assert found[0][0].item() == pytest.approx(wanted.item(), rel=1e-5)


def test_it_needs_weights_to_start_from_and_scores_by_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="needs weights to start from"):
        train(recipe(), MIXTURE, [], tmp_path)
    with pytest.raises(ValidationError, match="by column"):
        recipe(model="parseq-micro")
    with pytest.raises(ValidationError, match="without companions"):
        recipe(companions=({"model": "nano"},))


@pytest.mark.slow
def test_interrupted_it_still_knows_how_it_began(tmp_path: Path) -> None:
    plan = recipe(optimiser=OptimiserPart(steps=4), save_every=2)
    train(plan, MIXTURE, [], tmp_path / "whole", initial=network())
    run = tmp_path / "cut"
    for sitting in range(4):
        resume = bool(checkpoints(run))
        train(plan, MIXTURE, [], run, resume=resume, initial=None if sitting else network(), stop=Stop(deadline=0.0))
    start = network().state_dict()
    elder = read_weights(run / ELDER).tensors
    assert not [name for name, tensor in elder.items() if not torch.equal(tensor, start[name])]
    mine, theirs = (load_file(checkpoints(folder)[-1] / "model.safetensors") for folder in (run, tmp_path / "whole"))
    assert not [name for name in mine if not torch.equal(mine[name], theirs[name])]
    without = tiny_recipe(optimiser=OptimiserPart(steps=4))
    train(without, DATA, [], tmp_path / "without", initial=network())
    assert not (tmp_path / "without" / ELDER).exists()
