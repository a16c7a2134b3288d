"""The models that come inside the package: ``nordocr/models/NAME/recognize_svtrv2.onnx``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from nordocr.errors import ModelMissing

MODEL_FILE: Final = "recognize_svtrv2.onnx"
"""The file's name within a model's folder, the one that today's users know."""


def models_folder() -> Path:
    """The package's folder of models; it need not exist in a source tree that has no model yet."""
    return Path(str(resources.files("nordocr") / "models"))


def bundled_names() -> list[str]:
    """Names of the models that are there, sorted."""
    return sorted(path.parent.name for path in models_folder().glob(f"*/{MODEL_FILE}"))


def bundled_model(name: str) -> Path:
    """The model file of a bundled name; :class:`ModelMissing` says which names there are."""
    if name in bundled_names():
        return models_folder() / name / MODEL_FILE
    there = ", ".join(bundled_names()) or "none"
    raise ModelMissing(f"There is no model {name!r}: it is neither a file nor a bundled model (bundled: {there}).")
