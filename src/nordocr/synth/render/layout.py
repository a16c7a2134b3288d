"""Where each letter of a line stands: advances, kerning, tracking, word spaces, the typewriter's equal pitch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import GlyphTable, UInt8Array

_SENTENCE_ENDS = frozenset(".:?!")

_MOST_LETTERSPACED = 40

_LINEAR_FROM = 0.65
"""Scale from which linear sampling skips no pixel that matters."""


@dataclass(frozen=True)
class Spacing:
    """How letters follow each other, in raster pixels. ``pitch``: the one advance of a typewriter, else None.

    ``tab``: which word space is a tab (0-1 of their number) and by how much it is wider; ``thin_groups``: factor on
    spaces between digits; ``sentence_gap``: a typewriter's second space behind a sentence.
    """

    kerning: bool
    tracking: float
    word_factor: float
    pitch: float | None
    tab: tuple[float, float] | None = None
    thin_groups: float = 1.0
    sentence_gap: bool = False


@dataclass(frozen=True)
class Setting:
    """A set line: pens[i] is the pen's x of text[i] in raster pixels, ``width`` the pen's x behind the last.

    ``pitch``: the equal advance, or None.
    """

    text: str
    pens: list[float]
    width: float
    pitch: float | None = None

    @property
    def advances(self) -> list[float]:
        """How far the pen goes on with each character, in raster pixels."""
        return [end - pen for pen, end in zip(self.pens, [*self.pens[1:], self.width], strict=True)]


@dataclass(frozen=True)
class Layer:
    """Ink of one line. ``ink``: uint8 ``[h, w]``, 255 full ink; ``left``, ``baseline``: x of its first column and
    row of its baseline, in pixels of the line."""

    ink: UInt8Array
    left: float
    baseline: float


def choose_spacing(
    text: str, table: GlyphTable, typed: bool, dice: Dice, config: RenderConfig
) -> tuple[Spacing, list[str]]:
    """Choose the spacing of one line. Typed lines have an equal pitch or none of it.

    Args:
        text: The line; only short ones of letters are letter-spaced.
        table: The face's glyphs.
        typed: Whether a typewriter strikes the line.
        dice: Where the draws come from.
        config: Probabilities and ranges.

    Returns:
        The spacing, and the tags of what was chosen.
    """
    kerning = dice.chance(config.kerning)
    tracked, tracking = dice.chance(config.tracking), dice.between(config.tracking_em) * table.raster
    spaced, word = dice.chance(config.word_spacing), dice.between(config.word_spacing_factor)
    justified, wide = dice.chance(config.justified), dice.between(config.justified_factor)
    tabbed, tab = dice.chance(config.tabbed), (dice.unit(), dice.between(config.tab_em) * table.raster)
    if typed:
        # Narrower letters in the same cell: the pitch grows against the letters, never against the ruler.
        equal, fill = dice.chance(config.equal_pitch), dice.between(config.type_fill)
        pitch = table.glyph("n").advance / fill if table.monospaced or equal else None
        gap = dice.chance(config.sentence_gap)
        if pitch is not None and _may_be_letterspaced(text) and dice.chance(config.letterspaced):
            # "N O T E R": an empty cell behind each letter, two or three between words.
            return Spacing(False, 0.0, dice.pick((0.5, 1.0)), 2.0 * pitch), ["letterspaced"]
        return Spacing(False, 0.0, 1.0, pitch, tab if tabbed else None, 1.0, gap), ["tab"] * tabbed
    if config.letterspaced and _may_be_letterspaced(text) and dice.chance(config.letterspaced):
        tracking = dice.between(config.letterspaced_em) * table.raster
        # A word space must be seen beside the letters' own gaps.
        factor = 1.0 + (1.2 * tracking + 0.25 * table.raster) / max(table.glyph(" ").advance, 0.1 * table.raster)
        return Spacing(False, tracking, factor, None), ["letterspaced"]
    tags = ["tracking"] * tracked + ["tab"] * tabbed
    factor = 1.0
    if justified:
        factor, tags = wide, [*tags, "justified"]
    elif spaced:
        factor, tags = word, [*tags, "word-spacing"]
    grouped, thin = dice.chance(config.thin_groups), dice.between(config.thin_factor)
    tags += ["thin-groups"] * grouped
    tab_place = tab if tabbed else None
    return Spacing(kerning, tracking if tracked else 0.0, factor, None, tab_place, thin if grouped else 1.0), tags


def _may_be_letterspaced(text: str) -> bool:
    """Return whether ``text`` may stand in a letter-spaced heading: words of letters, none of them single."""
    words = text.split(" ")
    return len(text) <= _MOST_LETTERSPACED and all(len(word) > 2 and word.isalpha() for word in words)


def set_line(text: str, table: GlyphTable, spacing: Spacing, limit: float = float("inf")) -> Setting:
    """Place ``text``; characters that would start at ``limit`` raster pixels or behind are left out."""
    pens: list[float] = []
    x = 0.0
    before = ""
    tab = _tab_place(text, spacing)
    for place, char in enumerate(text):
        if x >= limit:
            break
        wider = spacing.tab[1] if spacing.tab is not None and place == tab else 0.0
        if spacing.pitch is not None:
            pens.append(x)
            # A typewriter knows whole cells only.
            x += spacing.pitch * ((spacing.word_factor if char == " " else 1.0) + round(wider / spacing.pitch))
            if spacing.sentence_gap and char == " " and before in _SENTENCE_ENDS:
                x += spacing.pitch
            before = char
            continue
        if spacing.kerning and before:
            x += table.kern(before, char)
        pens.append(x)
        advance = table.glyph(char).advance + spacing.tracking
        if char == " ":
            within = before.isdigit() and text[place + 1 : place + 2].isdigit()
            advance *= spacing.word_factor * (spacing.thin_groups if within else 1.0)
        x += advance + wider
        before = char
    return Setting(text[: len(pens)], pens, x, spacing.pitch)


def _tab_place(text: str, spacing: Spacing) -> int | None:
    if spacing.tab is None:
        return None
    spaces = [place for place, char in enumerate(text) if char == " "]
    return spaces[int(spacing.tab[0] * len(spaces))] if spaces else None


def stamp_ink(canvas: UInt8Array, ink: UInt8Array, x: int, y: int) -> None:
    """Lay ``ink`` on ``canvas`` with its corner at column ``x``, row ``y``: the darker of the two stays."""
    rows, columns = canvas.shape
    high, wide = ink.shape
    top, left = max(0, -y), max(0, -x)
    bottom, right = min(high, rows - y), min(wide, columns - x)
    if top < bottom and left < right:
        part = canvas[y + top : y + bottom, x + left : x + right]
        np.maximum(part, ink[top:bottom, left:right], out=part)


def draw_setting(setting: Setting, table: GlyphTable, rows: tuple[int, int] | None = None) -> Layer | None:
    """Draw a set line in raster pixels; None where it has no ink. ``rows``: only these rows from the baseline."""
    placed = [
        (glyph.ink, round(pen) + glyph.left, glyph.top)
        for pen, glyph in zip(setting.pens, map(table.glyph, setting.text), strict=True)
        if glyph.ink.size
    ]
    return draw_placed(placed, rows)


def draw_placed(placed: Sequence[tuple[UInt8Array, int, int]], rows: tuple[int, int] | None = None) -> Layer | None:
    """Draw (ink, column, row from the baseline) triples on one canvas; None where there is nothing to draw."""
    if not placed:
        return None
    left = min(x for _, x, _ in placed)
    right = max(x + ink.shape[1] for ink, x, _ in placed)
    if rows is None:
        top, bottom = min(y for _, _, y in placed), max(y + ink.shape[0] for ink, _, y in placed)
    else:
        top, bottom = rows
    if bottom <= top:
        return None
    canvas = np.zeros((bottom - top, right - left), dtype=np.uint8)
    if rows is not None:
        for ink, x, y in placed:
            stamp_ink(canvas, ink, x - left, y - top)
        return Layer(canvas, float(left), float(-top))
    for ink, x, y in placed:  # all inside: the cheap half of stamp_ink
        part = canvas[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    return Layer(canvas, float(left), float(-top))


def reduce_layer(layer: Layer, scale_x: float, scale_y: float) -> Layer:
    """Return the layer at the scanner's resolution, by area sampling (linear where it hardly shrinks)."""
    high, wide = layer.ink.shape
    size = (max(1, round(wide * scale_x)), max(1, round(high * scale_y)))
    if size == (wide, high):
        return layer
    method = cv2.INTER_AREA if min(scale_x, scale_y) < _LINEAR_FROM else cv2.INTER_LINEAR
    ink: UInt8Array = np.asarray(cv2.resize(layer.ink, size, interpolation=method), dtype=np.uint8)
    return Layer(ink, layer.left * scale_x, layer.baseline * size[1] / high)
