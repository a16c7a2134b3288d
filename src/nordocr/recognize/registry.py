"""From a recogniser's name to an open engine: the one place that knows which engines there are."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

from nordocr.config import ReadingConfig
from nordocr.errors import EngineUnavailable, ModelMissing
from nordocr.recognize.base import Recognizer
from nordocr.recognize.bundled import bundled_model

# The lab's engine is opened by name, so that reading has no import of torch or of the lab.
_TORCH_ENGINE: Final = ("nordocr.model.recognizer", "TorchRecognizer")


def open_recognizer(name: str, config: ReadingConfig) -> Recognizer:
    """Open the recogniser called ``name``.

    ``tesseract``; a ``*.onnx`` file; a checkpoint ``*.safetensors`` (needs torch); else the name of a bundled model.
    Raises :class:`ModelMissing`, :class:`ModelInvalid` or :class:`EngineUnavailable`.
    """
    if name == "tesseract":
        return _open_tesseract(config)
    suffix = Path(name).suffix.lower()
    if suffix == ".onnx":
        return _open_onnx(_existing(name), config)
    if suffix == ".safetensors":
        return _open_torch(_existing(name), config)
    if Path(name).exists():
        raise ModelMissing(f"{name} is not a model: an *.onnx or *.safetensors file is wanted.")
    return _open_onnx(bundled_model(name), config)


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise ModelMissing(f"There is no model file {path}.")
    return path


def _open_onnx(path: Path, config: ReadingConfig) -> Recognizer:
    from nordocr.recognize.onnx import OnnxRecognizer

    return OnnxRecognizer(
        path,
        threads=config.threads,
        max_input_width=config.ceiling,
        batch_area=config.batch_area,
        linespec=config.linespec,
        device=config.device,
    )


def _open_tesseract(config: ReadingConfig) -> Recognizer:
    engine = _load("nordocr.recognize.tesseract", "TesseractRecognizer", "tesseract")
    recognizer: Recognizer = engine(languages=config.tess_lang, tessdata=config.tessdata, threads=config.threads)
    return recognizer


def _open_torch(path: Path, config: ReadingConfig) -> Recognizer:
    engine = _load(*_TORCH_ENGINE, "train")
    recognizer: Recognizer = engine.from_file(path, area=config.batch_area, ceiling=config.ceiling)
    return recognizer


def _load(module: str, attribute: str, extra: str) -> Any:
    """An engine's class, imported now; :class:`EngineUnavailable` names the extra where a package is missing."""
    try:
        return getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        missing = error.name or module
        raise EngineUnavailable(f'This engine needs {missing}: pip install "nordocr[{extra}]".') from error
