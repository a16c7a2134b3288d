"""Fine-tuning goes on with the model that it starts from, and says so where a recipe wants another."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import torch

from nordocr.charset import NORDIC_126, NORDIC_EXT
from nordocr.cli.train import train
from nordocr.errors import ConfigInvalid
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.weights import load_model, save_weights
from nordocr.train.initial import Init, initial_model, recipe_for
from nordocr.train.recipe_files import load_recipe


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A micro for nordic-ext whose lines are resized by area to 768 px: nothing of it is a recipe's default."""
    spec = LineSpec(max_width=768, interpolation="area", charset_name=NORDIC_EXT.name, characters=NORDIC_EXT.characters)
    path = tmp_path_factory.mktemp("weights") / "micro.safetensors"
    save_weights(path, build_model("micro", NORDIC_EXT.num_classes), spec, {})
    return path


def test_what_the_recipe_leaves_open_is_the_weights_own(weights: Path) -> None:
    recipe = recipe_for(load_recipe("finetune"), Init(weights))
    model, held = load_model(weights)
    assert (recipe.model, recipe.spec) == ("micro", held.spec)
    assert recipe.optimiser == load_recipe("finetune").optimiser
    started, _ = initial_model(recipe, Init(weights))
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in started.state_dict().items())


@pytest.mark.parametrize(
    ("setting", "key", "theirs"),
    [
        ("model=nano", "model", "micro"),
        ("interpolation=linear", "interpolation", "area"),
        ("charset=nordic-126", "charset", "nordic-ext"),
        ("max_width=512", "max_width", "768"),
    ],
)
def test_a_recipe_that_states_another_model_is_refused(weights: Path, setting: str, key: str, theirs: str) -> None:
    recipe = load_recipe("finetune", [setting])
    with pytest.raises(ConfigInvalid, match=rf"states {key} .*{theirs}.*--init-change {key}"):
        recipe_for(recipe, Init(weights))
    assert getattr(recipe_for(recipe, Init(weights, changes=[key])), key) == getattr(recipe, key)


def test_the_same_and_a_wider_width_may_be_stated(weights: Path) -> None:
    settings = ["model=micro", "interpolation=area", "charset=nordic-ext", "max_width=1024"]
    assert recipe_for(load_recipe("finetune", settings), Init(weights)).max_width == 1024


def test_a_charset_is_extended_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    old = build_model("micro")
    save_weights(path, old, LineSpec(), {})
    init = Init(path, changes=["charset"])
    recipe = recipe_for(load_recipe("finetune", ["charset=nordic-ext"]), init)
    model, said = initial_model(recipe, init)
    assert model.decoder.fc.weight.shape[0] == NORDIC_EXT.num_classes
    assert torch.equal(model.decoder.fc.weight[: NORDIC_126.num_classes], old.decoder.fc.weight)
    assert any("Initialised afresh" in sentence and "é" in sentence for sentence in said)


def test_only_what_can_be_changed_may_be_named(weights: Path) -> None:
    with pytest.raises(ConfigInvalid, match="'seed' cannot be changed"):
        recipe_for(load_recipe("finetune"), Init(weights, changes=["seed"]))


def test_a_pth_says_its_variant_by_its_shapes(tmp_path: Path) -> None:
    torch.save({"state_dict": build_model("micro", 9).state_dict()}, tmp_path / "best.pth")
    init = Init(tmp_path / "best.pth")
    assert recipe_for(load_recipe("finetune"), init).model == "micro"
    with pytest.raises(ConfigInvalid, match=r"states model 'nano'.*'micro'"):
        recipe_for(load_recipe("finetune", ["model=nano"]), init)
    with pytest.raises(ConfigInvalid, match="states interpolation 'area'"):
        recipe_for(load_recipe("finetune", ["interpolation=area"]), init)


def test_the_command_of_the_documents_goes_on_with_the_bundled_model(repository: Path) -> None:
    text = (repository / "docs" / "training.md").read_text(encoding="utf-8")
    [line] = re.findall(r"^nordocr train finetune .*$", text, re.MULTILINE)
    words = shlex.split(line)
    weights = repository / words[words.index("--init") + 1]
    model, held = load_model(weights)
    settings = [words[i + 1] for i, word in enumerate(words) if word == "--set"]
    recipe = recipe_for(load_recipe(words[2], settings), Init(weights))
    assert (recipe.model, recipe.spec) == (held.variant, held.spec)
    started, _ = initial_model(recipe, Init(weights))
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in started.state_dict().items())


def test_the_command_line_refuses_before_any_data_is_opened(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="states model 'nano'"):
        train("debug", output=tmp_path, init=weights)
    assert not list(tmp_path.iterdir())
