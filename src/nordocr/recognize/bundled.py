"""Models that are part of the package: ``nordocr/models/NAME/recognize_svtrv2.onnx``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from nordocr.errors import ModelMissing

MODEL_FILE: Final = "recognize_svtrv2.onnx"
"""The name of the file in a model's folder."""


def models_folder() -> Path:
    """Return the package's folder of models; it need not exist in a source tree without models."""
    return Path(str(resources.files("nordocr") / "models"))


def bundled_names() -> list[str]:
    """Return the names of the bundled models, sorted."""
    return sorted(path.parent.name for path in models_folder().glob(f"*/{MODEL_FILE}"))


def bundled_model(name: str) -> Path:
    """Return the file of a bundled model; :class:`ModelMissing` lists the names that exist."""
    if name in bundled_names():
        return models_folder() / name / MODEL_FILE
    there = ", ".join(bundled_names()) or "none"
    raise ModelMissing(f"There is no model {name!r}: it is neither a file nor a bundled model (bundled: {there}).")
