"""From a recogniser's name to an open engine: the one place that knows which engines there are."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, ModelMissing, UsageError
from nordocr.lm.file import open_language_model
from nordocr.recognize.base import Recognizer
from nordocr.recognize.bundled import bundled_model
from nordocr.recognize.sniff import refuse_what_is_no_model

# The lab's engine is opened by name, so that reading has no import of torch or of the lab.
_TORCH_ENGINE: Final = ("nordocr.model.recognizer", "TorchRecognizer")

ENGINES: Final[Mapping[str, tuple[str, ...]]] = {
    ".onnx": ("onnx", "openvino"),
    ".xml": ("openvino",),
    ".safetensors": ("torch",),
    ".engine": ("tensorrt",),
    ".plan": ("tensorrt",),
}
"""The engines that run a kind of model file, the usual one first."""

_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "onnx": frozenset({"provider", "precision", "cudnn_conv_algo_search", "device", "lang", "lm"}),
    "openvino": frozenset({"precision", "shapes", "lang", "lm"}),
    "torch": frozenset({"precision", "torch_mode", "device", "lang", "lm"}),
    "tensorrt": frozenset({"device", "lang", "lm"}),
}
"""Which of the keys that not every engine obeys an engine does obey."""


def open_recognizer(name: str, config: ReadingConfig) -> Recognizer:
    """Open the recogniser called ``name`` on the engine that ``config`` asks for.

    ``tesseract``; a model file of one of the kinds in :data:`ENGINES`; else the name of a bundled model.
    Raises :class:`ModelMissing`, :class:`ModelInvalid`, :class:`EngineUnavailable`, and :class:`UsageError` where the
    configuration asks the engine for what it cannot do.
    """
    if name == "tesseract":
        return _open_tesseract(config)
    suffix = Path(name).suffix.lower()
    if suffix in ENGINES:
        path = _existing(name)
        refuse_what_is_no_model(path)
    elif Path(name).exists():
        raise ModelMissing(f"{name} is not a model: a file {', '.join(f'*{kind}' for kind in ENGINES)} is wanted.")
    else:
        path, suffix = bundled_model(name), ".onnx"
    engine = choose_engine(suffix, path, config)
    recognizer = _OPENERS[engine](path, config)
    _guide(recognizer, config)
    if config.warm_up:
        warm_up = getattr(recognizer, "warm_up", None)
        if warm_up is not None:
            warm_up()
    return recognizer


def choose_engine(suffix: str, model: object, config: ReadingConfig) -> str:
    """The engine that runs ``model``, a file of the kind ``suffix``; :class:`UsageError` for one that cannot."""
    possible = ENGINES[suffix]
    if config.engine == "auto":
        wants_onnx = config.device != "cpu" or config.provider is not None
        there = importlib.util.find_spec("openvino") is not None
        return "openvino" if "openvino" in possible and there and not wants_onnx else possible[0]
    engine = config.engine or possible[0]
    if engine not in possible:
        raise UsageError(f"The engine {engine} cannot run {model}; {' or '.join(possible)} can.")
    told = {key for keys in _KEYS.values() for key in keys if getattr(config, key) != _default(key)}
    unheard = sorted(told - _KEYS[engine])
    if unheard:
        raise UsageError(f"The engine {engine} does not obey {unheard[0]} ({getattr(config, unheard[0])}).")
    return engine


def _default(key: str) -> object:
    return ReadingConfig.model_fields[key].default


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}.")
    return path


def _common(config: ReadingConfig) -> dict[str, Any]:
    return {
        "threads": config.threads,
        "max_input_width": config.ceiling,
        "batch_area": config.batch_area,
        "max_batch": config.max_batch,
        "linespec": config.linespec,
    }


def _open_onnx(path: Path, config: ReadingConfig) -> Recognizer:
    from nordocr.recognize.onnx import OnnxRecognizer

    search = config.cudnn_conv_algo_search
    return OnnxRecognizer(
        path,
        **_common(config),
        provider=config.provider or config.device,
        conv_search=None if search == "measure" else search.upper(),
        precision=config.precision,
    )


def _open_openvino(path: Path, config: ReadingConfig) -> Recognizer:
    _load("openvino", "Core", "openvino")
    from nordocr.recognize.openvino import OpenVinoRecognizer

    return OpenVinoRecognizer(path, **_common(config), precision=config.precision, shapes=config.shapes)


def _open_tensorrt(path: Path, config: ReadingConfig) -> Recognizer:
    engine = _load("nordocr.recognize.tensorrt", "TensorRTRecognizer", "tensorrt")
    recognizer: Recognizer = engine(
        path,
        max_input_width=config.ceiling,
        batch_area=config.batch_area,
        max_batch=config.max_batch,
        linespec=config.linespec,
    )
    return recognizer


def _guide(recognizer: Recognizer, config: ReadingConfig) -> None:
    """Tell an engine of ours the languages and the language model."""
    from nordocr.recognize.engine import LineRecognizer

    if isinstance(recognizer, LineRecognizer):
        recognizer.guide(config.lang, open_language_model(config.lm))


def _open_tesseract(config: ReadingConfig) -> Recognizer:
    for key, instead in (("lang", "--tess-lang says which languages it reads"), ("lm", "its own cannot be left out")):
        if getattr(config, key) != _default(key):
            raise UsageError(f"The engine tesseract does not obey {key}: {instead}.")
    engine = _load("nordocr.recognize.tesseract", "TesseractRecognizer", "tesseract")
    recognizer: Recognizer = engine(languages=config.tess_lang, tessdata=config.tessdata, threads=config.threads)
    return recognizer


def _open_torch(path: Path, config: ReadingConfig) -> Recognizer:
    engine = _load(*_TORCH_ENGINE, "train")
    recognizer: Recognizer = engine.from_file(
        path,
        area=config.batch_area,
        ceiling=config.ceiling,
        most=config.max_batch,
        device=config.device,
        precision=config.precision,
        mode=config.torch_mode,
        threads=config.threads,
    )
    return recognizer


_OPENERS: Final[Mapping[str, Callable[[Path, ReadingConfig], Recognizer]]] = {
    "onnx": _open_onnx,
    "openvino": _open_openvino,
    "tensorrt": _open_tensorrt,
    "torch": _open_torch,
}


def _load(module: str, attribute: str, extra: str) -> Any:
    """An engine's class, imported now; :class:`EngineUnavailable` names the extra where a package is missing."""
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        missing = error.name or module
        raise EngineUnavailable(f'This engine needs {missing}: pip install "nordocr[{extra}]".') from error
