"""From a detector's name to a detector."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from nordocr.detect.base import Detector
from nordocr.errors import ModelMissing

NAMES: Final = ("morphology", "dbnet")
"""Every detector by name; a detector's model file by its path is ``dbnet`` with that model."""


def open_detector(name: str, threads: int = 0) -> Detector:
    """Open the detector called ``name``, or the model file ``name`` (``.onnx``), with ``threads`` threads (0: all).

    Raises :class:`ModelMissing`, which says which there are, and :class:`ModelInvalid` for a file that is no detector.
    """
    if name == "morphology":
        from nordocr.detect.morphology import MorphologyDetector

        return MorphologyDetector()
    if name == "dbnet" or name.endswith(".onnx"):
        from nordocr.detect.dbnet.detector import DbNetDetector

        return DbNetDetector(bundled_detector() if name == "dbnet" else Path(name), threads)
    raise ModelMissing(f"There is no detector {name!r}: it is {' or '.join(NAMES)} or a detector's model file (.onnx).")


def bundled_detector() -> Path:
    """Where the package's own detector model lies."""
    return Path(str(resources.files("nordocr") / "models" / "dbnet" / "detect_dbnet.onnx"))
