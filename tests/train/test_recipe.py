"""Recipes: every bundled one is valid, what extends what, settings, lengths and learning rates."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nordocr.cli.train import line_of, seconds
from nordocr.data.crops import encode_png
from nordocr.data.lmdb import write_lmdb
from nordocr.errors import ConfigInvalid, InputMissing, UsageError
from nordocr.train.optimiser import learning_rate
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_files import _WHERE, bundled_recipes, load_recipe, write_recipe
from nordocr.train.recipe_parts import PARTS
from nordocr.train.source import open_data


@pytest.mark.parametrize("name", bundled_recipes())
def test_every_bundled_recipe_is_valid_and_survives_being_written(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    write_recipe(recipe, tmp_path / "recipe.yaml")
    assert load_recipe(str(tmp_path / "recipe.yaml")) == recipe


@pytest.mark.parametrize("variant", ["nano", "tiny", "small", "base"])
@pytest.mark.parametrize("width", [768, 1024, 1792])
def test_the_family_is_complete(variant: str, width: int) -> None:
    recipe = load_recipe(f"svtrv2-{variant}-{width}")
    assert (recipe.model, recipe.max_width) == (variant, width)
    assert recipe.spec.time_steps(width) == width // 4


def test_base_has_the_guides_values() -> None:
    recipe = load_recipe("svtrv2-base-1024")
    part = recipe.optimiser
    assert (recipe.peak_lr, part.weight_decay, part.epochs, recipe.batch.lines_per_step) == (7e-4, 0.05, 20, 768)
    assert recipe.steps == 20 * part.lines_per_epoch // 768 if part.lines_per_epoch else False


def test_the_peak_follows_the_batch_only_where_that_is_asked_for() -> None:
    more = "batch.lines_per_step=1536"
    assert load_recipe("svtrv2-base-1024", [more]).peak_lr == 7e-4
    rule = [more, "optimiser.peak_lr_lines=768"]
    assert load_recipe("svtrv2-base-1024", rule).peak_lr == pytest.approx(7e-4 * 2**0.5)
    linear = load_recipe("svtrv2-base-1024", [*rule, "optimiser.lr_scaling=linear"])
    assert linear.peak_lr == pytest.approx(1.4e-3)


@pytest.mark.parametrize(
    ("name", "width", "lines"),
    [
        ("svtrv2-base-1024-a6000", 1024, 768),
        ("svtrv2-base-1024-blackwell", 1024, 1536),
        ("svtrv2-base-768-a6000", 768, 1024),
        ("svtrv2-base-768-blackwell", 768, 2048),
    ],
)
@pytest.mark.parametrize("gpus", [1, 4])
def test_the_guides_batches_are_per_gpu_at_one_learning_rate(name: str, width: int, lines: int, gpus: int) -> None:
    recipe = load_recipe(name)
    assert (recipe.model, recipe.max_width, recipe.batch.lines_per_step_per_gpu) == ("base", width, lines)
    settled = recipe.for_processes(gpus)
    assert (settled.batch.lines_per_step, settled.peak_lr) == (lines * gpus, 7e-4)
    assert settled.steps == 20_000_000 // (lines * gpus)
    assert settled.for_processes(2) == settled  # a resumed run's effective batch stays
    # A base line at 1024 px keeps about 245 MB: a micro-batch takes at most two thirds of the card.
    card = 48e9 if "a6000" in name else 96e9
    assert recipe.batch.area / 1024 * 245e6 < 2 / 3 * card


def test_every_key_is_described() -> None:
    for part in (Recipe, *PARTS):
        assert not [name for name, field in part.model_fields.items() if not field.description], part


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("batch_size=768", "batch.lines_per_step_per_gpu"),
        ("lr=7e-4", "optimiser.peak_lr"),
        ("epochs=20", "optimiser.lines_per_epoch"),
        ("max_seq_len=256", "one per 4 px"),
        ("optimiser.peek_lr=1", "did you mean 'peak_lr'?"),
    ],
)
def test_the_guides_keys_are_answered_with_ours(setting: str, said: str) -> None:
    with pytest.raises(ConfigInvalid, match=re.escape(said)):
        load_recipe("debug", [setting])


def test_one_cycle_rises_to_the_peak_and_falls_to_the_end() -> None:
    recipe = load_recipe("debug", ["optimiser.warmup=0.25", "optimiser.peak_lr=1e-3", "optimiser.final_lr=1e-6"])
    rates = [learning_rate(n / 100, recipe) for n in range(101)]
    assert rates[0] == pytest.approx(5e-5)
    assert max(rates) == rates[25] == pytest.approx(1e-3)
    assert rates[100] == pytest.approx(1e-6)
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)


def test_settings_reach_into_mappings_and_lists() -> None:
    recipe = load_recipe("finetune", ["data.0.lines.0.path=mine", "data.0.lines.0.times=4", "optimiser.steps=7"])
    assert (recipe.data[0].lines[0].path, recipe.data[0].lines[0].times, recipe.steps) == ("mine", 4, 7)
    assert recipe.mixture[1].synth is not None


def test_what_goes_out_with_weights_names_files_without_their_folders() -> None:
    settings = ["synth.corpora=[/a/b/sv.txt.gz]", "validation.folders=[/c/print]", "synth.font_folders=[/d/fonts]"]
    said = load_recipe("debug", settings).described()
    assert said["synth"]["corpora"] == ["sv.txt.gz"] and said["synth"]["font_folders"] == ["fonts"]
    assert said["validation"]["folders"] == ["print"] and said["name"] == "debug"
    labelled = load_recipe("finetune", ["data.0.lines.0.path=/e/mine"]).described()
    assert labelled["data"][0]["lines"][0] == {"path": "mine", "times": 1}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("lines=[{path: mine}]", "lines: there is no such key here; 'lines' belongs in an entry of 'data'."),
        ("steps=7", "steps: there is no such key here; 'steps' belongs under 'optimiser'."),
        ("optimiser.device=cpu", "there is no such key here; 'device' belongs at the top of the recipe."),
        ("data.0.path=mine", "'path' belongs in an entry of a 'data' entry's 'lines'."),
        ("seeds=3", "there is no such key; did you mean 'seed'?"),
    ],
)
def test_a_key_in_the_wrong_place_is_told_its_place(setting: str, said: str) -> None:
    with pytest.raises(ConfigInvalid, match=re.escape(said)):
        load_recipe("finetune", [setting])


def test_every_part_of_a_recipe_has_a_place() -> None:
    assert {part for _, part in _WHERE} == {Recipe, *PARTS}


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("optimiser.stepz=1", "optimiser.stepz"),
        ("optimiser.steps=0", "optimiser.steps"),
        ("name.x=1", "plain value"),
        ("data.5.weight=1", "no entry"),
        ("steps", "key=value"),
        ("seed=[", "not YAML"),
        ("data=[{weight: 1}]", "either synth or lines"),
        ("optimiser.epochs=3", "not by both"),
        ("optimiser.lines_per_epoch=3", "needs epochs"),
        ("companions=[{model: mini, distill: 1}]", "companions.0.distill"),
        (
            "companions=[{model: nano-low-wide}, {model: nano-low-wide}]",
            "finetune: companions are models of other",
        ),
    ],
)
def test_a_wrong_setting_is_named(setting: str, named: str) -> None:
    with pytest.raises(ConfigInvalid, match=named.replace(".", r"\.")):
        load_recipe("finetune", [setting])


def test_a_recipe_extends_another_file_or_a_bundled_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: debug\nname: a\nbatch: {area: 999}\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\nseed: 5\n", encoding="utf-8")
    recipe = load_recipe(str(tmp_path / "b.yaml"))
    debug = load_recipe("debug")
    assert (recipe.seed, recipe.batch.area) == (5, 999)
    assert recipe.batch.lines_per_step == debug.batch.lines_per_step
    (tmp_path / "c.yaml").write_text("extends: c.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="extends itself"):
        load_recipe(str(tmp_path / "c.yaml"))
    with pytest.raises(InputMissing, match="bundled are"):
        load_recipe("nothing")


@pytest.mark.parametrize(("text", "value"), [("9m", 540), ("1h30m", 5400), ("90s", 90), ("45", 45), ("0.5h", 1800)])
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "m", "0", "9x", "-5m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="no duration"):
        seconds(text)


def test_epochs_of_labelled_lines_are_as_long_as_the_lines(tmp_path: Path) -> None:
    image = encode_png(np.full((32, 64), 255, np.uint8))
    write_lmdb(tmp_path / "mine", [(image, "ab", f"d{number}") for number in range(600)])
    settings = [f"data.0.lines.0.path={tmp_path / 'mine'}", "optimiser.steps=null", "optimiser.epochs=3"]
    settings += ["data.0.validation_share=0", "batch.block_lines=30", "batch.lines_per_step=10"]
    recipe = load_recipe("finetune", settings)
    data = open_data(recipe)
    assert data.epoch_lines == 900  # two thirds of the stream are labelled lines
    found = recipe.for_epochs(data.epoch_lines)
    assert (found.optimiser.lines_per_epoch, found.steps) == (900, 270)
    assert found.for_epochs(7) == found  # what the checkpoint says stays
    with pytest.raises(ConfigInvalid, match="needs lines_per_epoch"):
        load_recipe("debug", ["optimiser.steps=null", "optimiser.epochs=3"])


def test_validations_keep_to_their_cost() -> None:
    recipe = load_recipe("svtrv2-base-1024")
    assert recipe.validation_steps(5512) == recipe.validation.every == 1000
    few = load_recipe("svtrv2-base-1024", ["batch.lines_per_step=8", "validation.every=10"])
    every = few.validation_steps(5512)
    assert 5512 / 3 <= 0.03 * 8 * every < 5512 / 3 + 0.03 * 8
    assert load_recipe("debug").validation_steps(5512) == 10


def test_progress_is_told_by_epoch() -> None:
    event = {"step": 5, "progress": 0.1, "loss": 1.0, "lr": 1e-3, "lines_per_s": 9.0, "waiting": 0.0, "eta_s": 100.0}
    assert "epoch" not in line_of(event)
    told = line_of(event | {"epoch": 2.5, "epochs": 20.0, "epoch_eta_s": 3723.0})
    assert "epoch 2.50 of 20, 1:02:03 left in it" in told
