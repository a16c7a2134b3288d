"""Hyper-parameters: every row of the guide's table is in the recipes under the key that the page names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nordocr.errors import ConfigInvalid
from nordocr.train.optimiser import learning_rate
from nordocr.train.recipe import Recipe
from nordocr.train.recipe_files import load_recipe


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe("svtrv2-base-1024")


def test_model_is_base_of_19_8_million_weights(recipe: Recipe) -> None:
    from nordocr.model.network import build_model

    weights = sum(p.numel() for p in build_model(recipe.model, recipe.spec.charset.num_classes).parameters())
    assert (recipe.model, weights) == ("base", 19_767_486)


def test_max_width_is_1024_and_max_seq_len_256_follows(recipe: Recipe) -> None:
    assert recipe.max_width == 1024
    assert recipe.spec.time_steps(recipe.max_width) == 256
    with pytest.raises(ConfigInvalid, match="one per 4 px"):
        load_recipe("svtrv2-base-1024", ["max_seq_len=256"])


@pytest.mark.parametrize("gpus", [1, 2, 8])
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("svtrv2-base-1024-a6000", 768),
        ("svtrv2-base-1024-blackwell", 1536),
        ("svtrv2-base-768-a6000", 1024),
        ("svtrv2-base-768-blackwell", 2048),
    ],
)
def test_batch_per_gpu_and_a_learning_rate_that_does_not_follow_it(name: str, lines: int, gpus: int) -> None:
    found = load_recipe(name).for_processes(gpus)
    assert (found.batch.lines_per_step, found.peak_lr) == (lines * gpus, 7e-4)


def test_schedule_is_one_cycle_over_20_epochs(recipe: Recipe) -> None:
    assert (recipe.optimiser.epochs, recipe.optimiser.weight_decay) == (20, 0.05)
    rates = [learning_rate(part / 1000, recipe) for part in range(1001)]
    assert max(rates) == pytest.approx(7e-4) and rates.index(max(rates)) == 50  # 5 % of it rising
    assert rates[:51] == sorted(rates[:51]) and rates[50:] == sorted(rates[50:], reverse=True)


def test_precision_is_bf16(recipe: Recipe) -> None:
    assert recipe.precision == "bf16"


def test_every_row_of_the_page_names_a_key_of_the_recipe(repository: Path, recipe: Recipe) -> None:
    text = (repository / "docs" / "retraining-1024.md").read_text(encoding="utf-8")
    rows = text.partition("| the guide | recipe key | value |")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(rows) >= 12
    values = recipe.model_dump()
    for row in rows:
        for key in re.findall(r"`([\w.]+)`", row.split("|")[2]):
            found = values
            for part in key.split("."):
                found = found[part] if part in found else found["optimiser"][part]
