"""Where the crop's edges lie: round the ink or the line's own height, tight or loose, into the neighbour lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.render.canvas import Line
from nordocr.synth.render.config import RenderConfig, Span
from nordocr.synth.render.geometry import Points, Rect, Warp
from nordocr.synth.render.glyphs import UInt8Array

INK = 16
"""Ink (0-255) from which a pixel counts as part of a letter."""

_CUT_TOP_EM, _CUT_EM = 24.0, 18.0
_CUT_INK = 6.0
"""Ink of fewer rows is cut neither above nor below."""


@dataclass(frozen=True)
class Frame:
    """A chosen crop. ``rect``: in the crop's plane. ``ink``: x0, x1 of the line's own ink there. ``above``,
    ``below``: y of the neighbours' baselines in the line's plane, None where no neighbour shows."""

    rect: Rect
    ink: tuple[float, float]
    above: float | None
    below: float | None
    tags: list[str]


def ink_box(ink: UInt8Array) -> Rect | None:
    """Return x0, y0, x1, y1 of the ink of uint8 ``[h, w]``, or None where there is none."""
    x, y, wide, high = cv2.boundingRect(cv2.threshold(ink, INK - 1, 255, cv2.THRESH_BINARY)[1])
    return (x, y, x + wide, y + high) if wide and high else None


def _outline(line: Line) -> Points:
    """Upper and lower edge of the ink, column by column: float64 ``[n, 2]`` (x, y)."""
    mask = line.ink >= INK
    columns = np.flatnonzero(mask.any(axis=0))
    inked = mask[:, columns]
    top = inked.argmax(axis=0).astype(np.float64)
    bottom = mask.shape[0] - inked[::-1].argmax(axis=0).astype(np.float64)
    x = columns.astype(np.float64)
    return np.concatenate([np.stack([x, top], 1), np.stack([x + 1.0, bottom], 1)])


def _bounds(points: Points) -> list[float]:
    low, high = points.min(axis=0), points.max(axis=0)
    return [float(low[0]), float(low[1]), float(high[0]), float(high[1])]


def _box_points(x0: float, y0: float, x1: float, y1: float) -> Points:
    return np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], dtype=np.float64)


def _margin(dice: Dice, config: RenderConfig, usual: Span, loose: Span, height: float) -> float:
    kind = dice.unit()
    if kind < config.side_tight:
        return dice.between(config.tight_margin) * height
    return dice.between(loose if kind < config.side_tight + config.side_loose else usual) * height


def choose_frame(line: Line, warp: Warp, extent: list[float], dice: Dice, config: RenderConfig) -> Frame:
    """Choose the crop of a line.

    Args:
        line: The drawn line.
        warp: How the line lies in the crop's plane.
        extent: x0, y0, x1, y1 of marks that the crop shall show; empty where x0 > x1.
        dice: Where the draws come from.
        config: Margins and neighbours.
    """
    if config.filled and dice.chance(config.filled):
        return _filled(line, warp, extent, dice, config)
    still = warp.matrix is None
    own = [float(v) for v in line.box] if still else _bounds(warp.forward(_outline(line)))
    hug = dice.chance(config.hug)
    up, down = (line.x_height, 0.0) if hug else (line.ascent, line.descent)
    core = _box_points(line.box[0], line.baseline - up, line.box[2], line.baseline + down)
    shown = [core] if extent[0] > extent[2] else [core, _box_points(*extent)]
    wide = _bounds(warp.forward(np.concatenate(shown)))
    base = [min(own[0], wide[0]), min(own[1], wide[1]), max(own[2], wide[2]), max(own[3], wide[3])]

    edges, tags = _edges(line, own, base, dice, config)
    edges, above, below = _neighbours(line, warp, own, edges, dice, config)
    return _frame(edges, own, above, below, tags)


def _frame(edges: list[float], own: list[float], above: float | None, below: float | None, tags: list[str]) -> Frame:
    rect = (
        math.floor(edges[0] + 1e-6), math.floor(edges[1] + 1e-6),
        math.ceil(edges[2] - 1e-6), math.ceil(edges[3] - 1e-6),
    )  # fmt: skip
    tags = tags + ["neighbour-above"] * (above is not None) + ["neighbour-below"] * (below is not None)
    return Frame((rect[0], rect[1], max(rect[2], rect[0] + 4), rect[3]), (own[0], own[2]), above, below, tags)


def _filled(line: Line, warp: Warp, extent: list[float], dice: Dice, config: RenderConfig) -> Frame:
    """Choose a crop that the line's own ink fills to a given share, off-centre, among neighbours as they come."""
    own = [float(v) for v in line.box] if warp.matrix is None else _bounds(warp.forward(_outline(line)))
    # A line of dots or dashes alone is not blown up: it fills the crop as if it held an x.
    core = [_box_points(line.box[0], line.baseline - line.x_height, line.box[2], line.baseline)]
    shown = core if extent[0] > extent[2] else [*core, _box_points(*extent)]
    wide = _bounds(warp.forward(np.concatenate(shown)))
    base = [min(own[0], wide[0]), min(own[1], wide[1]), max(own[2], wide[2]), max(own[3], wide[3])]
    height = base[3] - base[1]
    rest = height / dice.between(config.fill) - height
    over = rest * dice.between(config.off_centre)
    margins = [_margin(dice, config, config.margin_horizontal, config.loose_horizontal, line.height) for _ in range(2)]
    edges = [base[0] - margins[0], base[1] - over, base[2] + margins[1], base[3] + rest - over]
    leading = dice.between(config.tight_leading) * line.em
    most = config.neighbour_visible[1] * line.height
    # By so much a line askew reaches beyond its own height: there, neighbours farther away show at the corners.
    rise = max(own[3] - own[1] - (line.box[3] - line.box[1]), 0.0)
    above = below = None
    if dice.chance(1.6 * config.neighbour_above):
        up = line.baseline - line.box[1]
        least = max(up + 0.8 * line.descent, up + over + line.descent - most)
        if max(leading, least) < up + over + line.descent + rise:
            above = line.baseline - max(leading, least)
    if dice.chance(1.6 * config.neighbour_below):
        down = line.box[3] - line.baseline
        least = max(down + 0.95 * line.ascent, down + (rest - over) + line.ascent - most)
        if max(leading, least) < down + rest - over + line.ascent + rise:
            below = line.baseline + max(leading, least)
    return _frame(edges, own, above, below, ["filled"])


def _edges(
    line: Line, own: list[float], base: list[float], dice: Dice, config: RenderConfig
) -> tuple[list[float], list[str]]:
    """The four edges without neighbours: ``base`` with a margin, or the ``own`` ink less one pixel."""
    edges, tags = [], []
    for side in range(4):
        vertical, outward = side % 2 == 1, -1.0 if side < 2 else 1.0
        spans = (
            (config.margin_vertical, config.loose_vertical)
            if vertical
            else (config.margin_horizontal, config.loose_horizontal)
        )
        margin = _margin(dice, config, *spans, line.height)
        cut = dice.chance(config.side_cut) and line.em >= (_CUT_TOP_EM if side == 1 else _CUT_EM)
        cut = cut and not (vertical and own[3] - own[1] < _CUT_INK)  # of a line of dashes nothing would be left
        edges.append(own[side] - outward if cut else base[side] + outward * margin)
        if cut:
            tags.append("cut")
    return edges, tags


def _neighbours(
    line: Line, warp: Warp, own: list[float], edges: list[float], dice: Dice, config: RenderConfig
) -> tuple[list[float], float | None, float | None]:
    """Move the upper and lower edge into a neighbour line where there is one."""
    spacing = dice.between(config.line_spacing) * line.em
    if line.typed and line.pitch:  # six lines an inch, at one, one and a half or two spaces
        spacing = line.dpi / 6.0 * dice.weighted(((1.0, 0.5), (1.5, 0.3), (2.0, 0.2)))
    middle = (line.box[0] + line.box[2]) / 2.0
    over, under = dice.chance(config.neighbour_above), dice.chance(config.neighbour_below)
    show_over, show_under = (dice.between(config.neighbour_visible) * line.height for _ in range(2))
    apart = 0.6 * line.height  # behind more paper than this no detector reaches the next line
    above = below = None
    edges = list(edges)
    if over:
        up = line.baseline - line.box[1]
        above = line.baseline - max(min(spacing, up + line.descent + apart), up + 0.8 * line.descent)
        edge = float(warp.forward(np.array([[middle, above + line.descent]]))[0, 1]) - show_over
        edges[1] = min(edge, own[1])
    if under:
        down = line.box[3] - line.baseline
        below = line.baseline + max(min(spacing, down + line.ascent + apart), down + 0.95 * line.ascent)
        edge = float(warp.forward(np.array([[middle, below - line.ascent]]))[0, 1]) + show_under
        edges[3] = max(edge, own[3])
    return edges, above, below
