"""Weights read back from an export: the same logits, before and after batch norms are given statistics."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import torch

from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.export.source import described, from_checkpoint
from nordocr.linespec import LineSpec
from nordocr.model.from_onnx import measure_norms, model_from_onnx
from nordocr.model.network import SVTRv2, build_model
from nordocr.model.weights import load_model, save_weights
from nordocr.recognize.bundled import bundled_model


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SVTRv2]:
    """An export of a micro whose batch norms have statistics of their own, and the model that was exported."""
    folder = tmp_path_factory.mktemp("exported")
    torch.manual_seed(3)
    model = build_model("micro").train()
    model(torch.randn(4, 3, 32, 64) * 2 + 1)  # moves the statistics
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    save_weights(folder / "best.safetensors", model, LineSpec(), {"step": 3})
    source = from_checkpoint(folder / "best.safetensors")
    onnx.save(described(source, source.proto, "fp32", None), str(folder / "model.onnx"))
    return folder / "model.onnx", load_model(folder / "best.safetensors")[0]


def test_the_model_that_is_read_back_computes_what_was_exported(exported: tuple[Path, SVTRv2]) -> None:
    path, original = exported
    model, spec, facts = model_from_onnx(path)
    assert spec == LineSpec()
    assert facts["variant"] == "micro"
    pixels = torch.rand(2, 3, 32, 90) * 2 - 1
    with torch.inference_mode():
        assert (model(pixels) - original(pixels)).abs().max() < 5e-5
    state, wanted = model.state_dict(), original.state_dict()
    rest = [name for name in wanted if not name.startswith("encoder.pope")]
    assert all(torch.equal(state[name], wanted[name]) for name in rest)


def test_norms_get_the_statistics_of_lines_and_change_nothing(exported: tuple[Path, SVTRv2]) -> None:
    model, _, _ = model_from_onnx(exported[0])
    pixels = torch.rand(3, 3, 32, 200) * 2 - 1
    with torch.inference_mode():
        before = model(pixels)
    measure_norms(model, [pixels[:2], pixels[2:]])
    with torch.inference_mode():
        assert (model(pixels) - before).abs().max() < 5e-5
    # By the statistics of the batch itself, as training goes by them, the function is the same now.
    model.encoder.pope.train()
    with torch.no_grad():
        assert (model(pixels) - before).abs().max() < 1e-3


def test_the_bundled_model_can_be_read_back() -> None:
    model, spec, _ = model_from_onnx(bundled_model("nano"))
    assert model.variant.name == "nano-low-wide"
    assert spec.charset_name == "nordic-ext"


def test_what_cannot_be_read_back_is_refused(exported: tuple[Path, SVTRv2], tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        model_from_onnx(tmp_path / "away.onnx")
    (tmp_path / "text.onnx").write_bytes(b"no model")
    with pytest.raises(ModelInvalid, match="not an ONNX model"):
        model_from_onnx(tmp_path / "text.onnx")
    proto = onnx.load(str(exported[0]))
    [product] = [node for node in proto.graph.node if node.name == "/decoder/fc/MatMul"]
    product.name = "/decoder/other/MatMul"
    onnx.save(proto, str(tmp_path / "renamed.onnx"))
    with pytest.raises(ModelInvalid, match=r"no decoder\.fc\.weight"):
        model_from_onnx(tmp_path / "renamed.onnx")
    proto = onnx.load(str(exported[0]))
    [bias] = [tensor for tensor in proto.graph.initializer if tensor.name == "decoder.fc.bias"]
    bias.name = "bias"  # a weight that is under its name no longer would stay as it was drawn
    for node in proto.graph.node:
        node.input[:] = ["bias" if name == "decoder.fc.bias" else name for name in node.input]
    onnx.save(proto, str(tmp_path / "nameless.onnx"))
    with pytest.raises(ModelInvalid, match=r"no decoder\.fc\.bias"):
        model_from_onnx(tmp_path / "nameless.onnx")
    del proto.metadata_props[:]
    onnx.save(proto, str(tmp_path / "silent.onnx"))
    with pytest.raises(ModelInvalid, match="variant and LineSpec"):
        model_from_onnx(tmp_path / "silent.onnx")
