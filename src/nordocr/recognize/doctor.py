"""Find out which engines work on this machine, and why the others do not. Engines are tried, not only looked for."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nordocr.config import ReadingConfig
from nordocr.errors import NordocrError
from nordocr.recognize.bundled import bundled_model, bundled_names
from nordocr.recognize.named import installed_names, named_model
from nordocr.recognize.registry import ENGINES, EngineEntry, open_recognizer


@dataclass(frozen=True)
class Finding:
    """Whether one engine, with a precision or provider, works, and in one sentence how or why not."""

    name: str
    works: bool
    says: str


def survey(model: Path | None) -> list[Finding]:
    """Try every engine of the registry.

    Args:
        model: An ONNX file to try engines on; None where there is none.

    Returns:
        A finding for each trial of an engine, in the registry's order.
    """
    found = []
    for entry in ENGINES.values():
        if not entry.trials:
            found.append(_importable(entry) if entry.suffixes else _named(entry))
        for label, keys in entry.trials:
            if model is None:
                found.append(Finding(label, False, "there is no bundled model to try it on"))
                continue
            config = ReadingConfig.model_validate({"engine": entry.name, **keys, "threads": 1})
            found.append(_try(label, lambda config=config: open_recognizer(str(model), config)))  # type: ignore[misc]
    return found


def models() -> list[Finding]:
    """Try each bundled and installed model on its usual engine."""
    tried = []
    for name in [*bundled_names(), *installed_names()]:
        finding = _try(name, lambda name=name: open_recognizer(name, ReadingConfig(threads=1)))  # type: ignore[misc]
        size = named_model(name).stat().st_size / 1e6
        tried.append(Finding(name, finding.works, f"{size:.1f} MB, {finding.says}"))
    return tried


def usual_model() -> Path | None:
    """Return the file of the default model, None in a package without it."""
    name = ReadingConfig().recognizer
    return bundled_model(name) if name in bundled_names() else None


def processor() -> dict[str, Any]:
    """Return the processor's name, cores and matrix instructions, as far as the system tells."""
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
    """Draw a line with some strokes on it, 40 x 320 px."""
    image = np.full((40, 320), 255, np.uint8)
    for left in range(20, 300, 14):
        image[8:32, left : left + 3] = 0
    return image


def _named(entry: EngineEntry) -> Finding:
    return _try(entry.name, lambda: open_recognizer(entry.name, ReadingConfig(threads=1)))


def _importable(entry: EngineEntry) -> Finding:
    """Import the package of an engine whose model files are built elsewhere."""
    try:
        module = importlib.import_module(entry.package)
    except (ImportError, OSError) as error:
        return Finding(entry.name, False, f'{error}: pip install "nordocr[{entry.extra}]"')
    files = " and ".join(f"*{suffix}" for suffix in entry.suffixes)
    return Finding(entry.name, True, f"{entry.package} {module.__version__} can be imported; it opens {files}")
