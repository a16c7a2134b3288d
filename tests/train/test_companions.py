"""Several models learn from one stream, each as if it were trained alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file
from tests.train.tiny import DATA, tiny_recipe

from nordocr.cli.train import line_of
from nordocr.errors import ConfigInvalid
from nordocr.model.network import build_model
from nordocr.model.weights import read_weights
from nordocr.train import pupils
from nordocr.train.checkpoint import checkpoints
from nordocr.train.distributed import Ranks
from nordocr.train.events import metrics_file
from nordocr.train.loop import train
from nordocr.train.loss import distillation, line_loss, losses
from nordocr.train.optimiser import learning_rate
from nordocr.train.prior import first_batches
from nordocr.train.pupils import start_pupils
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_files import load_recipe
from nordocr.train.recipe_parts import CompanionPart, OptimiserPart
from nordocr.train.stopping import Stop
from nordocr.train.stream import BlockDataset, LineSource, MicroBatch

COMPANION = CompanionPart(model="nano-low", peak_lr=1e-3, distil=1.0)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def recipe(**changes: Any) -> Recipe:
    return tiny_recipe(companions=(COMPANION,), **changes)


def require_equal(run: Path, other: Path) -> None:
    for name in ("model.safetensors", "ema.safetensors", "optimiser.safetensors"):
        mine, theirs = (load_file(checkpoints(folder)[-1] / name) for folder in (run, other))
        assert mine.keys() == theirs.keys()
        assert not [key for key in mine if not torch.equal(mine[key], theirs[key])]


@pytest.mark.slow
def test_interrupted_or_not_every_model_ends_the_same(tmp_path: Path) -> None:
    train(recipe(optimiser=OptimiserPart(steps=4)), DATA, [], tmp_path / "whole")
    plan = recipe(optimiser=OptimiserPart(steps=4), save_every=2)
    for _ in range(6):
        run = tmp_path / "cut"
        train(plan, DATA, [], run, resume=bool(checkpoints(run)), stop=Stop(deadline=0.0))
    require_equal(tmp_path / "whole", tmp_path / "cut")
    require_equal(tmp_path / "whole" / "nano-low", tmp_path / "cut" / "nano-low")


@pytest.mark.slow
def test_a_companion_has_a_folder_as_if_it_were_trained_alone(tmp_path: Path) -> None:
    report = metrics_file(tmp_path)
    train(recipe(optimiser=OptimiserPart(steps=2)), DATA, [], tmp_path, report=report)
    folder = tmp_path / "nano-low"
    assert read_weights(tmp_path / "best.safetensors").variant == "micro"
    assert read_weights(folder / "best.safetensors").variant == "nano-low"
    alone = load_recipe(str(folder / "recipe.yaml"), ["optimiser.steps=3"])
    assert (alone.model, alone.companions, alone.optimiser.peak_lr) == ("nano-low", (), 1e-3)
    train(alone, DATA, [], folder, resume=True)
    assert checkpoints(folder)[-1].name == "step-00000003"
    events = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    told = [(event["step"], event.get("model")) for event in events if "loss" in event]
    assert told == [(1, None), (1, "nano-low"), (2, None), (2, "nano-low")]
    assert line_of(events[-1]).startswith("nano-low: step")


def test_the_first_lines_are_made_once_for_all_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = recipe()
    made: list[list[MicroBatch]] = []

    def counted(source: LineSource, of: Recipe) -> list[MicroBatch]:
        made.append(first_batches(source, of))
        return made[-1]

    monkeypatch.setattr(pupils, "first_batches", counted)
    found = start_pupils(
        plan, DATA, tmp_path, False, None, torch.device("cpu"), Ranks.from_environment(), lambda event: None
    )
    assert len(found) == 2
    assert len(made) == 1
    biases = [one.training.model.state_dict()["decoder.fc.bias"] for one in found]
    assert torch.equal(*biases)
    assert biases[0].std() > 0.1


def test_the_loss_of_each_model_is_its_own_and_distillation_falls_to_nothing() -> None:
    plan = tiny_recipe()
    batch = BlockDataset(DATA.source, plan.spec, plan.batch, 1)[0].batches[0]
    models = [build_model(name).eval() for name in ("micro", "nano-low")]
    alone = [line_loss(model, batch, bf16=False).item() for model in models]
    for weights in ([0.0, 0.0], [0.0, 0.5]):
        found = list(losses(models, [batch, batch], weights, bf16=False))
        assert [loss.item() for _, loss in found] == pytest.approx(alone, rel=1e-5)
        assert found[0][0].item() == pytest.approx(alone[0], rel=1e-5)
        assert (found[1][0].item() > alone[1] + 1e-3) == (weights[1] > 0)


def test_distillation_is_the_divergence_of_the_columns_that_count() -> None:
    torch.manual_seed(3)
    scores, teacher = torch.randn(2, 5, 7), torch.randn(2, 5, 7)
    wanted = 0.0
    for line, count in enumerate((5, 2)):
        for column in range(count):
            p, q = teacher[line, column].softmax(0), scores[line, column].softmax(0)
            wanted += float((p * (p / q).log()).sum())
    assert distillation(scores, teacher, torch.tensor([5, 2])).item() == pytest.approx(wanted, rel=1e-5)
    assert distillation(teacher, teacher, torch.tensor([5, 5])).item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"companions": ({"model": "micro"},)}, "other variants"),
        ({"companions": ({"model": "nano"}, {"model": "nano"})}, "named once"),
        ({"companions": ({"model": "parseq-micro", "distil": 1.0},)}, "by column"),
        ({"model": "parseq-micro", "companions": ({"model": "micro", "distil": 1.0},)}, "by column"),
    ],
)
def test_companions_that_cannot_share_a_stream_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        tiny_recipe(**changes)


def test_a_grown_companion_starts_as_the_model_that_the_training_starts_from(tmp_path: Path) -> None:
    torch.manual_seed(3)
    initial, ranks = build_model("nano-low-wide"), Ranks.from_environment()
    models = []
    for start in ({"grow": True}, {}):
        plan = tiny_recipe(model="nano-low-wide", companions=({"model": "mini"} | start,))
        run = tmp_path / f"run{len(models)}"
        pupils = start_pupils(plan, DATA, run, False, initial, torch.device("cpu"), ranks, lambda event: None)
        models.append(pupils[1].training.model.eval())
    pixels = BlockDataset(DATA.source, plan.spec, plan.batch, 1)[0].batches[0].pixels.expand(-1, 3, -1, -1) / 127.5 - 1
    with torch.inference_mode():
        own, grown, fresh = (model(pixels)[0].flatten() for model in (initial.eval(), *models))
    like = [float(torch.corrcoef(torch.stack([own, other]))[0, 1]) for other in (grown, fresh)]
    assert like[0] > 0.98 > like[1]


def test_a_companion_is_grown_from_weights_or_not_at_all(tmp_path: Path) -> None:
    plan = tiny_recipe(model="nano-low-wide", companions=({"model": "mini", "grow": True},))
    with pytest.raises(ConfigInvalid, match="nothing to grow mini from"):
        train(plan, DATA, [], tmp_path)
    with pytest.raises(ValidationError, match="not both"):
        CompanionPart(model="mini", grow=True, init="some.safetensors")


def test_another_family_counts_the_steps_of_the_same_lines_for_itself() -> None:
    own, other = tiny_recipe(), tiny_recipe(model="parseq-micro")
    batch = BlockDataset(DATA.source, own.spec, own.batch, 1, [other.spec])[0].batches[0]
    alone = BlockDataset(DATA.source, other.spec, other.batch, 1)[0].batches[0]
    assert torch.equal(batch.pixels, alone.pixels) and not torch.equal(batch.steps, alone.steps)
    assert torch.equal(batch.counted_for(other.spec).steps, alone.steps)
    models = [build_model(name).eval() for name in ("micro", "parseq-micro")]
    torch.manual_seed(5)
    loss = line_loss(models[1], alone, bf16=False).item()
    torch.manual_seed(5)
    found = list(losses(models, [batch, batch.counted_for(other.spec)], [0.0, 0.0], bf16=False))
    assert found[1][1].item() == pytest.approx(loss, rel=1e-5)


def test_a_warm_up_in_steps_does_not_look_at_the_clock() -> None:
    plan = tiny_recipe(optimiser=OptimiserPart(peak_lr=1.0, warmup_steps=10, budget_s=100.0, final_lr=0.0))
    assert learning_rate(0.0, plan, 0) == pytest.approx(0.05)
    # Compiling has used up a third of the time before the second step.
    assert learning_rate(0.33, plan, 1) == pytest.approx(0.145 * learning_rate(0.33, plan, 10))
    rates = [learning_rate(0.2, plan, step) for step in range(12)]
    assert rates == sorted(rates) and rates[10] == rates[11]
    assert learning_rate(1.0, plan, 500) == pytest.approx(0.0, abs=1e-9)
