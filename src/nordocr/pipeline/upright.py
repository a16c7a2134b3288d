"""Whether a page that may be upside down is: some of its lines are read both ways, and the surer reading counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nordocr.recognize.base import Crop, Recognizer

# Lines that are read twice, the widest of the page: a page number reads well either way.
_SHOWN: Final = 12
# A page is turned where its lines' mean confidence gains at least so much.
_GAIN: Final = 0.05


def reads_better_turned(recognizer: Recognizer, crops: Sequence[Crop]) -> bool:
    """Whether the lines ``crops`` read clearly better upside down. False for no lines; errors are the recogniser's."""
    shown = sorted(crops, key=lambda crop: crop.shape[1] / crop.shape[0], reverse=True)[:_SHOWN]
    if not shown:
        return False
    both = recognizer.read([*shown, *(np.ascontiguousarray(crop[::-1, ::-1]) for crop in shown)])
    confidences = np.array([line.confidence for line in both]).reshape(2, -1).mean(axis=1)
    return bool(confidences[1] >= confidences[0] + _GAIN)
