"""From synthetic lines to text by the debug recipe, and what a training tells of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tests.train.tiny import NoiseLines, tiny_recipe

from nordocr.cli.train import line_of, train
from nordocr.data.crops import encode_png
from nordocr.data.lines import read_lines
from nordocr.data.lmdb import write_lmdb
from nordocr.errors import InputMissing, TrainingFailed, UsageError
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.running import device_of
from nordocr.train.device import choose_device, threads_for
from nordocr.train.events import Window, metrics_file
from nordocr.train.preflight import preflight
from nordocr.train.recipe_files import load_recipe
from nordocr.train.recipe_parts import ValidationPart
from nordocr.train.source import validation_source
from nordocr.train.validation import validate, validation_sets, write_pages


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
    for options in ({"init_dict": tmp_path}, {"init_space": True}, {"init_change": ["charset"]}):
        with pytest.raises(UsageError, match="goes with --init"):
            train("debug", output=tmp_path, **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"--init-dict is for a \.pth"):
        train("debug", output=tmp_path, init=tmp_path / "w.safetensors", init_dict=tmp_path)
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


def test_an_lmdb_may_be_validated_on(tmp_path: Path) -> None:
    image, text = NoiseLines().line(3)
    write_lmdb(tmp_path / "theirs", [(encode_png(image), text, "d")] * 3)
    rows = read_lines(tmp_path / "theirs").rows
    recipe = tiny_recipe(validation=ValidationPart(folders=(str(tmp_path / "theirs"),), limit=2, synth_lines=0))
    sets = validation_sets(recipe, None, {"theirs-held-out": rows}, tmp_path / "run")
    assert [(one.name, len(one.rows)) for one in sets] == [("theirs", 2), ("theirs-held-out", 2)]
    for one in sets:
        assert [row.text for row in one.rows] == [text, text]
        assert all(row.image.is_file() for row in one.rows)  # the page of the worst lines shows them
        assert [line.width for line in one.lines] == [image.shape[1] // 4 * 4] * 2
    _, predictions = validate(build_model("micro"), LineSpec(), sets, bf16=False)
    write_pages(tmp_path / "run", "x", predictions, LineSpec())
    assert (tmp_path / "run" / "validation" / "worst.html").is_file()


@pytest.mark.parametrize(
    ("threads", "workers", "processes", "omp", "wanted"),
    [(3, 0, 1, "", 3), (0, 0, 1, "", 8), (0, 2, 1, "", 6), (0, 2, 4, "", 1), (0, -1, 1, "", 1), (0, 0, 1, "2", 0)],
)
def test_threads_follow_the_cores_that_are_left(
    threads: int, workers: int, processes: int, omp: str, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setenv("OMP_NUM_THREADS", omp)
    batch = tiny_recipe().batch.model_copy(update={"workers": workers})
    recipe = tiny_recipe(threads=threads, batch=batch)
    assert threads_for(recipe, torch.device("cpu"), processes) == wanted
    assert load_recipe("debug").threads == 1


@pytest.mark.parametrize("choose", [choose_device, device_of])
def test_attention_on_a_gpu_waits_for_no_kernel_to_be_built(
    choose: Callable[[str], torch.device], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: None)
    monkeypatch.setattr(torch.backends.cuda, "enable_cudnn_sdp", asked.append)
    assert choose("cpu").type == "cpu" and not asked
    assert choose("cuda").type == "cuda" and asked == [False]
