"""Dot-matrix print: the letters of a face sampled on a coarse grid, each sample struck as a round dot.

Receipts, tickets and form feeds are printed by 9 or 24 needles, or by thermal heads as coarse. No free font of them
has the Nordic letters, so any fixed-pitch face serves as their pattern.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import Glyph, GlyphTable, UInt8Array
from nordocr.synth.render.layout import Setting

_ROWS = ((7, 0.25), (8, 0.15), (9, 0.30), (12, 0.20), (16, 0.10))
"""(Dots in the height of a capital, weight)."""
_LEAST_ACCENTED = 12
"""Dots that a capital needs for the rings and strokes of Nordic letters to stay apart."""
_COVERED = 0.36
"""Share of a cell that must be inked for its dot to be struck."""
_SHIFT = 4


class DotMatrix:
    """A printer of one line: its grid and its needles.

    Args:
        table: The glyphs of the face that serves as pattern.
        text: The line; letters beyond ASCII need a finer grid.
        dice: Where the draws come from.
        config: Size of the dots.
    """

    def __init__(self, table: GlyphTable, text: str, dice: Dice, config: RenderConfig) -> None:
        self.table = table
        rows = dice.weighted(_ROWS)
        if not text.isascii():
            rows = max(rows, _LEAST_ACCENTED)
        self.cell = table.metrics.cap_height / rows
        self.radius = dice.between(config.dot_radius) * self.cell
        self._glyphs: dict[str, Glyph] = {}

    def strike(self, setting: Setting) -> list[tuple[UInt8Array, int, int]]:
        """Return every letter of the line as (ink, column, row from the baseline) in raster pixels."""
        placed = []
        for char, pen in zip(setting.text, setting.pens, strict=True):
            glyph = self._glyph(char)
            if glyph.ink.size:
                placed.append((glyph.ink, round(pen) + glyph.left, glyph.top))
        return placed

    def _glyph(self, char: str) -> Glyph:
        known = self._glyphs.get(char)
        if known is None:
            glyph = self.table.glyph(char)
            known = self._glyphs[char] = self._dotted(glyph) if glyph.ink.size else glyph
        return known

    def _dotted(self, glyph: Glyph) -> Glyph:
        """Return the glyph as dots on the grid that begins at the pen and the baseline."""
        cell, (high, wide) = self.cell, glyph.ink.shape
        first_row, first_column = math.floor(glyph.top / cell), math.floor(glyph.left / cell)
        rows = math.ceil((glyph.top + high) / cell) - first_row
        columns = math.ceil((glyph.left + wide) / cell) - first_column
        # A box of one cell before sampling at the cells' centres gives each cell's coverage.
        side = max(1, round(cell))
        pad = side + 1
        soft = cv2.blur(cv2.copyMakeBorder(glyph.ink, pad, pad, pad, pad, cv2.BORDER_CONSTANT), (side, side))
        centres = np.array([[cell, 0.0, cell / 2 - 0.5], [0.0, cell, cell / 2 - 0.5]])
        centres[:, 2] += (first_column * cell - glyph.left + pad, first_row * cell - glyph.top + pad)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        struck = cv2.warpAffine(soft, centres, (columns, rows), flags=flags) > _COVERED * 255
        if not struck.any():
            struck = cv2.warpAffine(soft, centres, (columns, rows), flags=flags) >= max(1, int(soft.max()) // 2)
        margin = math.ceil(self.radius) + 1
        size = (math.ceil(rows * cell) + 2 * margin, math.ceil(columns * cell) + 2 * margin)
        ink = np.zeros(size, dtype=np.uint8)
        for row, column in zip(*np.nonzero(struck), strict=True):
            centre = ((column + 0.5) * cell + margin, (row + 0.5) * cell + margin)
            fixed = (round(centre[0] * (1 << _SHIFT)), round(centre[1] * (1 << _SHIFT)))
            cv2.circle(ink, fixed, round(self.radius * (1 << _SHIFT)), (255.0,), -1, cv2.LINE_AA, _SHIFT)
        return Glyph(ink, round(first_column * cell) - margin, round(first_row * cell) - margin, glyph.advance)
