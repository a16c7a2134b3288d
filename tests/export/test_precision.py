"""fp16, int8 and OpenVINO files: what is in them, that they read the same, and that today's 768 px model serves."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import yaml
from tests.export import micro
from tests.recognize.test_onnx import Toy, banded, write_toy

from nordocr.errors import ExportRejected, ModelInvalid
from nordocr.export import fp16, int8, openvino, publish
from nordocr.export.parity import Tolerance
from nordocr.export.parity_run import ParityLine
from nordocr.export.source import Source, from_checkpoint, from_onnx
from nordocr.linespec import LineSpec
from nordocr.recognize.onnx import OnnxRecognizer
from nordocr.recognize.openvino_core import shared_core

# An untrained network is undecided at many steps, so a rounding changes texts that a trained one would read alike.
UNTRAINED = Tolerance(8, 8, identical=0.8, others=0.8, cer=1.0, cer_high=1.0)
FLOAT, HALF = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16


@pytest.fixture(scope="module")
def lines() -> list[ParityLine]:
    return micro.lines(8)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return from_checkpoint(micro.checkpoint(tmp_path_factory.mktemp("run"), micro.NARROW))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch, lines: list[ParityLine]) -> None:
    monkeypatch.setattr(fp16, "HALF", UNTRAINED)
    monkeypatch.setattr(openvino, "HALF", UNTRAINED)
    monkeypatch.setattr(publish, "parity_lines", lambda count, spec: lines)


def types_of(proto: onnx.ModelProto) -> dict[str, int]:
    """Element types of all tensors that have one, by name."""
    inferred = onnx.shape_inference.infer_shapes(proto, strict_mode=True).graph
    values = [*inferred.value_info, *inferred.input, *inferred.output]
    return {v.name: v.type.tensor_type.elem_type for v in values} | {t.name: t.data_type for t in inferred.initializer}


def test_fp16_is_mixed(source: Source, tmp_path: Path) -> None:
    output = tmp_path / "m_fp16.onnx"
    agreement = fp16.export_fp16(source, output)
    assert 0 < agreement.worst_logit < 0.2
    assert agreement.moved < 0.02 * agreement.steps
    proto = onnx.load(str(output))
    types = types_of(proto)
    assert (types["input"], types["output"]) == (FLOAT, FLOAT)
    by_kind = {kind: [n for n in proto.graph.node if n.op_type == kind] for kind in (*fp16.KEPT_FP32, "MatMul", "Conv")}
    assert {len(by_kind[kind]) > 3 for kind in ("Softmax", "LayerNormalization", "MatMul", "Conv")} == {True}
    for kind, nodes in by_kind.items():
        wanted = FLOAT if kind in fp16.KEPT_FP32 else HALF
        assert {types[node.output[0]] for node in nodes} <= {wanted}, kind
    plain = sum(len(t.raw_data) for t in source.proto.graph.initializer)
    assert output.stat().st_size < 0.75 * plain
    assert {p.key: p.value for p in proto.metadata_props}["precision"] == "fp16"
    assert OnnxRecognizer(output, threads=1).spec == micro.NARROW


@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_BASIC", "ORT_ENABLE_EXTENDED", "ORT_ENABLE_ALL"])
def test_fp16_opens_at_every_optimisation(source: Source, level: str) -> None:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    options.log_severity_level = 4
    graph = fp16.to_fp16(source.proto).SerializeToString()
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    batch = np.random.default_rng(4).uniform(-1, 1, (3, 3, 32, 101)).astype(np.float32)
    [scores] = session.run(["output"], {"input": batch})
    assert scores.dtype == np.float32
    assert np.abs(scores - source.reference(batch)).max() < 0.1


def test_a_file_that_cannot_be_run_or_does_not_fit_is_refused(source: Source, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(ExportRejected, match=r"x\.onnx was not written: ONNX Runtime cannot run it on the CPU \(exit"):
        fp16.must_open(broken, Path("x.onnx"))
    large = onnx.ModelProto()
    large.CopyFrom(source.proto)
    [bias] = [t for t in large.graph.initializer if t.name == "decoder.fc.bias"]
    bias.CopyFrom(onnx.numpy_helper.from_array(np.full(126, 1e5, np.float32), bias.name))
    with pytest.raises(ExportRejected, match=r"decoder\.fc\.bias reaches 1e\+05, more than fp16 can hold"):
        fp16.to_fp16(large)


def test_what_differs_too_much_is_written_for_a_reason_that_the_metadata_gives(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fp16, "HALF", Tolerance(8, 8, identical=0, others=0, cer=1, cer_high=1, logit=1e-9))
    output = tmp_path / "m.onnx"
    with pytest.raises(ExportRejected, match="a score is"):
        fp16.export_fp16(source, output)
    fp16.export_fp16(source, output, check=publish.Check("quick", accept="for a trial"))
    told = yaml.safe_load((tmp_path / "m_meta.yaml").read_text(encoding="utf-8"))["accepted"]
    assert told["reason"] == "for a trial" and told["broken"].startswith("a score is") and "identical" in told["found"]
    facts = {p.key: p.value for p in onnx.load(str(output)).metadata_props}
    assert json.loads(facts["accepted"]) == told
    assert OnnxRecognizer(output, threads=1).spec == micro.NARROW
    monkeypatch.setattr(fp16, "HALF", UNTRAINED)
    fp16.export_fp16(source, output, check=publish.Check("quick", accept="for a trial"))
    assert "accepted" not in yaml.safe_load((tmp_path / "m_meta.yaml").read_text(encoding="utf-8"))


def test_int8_quantises_the_encoder_and_not_attention(source: Source, lines: list[ParityLine], tmp_path: Path) -> None:
    proto = int8.simplify(source.proto)
    nodes = int8.chosen_nodes(proto, ("Conv", "MatMul"))
    by_name = {node.name: node for node in proto.graph.node}
    assert Counter(by_name[name].op_type for name in nodes) == {"Conv": 9, "MatMul": 14}
    assert not [name for name in nodes if "decoder" in name or "qkv" in name or "proj" in name]
    assert set(int8.chosen_nodes(proto, ("MatMul",))) < set(nodes)
    quantised = int8.quantise(proto, nodes, lines, source.spec)
    kinds = Counter(node.op_type for node in quantised.graph.node)
    assert kinds["DequantizeLinear"] >= 2 * len(nodes)
    weights = [t for t in quantised.graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) > 1]
    assert len(weights) == len(nodes)
    output = tmp_path / "m_int8.onnx"
    onnx.save(quantised, str(output))
    with pytest.raises(ModelInvalid, match="no LineSpec"):
        from_onnx(output)


def test_int8_falls_back_to_fewer_nodes_and_then_gives_up(
    source: Source, lines: list[ParityLine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def left_alone(proto: onnx.ModelProto, nodes: list[str], *_: object) -> onnx.ModelProto:
        tried.append(len(nodes))
        return proto if len(nodes) < 20 else spoilt(proto)

    def spoilt(proto: onnx.ModelProto) -> onnx.ModelProto:
        copy = onnx.ModelProto()
        copy.CopyFrom(proto)
        [bias] = [t for t in copy.graph.initializer if t.name == "decoder.fc.bias"]
        bias.CopyFrom(onnx.numpy_helper.from_array(np.eye(126, dtype=np.float32)[0] * 1000, bias.name))
        return copy

    monkeypatch.setattr(int8, "quantise", left_alone)
    monkeypatch.setattr(int8, "INT8", Tolerance(8, 8, identical=0.5, others=0.5, cer=1.0, cer_high=1.0))
    output = tmp_path / "m.onnx"
    name, agreement = int8.export_int8(source, output, calibration=lines)
    assert (name, agreement.different, tried) == ("MLPs", 0, [23, 14])
    meta = yaml.safe_load((tmp_path / "m_meta.yaml").read_text(encoding="utf-8"))
    assert (meta["precision"], meta["quantised"]) == ("int8", "MLPs")
    monkeypatch.setattr(int8, "quantise", lambda proto, *_: spoilt(proto))
    with pytest.raises(ExportRejected, match=r"y\.onnx was not written: convolutions and MLPs: .* differ.*; MLPs: .*"):
        int8.export_int8(source, tmp_path / "y.onnx", calibration=lines)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.onnx", "m_meta.yaml"]


def test_openvino_keeps_the_linespec_and_reads_the_same(source: Source, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    output = tmp_path / "m.xml"
    agreement = openvino.export_openvino(source, output, card="# Micro\n")
    assert 0 < agreement.worst_logit < 0.2
    assert agreement.moved < 0.02 * agreement.steps
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.bin", "m.xml", "m_meta.yaml"]
    model = shared_core().read_model(str(output))
    said = {key: model.get_rt_info(["nordocr", key]) for key in ("linespec", "model_card", "precision")}
    plain = {key: str(getattr(value, "value", value)) for key, value in said.items()}
    assert LineSpec.from_json(plain["linespec"], "rt_info") == micro.NARROW
    assert (plain["model_card"], plain["precision"]) == ("# Micro\n", "fp16-weights")
    weights = sum(len(t.raw_data) for t in source.proto.graph.initializer)
    assert output.with_suffix(".bin").stat().st_size < 0.6 * weights
    batch = np.ones((3, 3, 32, 33), np.float32)
    assert openvino.openvino_scorer(output)(batch).shape == (3, 9, 126)


@pytest.fixture
def todays(tmp_path: Path) -> Path:
    """A 768 px model as today's users have it: external weight data, a YAML, no LineSpec, probabilities."""
    folder = tmp_path / "svtrv2-768"
    folder.mkdir()
    path = folder / "recognize_svtrv2.onnx"
    proto = onnx.load(str(write_toy(tmp_path / "toy.onnx", Toy(spec=None, softmax=True))))
    onnx.save(proto, str(path), save_as_external_data=True, location="recognize_svtrv2.onnx.data", size_threshold=256)
    (folder / "recognize_svtrv2_meta.yaml").write_text(
        "model: svtrv2\ndecoder: ctc\nblank_index: 0\ncharset_size: 125\nnum_classes: 126\nstride: 4\n"
        "input_height: 32\nmax_width_tested: 768\nnormalization: '(x/255 - 0.5) / 0.5'\n",
        encoding="utf-8",
    )
    assert (folder / "recognize_svtrv2.onnx.data").stat().st_size > 400
    return path


def test_todays_768_px_model_is_read_and_converted(
    todays: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = OnnxRecognizer(todays, threads=1)
    assert (reader.spec.max_width, reader.spec.output) == (768, "probabilities")
    assert reader.read([banded("Årets resultat 12")])[0].text == "Årets resultat 12"
    # What it reads is the toy's: bands of one level each, so the check gets such lines.
    monkeypatch.setattr(
        publish, "parity_lines", lambda count, spec: [ParityLine(banded(t), t) for t in ("Åre", "Summa skulder", "x")]
    )
    opened = from_onnx(todays)
    assert opened.spec == reader.spec
    output = tmp_path / "out" / "recognize_svtrv2.onnx"
    from nordocr.export.onnx import write_fp32

    monkeypatch.setattr("nordocr.export.onnx.FP32", Tolerance(3, 3, identical=0.9, others=0.9, cer=0.0, cer_high=1.0))
    write_fp32(opened, output, sim=False, card=None)
    again = OnnxRecognizer(output, threads=1)
    assert (again.spec.max_width, again.spec.output) == (768, "probabilities")
    assert again.read([banded("Øl")])[0].text == "Øl"
    assert sorted(path.name for path in output.parent.iterdir()) == [
        "recognize_svtrv2.onnx",
        "recognize_svtrv2_meta.yaml",
    ]


def test_without_its_external_data_it_is_refused(todays: Path) -> None:
    todays.with_name("recognize_svtrv2.onnx.data").unlink()
    with pytest.raises(ModelInvalid, match=r"recognize_svtrv2\.onnx is not an ONNX model"):
        from_onnx(todays)
