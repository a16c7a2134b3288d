"""Widening: a wider network that reads what the narrower one read."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from nordocr.charset import NORDIC_EXT
from nordocr.errors import DataInvalid, ModelInvalid
from nordocr.linespec import LineSpec, collate, prepare
from nordocr.model.growth import can_grow, grow
from nordocr.model.network import build_model
from nordocr.model.transfer import start_from
from nordocr.model.weights import load_model, save_weights
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

SPEC = LineSpec(interpolation="area")


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained nano-low whose output is decided, saved."""
    torch.manual_seed(5)
    model = build_model("nano-low")
    with torch.no_grad():
        model.decoder.fc.weight.mul_(30.0)
    path = tmp_path_factory.mktemp("narrow") / "best.safetensors"
    save_weights(path, model, SPEC, {})
    return path


@pytest.fixture(scope="module")
def lines() -> list[torch.Tensor]:
    try:
        synth = LineSynth(load_synth_recipe("clean").with_fonts(split="all").with_text(max_chars=40), 5)
    except DataInvalid:
        pytest.skip("no usable font on this system")
    prepared = [prepare(synth.line(index)[0], SPEC) for index in range(20)]
    return [torch.from_numpy(collate([line], SPEC.rung(line.width), SPEC)) for line in prepared]


@pytest.mark.parametrize(("variant", "times"), [("nano-low-wide", 1.2), ("nano-wide", 1.5), ("mini", 3.0)])
def test_a_grown_model_gives_nearly_the_scores_of_the_small_one(
    narrow: Path, lines: list[torch.Tensor], variant: str, times: float
) -> None:
    before, _ = load_model(narrow)
    after, kept = start_from(narrow, variant, SPEC)
    assert after.variant.name == variant
    assert sum(p.numel() for p in after.parameters()) > times * sum(p.numel() for p in before.parameters())
    assert any("grown" in sentence for sentence in kept.sentences())
    same = steps = 0
    with torch.inference_mode():
        for line in lines:
            old, new = before(line)[0], after.eval()(line)[0]
            same, steps = same + int((old.argmax(-1) == new.argmax(-1)).sum()), steps + len(old)
            assert float(torch.corrcoef(torch.stack([old.flatten(), new.flatten()]))[0, 1]) > 0.99
    assert same > 0.8 * steps  # untrained scores lie close together


def test_a_trained_model_reads_the_same_before_and_after(lines: list[torch.Tensor]) -> None:
    weights = Path(__file__).parents[2] / "models" / "nano-1024.safetensors"
    before, file = load_model(weights)
    after, _ = start_from(weights, "mini", file.spec)
    with torch.inference_mode():
        read = [
            [model.eval()(line)[0].argmax(-1).unique_consecutive().tolist() for line in lines]
            for model in (before, after)
        ]
    assert sum(one == two for one, two in zip(*read, strict=True)) >= 18


def test_widening_is_the_same_each_time_and_leaves_the_first_stages(narrow: Path) -> None:
    tensors, classes = load_model(narrow)[1].tensors, 126
    one, two = (grow(tensors, "nano-low", "nano-low-wide", classes) for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    other = grow(tensors, "nano-low", "nano-low-wide", classes, seed=1)
    assert any(not torch.equal(one[name], tensor) for name, tensor in other.items())
    first = {name for name in tensors if "stages.0." in name or "stages.1.blocks" in name}
    assert len(first) > 50
    assert all(torch.equal(one[name], tensors[name]) for name in first)


@pytest.mark.parametrize(("old", "new"), [("nano", "nano-low-wide"), ("nano-low-wide", "nano-low"), ("micro", "tiny")])
def test_other_variants_are_refused(old: str, new: str) -> None:
    assert not can_grow(old, new)
    with pytest.raises(ModelInvalid, match=f"{old!r} cannot be grown to a {new!r}"):
        grow(build_model(old).state_dict(), old, new, 126)


def test_widening_and_a_larger_charset_go_together(tmp_path: Path) -> None:
    spec = LineSpec(interpolation="area")
    old = build_model("nano-low")
    save_weights(tmp_path / "w.safetensors", old, spec, {})
    larger = spec.model_copy(update={"charset_name": NORDIC_EXT.name, "characters": NORDIC_EXT.characters})
    model, kept = start_from(tmp_path / "w.safetensors", "nano-low-wide", LineSpec(**larger.model_dump()))
    weight, bias = model.decoder.fc.weight, model.decoder.fc.bias
    assert weight.shape == (NORDIC_EXT.num_classes, 160)
    assert torch.equal(bias[:126], old.decoder.fc.bias)
    assert (kept.mapped, kept.initialised) == (125, NORDIC_EXT.characters[125:])
