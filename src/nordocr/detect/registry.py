"""From a detector's name to a detector."""

from __future__ import annotations

from nordocr.detect.base import Detector
from nordocr.detect.morphology import MorphologyDetector
from nordocr.errors import ModelMissing


def open_detector(name: str) -> Detector:
    """Open the detector called ``name``; :class:`ModelMissing` says which there are."""
    if name == MorphologyDetector.name:
        return MorphologyDetector()
    raise ModelMissing(f"There is no detector {name!r}: {MorphologyDetector.name} is the only one.")
