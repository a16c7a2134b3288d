"""What can read on this machine, and why the rest cannot: every engine is tried, not only looked for."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError
from nordocr.recognize.bundled import bundled_model, bundled_names
from nordocr.recognize.registry import open_recognizer


@dataclass(frozen=True)
class Finding:
    """One engine (or engine and precision or provider): whether it works, and how or why not in one sentence."""

    name: str
    works: bool
    says: str


TRIED: Final = (
    ("onnx", {"engine": "onnx"}),
    ("onnx, provider cuda", {"engine": "onnx", "provider": "cuda"}),
    ("onnx, provider tensorrt", {"engine": "onnx", "provider": "tensorrt"}),
    ("onnx, provider openvino", {"engine": "onnx", "provider": "openvino"}),
    ("openvino f32", {"engine": "openvino"}),
    ("openvino bf16", {"engine": "openvino", "precision": "bf16"}),
    ("openvino f16", {"engine": "openvino", "precision": "f16"}),
)
"""What is tried on a model, and the configuration keys that ask for it."""


def survey(model: Path | None) -> list[Finding]:
    """Every engine on ``model`` (an ONNX file), then the engines that read other files."""
    found = []
    for name, keys in TRIED:
        if model is None:
            found.append(Finding(name, False, "there is no bundled model to try it on"))
            continue
        config = ReadingConfig.model_validate({**keys, "threads": 1})
        found.append(_try(name, lambda config=config: open_recognizer(str(model), config)))  # type: ignore[misc]
    return [*found, _tensorrt(), _torch(), _tesseract()]


def models() -> list[Finding]:
    """The bundled models, each opened by the usual engine."""
    tried = []
    for name in bundled_names():
        finding = _try(name, lambda name=name: open_recognizer(name, ReadingConfig(threads=1)))  # type: ignore[misc]
        size = bundled_model(name).stat().st_size / 1e6
        tried.append(Finding(name, finding.works, f"{size:.1f} MB, {finding.says}"))
    return tried


def usual_model() -> Path | None:
    """The file of the model that is used where none is named, None in a package without it."""
    name = ReadingConfig().recognizer
    return bundled_model(name) if name in bundled_names() else None


def processor() -> dict[str, Any]:
    """Name, cores and the matrix instructions of the processor, as far as the system tells."""
    import os
    import platform

    from nordocr.recognize.engine import cores

    name, flags = platform.processor() or platform.machine(), set[str]()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
    return {"name": name, "cores": os.cpu_count(), "usable": cores(), "has": [f for f in wanted if f in flags]}


def _try(name: str, opened: Callable[[], Any]) -> Finding:
    started = time.perf_counter()
    try:
        recognizer = opened()
    except NordocrError as error:
        return Finding(name, False, " ".join(str(error).split()))
    try:
        [line] = recognizer.read([_line()])
    except Exception as error:  # whatever a runtime raises is this report's subject
        return Finding(name, False, f"opens, but reading fails: {' '.join(str(error).split())[:200]}")
    finally:
        recognizer.close()
    spent = time.perf_counter() - started
    return Finding(name, True, f"opens and reads a first line in {spent:.2f} s, confidence {line.confidence:.2f}")


def _line() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A line with some strokes on it, 40 x 320 px."""
    image = np.full((40, 320), 255, np.uint8)
    for left in range(20, 300, 14):
        image[8:32, left : left + 3] = 0
    return image


def _tensorrt() -> Finding:
    try:
        tensorrt = importlib.import_module("tensorrt")
    except (ImportError, OSError) as error:
        return Finding("tensorrt", False, f"{error}; it needs an NVIDIA GPU and the package tensorrt")
    return Finding(
        "tensorrt", True, f"tensorrt {tensorrt.__version__} can be imported; an engine proves itself on opening"
    )


def _torch() -> Finding:
    try:
        torch = importlib.import_module("torch")  # by name: reading itself never needs it
    except (ImportError, OSError) as error:
        return Finding("torch", False, f'{error}: pip install "nordocr[train]"; only the lab needs it')
    cuda = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA device"
    return Finding("torch", True, f"torch {torch.__version__} opens checkpoints (*.safetensors); {cuda}")


def _tesseract() -> Finding:
    return _try("tesseract", lambda: open_recognizer("tesseract", ReadingConfig(threads=1)))
