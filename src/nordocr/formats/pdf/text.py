"""The invisible text of one page, each word scaled to its box."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nordocr.formats.ladder import areas, words_of
from nordocr.formats.pdf.font import ADVANCE, ASCENT, DESCENT, Codes
from nordocr.results import BBox, Line, Page

FONT: Final = "NordocrText"
"""The font's name among a page's resources."""

# How far the baseline is below the top of a word's box, in heights of the box.
_BASELINE: Final = ASCENT / (ASCENT + DESCENT)
LEAST_SPACE: Final = 0.18
"""Words nearer than this many font sizes are joined by readers (poppler: 0.15), whatever stands between them."""

# In points: text that stands this near to where the text before it ended need not be moved.
_SAME_PLACE: Final = 0.02

Point = tuple[float, float]


@dataclass(frozen=True)
class Placement:
    """From pixels of a page as it was read to points of a PDF page: ``origin`` + x ``right`` + y ``down``."""

    origin: Point
    right: Point
    down: Point

    def at(self, x: float, y: float) -> Point:
        """Return the point of a pixel."""
        return (
            self.origin[0] + x * self.right[0] + y * self.down[0],
            self.origin[1] + x * self.right[1] + y * self.down[1],
        )


def placement(page: Page, box: tuple[float, float, float, float], rotate: int = 0) -> Placement:
    """Return where a page's pixels are on a PDF page.

    Args:
        page: What was read; ``rotation`` is undone.
        box: The PDF page's left, bottom, right and top edges in points, which show the page as its file says it lies.
        rotate: Degrees clockwise by which the PDF page is turned to be shown.
    """
    left, bottom, right, top = box

    def shown(across: float, down: float) -> Point:
        """From shares of the page as its file shows it to points."""
        s, t = _unturned(across, down, rotate)
        return left + s * (right - left), top - t * (top - bottom)

    def point(x: float, y: float) -> Point:
        return shown(*_unturned(x / max(1, page.width), y / max(1, page.height), page.rotation))

    return _affine(point)


def _unturned(across: float, down: float, degrees: int) -> Point:
    """Where a point of a page is before the page is turned clockwise, in shares of its width and height."""
    turns: dict[int, Point] = {
        0: (across, down),
        90: (down, 1 - across),
        180: (1 - across, 1 - down),
        270: (1 - down, across),
    }
    return turns[degrees % 360]


def _affine(point: Callable[[float, float], Point]) -> Placement:
    (ox, oy), (rx, ry), (dx, dy) = point(0, 0), point(1, 0), point(0, 1)
    return Placement((ox, oy), (rx - ox, ry - oy), (dx - ox, dy - oy))


def text_layer(page: Page, where: Placement, codes: Codes) -> bytes:
    """Return the content stream of a page's text; empty for a page without text.

    Words follow each other in the order of the result, with spaces between them that fill the gaps.
    """
    lines = [line for area in areas(page) for paragraph in area.paragraphs for line in paragraph.lines]
    if not lines:
        return b""
    pen = _Pen(where, codes)
    for line in lines:
        pen.line(line)
    return "\n".join(["q BT 3 Tr", *pen.operations, "ET Q", ""]).encode("ascii")


class _Pen:
    """Writes text operations, and of those that set a state only the ones that change it."""

    def __init__(self, where: Placement, codes: Codes) -> None:
        self.operations: list[str] = []
        self._where, self._codes = where, codes
        self._size = self._matrix = self._stretched = ""
        self._at: Point = (math.inf, math.inf)

    def line(self, line: Line) -> None:
        """Write a line's words, and between them spaces that fill the gaps.

        Of a line that is askew each word lies level in its own box: readers part a word whose letters climb.
        """
        right, down = _turned(self._where.right, self._where.down, line.rotation)
        along, scale = _direction(right)
        upwards, up = _direction((-down[0], -down[1]))
        words = words_of(line)
        boxes = [_lying(word.bbox, line.rotation) for word in words]
        for number, (word, (start, top, long, high)) in enumerate(zip(words, boxes, strict=True)):
            size = max(1, high) * up
            x, y = _lying_point(start, top + high * _BASELINE, line.rotation)
            self._move((*along, *upwards), self._where.at(x, y), size)
            width, advance = max(1, long) * scale, 0.0
            if number + 1 < len(words):
                advance = (boxes[number + 1][0] - start) * scale
                width = max(width / 2, min(width, advance - LEAST_SPACE * size))
            self._show(word.text, width, size, along)
            if number + 1 < len(words):
                self._show(" ", max(advance - width, LEAST_SPACE * size), size, along)

    def _move(self, matrix: tuple[float, float, float, float], to: Point, size: float) -> None:
        if (font := f"/{FONT} {_n(size)} Tf") != self._size:
            self._size = font
            self.operations.append(font)
        direction = " ".join(map(_n, matrix))
        if direction != self._matrix or math.dist(to, self._at) > _SAME_PLACE:
            self.operations.append(f"{direction} {_n(to[0])} {_n(to[1])} Tm")
        self._matrix, self._at = direction, to

    def _show(self, text: str, width: float, size: float, along: Point) -> None:
        """Write ``text``, widened to ``width`` points."""
        percent = 100 * width / (len(text) * size * ADVANCE / 1000)
        if (stretched := f"{_n(percent)} Tz") != self._stretched:
            self._stretched = stretched
            self.operations.append(stretched)
        self.operations.append(f"{self._codes.encode(text)} Tj")
        self._at = (self._at[0] + width * along[0], self._at[1] + width * along[1])


def _turned(right: Point, down: Point, rotation: int) -> tuple[Point, Point]:
    """The directions in which a line runs and its rows follow, that has to be turned clockwise to be read."""
    left, up = (-right[0], -right[1]), (-down[0], -down[1])
    return {0: (right, down), 90: (up, right), 180: (left, up), 270: (down, left)}[rotation]


def _lying(box: BBox, rotation: int) -> tuple[int, int, int, int]:
    """Where a box begins along a line and across it, and how long and how high it is."""
    if rotation == 0:
        return box.x, box.y, box.width, box.height
    if rotation == 180:
        return -box.x - box.width, -box.y - box.height, box.width, box.height
    if rotation == 90:
        return -box.y - box.height, box.x, box.height, box.width
    return box.y, -box.x - box.width, box.height, box.width


def _lying_point(along: float, across: float, rotation: int) -> Point:
    """The pixel of the page at a place along a line and across it, as :func:`_lying` counts."""
    return {0: (along, across), 90: (across, -along), 180: (-along, -across), 270: (-across, along)}[rotation]


def _direction(vector: Point) -> tuple[Point, float]:
    """A vector's direction, of length one, and its length."""
    length = math.hypot(*vector)
    return (vector[0] / length, vector[1] / length), length


def _n(value: float) -> str:
    """A number as short as two decimals allow."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
