"""The network against the reference: names, shapes, counts and logits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nordocr.errors import ConfigInvalid
from nordocr.linespec import LineSpec
from nordocr.model.layers import FUSED_FROM, MASKED, attend
from nordocr.model.network import SVTRv2, build_model
from nordocr.model.variants import VARIANTS
from nordocr.model.weights import parameter_count

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "svtrv2_reference.json").read_text(encoding="utf-8"))
PARITY = np.load(HERE / "svtrv2_micro_parity.npz")
CASES = sorted(name.split("/")[1] for name in PARITY.files if name.endswith("/input"))
TOLERANCE = 5e-6


@pytest.fixture(scope="module")
def micro() -> SVTRv2:
    model = build_model("micro")
    weights = {
        n.removeprefix("weights/"): torch.from_numpy(PARITY[n]) for n in PARITY.files if n.startswith("weights/")
    }
    model.load_state_dict(weights)
    return model.eval()


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_names_and_shapes_are_the_references(name: str) -> None:
    state = {key: list(value.shape) for key, value in build_model(name).state_dict().items()}
    assert state == REFERENCE[name]["state_dict"]


@pytest.mark.parametrize(
    ("name", "count"),
    [("nano", 1_077_006), ("micro", 669_774), ("tiny", 5_136_222), ("small", 11_263_182), ("base", 19_767_486)],
)
def test_parameter_counts(name: str, count: int) -> None:
    assert parameter_count(build_model(name)) == count


def test_there_are_cases_at_odd_and_at_wide_widths() -> None:
    assert CASES == ["1x1024", "1x1792", "1x260", "1x32", "2x64", "3x321"]


@pytest.mark.parametrize("case", CASES)
def test_logits_agree_with_the_reference(micro: SVTRv2, case: str) -> None:
    image = torch.from_numpy(PARITY[f"case/{case}/input"].astype(np.float32))
    with torch.inference_mode():
        logits = micro(image).numpy()
    expected = PARITY[f"case/{case}/logits"]
    assert logits.shape == expected.shape
    assert float(np.abs(logits - expected).max()) <= TOLERANCE


def test_parity_is_sharp_enough_to_see_the_tanh_gelu(micro: SVTRv2, monkeypatch: pytest.MonkeyPatch) -> None:
    gelu = torch.nn.functional.gelu
    monkeypatch.setattr("nordocr.model.layers.F.gelu", lambda x: gelu(x, approximate="tanh"))
    image = torch.from_numpy(PARITY["case/1x260/input"].astype(np.float32))
    with torch.inference_mode():
        difference = float(np.abs(micro(image).numpy() - PARITY["case/1x260/logits"]).max())
    assert difference > TOLERANCE


@pytest.mark.parametrize("width", [4, 5, 7, 33, 101, 500, 1023])
def test_output_steps_are_those_of_the_line_spec(micro: SVTRv2, width: int) -> None:
    with torch.inference_mode():
        assert micro(torch.zeros(1, 3, 32, width)).shape == (1, LineSpec().time_steps(width), 126)


def test_an_item_does_not_see_its_neighbours(micro: SVTRv2) -> None:
    image = torch.randn(3, 3, 32, 96, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        alone, together = micro(image[1:2]), micro(image)[1:2]
    assert torch.allclose(alone, together, atol=1e-5)


def test_logits_are_raw(micro: SVTRv2) -> None:
    with torch.inference_mode():
        logits = micro(torch.randn(1, 3, 32, 64, generator=torch.Generator().manual_seed(2)))
    assert float(logits.min()) < 0.0
    assert not torch.allclose(logits.sum(-1), torch.ones(1, 16), atol=0.1)


def test_initialisation() -> None:
    torch.manual_seed(0)
    model = build_model("tiny")
    assert float(model.decoder.fc.weight.detach().std()) == pytest.approx(0.02, rel=0.1)
    assert float(model.decoder.char_token.detach().abs().max()) > 0.0
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert not parameter.any(), name
        elif "norm" in name:
            assert torch.equal(parameter, torch.ones_like(parameter)), name


def test_stochastic_depth_rises_linearly_and_acts_in_training_only() -> None:
    model = build_model("nano")
    rates = [m.rate for m in model.modules() if type(m).__name__ == "DropPath"]
    assert rates == pytest.approx([0.1 * i / 7 for i in range(8)])
    image = torch.randn(2, 3, 32, 64)
    assert torch.equal(model.eval()(image), model(image))
    model.train()
    torch.manual_seed(1)
    first = model(image)
    assert not torch.equal(first, model(image))


def test_unknown_variant_names_the_known_ones() -> None:
    with pytest.raises(ConfigInvalid, match=r"huge.*nano"):
        build_model("huge")
    assert {"nano", "micro", "tiny", "small", "base"} <= set(VARIANTS)


@pytest.mark.parametrize(
    ("name", "parameters"), [("nano-low", 1_077_006), ("nano-low-wide", 1_451_022), ("nano-wide", 1_832_150)]
)
def test_lower_maps_keep_every_output_step(name: str, parameters: int) -> None:
    model = build_model(name).eval()
    assert sum(p.numel() for p in model.parameters()) == parameters
    with torch.inference_mode():
        for width in (4, 33, 101, 256):
            assert model.encoder(torch.zeros(1, 3, 32, width)).shape[2:] == (2, -(-width // 4))
            assert model(torch.zeros(1, 3, 32, width)).shape == (1, -(-width // 4), 126)


def test_attention_in_training_and_in_reading_is_the_same() -> None:
    q, k, v = torch.randn(3, 2, 4, 50, 32, generator=torch.Generator().manual_seed(3)).unbind(0)
    fused = attend(q, k, v)
    plain = attend(q.requires_grad_(), k, v)
    assert plain.requires_grad
    torch.testing.assert_close(plain, fused, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("keys", [FUSED_FROM - 1, FUSED_FROM])
def test_masked_attention_learns_the_same_by_both_kernels(keys: int) -> None:
    draw = torch.Generator().manual_seed(4)
    q = torch.randn(2, 4, 20, 32, generator=draw).requires_grad_()
    k, v = (torch.randn(2, 4, keys, 32, generator=draw).requires_grad_() for _ in range(2))
    bias = torch.where(torch.arange(keys) < torch.tensor([[[[keys - 90]]], [[[keys]]]]), 0.0, MASKED)
    wanted = ((q @ k.transpose(-1, -2)) * 32**-0.5 + bias).softmax(-1) @ v
    mixed = attend(q, k, v, bias)
    torch.testing.assert_close(mixed, wanted, rtol=1e-5, atol=1e-6)
    for ours, reference in zip(
        *(torch.autograd.grad(x.square().sum(), (q, k, v)) for x in (mixed, wanted)), strict=True
    ):
        torch.testing.assert_close(ours, reference, rtol=1e-4, atol=1e-5)
