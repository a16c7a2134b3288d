"""Setting text for one page: a few faces that go together, or one typewriter with its lasting faults."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from nordocr.errors import DataInvalid
from nordocr.synth.dice import Dice
from nordocr.synth.fonts import Face, FontPool
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import GlyphTable, glyph_table
from nordocr.synth.render.ink import weave
from nordocr.synth.render.layout import Layer, Spacing, draw_placed, draw_setting, reduce_layer, set_line
from nordocr.synth.render.strike import Machine, thicken

PRINTED_GROUPS = ("serif", "sans", "condensed", "old")
TYPED_GROUPS = ("typewriter", "monospace")

OPTIONAL = frozenset("€£–—‘’“”«»±×°")
"""Characters that a page can do without: half of all typewriter faces lack one of them, as typewriters did."""


@dataclass(frozen=True)
class Style:
    """How a text is set: ``role`` one of body, bold, italic, heading; size in points; ``tracking`` in em.

    ``weight``: by how much strokes are thickened, in em.
    """

    role: str
    points: float
    tracking: float = 0.0
    weight: float = 0.0

    def sized(self, points: float) -> Style:
        """Return the same style at another size."""
        return replace(self, points=points)


@dataclass(frozen=True)
class PageFonts:
    """The faces of one page by role. ``typed``: all of them are the one face of a typewriter."""

    body: Face
    bold: Face
    italic: Face
    heading: Face
    typed: bool

    @property
    def covered(self) -> frozenset[str]:
        """The characters that every face of the page draws."""
        return self.body.covered & self.bold.covered & self.italic.covered & self.heading.covered | {" "}

    def face(self, role: str) -> Face:
        """Return the face of a role of :class:`Style`."""
        return {"body": self.body, "bold": self.bold, "italic": self.italic, "heading": self.heading}[role]


class FontShelf:
    """A pool's faces that draw the charset but for :data:`OPTIONAL`, so that faces that go together are found."""

    def __init__(self, pool: FontPool, characters: str) -> None:
        needed = frozenset(characters) - OPTIONAL - {" "}
        whole = [face for face in pool.faces if needed <= face.covered]
        self._families: dict[str, list[Face]] = {}
        for face in whole:
            self._families.setdefault(face.family, []).append(face)
        self._characters = "".join(sorted(needed))
        self._printed = FontPool([f for f in whole if f.group in PRINTED_GROUPS], pool.shares)
        self._typed = FontPool([f for f in whole if f.group in TYPED_GROUPS], pool.shares)

    def choose(self, dice: Dice, typed: bool) -> PageFonts:
        """Return the faces of one page: print where there is no typewriter, and the other way round.

        Raises:
            DataInvalid: If no face of the pool draws what is needed.
        """
        first, second = (self._typed, self._printed) if typed else (self._printed, self._typed)
        pool, typed = (first, typed) if first.faces else (second, not typed)
        if not pool.faces:
            raise DataInvalid("No upright font of the pool draws every character that pages need.")
        body = pool.sample(dice.rng, self._characters)
        if typed:
            return PageFonts(body, body, body, body, True)
        bold, italic = self._partner(body, "bold"), self._partner(body, "italic")
        heading = bold
        if dice.chance(0.35):
            other = pool.sample(dice.rng, self._characters)
            heading = self._partner(other, "bold")
        return PageFonts(body, bold, italic, heading, False)

    def family(self, name: str) -> PageFonts:
        """Return the faces of one family by its normalised name, such as ``liberation serif``.

        Raises:
            DataInvalid: If the family is not installed or draws too little.
        """
        for face in self._families.get(name, ()):
            if face.group in PRINTED_GROUPS:
                bold = self._partner(face, "bold")
                return PageFonts(face, bold, self._partner(face, "italic"), bold, False)
        raise DataInvalid(f"The font family {name!r} is not installed or draws too few characters.")

    def _partner(self, face: Face, group: str) -> Face:
        found = [other for other in self._families[face.family] if other.group == group]
        found.sort(key=lambda other: (other.style.lower() != group, len(other.style), other.style))
        return found[0] if found else face


class Press:
    """Sets and draws texts of one page at ``dpi``. Sizes and widths in points, drawn layers in pixels."""

    def __init__(self, fonts: PageFonts, dpi: int, dice: Dice) -> None:
        self.fonts, self.dpi, self._dice = fonts, dpi, dice
        self.unit = dpi / 72.0
        self._machine: Machine | None = None
        self._weave = 0.0
        self._widths: dict[tuple[str, Style], float] = {}
        self.typed_points: float | None = None
        if fonts.typed:
            self._set_up_machine()

    def _set_up_machine(self) -> None:
        pitch_inch = self._dice.weighted(((10.0, 0.65), (12.0, 0.35)))
        table = glyph_table(self.fonts.body, 40.0)
        advance = table.glyph("n").advance / table.raster
        self.typed_points = 72.0 / pitch_inch / advance if advance > 0 else 10.0
        table = glyph_table(self.fonts.body, self.typed_points * self.unit)
        self._machine = Machine(table, self.typed_points * self.unit, self._dice, RenderConfig(wear=(0.15, 0.8)))
        self._weave = self._dice.between((0.15, 0.6)) if self._dice.chance(0.6) else 0.0

    def _setting(self, style: Style) -> tuple[GlyphTable, float, Spacing]:
        points = self.typed_points or style.points
        em = points * self.unit
        table = glyph_table(self.fonts.face(style.role), em)
        if self.fonts.typed:
            pitch = table.glyph("n").advance if table.monospaced else None
            return table, em / table.raster, Spacing(False, 0.0, 1.0, pitch)
        return table, em / table.raster, Spacing(True, style.tracking * table.raster, 1.0, None)

    def width(self, text: str, style: Style) -> float:
        """Return the width of ``text`` in points from pen to pen."""
        known = self._widths.get((text, style))
        if known is None:
            table, scale, spacing = self._setting(style)
            known = self._widths[text, style] = set_line(text, table, spacing).width * scale / self.unit
        return known

    def size(self, style: Style) -> float:
        """Return the points an em of ``style``; a typewriter has one size only."""
        return self.typed_points or style.points

    def ascent(self, style: Style) -> float:
        """Return the height of d above the baseline in points."""
        table, scale, _ = self._setting(style)
        return table.metrics.ascent * scale / self.unit

    def draw(self, text: str, style: Style, word_factor: float = 1.0) -> Layer:
        """Return the ink of ``text`` in pixels. Word spaces are ``word_factor`` wide, but never a typewriter's.

        Raises:
            DataInvalid: If the text leaves no ink.
        """
        table, scale, spacing = self._setting(style)
        if self._machine is not None:
            layer = draw_placed(self._machine.strike(set_line(text, table, spacing)))
        else:
            layer = draw_setting(set_line(text, table, replace(spacing, word_factor=word_factor)), table)
        if layer is None:
            raise DataInvalid(f"The face {self.fonts.body.path} draws nothing for {text!r}.")
        if style.weight and self._machine is None:
            by = max(1, round(style.weight * table.raster))
            ink, left, top = thicken(layer.ink, round(layer.left), -round(layer.baseline), by)
            layer = Layer(ink, float(left), float(-top))
        layer = reduce_layer(layer, scale, scale)
        if self._weave:
            layer = replace(layer, ink=weave(layer.ink, self._weave, self._dice))
        return layer

    def turned(
        self, text: str, style: Style, degrees: float, strength: float
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Return the ink of a rubber stamp's word, turned; uint8 ``[h, w]`` in pixels."""
        table = glyph_table(self.fonts.face("bold"), style.points * self.unit)
        scale = style.points * self.unit / table.raster
        layer = draw_setting(set_line(text, table, Spacing(True, 0.05 * table.raster, 1.0, None)), table)
        if layer is None:
            raise DataInvalid(f"The face {self.fonts.bold.path} draws nothing for {text!r}.")
        ink = weave(reduce_layer(layer, scale, scale).ink, 0.5, self._dice)
        high, wide = ink.shape
        angle = np.deg2rad(abs(degrees))
        size = (
            int(wide * np.cos(angle) + high * np.sin(angle)) + 3,
            int(wide * np.sin(angle) + high * np.cos(angle)) + 3,
        )
        matrix = cv2.getRotationMatrix2D(((wide - 1) / 2, (high - 1) / 2), degrees, 1.0)
        matrix[:, 2] += ((size[0] - wide) / 2, (size[1] - high) / 2)
        return np.asarray(cv2.convertScaleAbs(cv2.warpAffine(ink, matrix, size), alpha=strength), dtype=np.uint8)
