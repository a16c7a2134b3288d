"""The one interface of every recogniser: line crops in, text with confidences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nordocr.ctc import Decoded, WordSpan, char_extents, words

Crop = npt.NDArray[np.uint8]
"""A line crop: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, dark ink on light paper, any height."""


@dataclass(frozen=True)
class LineText:
    """What an engine read in one crop.

    Attributes:
        text: The text, NFC.
        confidence: In [0, 1].
        char_confidences: One value per character, in [0, 1]; empty if the engine gives none.
        words: The words and their places.
        flags: As in :class:`nordocr.results.Line`.
        char_extents: Left and right edge of each character as shares of the crop's width; empty if the engine gives
            none.
    """

    text: str
    confidence: float
    char_confidences: tuple[float, ...] = ()
    words: tuple[WordSpan, ...] = ()
    flags: tuple[str, ...] = ()
    char_extents: tuple[tuple[float, float], ...] = ()


class Recognizer(Protocol):
    """Reads line crops. Opened once, used for many pages, closed by its owner."""

    name: str
    """The engine's name as results report it, for example ``onnx`` or ``tesseract``."""

    model: str
    """The model file or language that it reads with."""

    model_sha256: str
    """Checksum of that file in hexadecimal, empty where there is no one file."""

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        """Read the crops, results in the same order. An empty sequence gives an empty list."""
        ...

    def close(self) -> None:
        """Free what the engine holds."""
        ...


def line_text(decoded: Decoded, flags: tuple[str, ...] = ()) -> LineText:
    """Convert a decoded line to the result of :meth:`Recognizer.read`."""
    extents = tuple(char_extents(decoded))
    return LineText(
        decoded.text,
        decoded.confidence,
        tuple(span.probability for span in decoded.spans),
        tuple(words(decoded, extents)),
        flags,
        extents,
    )
