"""Widening: a wider network that reads what the narrower one read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from nordocr.charset import NORDIC_EXT
from nordocr.errors import DataInvalid, ModelInvalid
from nordocr.linespec import LineSpec
from nordocr.model.growth import can_grow, grow
from nordocr.model.network import build_model
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.transfer import start_from
from nordocr.model.variants import VARIANTS
from nordocr.model.weights import load_model, save_weights
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe


@pytest.fixture(scope="module")
def bundled(repository: Path) -> Path:
    return repository / "models" / "nano-1024.safetensors"


@pytest.fixture(scope="module")
def crops(bundled: Path) -> list[np.ndarray]:
    spec = load_model(bundled)[1].spec
    try:
        synth = LineSynth(load_synth_recipe("scans").with_fonts(split="all").with_text(max_chars=40), 5, spec.charset)
        return [synth.line(index)[0] for index in range(40)]
    except DataInvalid:
        pytest.skip("no usable font on this system")


def test_a_widened_model_reads_nearly_all_lines_as_before(bundled: Path, crops: list[np.ndarray]) -> None:
    narrow, weights = load_model(bundled)
    wide, kept = start_from(bundled, "nano-low-wide", weights.spec)
    assert wide.variant.name == "nano-low-wide"
    assert sum(p.numel() for p in wide.parameters()) > 1.2 * sum(p.numel() for p in narrow.parameters())
    assert any("widened" in sentence for sentence in kept.sentences())
    before = [line.text for line in TorchRecognizer(narrow, weights.spec).read(crops)]
    after = [line.text for line in TorchRecognizer(wide.eval(), weights.spec).read(crops)]
    assert sum(bool(text) for text in before) > 35
    assert sum(a == b for a, b in zip(before, after, strict=True)) >= 36


def test_widening_is_the_same_each_time_and_leaves_the_first_stages(bundled: Path) -> None:
    tensors, classes = load_model(bundled)[1].tensors, 126
    one, two = (grow(tensors, "nano-low", "nano-low-wide", classes) for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)
    other = grow(tensors, "nano-low", "nano-low-wide", classes, seed=1)
    assert any(not torch.equal(one[name], tensor) for name, tensor in other.items())
    first = {name for name in tensors if "stages.0." in name or "stages.1.blocks" in name}
    assert len(first) > 50
    assert all(torch.equal(one[name], tensors[name]) for name in first)


@pytest.mark.parametrize(("old", "new"), [("nano", "nano-low-wide"), ("nano-low-wide", "nano-low"), ("micro", "tiny")])
def test_other_variants_are_refused(old: str, new: str) -> None:
    assert not can_grow(VARIANTS[old], VARIANTS[new])
    with pytest.raises(ModelInvalid, match=f"{old!r} cannot be widened to a {new!r}"):
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
