"""From a name to an engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, ModelInvalid, ModelMissing, UsageError
from nordocr.recognize import bundled, registry


def test_names_that_are_nothing() -> None:
    with pytest.raises(ModelMissing, match="no model 'nanna': it is neither a file nor a bundled model"):
        registry.open_recognizer("nanna", ReadingConfig())
    with pytest.raises(ModelMissing, match=r"no model file away\.onnx"):
        registry.open_recognizer("away.onnx", ReadingConfig())
    with pytest.raises(ModelMissing, match=r"no model file away\.safetensors"):
        registry.open_recognizer("away.safetensors", ReadingConfig())


def test_a_file_of_another_kind_is_not_a_model(tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("x", encoding="utf-8")
    with pytest.raises(ModelMissing, match=r"letter\.txt is not a model"):
        registry.open_recognizer(str(other), ReadingConfig())


def test_a_bundled_name_is_opened_from_the_package_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nano").mkdir()
    (tmp_path / "nano" / bundled.MODEL_FILE).write_bytes(b"not a model")
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(bundled, "models_folder", lambda: tmp_path)
    assert bundled.bundled_names() == ["nano"]
    with pytest.raises(ModelInvalid, match=r"recognize_svtrv2\.onnx is not an ONNX model"):
        registry.open_recognizer("nano", ReadingConfig())


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    checkpoint = tmp_path / "best.safetensors"
    checkpoint.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "nordocr.model.recognizer", None)
    with pytest.raises(EngineUnavailable, match=r'pip install "nordocr\[train\]"'):
        registry.open_recognizer(str(checkpoint), ReadingConfig())


def test_opening_an_onnx_model_imports_no_torch() -> None:
    code = (
        "import sys, nordocr.recognize.registry, nordocr.recognize.onnx, nordocr.pipeline.reader; "
        "lab = [m for m in sys.modules if m == 'torch' or m.startswith(('nordocr.model', 'nordocr.train'))]; "
        "sys.exit(repr(lab) if lab else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("suffix", "keys", "engine"),
    [
        (".onnx", {}, "onnx"),
        (".onnx", {"engine": "openvino", "precision": "bf16", "shapes": "rungs"}, "openvino"),
        (".onnx", {"engine": "auto", "device": "cuda"}, "onnx"),
        (".onnx", {"provider": "openvino"}, "onnx"),
        (".xml", {}, "openvino"),
        (".safetensors", {"torch_mode": "graphs", "device": "cuda"}, "torch"),
        (".engine", {"device": "cuda"}, "tensorrt"),
        (".plan", {"engine": "auto"}, "tensorrt"),
    ],
)
def test_the_engine_follows_from_the_file_and_the_configuration(
    suffix: str, keys: dict[str, object], engine: str
) -> None:
    assert registry.choose_engine(suffix, "a model", ReadingConfig.model_validate(keys)) == engine


@pytest.mark.parametrize(("there", "engine"), [(True, "openvino"), (False, "onnx")])
def test_auto_takes_openvino_where_it_is_installed(there: bool, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.importlib.util, "find_spec", lambda name: object() if there else None)
    config = ReadingConfig.model_validate({"engine": "auto", "shapes": "rungs"})
    assert registry.choose_engine(".onnx", "a model", config) == engine


@pytest.mark.parametrize(
    ("suffix", "keys", "sentence"),
    [
        (".safetensors", {"engine": "onnx"}, "engine onnx cannot run a model; torch can"),
        (".onnx", {"engine": "torch"}, "engine torch cannot run a model; onnx or openvino can"),
        (".onnx", {"shapes": "rungs"}, r"engine onnx does not obey shapes \(rungs\)"),
        (".onnx", {"engine": "openvino", "device": "cuda"}, r"engine openvino does not obey device \(cuda\)"),
        (".onnx", {"torch_mode": "compiled"}, "engine onnx does not obey torch_mode"),
        (".xml", {"provider": "cuda"}, "engine openvino does not obey provider"),
    ],
)
def test_what_an_engine_would_not_do_is_refused(suffix: str, keys: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        registry.choose_engine(suffix, "a model", ReadingConfig.model_validate(keys))


def test_a_device_that_is_not_here_is_refused_and_not_replaced(tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(EngineUnavailable, match="has no CUDAExecutionProvider"):
        registry.open_recognizer(str(tmp_path / "model.onnx"), ReadingConfig(device="cuda"))
