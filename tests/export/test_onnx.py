"""Checkpoint to ONNX: same text, right metadata, refused and not written where anything differs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import torch

from nordocr.charset import NORDIC_126
from nordocr.errors import ConfigInvalid, DataInvalid, ExportRejected, ModelMissing
from nordocr.export import gate
from nordocr.export import onnx as export
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.recognizer import TorchRecognizer
from nordocr.model.weights import save_weights
from nordocr.recognize.onnx import OnnxRecognizer
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe

SPEC = LineSpec()


@pytest.fixture(scope="module")
def images() -> list[npt.NDArray[np.uint8]]:
    try:
        synth = LineSynth(load_synth_recipe("scans").with_fonts(split="all"), 5)
        return [synth.make(index).image for index in range(12)]
    except DataInvalid:
        pytest.skip("no usable font on this system")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(5)
    model = build_model("micro")
    with torch.no_grad():
        model.decoder.fc.weight.mul_(30.0)  # untrained, but decided about what it says
    path = tmp_path_factory.mktemp("run") / "best.safetensors"
    save_weights(path, model, SPEC, {"step": 3})
    return path


@pytest.fixture(scope="module")
def exported(checkpoint: Path, images: list[npt.NDArray[np.uint8]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("out") / "recognize_svtrv2_1024.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "gate_lines", lambda: images)
        agreement = export.export_onnx(checkpoint, output, max_width=1024)
    assert agreement.different == 0
    assert agreement.texts == 4 * len(gate.gate_widths(SPEC))
    assert agreement.worst_logit < 1e-3
    return output


def test_the_gate_looks_at_every_rung_and_at_odd_widths() -> None:
    assert {33, 101, 500, 1023, 1792} <= set(gate.gate_widths(SPEC))
    assert set(SPEC.ladder) <= set(gate.gate_widths(SPEC))


def test_names_shapes_opset_and_metadata(exported: Path, checkpoint: Path) -> None:
    proto = onnx.load(str(exported))
    assert [i.name for i in proto.graph.input] == ["input"]
    assert [o.name for o in proto.graph.output] == ["output"]
    assert {o.domain: o.version for o in proto.opset_import}[""] == 17
    dims = [d.dim_param or d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim]
    assert dims == ["batch", 3, 32, "width"]
    facts = {p.key: p.value for p in proto.metadata_props}
    assert LineSpec.from_json(facts["linespec"], "the file") == SPEC
    assert json.loads(facts["history"])["step"] == 3
    assert len(facts["checkpoint_sha256"]) == 64
    assert not list(exported.parent.glob("*.partial"))


def test_the_reader_reads_what_the_checkpoint_reads(
    exported: Path, checkpoint: Path, images: list[npt.NDArray[np.uint8]]
) -> None:
    reader, lab = OnnxRecognizer(exported, threads=1), TorchRecognizer.from_file(checkpoint)
    narrow = [image for image in images if image.shape[1] * 32 < 1700 * image.shape[0]]
    ours, theirs = reader.read(narrow), lab.read(narrow)
    assert [line.text for line in ours] == [line.text for line in theirs]
    assert any(line.text for line in ours)
    assert reader.spec == SPEC
    assert reader.spec.charset == NORDIC_126


def test_another_width_or_no_checkpoint_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="1024 px, not to 768"):
        export.export_onnx(checkpoint, tmp_path / "x.onnx", max_width=768)
    with pytest.raises(ModelMissing):
        export.export_onnx(tmp_path / "none.safetensors", tmp_path / "x.onnx")


def test_an_export_that_reads_otherwise_is_not_written(
    checkpoint: Path, images: list[npt.NDArray[np.uint8]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = export._write

    def spoilt(model: torch.nn.Module, path: Path) -> None:
        with torch.no_grad():
            keep = model.decoder.fc.bias.clone()
            model.decoder.fc.bias[1:].add_(torch.linspace(-3, 3, 125))
            write(model, path)
            model.decoder.fc.bias.copy_(keep)

    monkeypatch.setattr(export, "_write", spoilt)
    monkeypatch.setattr(export, "gate_lines", lambda: images)
    with pytest.raises(ExportRejected, match=r"was not written.*became"):
        export.export_onnx(checkpoint, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_an_export_with_other_steps_is_rejected(images: list[npt.NDArray[np.uint8]]) -> None:
    def right(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        return np.zeros((batch.shape[0], SPEC.time_steps(batch.shape[3]), 126), np.float32)

    def floored(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.floating]:
        return np.zeros((batch.shape[0], batch.shape[3] // 4, 126), np.float32)

    assert gate.compare(right, right, SPEC, images).different == 0
    with pytest.raises(ExportRejected, match="33 px"):
        gate.compare(right, floored, SPEC, images)
