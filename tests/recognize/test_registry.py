"""From a name to an engine."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from nordocr.config import ReadingConfig, parse_config
from nordocr.errors import ConfigInvalid, EngineUnavailable, ModelInvalid, ModelMissing, UsageError
from nordocr.recognize import bundled, registry, tensorrt


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
    with pytest.raises(ModelMissing, match=r"letter\.txt is not a model file"):
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
    assert registry.choose_engine(suffix, "a model", ReadingConfig.model_validate(keys)).name == engine


@pytest.mark.parametrize(("there", "engine"), [(True, "openvino"), (False, "onnx")])
def test_auto_takes_openvino_where_it_is_installed(there: bool, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.importlib.util, "find_spec", lambda name: object() if there else None)
    config = ReadingConfig.model_validate({"engine": "auto", "threads": 2})
    assert registry.choose_engine(".onnx", "a model", config).name == engine


def test_auto_takes_an_engine_that_obeys_the_keys() -> None:
    asks = {"shapes": "rungs"}, {"device": "cuda"}, {"cudnn_conv_algo_search": "default"}, {"device": "cpu"}
    chosen = [registry.choose_engine(".onnx", "m", ReadingConfig(engine="auto", **keys)).name for keys in asks]  # type: ignore[arg-type]
    assert chosen == ["openvino", "onnx", "onnx", "openvino"]
    with pytest.raises(UsageError, match=r"does not support tess_lang \(swe\); tesseract does"):
        registry.choose_engine(".onnx", "m", ReadingConfig(engine="auto", tess_lang="swe"))
    with pytest.raises(UsageError, match=r"does not support device \(cuda\); onnx and tensorrt and torch do"):
        registry.choose_engine(".xml", "m", ReadingConfig(engine="auto", device="cuda"))


@pytest.mark.parametrize(
    ("suffix", "keys", "sentence"),
    [
        (".safetensors", {"engine": "onnx"}, "engine onnx cannot run a model; torch can"),
        (".onnx", {"engine": "torch"}, "engine torch cannot run a model; onnx or openvino can"),
        (".onnx", {"shapes": "rungs"}, r"engine onnx does not support shapes \(rungs\); openvino does"),
        (".onnx", {"engine": "openvino", "device": "cuda"}, r"engine openvino does not support device \(cuda\)"),
        (".onnx", {"torch_mode": "compiled"}, "engine onnx does not support torch_mode"),
        (".onnx", {"torch_mode": "eager"}, "engine onnx does not support torch_mode"),
        (".xml", {"provider": "cuda"}, "engine openvino does not support provider"),
        (".safetensors", {"linespec": "spec.json"}, r"engine torch does not support linespec \(spec.json\)"),
        (".safetensors", {"provider": "cpu"}, "engine torch does not support provider"),
        (".engine", {"device": "cpu"}, r"engine tensorrt does not support device \(cpu\)"),
        (".engine", {"precision": "f16"}, "engine tensorrt does not support precision"),
        ("tesseract", {"precision": "bf16"}, r"engine tesseract does not support precision \(bf16\)"),
        ("tesseract", {"linespec": "spec.json"}, "engine tesseract does not support linespec"),
        ("tesseract", {"device": "cuda"}, "engine tesseract does not support device"),
        ("tesseract", {"warm_up": True}, "engine tesseract does not support warm_up"),
        ("tesseract", {"engine": "openvino"}, "engine openvino cannot run a model; tesseract can"),
        (".onnx", {"tess_lang": "swe"}, r"engine onnx does not support tess_lang \(swe\); tesseract does"),
    ],
)
def test_what_an_engine_would_not_do_is_refused(suffix: str, keys: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        registry.choose_engine(suffix, "a model", ReadingConfig.model_validate(keys))


def test_an_unknown_engine_is_a_wrong_configuration() -> None:
    with pytest.raises(ConfigInvalid, match="no engine 'abacus'; the engines are auto, onnx, openvino"):
        registry.choose_engine(".onnx", "a model", ReadingConfig(engine="abacus"))


def test_the_keys_of_a_preset_are_suggestions_but_its_device_is_not() -> None:
    cpu = parse_config({"preset": "cpu", "engine": "onnx"}, "here")
    assert cpu.shapes == "rungs"
    assert registry.choose_engine(".onnx", "a model", cpu).name == "onnx"
    said = parse_config({"preset": "cpu", "engine": "onnx", "shapes": "rungs"}, "here")
    with pytest.raises(UsageError, match="does not support shapes"):
        registry.choose_engine(".onnx", "a model", said)
    with pytest.raises(UsageError, match="engine tesseract does not support device"):
        registry.choose_engine("tesseract", "tesseract", parse_config({"preset": "a6000"}, "here"))


def test_settings_for_several_engines_must_be_obeyed_by_one(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"")
    both = ReadingConfig(tess_lang="swe", precision="f32", threads=2)
    registry.refuse_unused([str(model), "tesseract"], both)
    assert registry.choose_engine(".onnx", model, both, shared=True).name == "onnx"
    with pytest.raises(UsageError, match="engine onnx does not support tess_lang"):
        registry.refuse_unused([str(model)], both)
    with pytest.raises(UsageError, match=r"engines onnx and tesseract do not support shapes \(rungs\); openvino does"):
        registry.refuse_unused([str(model), "tesseract"], ReadingConfig(shapes="rungs"))


def test_every_engines_keys_are_keys_of_the_configuration() -> None:
    assert set(ReadingConfig.model_fields) >= registry.ENGINE_KEYS
    assert list(registry.ENGINES) == [entry.name for entry in registry.ENGINES.values()]
    assert set(registry.SUFFIXES) == {".onnx", ".xml", ".engine", ".plan", ".safetensors"}


@pytest.mark.parametrize("name", registry.ENGINES)
def test_every_engine_reads_the_keys_that_its_entry_claims(name: str) -> None:
    entry = registry.ENGINES[name]
    recognizer = getattr(importlib.import_module(entry.module), entry.recognizer)
    source = inspect.getsource(recognizer.from_config)
    read = {"max_input_width", "max_seq_len"} if "config.ceiling" in source else set()
    read |= {key for key in registry.ENGINE_KEYS if f"config.{key}" in source}
    assert read - {"device"} == entry.keys - {"warm_up", "lang", "lm"}  # the registry itself obeys these
    assert hasattr(recognizer, "warm_up") == ("warm_up" in entry.keys)


def test_more_threads_prepare_lines_for_tensorrt(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(tensorrt.TensorRTRecognizer, "__init__", lambda self, model, **keys: given.update(keys))
    tensorrt.TensorRTRecognizer.from_config(Path("x.engine"), ReadingConfig(threads=5, max_seq_len=192))
    assert (given["threads"], given["max_input_width"]) == (5, 768)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"device": "cuda", "provider": "cpu"}, "device cuda and the provider cpu contradict"),
        ({"cudnn_conv_algo_search": "default"}, r"provider cpu does not support cudnn_conv_algo_search \(default\)"),
    ],
)
def test_keys_that_contradict_each_other_are_refused(keys: dict[str, object], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(UsageError, match=sentence):
        registry.open_recognizer(str(tmp_path / "model.onnx"), ReadingConfig.model_validate(keys))


def test_a_device_that_is_not_here_is_refused_and_not_replaced(tmp_path: Path) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has CUDA")
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(EngineUnavailable, match="has no CUDAExecutionProvider"):
        registry.open_recognizer(str(tmp_path / "model.onnx"), ReadingConfig(device="cuda"))
