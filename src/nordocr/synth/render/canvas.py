"""The part of a page round a line on which marks are drawn: an array of ink and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from nordocr.synth.render.geometry import Rect
from nordocr.synth.render.glyphs import UInt8Array
from nordocr.synth.render.layout import stamp_ink

_SHIFT = 4


@dataclass(frozen=True)
class Line:
    """A drawn line at its resolution. ``ink``: uint8 ``[h, w]``, 255 full ink; its corner is x = 0, y = 0.

    ``baseline``: y of the baseline. ``box``: x0, y0, x1, y1 of the ink. ``gaps``: x where words part. ``em``,
    ``x_height``, ``ascent``, ``descent`` in pixels; ``pitch`` of a typewriter or None; ``typed``: its wear, or 0;
    ``spread``: raster pixels by which its ribbon thickened the letters.
    """

    ink: UInt8Array
    baseline: float
    box: Rect
    gaps: tuple[float, ...]
    em: float
    x_height: float
    ascent: float
    descent: float
    dpi: int
    pitch: float | None
    typed: float
    spread: int

    @property
    def height(self) -> float:
        """Ascender to descender in pixels, used or not."""
        return self.ascent + self.descent


class Bar(NamedTuple):
    """An upright rectangle of ``ink`` (0-255) in line coordinates; with a ``period`` a row of dots, else solid."""

    x0: float
    y0: float
    x1: float
    y1: float
    ink: float
    period: float = 0.0


class Stroke(NamedTuple):
    """A straight pen or printed stroke of ``width`` pixels and ``ink`` (0-255) in line coordinates."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    ink: float


class Canvas:
    """Ink of the part ``rect`` of the line's plane: ``ink`` is uint8 ``[y1 - y0, x1 - x0]``, 0 where empty."""

    __slots__ = ("ink", "rect")

    def __init__(self, rect: Rect) -> None:
        self.rect = rect
        self.ink: UInt8Array = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), dtype=np.uint8)

    def lay(self, ink: UInt8Array, x: int, y: int) -> None:
        """Lay ``ink`` with its corner at (x, y) of the line's plane; the darker of old and new stays."""
        stamp_ink(self.ink, ink, x - self.rect[0], y - self.rect[1])

    def bar(self, bar: Bar) -> None:
        """Draw an anti-aliased rectangle, or a row of dots."""
        x0, x1 = max(bar.x0, self.rect[0]) - self.rect[0], min(bar.x1, self.rect[2]) - self.rect[0]
        y0, y1 = max(bar.y0, self.rect[1]) - self.rect[1], min(bar.y1, self.rect[3]) - self.rect[1]
        if x0 >= x1 or y0 >= y1:
            return
        columns = np.arange(int(x0), min(self.ink.shape[1], int(np.ceil(x1))), dtype=np.float32)
        rows = np.arange(int(y0), min(self.ink.shape[0], int(np.ceil(y1))), dtype=np.float32)
        across = np.minimum(columns + 1.0, x1) - np.maximum(columns, x0)
        down = np.minimum(rows + 1.0, y1) - np.maximum(rows, y0)
        if bar.period > 0.0:
            across = across * np.clip((bar.y1 - bar.y0) - (columns % bar.period) + 0.5, 0.0, 1.0)
        ink = (np.outer(down, across) * bar.ink).astype(np.uint8)
        stamp_ink(self.ink, ink, int(x0), int(y0))

    def stroke(self, stroke: Stroke) -> None:
        """Draw an anti-aliased straight stroke."""
        self.curve(np.array([[stroke.x0, stroke.y0], [stroke.x1, stroke.y1]]), stroke.width, stroke.ink)

    def curve(self, points: np.ndarray[tuple[int, ...], np.dtype[np.float64]], width: float, ink: float) -> None:
        """Draw an anti-aliased curve through ``points``, float64 ``[n, 2]`` (x, y)."""
        over = np.zeros_like(self.ink)
        fixed = np.rint((points - np.array(self.rect[:2])) * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(over, [fixed], False, (ink,), max(1, round(width)), cv2.LINE_AA, _SHIFT)
        np.maximum(self.ink, over, out=self.ink)
