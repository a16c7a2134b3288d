"""Pen strokes and rubber stamps across or beside a line: ink that is not part of the text."""

from __future__ import annotations

import math

import cv2
import numpy as np

from nordocr.synth.dice import Dice
from nordocr.synth.render.canvas import Canvas, Line
from nordocr.synth.render.glyphs import GlyphTable, UInt8Array
from nordocr.synth.render.ink import weave
from nordocr.synth.render.layout import Spacing, draw_setting, set_line

_STAMP_WORDS = (
    "INKOMMET", "BETALD", "KOPIA", "BETALT", "KOPI", "MODTAGET", "MOTTATT", "SAAPUNUT", "MAKSETTU", "GREITT",
    "AFRIT", "ARKIV", "Bolagsverket", "REVISOR", "ORIGINAL", "1987 -03- 12", "GODKÄND", "VEDTATT",
)  # fmt: skip


def draw_pen(canvas: Canvas, line: Line, dice: Dice) -> None:
    """Draw one to three smooth strokes of a pen: chains of cubic Bezier curves that share tangents at their joints."""
    x0, y0, x1, y1 = canvas.rect
    width = max(1.0, dice.between((0.02, 0.07)) * line.em)
    ink = dice.between((90.0, 235.0))
    for _ in range(dice.integer(1, 3)):
        point = np.array([x0 + dice.unit() * (x1 - x0), y0 + dice.unit() * (y1 - y0)])
        heading, reach = dice.unit() * 2.0 * math.pi, dice.between((0.5, 2.2)) * line.height
        if dice.chance(0.5):  # along the line, as an underlining or a signature's tail
            heading = dice.normal() * 0.15
        pieces = []
        for _ in range(dice.integer(1, 4)):
            leave = np.array([math.cos(heading), math.sin(heading)]) * reach * 0.5
            turn = dice.normal() * 0.8
            end = point + np.array([math.cos(heading + turn / 2), math.sin(heading + turn / 2)]) * reach
            arrive = np.array([math.cos(heading + turn), math.sin(heading + turn)]) * reach * 0.5
            pieces.append(_bezier(point, point + leave, end - arrive, end))
            point, heading = end, heading + turn
        canvas.curve(np.concatenate(pieces), width, ink)


def _bezier(
    a: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    b: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    c: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    d: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    t = np.linspace(0.0, 1.0, 14)[:, None]
    u = 1.0 - t
    curve: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = (
        u**3 * a + 3 * u * u * t * b + 3 * u * t * t * c + t**3 * d
    )
    return curve


def draw_stamp(canvas: Canvas, line: Line, table: GlyphTable, dice: Dice) -> None:
    """Draw a fragment of a rubber stamp: ring, box or a turned word, unevenly inked and lighter than print."""
    over = np.zeros_like(canvas.ink)
    high, wide = over.shape
    cx, cy = dice.unit() * wide, dice.between((-0.3, 1.3)) * high
    angle = dice.normal() * 12.0
    thick = max(1, round(dice.between((0.05, 0.12)) * line.em))
    kind = dice.integer(0, 2)
    if kind == 0:
        radius = dice.between((1.0, 3.0)) * line.height
        start = dice.unit() * 360.0
        span = dice.between((120.0, 360.0))
        for share in (1.0, 0.8)[: dice.integer(1, 2)]:
            axes = (round(radius * share), round(radius * share * dice.between((0.8, 1.0))))
            cv2.ellipse(over, (round(cx), round(cy)), axes, angle, start, start + span, (255.0,), thick, cv2.LINE_AA)
    elif kind == 1:
        size = (dice.between((3.0, 9.0)) * line.height, dice.between((1.2, 3.0)) * line.height)
        corners = np.rint(cv2.boxPoints(((cx, cy), size, angle))).astype(np.int32)
        cv2.polylines(over, [corners], True, (255.0,), thick, cv2.LINE_AA)
    else:
        over = _word(over, (cx, cy), angle, dice.between((1.2, 2.4)) * line.em, table, dice)
    light = cv2.convertScaleAbs(weave(over, dice.between((0.4, 0.95)), dice), alpha=dice.between((0.25, 0.65)))
    np.maximum(canvas.ink, light, out=canvas.ink)


def _word(
    over: UInt8Array, centre: tuple[float, float], angle: float, em: float, table: GlyphTable, dice: Dice
) -> UInt8Array:
    spacing = Spacing(False, 0.06 * table.raster, 1.0, None)
    layer = draw_setting(set_line(dice.pick(_STAMP_WORDS), table, spacing), table)
    if layer is None:
        return over
    high, wide = layer.ink.shape
    matrix = cv2.getRotationMatrix2D((wide / 2.0, high / 2.0), angle, em / table.raster)
    matrix[:, 2] += np.array(centre) - np.array([wide / 2.0, high / 2.0])
    return np.asarray(cv2.warpAffine(layer.ink, matrix, (over.shape[1], over.shape[0])), dtype=np.uint8)
