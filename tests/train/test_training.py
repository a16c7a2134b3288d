"""From synthetic lines to text by the debug recipe, and what a training tells of itself."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tests.train.tiny import NoiseLines, tiny_recipe

from nordocr.cli.train import line_of, train
from nordocr.errors import InputMissing, TrainingFailed, UsageError
from nordocr.model.network import build_model
from nordocr.model.recognizer import TorchRecognizer
from nordocr.train.events import Window, metrics_file
from nordocr.train.preflight import preflight
from nordocr.train.recipe_files import load_recipe
from nordocr.train.source import validation_source


@pytest.mark.slow
def test_the_debug_recipe_goes_from_synthetic_lines_to_text(tmp_path: Path) -> None:
    run = tmp_path / "run"
    torch.set_num_threads(1)
    settings = ["optimiser.steps=6", "validation.every=3", "validation.synth_lines=4", "log_every=2", "save_every=3"]
    train("debug", output=run, set_=settings)
    told = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [event["step"] for event in told if "validation" in event] == [3, 6]
    assert [event["step"] for event in told if "loss" in event] == [2, 4, 6]
    assert "read" in (run / "validation" / "worst.html").read_text(encoding="utf-8")
    assert len((run / "validation" / "predictions.tsv").read_text(encoding="utf-8").splitlines()) == 5
    assert load_recipe(str(run / "recipe.yaml")) == load_recipe("debug", settings)
    image, _ = validation_source(load_recipe("debug")).line(0)
    for name in ("best.safetensors", "best-fp16.safetensors"):
        (line,) = TorchRecognizer.from_file(run / name).read([image])
        assert 0.0 <= line.confidence <= 1.0
    train(resume=run, set_=["optimiser.steps=7"])
    last = json.loads((run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["step"] == 7


def test_the_command_line_refuses_what_does_not_fit_together(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Name a recipe"):
        train(None)
    with pytest.raises(UsageError, match="not both"):
        train("debug", resume=tmp_path, init=tmp_path)
    with pytest.raises(InputMissing, match="no checkpoint"):
        train(resume=tmp_path)
    with pytest.raises(UsageError, match="own folder"):
        train("debug", resume=tmp_path, output=tmp_path / "other")


def test_metrics_after_the_resumed_step_are_taken_out(tmp_path: Path) -> None:
    report = metrics_file(tmp_path)
    for step in (1, 2, 3):
        report({"step": step})
    with (tmp_path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 4, "lo')
    metrics_file(tmp_path, after=2)({"step": 3, "again": True})
    lines = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"step": 1}, {"step": 2}, {"step": 3, "again": True}]


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    window = Window(torch.device("cpu"))
    window.add(torch.tensor(6.0), torch.tensor(2.0), 3)
    figures = window.take(1)
    assert (figures["loss"], figures["grad_norm"]) == (2.0, 2.0)
    window.add(torch.tensor(1.0), torch.tensor(float("nan")), 3)
    with pytest.raises(TrainingFailed, match="step 2"):
        window.require_finite(2)


def test_the_line_for_people() -> None:
    event = {"step": 5, "progress": 0.25, "loss": 2.5, "lr": 1e-3, "lines_per_s": 80.0, "waiting": 0.031}
    line = line_of(event | {"eta_s": 3725.0, "too_long": 2})
    assert "25.0 %" in line
    assert "waiting  3 %" in line
    assert "1:02:05 left" in line
    assert "2 too long" in line


class NoSignal:
    """The same blank image for every text: nothing can be learned but how often characters come."""

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        return np.full((32, 128), 255, np.uint8), NoiseLines().line(index)[1]


def test_the_preflight_passes_where_there_is_something_to_learn() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = build_model("micro").train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    first, last = preflight(model, NoiseLines(), tiny_recipe(), steps=25)
    assert last < first
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_the_preflight_fails_where_the_loss_does_not_fall() -> None:
    torch.set_num_threads(1)
    recipe = tiny_recipe(optimiser=tiny_recipe().optimiser.model_copy(update={"peak_lr": 1e-12}))
    with pytest.raises(TrainingFailed, match="pre-flight failed"):
        preflight(build_model("micro").train(), NoSignal(), recipe, steps=3)
