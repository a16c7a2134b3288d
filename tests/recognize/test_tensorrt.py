"""TensorRT: building, refusing and reading engines, on a faithful double of the vendor's API (no GPU here)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from tests.recognize import tensorrt_double as double
from tests.recognize.test_onnx import banded, write_toy

from nordocr.config import ReadingConfig
from nordocr.errors import EngineMismatch, EngineUnavailable, ExportRejected, ModelInvalid, UsageError
from nordocr.export import publish
from nordocr.export import tensorrt as export
from nordocr.export.parity import Tolerance
from nordocr.export.parity_run import ParityLine
from nordocr.export.temperature import write_temperature
from nordocr.export.trtprofiles import PRESETS, preset_for, profiles_of, trtexec_command
from nordocr.linespec import LineSpec
from nordocr.recognize import tensorrt_facts
from nordocr.recognize.registry import open_recognizer
from nordocr.recognize.tensorrt import TensorRTRecognizer

SPEC = LineSpec()


@pytest.fixture(autouse=True)
def vendor(monkeypatch: pytest.MonkeyPatch) -> Iterator[double.Cuda]:
    """TensorRT 11.4 on an sm_86."""
    cuda = double.Cuda("8.6")
    monkeypatch.setitem(sys.modules, "tensorrt", double.tensorrt())
    monkeypatch.setitem(sys.modules, "cuda.bindings.runtime", cuda)
    monkeypatch.delenv(tensorrt_facts.LIBRARY_FOLDER, raising=False)
    monkeypatch.setattr(tensorrt_facts, "_driver", lambda cuda: "580.95")
    monkeypatch.setattr(
        publish, "parity_lines", lambda *_: [ParityLine(banded(t), t) for t in ("Åre 12", "Summa skulder", "x")]
    )
    # The toy's scores go to 16,000, so their roundings are large and bands between two levels are ties.
    monkeypatch.setattr(export, "FP32", Tolerance(3, 3, identical=0.9, others=0.9, cer=0.0, cer_high=1.0))
    double.Builder.log.clear()
    yield cuda


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy(tmp_path_factory.mktemp("toy") / "toy.onnx")


@pytest.fixture
def engine(toy: Path, tmp_path: Path) -> Path:
    output = tmp_path / "recognize_svtrv2_1024_sm86.engine"
    export.export_tensorrt(toy, output, precision="fp32")
    return output


def test_what_is_built_is_read_and_says_what_it_is(engine: Path, vendor: double.Cuda) -> None:
    recognizer = open_recognizer(str(engine), ReadingConfig(batch_area=4096))
    assert isinstance(recognizer, TensorRTRecognizer)
    texts = ["Åre 12", "Summa kortfristiga skulder", "x", "Ø" * 60]
    assert [line.text for line in recognizer.read([banded(text) for text in texts])] == texts
    assert (recognizer.name, recognizer.model) == ("tensorrt", engine.name)
    recognizer.close()
    assert vendor.held == {}
    meta = yaml.safe_load((engine.parent / "recognize_svtrv2_1024_sm86_meta.yaml").read_text(encoding="utf-8"))
    facts = meta["engine"]
    assert (facts["architecture"], facts["tensorrt"], facts["driver"]) == ("8.6", "11.4.0.106", "580.95")
    assert (meta["num_classes"], meta["charset_size"], meta["max_width_tested"]) == (126, 125, 1024)


def test_a_temperature_travels_into_the_yaml(toy: Path, tmp_path: Path) -> None:
    warm = write_temperature(toy, tmp_path / "warm.onnx", 1.5)
    export.export_tensorrt(warm, tmp_path / "warm.engine", precision="fp32")
    assert TensorRTRecognizer(tmp_path / "warm.engine").temperature == 1.5


def test_the_build_is_strongly_typed_with_the_guides_profile(engine: Path) -> None:
    [builder] = double.Builder.log
    assert builder.flags & (1 << int(double.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    [profile] = builder.config.profiles
    assert profile.shapes == {"input": [[1, 3, 32, 32], [32, 3, 32, 768], [64, 3, 32, 1792]]}
    assert sorted(path.name for path in engine.parent.iterdir()) == [engine.name, f"{engine.stem}_meta.yaml"]


def test_one_profile_a_rung_holds_every_width_once(toy: Path, tmp_path: Path) -> None:
    profiles = profiles_of(SPEC, PRESETS["sm_120"], "rungs")
    assert len(profiles) == len(SPEC.ladder)
    for width in range(32, 1793):
        assert sum(p.low[3] <= width <= p.high[3] for p in profiles) == 1
    assert profiles[-1].opt == (27, 3, 32, 1792)
    assert profiles[0].high == (128, 3, 32, 32)
    output = tmp_path / "rungs.engine"
    export.export_tensorrt(toy, output, profiles="rungs", precision="fp32")
    recognizer = TensorRTRecognizer(output)
    texts = ["x", "Åre 12", "y", "Summa kortfristiga skulder till kreditinstitut"]
    assert [line.text for line in recognizer.read([banded(text) for text in texts])] == texts


def test_batches_above_the_profiles_go_in_pieces(engine: Path) -> None:
    recognizer = TensorRTRecognizer(engine, batch_area=10**6)
    many = recognizer.scores(np.ones((70, 3, 32, 64), np.float32))
    assert many.shape == (70, 16, 126)
    assert np.array_equal(many[0], many[-1])


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        ({"architecture": "12.0"}, EngineMismatch, r"was built for sm_120 .* this machine has sm_86"),
        ({"tensorrt": "10.13.0.35"}, EngineMismatch, r"built with TensorRT 10\.13\.0\.35, and this machine has 11\.4"),
        ({"engine_sha256": "0" * 64}, ModelInvalid, "belongs to another engine"),
        ({"colour": "red"}, ModelInvalid, "engine section that is not valid: colour"),
    ],
)
def test_an_engine_that_does_not_belong_here_is_refused(
    engine: Path, change: dict[str, str], error: type[Exception], sentence: str
) -> None:
    path = engine.with_name(f"{engine.stem}_meta.yaml")
    meta = yaml.safe_load(path.read_text(encoding="utf-8"))
    meta["engine"].update(change)
    path.write_text(yaml.safe_dump(meta), encoding="utf-8")
    with pytest.raises(error, match=sentence):
        TensorRTRecognizer(engine)


def test_a_hardware_compatible_engine_runs_on_a_newer_gpu(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "any.engine"
    export.export_tensorrt(toy, output, precision="fp32", hardware_compatible=True)
    assert double.Builder.log[0].config.hardware_compatibility_level is double.HardwareCompatibilityLevel.AMPERE_PLUS
    monkeypatch.setitem(sys.modules, "cuda.bindings.runtime", double.Cuda("12.0"))
    assert TensorRTRecognizer(output).read([banded("Øl")])[0].text == "Øl"


def test_another_linespec_is_refused(engine: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    values = SPEC.model_dump(mode="json") | {"charset_name": "short", "characters": "abc"}
    other.write_text(LineSpec.model_validate(values).to_json(), encoding="utf-8")
    with pytest.raises(ModelInvalid, match="has 126 classes where its charset short needs 4"):
        TensorRTRecognizer(engine, linespec=other)


def test_damaged_engines(engine: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare" / "bare.engine"
    bare.parent.mkdir()
    bare.write_bytes(b"no plan")
    with pytest.raises(ModelInvalid, match="magicTagRead failed"):
        TensorRTRecognizer(bare)
    bare.write_bytes(engine.read_bytes())
    with pytest.raises(ModelInvalid, match="no LineSpec"):
        TensorRTRecognizer(bare)


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_library_folder_with_and_without_a_slash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slash: str
) -> None:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "libnvinfer.so.11").write_bytes(b"")
    loaded: list[str] = []
    monkeypatch.setattr(tensorrt_facts.sys, "platform", "linux")
    monkeypatch.setattr(tensorrt_facts.ctypes, "CDLL", lambda path, mode: loaded.append(path))
    monkeypatch.setenv(tensorrt_facts.LIBRARY_FOLDER, f"{folder}{slash}")
    tensorrt_facts.load_tensorrt()
    assert loaded == [str(folder / "libnvinfer.so.11")]
    monkeypatch.setenv(tensorrt_facts.LIBRARY_FOLDER, str(tmp_path / "none"))
    with pytest.raises(EngineUnavailable, match=r"TENSORRT_LIB_DIR is .*none, which is not a folder"):
        tensorrt_facts.load_tensorrt()


def test_missing_old_and_without_gpu(monkeypatch: pytest.MonkeyPatch, engine: Path) -> None:
    monkeypatch.setitem(sys.modules, "cuda.bindings.runtime", double.Cuda(device=False))
    with pytest.raises(EngineUnavailable, match="CUDA cannot find a GPU: cudaErrorNoDevice"):
        TensorRTRecognizer(engine)
    monkeypatch.setitem(sys.modules, "tensorrt", double.tensorrt("10.11.0.33"))
    with pytest.raises(EngineUnavailable, match=r"10\.11\.0\.33 is too old"):
        TensorRTRecognizer(engine)
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(EngineUnavailable, match="TensorRT is not installed"):
        TensorRTRecognizer(engine)


def test_the_timing_cache_is_kept_and_a_foreign_one_is_not_used(toy: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "timings.bin"
    export.export_tensorrt(toy, tmp_path / "a.engine", precision="fp32", cache=cache)
    assert cache.read_bytes() == b"timings"
    cache.write_bytes(b"foreign timings")
    export.export_tensorrt(toy, tmp_path / "a.engine", precision="fp32", cache=cache)
    assert cache.read_bytes() == b"timings"


def test_what_cannot_be_built_leaves_nothing(toy: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportRejected, match="cannot read the graph: Failed to parse"):
        export.build(double.tensorrt(), b"no graph", profiles_of(SPEC, PRESETS["sm_86"], "single"))
    with pytest.raises(ExportRejected, match="could not build the engine: Error Code 4"):
        export.export_tensorrt(toy, tmp_path / "x.engine", precision="fp32", workspace_gib=0)
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_reads_otherwise_is_not_written(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = onnx.load(str(toy))
    [levels] = [tensor for tensor in graph.graph.initializer if tensor.name == "levels"]
    levels.CopyFrom(onnx.numpy_helper.from_array(np.roll(onnx.numpy_helper.to_array(levels), 3), "levels"))
    other = graph.SerializeToString()
    build = export.build
    monkeypatch.setattr(export, "build", lambda trt, graph, profiles, **more: build(trt, other, profiles, **more))
    with pytest.raises(ExportRejected, match="was not written"):
        export.export_tensorrt(toy, tmp_path / "x.engine", precision="fp32")
    assert list(tmp_path.iterdir()) == []


def test_presets_are_for_their_gpu() -> None:
    assert preset_for(None, "12.0") == PRESETS["sm_120"]
    assert preset_for(None, "9.0").most == 64
    with pytest.raises(UsageError, match="not for this GPU, sm_86"):
        preset_for("sm_120", "8.6")
    with pytest.raises(UsageError, match="no preset 'sm_80'"):
        preset_for("sm_80", "8.6")


def test_the_trtexec_command_by_version() -> None:
    profile = profiles_of(SPEC, PRESETS["sm_86"], "single")[0]
    graph, output = Path("m_fp16.onnx"), Path("m.engine")
    ten = trtexec_command(graph, output, profile, "10.13", cache=Path("t.cache"), hardware_compatible=False)
    assert ten == (
        "trtexec --onnx=m_fp16.onnx --saveEngine=m.engine --stronglyTyped --minShapes=input:1x3x32x32 "
        "--optShapes=input:32x3x32x768 --maxShapes=input:64x3x32x1792 --timingCacheFile=t.cache --skipInference"
    )
    eleven = trtexec_command(graph, output, profile, "11", cache=None, hardware_compatible=True)
    assert "--stronglyTyped" not in eleven
    assert "--fp16" not in ten + eleven
    assert "--hardwareCompatibilityLevel=ampere+" in eleven
    with pytest.raises(UsageError, match="too old"):
        trtexec_command(graph, output, profile, "10.11", cache=None, hardware_compatible=False)
    with pytest.raises(UsageError, match="no TensorRT version"):
        trtexec_command(graph, output, profile, "newest", cache=None, hardware_compatible=False)
