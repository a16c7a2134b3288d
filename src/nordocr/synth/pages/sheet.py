"""The sheet of paper: what is placed on it in points, and its picture with exact boxes once it is scanned askew.

Text lines are kept apart from rules, boxes, logos and pen strokes until the end. Each line's own ink is turned by the
page's matrix and laid down, and its box is read off that very ink, so boxes are exact at any skew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.errors import DataInvalid
from nordocr.synth.pages.model import PageLine, PageTable, UInt8Array
from nordocr.synth.pages.press import Press, Style
from nordocr.synth.pages.sketch import Sketch
from nordocr.synth.render.canvas import Bar, Canvas
from nordocr.synth.render.layout import stamp_ink

A4 = (595.3, 841.9)
"""Width and height of A4 in points."""

INK_LEVEL = 64
"""Ink of 0-255 from which a pixel counts to a line's box."""

_WHOLE_FROM = 3.0
"""Degrees of skew from which the picture grows to hold the whole sheet."""

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Laid:
    """One line's ink: uint8 ``[h, w]`` with its corner at pixel (x, y); ``white``: taken out of a black band.

    ``rotation``: degrees clockwise by which it has to be turned to be read; ``flags``: as in the truth.
    """

    ink: UInt8Array
    x: int
    y: int
    text: str
    kind: str
    white: bool
    rotation: int = 0
    flags: tuple[str, ...] = ()


class Sheet:
    """One empty sheet. Positions are points from the upper left corner, y of a text its baseline."""

    def __init__(self, press: Press, size: tuple[float, float] = A4) -> None:
        self.press, self.size, self.unit = press, size, press.unit
        self.pixels = round(size[0] * self.unit), round(size[1] * self.unit)
        self.canvas = Canvas((0, 0, *self.pixels))
        self.laid: list[_Laid] = []
        self.rules: list[Bar] = []
        self.sketches: list[Sketch] = []
        self._covered = press.fonts.covered
        self._boxes: list[tuple[float, float, float, float]] = []

    def text(
        self, x: float, y: float, text: str, style: Style, kind: str, *, align: str = "left",
        room: float | None = None, word_factor: float = 1.0, white: bool = False,
    ) -> tuple[float, float]:  # fmt: skip
        """Place one line. The truth is what was drawn.

        Args:
            x: Where the line is aligned, in points.
            y: Its baseline.
            text: The text; words that ``room`` does not hold are left out.
            style: How it is set.
            kind: Kind of line for the truth.
            align: ``left``, ``right`` or ``center`` about ``x``.
            room: Points that the line may take; a single word wider than that is not placed at all.
            word_factor: Factor on word spaces.
            white: Whether the text stands in white on a dark band.

        Returns:
            x of the line's left and right end in points.

        Raises:
            DataInvalid: If the line does not fit on the paper, or the page's faces lack a character.
        """
        text = " ".join(text.split())
        while room is not None and " " in text and self.press.width(text, style) > room:
            text = text.rsplit(" ", 1)[0]
        if not text or (room is not None and self.press.width(text, style) > 1.1 * room):
            return x, x
        lacking = set(text) - self._covered
        if lacking:
            raise DataInvalid(f"The page's font lacks {''.join(sorted(lacking))!r} of the line {text!r}.")
        width = self.press.width(text, style)
        x -= {"left": 0.0, "right": width, "center": width / 2}[align]
        layer = self.press.draw(text, style, word_factor)
        left, top = round(x * self.unit + layer.left), round(y * self.unit - layer.baseline)
        high, wide = layer.ink.shape
        if left < 0 or top < 0 or left + wide > self.pixels[0] or top + high > self.pixels[1]:
            raise DataInvalid(f"The line {text!r} does not fit on the page.")
        self.laid.append(_Laid(layer.ink, left, top, text, kind, white))
        self._take(left, top, wide, high)
        return x, x + (wide + layer.left) / self.unit if word_factor != 1.0 else x + width

    def comb(self, x: float, y: float, text: str, style: Style, kind: str, cell: float) -> float:
        """Place one line, one character a box of ``cell`` points; return x of its right end in points.

        Raises:
            DataInvalid: If the line does not fit on the paper, or the page's faces lack a character.
        """
        height = self.press.ascent(style)
        wide, high = round(cell * len(text) * self.unit) + 2, round(2.0 * height * self.unit) + 2
        left, top = round(x * self.unit), round((y - 1.45 * height) * self.unit)
        lacking = set(text) - self._covered
        if lacking or left < 0 or top < 0 or left + wide > self.pixels[0] or top + high > self.pixels[1]:
            raise DataInvalid(f"The line {text!r} cannot be set in boxes on this page.")
        ink = np.zeros((high, wide), dtype=np.uint8)
        for place, char in enumerate(text):
            if char != " ":
                layer = self.press.draw(char, style)
                middle = (place + 0.5) * cell * self.unit
                column = round(middle - layer.ink.shape[1] / 2)
                stamp_ink(ink, layer.ink, column, round(y * self.unit - layer.baseline) - top)
        self.laid.append(_Laid(ink, left, top, text, kind, False))
        self._take(left, top, wide, high)
        y0, y1 = y - 1.35 * height, y + 0.4 * height
        for number in range(len(text) + 1):
            self.upright(x + number * cell, y0, y1, 0.5)
        for edge in (y0, y1):
            self.rule(x, edge, x + cell * len(text), 0.5)
        return x + cell * len(text)

    def patch(self, ink: UInt8Array, x: float, y: float, text: str, kind: str, rotation: int = 0) -> None:
        """Place a line drawn elsewhere, its corner at (x, y) points; ``rotation`` as in :class:`PageLine`."""
        left, top = round(x * self.unit), round(y * self.unit)
        self.laid.append(_Laid(ink, left, top, text, kind, False, rotation))
        self._take(left, top, ink.shape[1], ink.shape[0])

    def flag(self, number: int, flag: str) -> None:
        """Flag the line ``number`` of :attr:`laid` in the truth."""
        self.laid[number] = replace(self.laid[number], flags=(*self.laid[number].flags, flag))

    def boxed(self, sign: str, x: float, y: float, side: float, thick: float) -> None:
        """Make the box to tick that was drawn at (x, y), in points, a part of the last line, its ``sign`` the first."""
        last, k = self.laid[-1], self.unit
        x0, y0, x1, y1 = (int(edge * k) for edge in (x, y, x + side + thick, y + side + thick))
        drawn = self.canvas.ink[y0 : y1 + 2, x0 : x1 + 2]
        left, top = min(last.x, x0), min(last.y, y0)
        right, bottom = max(last.x + last.ink.shape[1], x1 + 2), max(last.y + last.ink.shape[0], y1 + 2)
        ink = np.zeros((bottom - top, right - left), dtype=np.uint8)
        stamp_ink(ink, last.ink, last.x - left, last.y - top)
        stamp_ink(ink, drawn, x0 - left, y0 - top)
        self.laid[-1] = replace(last, ink=ink, x=left, y=top, text=f"{sign} {last.text}")

    def _take(self, left: int, top: int, wide: int, high: int) -> None:
        k = self.unit
        self._boxes.append((left / k, top / k, (left + wide) / k, (top + high) / k))

    def free(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        """Return whether no text lies in the rectangle."""
        return not any(a < x1 and c > x0 and b < y1 and d > y0 for a, b, c, d in self._boxes)

    def tables(self) -> tuple[PageTable, ...]:
        """Return the tables that were sketched, with their lines' numbers in the order of :meth:`finish`."""
        extents = [(x0, x1) for x0, _, x1, _ in self._boxes]
        return tuple(table for sketch in self.sketches if (table := sketch.table(extents)))

    def rule(self, x0: float, y: float, x1: float, thick: float = 0.6, *, dotted: float = 0.0) -> None:
        """Draw a horizontal rule whose upper edge is at ``y``; ``dotted``: distance of dots in points, 0 for none."""
        k = self.unit
        self._ruled(Bar(x0 * k, y * k, x1 * k, y * k + max(1.0, thick * k), 255.0, dotted * k))

    def upright(self, x: float, y0: float, y1: float, thick: float = 0.6) -> None:
        """Draw a vertical rule."""
        k = self.unit
        self._ruled(Bar(x * k, y0 * k, x * k + max(1.0, thick * k), y1 * k, 255.0))

    def _ruled(self, bar: Bar) -> None:
        self.rules.append(bar)
        self.canvas.bar(bar)

    def box(self, x0: float, y0: float, x1: float, y1: float, thick: float = 0.6) -> None:
        """Draw the outline of a rectangle."""
        for y in (y0, y1):
            self.rule(x0, y, x1 + thick, thick)
        for x in (x0, x1):
            self.upright(x, y0, y1 + thick, thick)

    def band(self, x0: float, y0: float, x1: float, y1: float, ink: float = 255.0) -> None:
        """Draw a filled rectangle; text on a dark one is ``white``."""
        k = self.unit
        self.canvas.bar(Bar(x0 * k, y0 * k, x1 * k, y1 * k, ink))

    def screen(self, x0: float, y0: float, x1: float, y1: float, period: float) -> None:
        """Shade a rectangle by a printer's screen: small dots ``period`` points apart, in two directions."""
        k = self.unit
        step, side = max(3, round(period * k)), max(1, round(0.36 * k))
        part = self.canvas.ink[max(0, round(y0 * k)) : round(y1 * k), max(0, round(x0 * k)) : round(x1 * k)]
        rows, columns = np.arange(part.shape[0])[:, None], np.arange(part.shape[1])[None, :]
        shifted = columns + (rows // step % 2) * (step // 2)
        part[(rows % step < side) & (shifted % step < side)] = 255

    def curve(self, points: Points, thick: float, ink: float = 255.0) -> None:
        """Draw a stroke through ``points``, float64 ``[n, 2]`` in points."""
        self.canvas.curve(points * self.unit, max(1.0, thick * self.unit), ink)

    def area(self, points: Points, ink: float = 255.0) -> None:
        """Draw a filled polygon through ``points``, float64 ``[n, 2]`` in points."""
        fixed = np.rint(points * self.unit * 16).astype(np.int32)
        cv2.fillPoly(self.canvas.ink, [fixed], (ink,), cv2.LINE_AA, 4)

    def finish(self, degrees: float = 0.0) -> tuple[UInt8Array, tuple[PageLine, ...]]:
        """Return the page turned about its centre, uint8 ``[H, W]`` black on white, and its lines in order."""
        wide, high = self.pixels
        matrix = cv2.getRotationMatrix2D(((wide - 1) / 2, (high - 1) / 2), degrees, 1.0) if degrees else None
        if matrix is not None and abs(degrees) > _WHOLE_FROM:
            cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
            size = (round(wide * cos + high * sin), round(high * cos + wide * sin))
            matrix[:, 2] += ((size[0] - wide) / 2, (size[1] - high) / 2)
            wide, high = size
        page = self.canvas.ink.copy()
        if matrix is not None:
            page = np.asarray(cv2.warpAffine(page, matrix, (wide, high), flags=cv2.INTER_LINEAR), dtype=np.uint8)
        lines = []
        for order, laid in enumerate(self.laid):
            ink, x, y = (laid.ink, laid.x, laid.y) if matrix is None else _turned(laid, matrix)
            if laid.white:
                _take_out(page, ink, x, y)
            else:
                stamp_ink(page, ink, x, y)
            box = _box(ink, x, y, (wide, high))
            lines.append(PageLine(laid.text, box, laid.kind, order, laid.rotation, laid.flags))
        return np.bitwise_not(page), tuple(lines)


def _turned(laid: _Laid, matrix: npt.NDArray[np.floating] | cv2.typing.MatLike) -> tuple[UInt8Array, int, int]:
    """The line's ink as the page's ``matrix`` turns it: (ink, x, y)."""
    high, wide = laid.ink.shape
    corners = np.array([[x, y, 1.0] for x in (laid.x - 1, laid.x + wide) for y in (laid.y - 1, laid.y + high)])
    moved = corners @ np.asarray(matrix, dtype=np.float64).T
    x0, y0 = np.floor(moved.min(axis=0)).astype(int)
    x1, y1 = np.ceil(moved.max(axis=0)).astype(int) + 1
    own = np.array(matrix, dtype=np.float64)
    own[:, 2] += own[:, :2] @ np.array([laid.x, laid.y], dtype=np.float64) - np.array([x0, y0], dtype=np.float64)
    ink = cv2.warpAffine(laid.ink, own, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
    return np.asarray(ink, dtype=np.uint8), int(x0), int(y0)


def _box(ink: UInt8Array, x: int, y: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The ink's box on the page; the whole ink's where none of it is strong."""
    strong = (ink >= INK_LEVEL).astype(np.uint8)
    left, top, wide, high = cv2.boundingRect(strong if strong.any() else (ink > 0).astype(np.uint8))
    x0, y0 = max(0, x + left), max(0, y + top)
    return x0, y0, min(size[0], x + left + wide) - x0, min(size[1], y + top + high) - y0


def _take_out(page: UInt8Array, ink: UInt8Array, x: int, y: int) -> None:
    top, left = max(0, -y), max(0, -x)
    part = page[max(0, y) : y + ink.shape[0], max(0, x) : x + ink.shape[1]]
    part -= np.minimum(part, ink[top : top + part.shape[0], left : left + part.shape[1]])
