"""A page's lines as texts to search: characters know their boxes, and lines their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from nordocr.results import BBox, Line, Page

GAP: Final = "\t"
"""Stands for a space as wide as one between columns."""

_COLUMN: Final = 1.1
"""Spaces wider than this many line heights part columns."""

_BELOW: Final = 2.2
"""A value stands at most this many line heights below its label."""

_BESIDE: Final = 30.0
"""A value stands at most this many line heights right of its label."""

_PLAIN: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | dict.fromkeys("\u00a0\u2009\u202f", " ") | {"’": "'"})


@dataclass
class Row:
    """One line. ``text`` has a character for each of the line's, with plain dashes, and a tab for each wide gap."""

    number: int
    line: Line
    text: str
    spans: list[tuple[int, int]]
    """Where the line's words stand in ``text``, from and to; as many as it has words."""
    taken: list[tuple[int, int]] = field(default_factory=list)
    """What belongs to a field already."""

    def free(self, start: int, end: int) -> bool:
        """Decide whether no field holds any of these characters."""
        return all(end <= a or start >= b for a, b in self.taken)

    def words(self, start: int, end: int) -> Iterator[int]:
        """Yield the numbers of the words that the characters ``start`` to ``end`` lie in."""
        for number, (a, b) in enumerate(self.spans):
            if a < end and start < b:
                yield number

    def boxes(self, start: int, end: int) -> list[BBox]:
        """Return the boxes of the characters, or of their words, or of the line, whichever is known first."""
        if len(self.line.char_boxes) == len(self.line.text):
            return [self.line.char_boxes[at] for at in range(start, end) if not self.line.text[at].isspace()]
        return [self.line.words[number].bbox for number in self.words(start, end)] or [self.line.bbox]

    def confidence(self, start: int, end: int) -> float:
        """Return the least confidence of the words that the characters lie in."""
        found = [self.line.words[number].confidence for number in self.words(start, end)]
        return min(found, default=self.line.confidence)

    def right_of(self, at: float) -> int:
        """Return where the first word begins whose right end lies right of the pixel ``at``; the text's end if none."""
        for (start, _), word in zip(self.spans, self.line.words, strict=True):
            if word.bbox.x + word.bbox.width > at:
                return start
        return len(self.text)


def rows_of(page: Page) -> list[Row]:
    """Return a page's lines ready to be searched."""
    return [_row(number, line) for number, line in enumerate(page.lines)]


def around(boxes: Sequence[BBox]) -> BBox:
    """Return the box around boxes, of which there is at least one."""
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return BBox(x=left, y=top, width=right - left, height=bottom - top)


def beside_and_below(label: BBox, row: Row, rows: Sequence[Row]) -> Iterator[tuple[Row, int]]:
    """Yield the places where the value of a label stands that ends its line: right of it, then below it.

    Args:
        label: The label's box.
        row: Its line.
        rows: The page's lines.

    Yields:
        A line and the character that the value begins at.
    """
    height = max(1, row.line.bbox.height)
    beside = []
    below = []
    for other in rows:
        box = other.line.bbox
        if other is row or not other.text:
            continue
        level = min(label.y + label.height, box.y + box.height) - max(label.y, box.y)
        apart = box.x - (label.x + label.width)
        if 2 * level >= min(label.height, box.height) and -height < apart < _BESIDE * height:
            beside.append((apart, other.number, other, 0))
        gap = box.y - (label.y + label.height)
        over = min(label.x + label.width, box.x + box.width) - max(label.x - height, box.x)
        if -0.4 * height <= gap <= _BELOW * height and over > 0:
            below.append((gap, other.number, other, other.right_of(label.x - 0.3 * height)))
    for _, _, other, at in (sorted(beside)[:1]) + sorted(below)[:1]:
        yield other, at


def _row(number: int, line: Line) -> Row:
    text = line.text.translate(_PLAIN)
    spans = []
    at = 0
    for word in line.words:
        start = line.text.find(word.text, at)
        if start < 0:  # words that are not the text's: their boxes cannot be told apart
            return Row(number, line.model_copy(update={"words": []}), text, [])
        at = start + len(word.text)
        spans.append((start, at))
    pieces = list(text)
    height = max(1, line.bbox.height)
    for one, (_, end), (start, _) in zip(range(len(spans)), spans, spans[1:], strict=False):
        gap = line.words[one + 1].bbox.x - (line.words[one].bbox.x + line.words[one].bbox.width)
        if gap > _COLUMN * height and start > end:
            pieces[end] = GAP
    return Row(number, line, "".join(pieces), spans)
