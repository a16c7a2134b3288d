"""Checkpoint to ONNX: same text, right metadata, refused and not written where anything differs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from tests.export import micro

from nordocr.charset import NORDIC_126
from nordocr.errors import ConfigInvalid, ExportRejected, ModelInvalid, ModelMissing
from nordocr.export import onnx as export
from nordocr.export import publish
from nordocr.export.parity_run import ParityLine
from nordocr.export.source import from_onnx
from nordocr.linespec import LineSpec
from nordocr.model.recognizer import TorchRecognizer
from nordocr.recognize.modelspec import read_linespec
from nordocr.recognize.onnx import OnnxRecognizer


@pytest.fixture(scope="module")
def lines() -> list[ParityLine]:
    return micro.lines()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return micro.checkpoint(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def exported(checkpoint: Path, lines: list[ParityLine], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("out") / "recognize_svtrv2_1024.onnx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "parity_lines", lambda count, spec: lines)
        card = "# Micro\n\nÅngström.\n"
        written = export.export_onnx(checkpoint, output, max_width=1024, sim=True, card=card, check=publish.FULL)
    assert [path.name for path, _ in written] == ["recognize_svtrv2_1024.onnx", "recognize_svtrv2_1024_sim.onnx"]
    for _, agreement in written:
        # 5 rungs x (1 + 3 + 32) lines, 4 odd widths x (1 + 3), and the lines themselves.
        assert (agreement.different, agreement.texts) == (0, 5 * 36 + 4 * 4 + len(lines))
        assert agreement.worst_logit < 1e-3
    return output


@pytest.mark.parametrize("name", ["recognize_svtrv2_1024.onnx", "recognize_svtrv2_1024_sim.onnx"])
def test_names_shapes_opset_and_metadata(exported: Path, name: str) -> None:
    proto = onnx.load(str(exported.with_name(name)))
    assert [i.name for i in proto.graph.input] == ["input"]
    assert [o.name for o in proto.graph.output] == ["output"]
    assert {o.domain: o.version for o in proto.opset_import}[""] == 17
    dims = [d.dim_param or d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim]
    assert dims == ["batch", 3, 32, "width"]
    out = [d.dim_param or d.dim_value for d in proto.graph.output[0].type.tensor_type.shape.dim]
    assert out == ["batch", "seq_len", 126]  # the guide's names
    facts = {p.key: p.value for p in proto.metadata_props}
    assert LineSpec.from_json(facts["linespec"], "the file") == micro.SPEC
    assert json.loads(facts["history"])["step"] == 3
    assert len(facts["checkpoint_sha256"]) == 64
    assert facts["model_card"] == "# Micro\n\nÅngström.\n"
    assert (facts["charset"], facts["precision"], facts["variant"]) == ("nordic-126", "fp32", "micro")


def test_the_simplified_file_is_smaller_and_nothing_else_is_left(exported: Path) -> None:
    nodes = [len(onnx.load(str(path)).graph.node) for path in (exported, export.sim_path(exported))]
    assert nodes[1] < nodes[0]
    assert sorted(path.name for path in exported.parent.iterdir()) == [
        "recognize_svtrv2_1024.onnx",
        "recognize_svtrv2_1024_meta.yaml",
        "recognize_svtrv2_1024_sim.onnx",
        "recognize_svtrv2_1024_sim_meta.yaml",
    ]


def test_the_yaml_has_the_keys_of_todays_and_the_whole_linespec(exported: Path) -> None:
    path = exported.with_name("recognize_svtrv2_1024_meta.yaml")
    meta = yaml.safe_load(path.read_text(encoding="utf-8"))
    del meta["linespec"]
    assert meta == {
        "model": "svtrv2",
        "decoder": "ctc",
        "blank_index": 0,
        "charset_size": 125,
        "num_classes": 126,
        "stride": 4,
        "input_height": 32,
        "max_width_tested": 1024,
        "normalization": "pixel/127.5-1 -> [-1, 1]",
        "output": "logits",
        "precision": "fp32",
    }
    assert read_linespec(path) == micro.SPEC


def test_the_reader_reads_what_the_checkpoint_reads(exported: Path, checkpoint: Path, lines: list[ParityLine]) -> None:
    reader, lab = OnnxRecognizer(exported, threads=1), TorchRecognizer.from_file(checkpoint)
    narrow = [line.image for line in lines if line.image.shape[1] * 32 < 1000 * line.image.shape[0]]
    ours, theirs = reader.read(narrow), lab.read(narrow)
    assert [line.text for line in ours] == [line.text for line in theirs]
    assert any(line.text for line in ours)
    assert reader.spec == micro.SPEC
    assert reader.spec.charset == NORDIC_126


def test_another_width_or_no_checkpoint_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="1024 px, not to 768"):
        export.export_onnx(checkpoint, tmp_path / "x.onnx", max_width=768)
    with pytest.raises(ModelMissing):
        export.export_onnx(tmp_path / "none.safetensors", tmp_path / "x.onnx")


def test_an_export_that_reads_otherwise_is_not_written(
    exported: Path, lines: list[ParityLine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(proto: onnx.ModelProto) -> onnx.ModelProto:
        copy = onnx.ModelProto()
        copy.CopyFrom(proto)
        [bias] = [t for t in copy.graph.initializer if t.name == "decoder.fc.bias"]
        values = onnx.numpy_helper.to_array(bias) + np.linspace(-3, 3, 126, dtype=np.float32)
        bias.CopyFrom(onnx.numpy_helper.from_array(values, bias.name))
        return copy

    monkeypatch.setattr(export, "simplify", spoilt)
    monkeypatch.setattr(publish, "parity_lines", lambda count, spec: lines[:3])
    output = tmp_path / "x.onnx"
    with pytest.raises(ExportRejected, match=r"x_sim\.onnx was not written: a score is .* off at \d+ px in a batch of"):
        export.write_fp32(from_onnx(exported), output, sim=True, card=None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.onnx", "x_meta.yaml"]


def test_an_onnx_source_must_be_one(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelInvalid, match=r"x\.onnx is not an ONNX model"):
        from_onnx(tmp_path / "x.onnx")
    with pytest.raises(ModelMissing):
        from_onnx(tmp_path / "y.onnx")
    assert from_onnx(exported).spec == micro.SPEC


class Simulated:
    """A stand-in for onnxsim, which is not installed here."""

    __version__ = "9.9"

    def __init__(self, right: bool) -> None:
        self.right = right

    def simplify(self, proto: onnx.ModelProto) -> tuple[onnx.ModelProto, bool]:
        return export.simplify(proto), self.right


def test_onnxsim_is_used_where_it_is_installed_and_named(
    exported: Path, lines: list[ParityLine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = exported.with_name("recognize_svtrv2_1024_sim_meta.yaml")
    assert yaml.safe_load(beside.read_text(encoding="utf-8"))["simplified"].startswith("onnxslim 0.")
    monkeypatch.setattr(publish, "parity_lines", lambda *_: lines[:2])
    source = from_onnx(exported)
    monkeypatch.setitem(sys.modules, "onnxsim", Simulated(True))
    export.write_fp32(source, tmp_path / "x.onnx", sim=True, card=None)
    assert yaml.safe_load((tmp_path / "x_sim_meta.yaml").read_text(encoding="utf-8"))["simplified"] == "onnxsim 9.9"
    monkeypatch.setitem(sys.modules, "onnxsim", Simulated(False))
    with pytest.raises(ExportRejected, match="does not give what the original gives"):
        export.simplified(source.proto)
