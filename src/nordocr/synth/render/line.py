"""One training line, from text to image: set, struck, laid on the page among its neighbours, cut out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from nordocr.errors import DataInvalid
from nordocr.synth.dice import Dice
from nordocr.synth.render.canvas import Canvas, Line
from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.dotmatrix import DotMatrix
from nordocr.synth.render.frame import Frame, choose_frame, ink_box
from nordocr.synth.render.geometry import choose_warp
from nordocr.synth.render.glyphs import FaceLike, GlyphTable, UInt8Array, glyph_table
from nordocr.synth.render.ink import choose_ink
from nordocr.synth.render.layout import (
    Setting,
    Spacing,
    choose_spacing,
    draw_placed,
    draw_setting,
    reduce_layer,
    set_line,
)
from nordocr.synth.render.marks import choose_marks
from nordocr.synth.render.scribble import draw_pen, draw_stamp
from nordocr.synth.render.strike import Machine, thicken, without_ones

_PAGE_INCHES = 7.2
"""Widest line of an upright A4 page."""

Context = Callable[[np.random.Generator], str]


@dataclass(frozen=True)
class Rendered:
    """A drawn line.

    Attributes:
        image: uint8 ``[H, W]``, ink 0 on paper 255, anti-aliased.
        text: Its label.
        dpi: The resolution that it pretends to be scanned at.
        tags: What was done to it, for contact sheets.
        shares: The share of the image's width that each character of ``text`` takes: its advance, not its ink.
    """

    image: UInt8Array
    text: str
    dpi: int
    tags: tuple[str, ...]
    shares: tuple[float, ...]


def render_line(
    text: str, face: FaceLike, rng: np.random.Generator, config: RenderConfig, *, context: Context | None = None
) -> Rendered:
    """Draw ``text`` in ``face`` as a line detector would cut it from a page, before it is scanned.

    A pure function of the text, the font file, the state of ``rng`` and ``config``. Characters that the face lacks are
    drawn as the face draws them: choosing faces is the caller's business.

    Args:
        text: The label.
        face: The font face.
        rng: Where the draws come from.
        config: Probabilities and ranges.
        context: Returns the text of a neighbour line; None: neighbours show this line's words in another order.

    Raises:
        DataInvalid: If the text is empty, blank or holds control characters, or if its first or last character leaves
            no ink.
        InputUnreadable: If the font file cannot be read.
    """
    _check(text)
    dice = Dice(rng)
    typed = dice.chance(_typed_chance(face.group, config))
    dpi = dice.weighted(config.dpi_weights)
    em = _choose_em(dpi, dice, config)
    table = glyph_table(face, em)
    spacing, tags = choose_spacing(text, table, typed, dice, config)
    struck = typed and dice.chance(config.one_is_ell)
    drawn = without_ones(text) if struck else text
    tags += ["one-is-ell"] * (drawn != text)
    setting = set_line(drawn, table, spacing)
    em, pitch = _fit_em(em, dpi, setting, table, spacing, dice, config)
    _check_ends(drawn, table, face)

    stretched, stretch = dice.chance(config.stretched), dice.between(config.stretch)
    scale_x = em / table.raster * (stretch if stretched and pitch is None else 1.0)
    em *= dice.between(config.type_height) if pitch is not None else 1.0
    scale_y = em / table.raster
    line, more = _draw(setting, table, typed, (scale_x, scale_y), dpi, pitch, dice, config)
    tags = ["typed"] * typed + tags + more

    middle = ((line.box[0] + line.box[2]) / 2.0, line.baseline)
    warp, more = choose_warp(middle, float(line.box[2] - line.box[0]), em, dice, config)
    marks = choose_marks(line, dice, config, slanted="shear" in more)
    frame = choose_frame(line, warp, marks.extent, dice, config)
    tags += more + marks.tags + frame.tags

    canvas = Canvas(warp.source(frame.rect))
    canvas.lay(line.ink, 0, 0)
    marks.draw(canvas)
    _draw_neighbours(canvas, line, frame, text, table, spacing, (scale_x, scale_y), dice, context)
    if dice.chance(config.handwriting):
        draw_pen(canvas, line, dice)
        tags.append("handwriting")
    if dice.chance(config.stamp):
        draw_stamp(canvas, line, table, dice)
        tags.append("stamp")

    crop = warp.apply(canvas.ink, canvas.rect, frame.rect)
    if frame.ink[0] < frame.rect[0] - 1.01 or frame.ink[1] > frame.rect[2] + 1.01:
        raise DataInvalid(f"The crop of {text!r} would cut its outermost characters.")
    shares = tuple(advance * scale_x / crop.shape[1] for advance in setting.advances)
    return Rendered(np.bitwise_not(crop), text, dpi, tuple(dict.fromkeys(tags)), shares)


def _check(text: str) -> None:
    if not text.strip():
        raise DataInvalid("A line to render has no text.")
    bad = next((char for char in text if unicodedata.category(char).startswith("C")), None)
    if bad is not None:
        raise DataInvalid(f"The line {text!r} holds the control character {bad!r}.")


def _check_ends(text: str, table: GlyphTable, face: FaceLike) -> None:
    stripped = text.strip()
    for char in (stripped[0], stripped[-1]):
        if not table.glyph(char).ink.size:
            raise DataInvalid(f"Font file {face.path} leaves {char!r} at the end of the line {text!r} blank.")


def _typed_chance(group: str, config: RenderConfig) -> float:
    if group == "typewriter":
        return config.typed
    if group == "monospace":
        return config.typed_monospace
    return config.typed_serif if group in ("serif", "old") else config.typed_other


def _choose_em(dpi: int, dice: Dice, config: RenderConfig) -> float:
    """Pixels an em: most running text lies near the usual size, headings above it."""
    heading, large = dice.chance(config.heading), dice.between(config.heading_points)
    low, high = config.points
    points = min(max(config.points_mode + 1.8 * dice.normal(), low), high)
    return min(max((large if heading else points) * dpi / 72.0, config.em_pixels[0]), config.em_pixels[1])


def _fit_em(
    em: float, dpi: int, setting: Setting, table: GlyphTable, spacing: Spacing, dice: Dice, config: RenderConfig
) -> tuple[float, float | None]:
    """The em that a page has room for, and a typewriter's pitch in pixels: exactly so many characters an inch."""
    low = config.em_pixels[0]
    cpi = dice.weighted(config.pitch_weights)
    if spacing.pitch is not None:
        while setting.width / spacing.pitch / cpi > 1.45 * _PAGE_INCHES and cpi < 17.0:
            cpi += 2.0
        em = min(max(dpi / cpi * table.raster / spacing.pitch, low), config.em_pixels[1])
        return em, em * spacing.pitch / table.raster
    room = _PAGE_INCHES * dpi * dice.between((0.85, 1.1))
    return max(low, min(em, room * table.raster / max(setting.width, 1.0))), None


def _draw(
    setting: Setting, table: GlyphTable, typed: bool, scale: tuple[float, float], dpi: int, pitch: float | None,
    dice: Dice, config: RenderConfig,
) -> tuple[Line, list[str]]:  # fmt: skip
    """The line's own ink at its resolution."""
    em, wear, spread = scale[1] * table.raster, 0.0, 0
    dotted: list[str] = []
    if typed:
        machine = Machine(table, em, dice, config, None if table.monospaced else setting.pitch)
        wear, spread = machine.wear, machine.spread
        layer = draw_placed(machine.strike(setting))
    elif config.dot_matrix and table.monospaced and dice.chance(config.dot_matrix):
        layer = draw_placed(DotMatrix(table, setting.text, dice, config).strike(setting))
        dotted = ["dot-matrix"]
    else:
        layer = draw_setting(setting, table)
    if layer is None:
        raise DataInvalid(f"The face draws nothing for the line {setting.text!r}.")
    left = layer.left
    layer = reduce_layer(layer, *scale)
    ink, tags = choose_ink(layer.ink, wear, em, layer.baseline, dice, config)
    box = ink_box(ink)
    if box is None:
        raise DataInvalid(f"The ink of the line {setting.text!r} is too faint to see.")
    gaps = tuple(
        (pen + advance / 2.0 - left) * scale[0]
        for char, pen, advance in zip(setting.text, setting.pens, setting.advances, strict=True)
        if char == " "
    )
    heights = table.metrics
    line = Line(
        ink, layer.baseline, box, gaps, em, heights.x_height * scale[1], heights.ascent * scale[1],
        heights.descent * scale[1], dpi, pitch, wear, spread,
    )  # fmt: skip
    return line, dotted + tags


def _draw_neighbours(
    canvas: Canvas, line: Line, frame: Frame, text: str, table: GlyphTable, spacing: Spacing,
    scale: tuple[float, float], dice: Dice, context: Context | None,
) -> None:  # fmt: skip
    """The visible rows of the lines above and below."""
    for baseline in (frame.above, frame.below):
        if baseline is None:
            continue
        indent = dice.weighted(((0.0, 0.7), (-3.0 * dice.unit(), 0.2), (2.0 * dice.unit(), 0.1))) * line.em
        words = context(dice.rng) if context is not None else _shuffled(text, dice.rng)
        limit = (canvas.rect[2] - indent) / scale[0]
        rows = (int((canvas.rect[1] - baseline) / scale[1]) - 2, int((canvas.rect[3] - baseline) / scale[1]) + 2)
        reach = 2 * table.raster
        layer = draw_setting(set_line(words, table, spacing, limit), table, (max(rows[0], -reach), min(rows[1], reach)))
        if layer is None:
            continue
        if line.spread:
            layer = replace(layer, ink=thicken(layer.ink, 0, 0, line.spread)[0])
        layer = reduce_layer(layer, *scale)
        canvas.lay(layer.ink, round(indent + layer.left), round(baseline - layer.baseline))


def _shuffled(text: str, rng: np.random.Generator) -> str:
    words = text.split()
    return " ".join(words[i] for i in rng.permutation(len(words)))
