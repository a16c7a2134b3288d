"""How the paper lay: one mapping from the straight line to the crop, used for points and for pixels alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.synth.dice import Dice
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import UInt8Array

Points = npt.NDArray[np.float64]
Rect = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels; x1 and y1 lie outside."""


@dataclass(frozen=True)
class Warp:
    """A homography (3x3, float64), then a vertical wave: y += amplitude * sin(2 pi x / period + phase).

    ``matrix`` None stands for no change at all, wave included.
    """

    matrix: npt.NDArray[np.float64] | None = None
    amplitude: float = 0.0
    period: float = 1.0
    phase: float = 0.0

    def forward(self, points: Points) -> Points:
        """Return where points of the straight line lie in the crop's plane; float64 ``[n, 2]`` (x, y)."""
        if self.matrix is None:
            return points
        moved = points @ self.matrix[:, :2].T + self.matrix[:, 2]
        moved = moved[:, :2] / moved[:, 2:]
        if self.amplitude:
            moved[:, 1] += self._wave(moved[:, 0])
        return moved

    def _wave(self, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        wave: npt.NDArray[np.float64] = self.amplitude * np.sin(x * (2.0 * math.pi / self.period) + self.phase)
        return wave

    def source(self, rect: Rect) -> Rect:
        """Return the part of the straight line's plane that ``rect`` of the crop shows, with a pixel to spare."""
        if self.matrix is None:
            return rect
        x0, y0, x1, y1 = rect
        swing = abs(self.amplitude)
        corners = [[x, y, 1.0] for x in (x0, x1) for y in (y0 - swing, y1 + swing)]
        back = np.array(corners, dtype=np.float64) @ np.linalg.inv(self.matrix).T
        back = back[:, :2] / back[:, 2:]
        low, high = np.floor(back.min(axis=0)) - 1.0, np.ceil(back.max(axis=0)) + 2.0
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def apply(self, canvas: UInt8Array, source: Rect, rect: Rect) -> UInt8Array:
        """Return the crop's pixels.

        Args:
            canvas: uint8 ``[h, w]``, the pixels of ``source``.
            source: The part of the straight line's plane that ``canvas`` shows.
            rect: The part of the crop's plane to show.
        """
        if self.matrix is None:
            return canvas
        shift = np.array([[1.0, 0.0, source[0]], [0.0, 1.0, source[1]], [0.0, 0.0, 1.0]])
        move = np.array([[1.0, 0.0, -rect[0]], [0.0, 1.0, -rect[1]], [0.0, 0.0, 1.0]])
        matrix = move @ self.matrix @ shift
        size = (rect[2] - rect[0], rect[3] - rect[1])
        if self.amplitude:
            return self._remap(canvas, matrix, size, rect[0])
        if matrix[2, 0] or matrix[2, 1]:
            return np.asarray(cv2.warpPerspective(canvas, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
        return np.asarray(cv2.warpAffine(canvas, matrix[:2], size, flags=cv2.INTER_LINEAR), dtype=np.uint8)

    def _remap(
        self, canvas: UInt8Array, matrix: npt.NDArray[np.float64], size: tuple[int, int], left: int
    ) -> UInt8Array:
        back = np.linalg.inv(matrix)
        back /= back[2, 2]
        x = np.arange(size[0], dtype=np.float64)
        wave = self._wave(x + left)
        y = np.arange(size[1], dtype=np.float32)[:, None]
        # Waves come without perspective, so the way back is affine and each map a sum of a row and a column.
        map_x = (back[0, 0] * x + back[0, 2] - back[0, 1] * wave).astype(np.float32) + np.float32(back[0, 1]) * y
        map_y = (back[1, 0] * x + back[1, 2] - back[1, 1] * wave).astype(np.float32) + np.float32(back[1, 1]) * y
        return np.asarray(cv2.remap(canvas, map_x, map_y, cv2.INTER_LINEAR), dtype=np.uint8)


def choose_warp(
    middle: tuple[float, float], width: float, em: float, dice: Dice, config: RenderConfig
) -> tuple[Warp, list[str]]:
    """Choose how a line lies.

    Args:
        middle: (x, y) of the line's centre in pixels, about which it turns.
        width: Width of its ink in pixels.
        em: Type size in pixels.
        dice: Where the draws come from.
        config: Probabilities and ranges.

    Returns:
        The mapping, and the tags of what was chosen.
    """
    turned, spread = dice.chance(config.rotation), dice.normal() / 3.0
    leaning, lean = dice.chance(config.shear), dice.between(config.shear_range)
    waving, height = dice.chance(config.wave), dice.between(config.wave_em) * em
    period, phase = dice.between((0.5, 2.5)) * max(width, 4.0 * em), dice.unit() * 2.0 * math.pi
    drifting, drift = dice.chance(config.perspective), dice.between(config.perspective_range)
    tags = ["rotation"] * turned + ["shear"] * leaning + ["wave"] * waving + ["perspective"] * drifting
    if not tags:
        return Warp(), []
    cx, cy = middle
    matrix = np.array([[1.0, 0.0, -cx], [0.0, 1.0, -cy], [0.0, 0.0, 1.0]])
    if leaning:
        matrix = np.array([[1.0, -lean, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) @ matrix
    if turned:
        # A detector follows long skewed lines in pieces: none rises by more than about its own height.
        limit = math.degrees(math.atan(1.0 * em / max(width, em)))
        degrees = math.copysign(min(abs(spread) ** 1.5 * config.rotation_degrees, limit), spread)
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]]) @ matrix
    if drifting and not waving:
        matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [drift / max(width, em), 0.0, 1.0]]) @ matrix
    matrix = np.array([[1.0, 0.0, cx], [0.0, 1.0, cy], [0.0, 0.0, 1.0]]) @ matrix
    return Warp(matrix, height if waving else 0.0, period, phase), tags
