"""What keeps a model from being ruined by few lines: slow early layers, still norms, an early end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.train.tiny import DATA, NoiseLines, tiny_recipe

from nordocr.data.labels import LabelRow
from nordocr.evaluate.lines.predict import Prediction
from nordocr.linespec import prepare
from nordocr.model.network import build_model
from nordocr.model.weights import read_weights
from nordocr.train import loop
from nordocr.train.checkpoint import checkpoints
from nordocr.train.loop import train
from nordocr.train.optimiser import build_optimiser, set_learning_rate
from nordocr.train.recipe_parts import OptimiserPart, ValidationPart
from nordocr.train.validation import Score, ValidationSet, mean_cer


def rates(decay: float) -> dict[str, float]:
    """The learning rate of each parameter of a micro at the peak."""
    model, recipe = build_model("micro"), tiny_recipe(optimiser=OptimiserPart(layer_decay=decay, warmup=0.0))
    optimiser = build_optimiser(model, recipe.optimiser)
    set_learning_rate(optimiser, 0.0, recipe)
    by_id = {id(p): group["lr"] for group in optimiser.param_groups for p in group["params"]}
    return {name: by_id[id(parameter)] for name, parameter in model.named_parameters()}


def test_early_layers_learn_slower_by_the_factor_of_their_depth() -> None:
    peak, found = 7e-4, rates(0.5)
    assert found["decoder.fc.weight"] == found["decoder.char_token"] == pytest.approx(peak)
    assert found["encoder.stages.2.blocks.0.mlp.fc1.weight"] == pytest.approx(peak / 2)
    assert found["encoder.stages.1.blocks.0.mlp.fc1.bias"] == pytest.approx(peak / 4)
    assert found["encoder.stages.0.downsample.conv.weight"] == pytest.approx(peak / 8)
    assert found["encoder.pope.patch_embed.0.conv.weight"] == pytest.approx(peak / 16)
    assert list(rates(1.0).values()) == pytest.approx([peak] * len(found))


def test_without_a_decay_the_groups_are_those_of_older_checkpoints() -> None:
    optimiser = build_optimiser(build_model("micro"), OptimiserPart())
    assert [group["weight_decay"] for group in optimiser.param_groups] == [0.05, 0.0]


@pytest.mark.parametrize("norms", ["frozen", "batch"])
def test_frozen_norms_keep_their_statistics(norms: str, tmp_path: Path) -> None:
    optimiser = OptimiserPart.model_validate({"steps": 2, "norms": norms})
    train(tiny_recipe(optimiser=optimiser), DATA, [], tmp_path)
    state = load_file(checkpoints(tmp_path)[-1] / "model.safetensors")
    name = "encoder.pope.patch_embed.0.norm"
    still = torch.equal(state[f"{name}.running_mean"], torch.zeros_like(state[f"{name}.running_mean"]))
    assert still == (norms == "frozen")
    assert not torch.equal(state[f"{name}.weight"], torch.ones_like(state[f"{name}.weight"]))


def test_relative_to_the_start_a_set_that_is_read_well_weighs_as_much_as_one_that_is_not() -> None:
    early = [Score("archive", 9, 0.0, 0.10), Score("scans", 9, 0.0, 0.031)]
    late = [Score("archive", 9, 0.0, 0.08), Score("scans", 9, 0.0, 0.036)]
    assert mean_cer(early, {}) == pytest.approx(0.0655)
    assert mean_cer(early, {}) > mean_cer(late, {})
    before = {"archive": 0.40, "scans": 0.03}
    assert mean_cer(early, before) == pytest.approx((0.25 + 0.031 / 0.03) / 2)
    assert mean_cer(early, before) < mean_cer(late, before)
    assert mean_cer(early, {"archive": 0.0, "scans": 0.03}) == pytest.approx((100 + 0.031 / 0.03) / 2)


def test_the_weights_that_are_kept_are_the_best_relative_to_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = iter([(0.19, 0.02), (0.1, 0.05), (0.2, 0.03)])

    def scored(*_: object, **__: object) -> tuple[list[Score], dict[str, list[Prediction]]]:
        return [Score(name, 1, 0.0, cer) for name, cer in zip(("archive", "scans"), next(read), strict=True)], {}

    monkeypatch.setattr(loop, "validate", scored)
    before = {"archive": 0.4, "scans": 0.03}
    validation = ValidationPart(every=1, synth_lines=0, before=before)
    train(tiny_recipe(optimiser=OptimiserPart(steps=3), validation=validation), DATA, [], tmp_path)
    # The second has the lowest mean CER, but what it gains on the archive is less than what it loses on scans.
    assert read_weights(tmp_path / "best.safetensors").history["step"] == 1
    position = json.loads((checkpoints(tmp_path)[-1] / "state.json").read_text(encoding="utf-8"))["position"]
    assert position["best_cer"] == pytest.approx((0.19 / 0.4 + 0.02 / 0.03) / 2)


def test_a_training_ends_when_validations_get_no_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cers = iter([0.5, 0.4, 0.4, 0.45, 0.41, 0.5, 0.1, 0.1, 0.1])
    monkeypatch.setattr(loop, "validate", lambda *_, **__: ([Score("digits", 1, 0.0, next(cers))], {}))
    image, text = NoiseLines().line(0)
    recipe = tiny_recipe(
        optimiser=OptimiserPart(steps=9), validation=ValidationPart(every=1, synth_lines=0, patience=3)
    )
    row = LabelRow("0.png", text, tmp_path / "0.png", 2)
    sets = [ValidationSet("digits", [row], [prepare(np.asarray(image), recipe.spec)], [image.shape[1]])]
    train(recipe, DATA, sets, tmp_path)
    position = json.loads((checkpoints(tmp_path)[-1] / "state.json").read_text(encoding="utf-8"))["position"]
    # The third validation since the best is after step 5; the step in which that is noticed is still made.
    assert (position["best_cer"], position["stale"], position["step"]) == (0.4, 4, 6)
