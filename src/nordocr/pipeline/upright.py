"""Whether a page that may be upside down is: some of its lines are read both ways, and the surer reading counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nordocr.recognize.base import Crop, LineText, Recognizer

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


class OnceRead:
    """A :class:`nordocr.recognize.base.Recognizer` that reads no crop of a page twice.

    What decides how a page lies has read some of its lines already. A crop is known by its array, not by its pixels.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self.name, self.model, self.model_sha256 = recognizer.name, recognizer.model, recognizer.model_sha256
        self._recognizer = recognizer
        # The crops are held, so that no other array gets the number of one of them.
        self._known: dict[int, tuple[Crop, LineText]] = {}

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops that were not read yet; results in the order of all of them."""
        fresh = {id(crop): crop for crop in crops if id(crop) not in self._known}
        texts = self._recognizer.read(list(fresh.values())) if fresh else []
        for (number, crop), text in zip(fresh.items(), texts, strict=True):
            self._known[number] = (crop, text)
        return [self._known[id(crop)][1] for crop in crops]

    def forget(self) -> None:
        """Forget all crops: the page is done."""
        self._known.clear()

    def close(self) -> None:
        """Forget all crops; the recogniser itself is closed by its owner."""
        self.forget()
