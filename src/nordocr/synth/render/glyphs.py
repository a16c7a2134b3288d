"""Glyph bitmaps of one font face, drawn once and kept: placing a kept glyph is ten times cheaper than drawing it.

Glyphs are drawn large and the finished line is reduced to its scanning resolution with area sampling, which is what a
scanner does to print. No trace is left of FreeType's hinting to the pixel grid.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, features

from nordocr.errors import InputUnreadable

UInt8Array = npt.NDArray[np.uint8]

RASTER_SMALL = 48
"""Pixels an em is drawn at for lines up to :data:`SMALL_LIMIT` pixels an em."""

RASTER_LARGE = 96
"""Pixels an em is drawn at for larger lines."""

SMALL_LIMIT = 52.0

# Pairs outside these sets kern by less than 2 % of an em in nearly every face: not worth a shaping call each.
_KERN_LEFT = frozenset("AFKLPTVWXYÅÄÞ")
_KERN_RIGHT = frozenset("TVWYvwy")
_KERN_TAIL = frozenset("rfvwyPTVWYF'’”\"")
_KERN_POINT = frozenset(".,-–:;’”'\"")


class FaceLike(Protocol):
    """One face of a font file. ``group`` is one of typewriter, monospace, serif, sans, condensed, bold, italic, old."""

    @property
    def path(self) -> str:
        """Path of the font file."""

    @property
    def index(self) -> int:
        """Index of the face inside the file (0 unless it is a collection)."""

    @property
    def group(self) -> str:
        """Style group of the face."""


class Glyph(NamedTuple):
    """A drawn character. ``ink``: uint8 ``[h, w]``, 255 full ink, cut to its ink (``[0, 0]`` for a blank).

    ``left``: columns from the pen to the ink; ``top``: rows from the baseline to the ink (negative is above);
    ``advance``: pixels to the next pen. All in raster pixels.
    """

    ink: UInt8Array
    left: int
    top: int
    advance: float


class Metrics(NamedTuple):
    """Vertical measures of a face in raster pixels above (``descent``: below) the baseline, from its own glyphs."""

    x_height: float
    cap_height: float
    ascent: float
    descent: float


_BLANK: UInt8Array = np.zeros((0, 0), dtype=np.uint8)


@lru_cache(maxsize=192)
def _font(path: str, index: int, size: int, shaped: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if shaped and features.check("raqm") else ImageFont.Layout.BASIC
    try:
        return ImageFont.truetype(path, size, index=index, layout_engine=engine)
    except OSError as error:
        raise InputUnreadable(f"Font file {path} (face {index}) cannot be read: {error}.") from error


class GlyphTable:
    """The glyphs, advances and kerning of one face at ``raster`` pixels an em, each drawn when first asked for."""

    __slots__ = ("_glyphs", "_index", "_kerns", "_metrics", "_path", "raster")

    def __init__(self, path: str, index: int, raster: int) -> None:
        self._path, self._index, self.raster = path, index, raster
        self._glyphs: dict[str, Glyph] = {}
        self._kerns: dict[str, float] = {}
        self._metrics: Metrics | None = None

    def glyph(self, char: str) -> Glyph:
        """Return the glyph of ``char``, or whatever the face draws for characters it lacks."""
        known = self._glyphs.get(char)
        if known is None:
            known = self._glyphs[char] = self._draw(char)
        return known

    def _draw(self, char: str) -> Glyph:
        font, size = _font(self._path, self._index, self.raster, shaped=False), self.raster
        try:
            advance = float(font.getlength(char))
            image = Image.new("L", (4 * size, 4 * size))
            ImageDraw.Draw(image).text((size, 2 * size), char, fill=255, font=font, anchor="ls")
        except OSError as error:
            raise InputUnreadable(f"Font file {self._path} cannot draw {char!r}: {error}.") from error
        box = image.getbbox()
        if box is None:
            return Glyph(_BLANK, 0, 0, advance)
        return Glyph(np.array(image.crop(box), dtype=np.uint8), box[0] - size, box[1] - 2 * size, advance)

    def kern(self, left: str, right: str) -> float:
        """Return the raster pixels to add between two characters (mostly negative); 0 for pairs that hardly kern."""
        if not (left in _KERN_LEFT or right in _KERN_RIGHT or (left in _KERN_TAIL and right in _KERN_POINT)):
            return 0.0
        pair = left + right
        known = self._kerns.get(pair)
        if known is None:
            font = _font(self._path, self._index, self.raster, shaped=True)
            options = ["-liga"] if font.layout_engine == ImageFont.Layout.RAQM else None
            apart = font.getlength(left, features=options) + font.getlength(right, features=options)
            known = self._kerns[pair] = float(font.getlength(pair, features=options)) - apart
        return known

    @property
    def metrics(self) -> Metrics:
        """Heights of x, H, d and p; typical shares of an em where the face draws them blank."""
        if self._metrics is None:
            em = float(self.raster)
            high = [float(-self.glyph(char).top) for char in "xHd"]
            tail = self.glyph("p")
            low = float(tail.top + tail.ink.shape[0])
            shares = (0.48, 0.68, 0.72)
            x, cap, ascent = (h if h > 0 else share * em for h, share in zip(high, shares, strict=True))
            self._metrics = Metrics(x, cap, max(ascent, cap), low if low > 0 else 0.21 * em)
        return self._metrics

    @property
    def monospaced(self) -> bool:
        """True where i, m and W have the same advance."""
        return self.glyph("i").advance == self.glyph("m").advance == self.glyph("W").advance


# About 0.1 MB a face with all characters drawn: a pool of 1,400 faces stays whole in one process.
@lru_cache(maxsize=2048)
def _small(path: str, index: int) -> GlyphTable:
    return GlyphTable(path, index, RASTER_SMALL)


@lru_cache(maxsize=256)
def _large(path: str, index: int) -> GlyphTable:
    return GlyphTable(path, index, RASTER_LARGE)


def glyph_table(face: FaceLike, em: float) -> GlyphTable:
    """Return the kept glyph table of ``face`` for a line of ``em`` pixels an em.

    Raises:
        InputUnreadable: If the font file cannot be read.
    """
    return (_small if em <= SMALL_LIMIT else _large)(face.path, face.index)
