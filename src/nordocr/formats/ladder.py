"""The ladder that structured formats climb: page, area, paragraph, line, word.

A result has lines with words and each line the number of its block. A block becomes an area with one paragraph, a table
an area with a paragraph for each cell that is not empty.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nordocr.results import BBox, Line, Page, Table, Word

# Letters below the baseline, as a share of the ink's height from the ascenders to there; commas reach less deep.
_DEEP, _DEPTH = frozenset("gjpqyçþŋQ()[]{}|§@/\\$"), 0.22
_SHALLOW, _SHALLOW_DEPTH = frozenset(",;„‚"), 0.12
# Slopes below this (a pixel in a thousand) are rounding of the boxes.
_LEVEL: Final = 0.001


@dataclass(frozen=True)
class Area:
    """A block of the page: ``paragraphs`` of lines, in reading order; of a ``table`` they are its cells."""

    bbox: BBox
    paragraphs: tuple[Paragraph, ...]
    table: Table | None = None


@dataclass(frozen=True)
class Place:
    """Where a cell stands: the row and column that it begins in, from 0, how many it spans, whether it is a head."""

    row: int
    column: int
    rowspan: int
    colspan: int
    header: bool


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together, in reading order; at least one. ``place``: where they stand in a table.

    All have one ``rotation``, as in :class:`nordocr.results.Line`.
    """

    bbox: BBox
    lines: tuple[Line, ...]
    place: Place | None = None

    @property
    def text(self) -> str:
        """The lines' texts, a newline between them."""
        return "\n".join(line.text for line in self.lines)

    @property
    def rotation(self) -> int:
        """Degrees clockwise by which the lines have to be turned to be read."""
        return self.lines[0].rotation


def areas(page: Page) -> Iterator[Area]:
    """Yield the blocks of a page in reading order; lines without text are left out."""
    tables = {number: at for at, table in enumerate(page.tables) for number in _lines_of(table)}
    told: set[int] = set()
    lines_of_text = ((tables.get(n), line) for n, line in enumerate(page.lines) if line.text.strip())
    for (at, *_), group in itertools.groupby(lines_of_text, key=lambda p: (p[0], p[1].block, p[1].rotation)):
        lines = tuple(line for _, line in group)
        if at is None:
            box = around(line.bbox for line in lines)
            yield Area(box, (Paragraph(box, lines),))
        elif at not in told:
            told.add(at)
            yield _table_area(page, page.tables[at])


def _lines_of(table: Table) -> list[int]:
    return [number for row in table.rows for cell in row for number in cell.lines]


def _table_area(page: Page, table: Table) -> Area:
    cells = []
    for row, column, cell in table.placed():
        lines = tuple(line for number in cell.lines if (line := page.lines[number]).text.strip())
        if lines:
            place = Place(row, column, cell.rowspan, cell.colspan, row < table.header_rows)
            cells.append(Paragraph(around(line.bbox for line in lines), lines, place))
    return Area(table.bbox, tuple(cells), table)


def words_of(line: Line) -> list[Word]:
    """Return a line's words, one for each part of its text without a space.

    An engine may give none, and a correction may change their number; they then share the line's box by their lengths.
    """
    parts = [part for part in line.text.split(" ") if part]
    if [word.text for word in line.words] == parts:
        return line.words
    length = max(1, len(line.text))
    words, end = [], 0
    for part in parts:
        start = line.text.index(part, end)
        end = start + len(part)
        words.append(Word(text=part, confidence=line.confidence, bbox=_share(line, start, end, length)))
    return words


def _share(line: Line, start: int, end: int, length: int) -> BBox:
    """The box of the characters ``start`` to ``end`` of ``length`` that share a line's box."""
    box = line.bbox
    long = box.height if line.rotation in (90, 270) else box.width
    first, last = long * start // length, long * end // length
    if line.rotation in (90, 180):  # from the foot upwards, from right to left
        first, last = long - last, long - first
    if line.rotation in (90, 270):
        return BBox(x=box.x, y=box.y + first, width=box.width, height=last - first)
    return BBox(x=box.x + first, y=box.y, width=last - first, height=box.height)


def character_confidences(line: Line) -> list[list[float]]:
    """Return the confidences of each word's characters, in [0, 1]; empty lists where the engine gives none."""
    words = words_of(line)
    if len(line.char_confidences) != len(line.text):
        return [[] for _ in words]
    found, end = [], 0
    for word in words:
        start = line.text.index(word.text, end)
        end = start + len(word.text)
        found.append(list(line.char_confidences[start:end]))
    return found


def around(boxes: Iterable[BBox]) -> BBox:
    """Return the smallest box that holds all ``boxes``, of which there is one at least."""
    held = list(boxes)
    left, top = min(box.x for box in held), min(box.y for box in held)
    right, bottom = max(box.x + box.width for box in held), max(box.y + box.height for box in held)
    return BBox(x=left, y=top, width=right - left, height=bottom - top)


def baseline(line: Line) -> tuple[float, float]:
    """Return where the letters stand: an estimate from the line's box and its letters.

    Returns:
        The slope, in pixels down a pixel across, and the offset of the baseline at the box's left edge from the box's
        bottom in pixels, negative above it. This is hOCR's ``baseline``. Of a line that does not stand upright both
        are 0.
    """
    if line.rotation:
        return 0.0, 0.0
    slope = _slope(words_of(line))
    height = line.bbox.height - abs(slope) * line.bbox.width
    letters = set(line.text)
    depth = _DEPTH if letters & _DEEP else _SHALLOW_DEPTH if letters & _SHALLOW else 0.0
    # The box's bottom is the lowest end of a line that is askew: its left one where the line climbs.
    drop = slope * line.bbox.width if slope > 0 else 0.0
    return slope, -round(depth * max(0.0, height) + drop, 2) or 0.0


def _slope(words: Sequence[Word]) -> float:
    if len(words) < 2:
        return 0.0
    xs = [word.bbox.x + word.bbox.width / 2 for word in words]
    ys = [word.bbox.y + word.bbox.height / 2 for word in words]
    if len(set(xs)) < 2:
        return 0.0
    slope = statistics.linear_regression(xs, ys).slope
    return round(slope, 5) if _LEVEL <= abs(slope) < math.tan(math.radians(30)) else 0.0


def baseline_points(line: Line) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the baseline's ends, where the line begins and where it ends, in pixels of the page."""
    if line.rotation:
        return _turned_baseline(line)
    slope, offset = baseline(line)
    box = line.bbox
    left = box.y + box.height + offset
    return (box.x, max(0, round(left))), (box.x + box.width, max(0, round(left + slope * box.width)))


def _turned_baseline(line: Line) -> tuple[tuple[int, int], tuple[int, int]]:
    box, letters = line.bbox, set(line.text)
    depth = _DEPTH if letters & _DEEP else _SHALLOW_DEPTH if letters & _SHALLOW else 0.0
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    if line.rotation == 180:
        level = round(top + depth * box.height)
        return (right, level), (left, level)
    across = round(depth * box.width)
    if line.rotation == 90:
        return (right - across, bottom), (right - across, top)
    return (left + across, top), (left + across, bottom)
