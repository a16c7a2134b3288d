"""The words of a page that do not stand where the page shows text of its own."""

from __future__ import annotations

from collections.abc import Sequence

from nordocr.formats.ladder import words_of
from nordocr.formats.pdf.text import Placement, Point
from nordocr.results import Line, Page


def uncovered(page: Page, where: Placement, characters: Sequence[Point]) -> Page:
    """Return a page without the words that its PDF shows as text.

    A word is left out where half as many characters as it has, or more, have their middle in its box.

    Args:
        page: What was read.
        where: From its pixels to points.
        characters: The middles of the characters that show, in points.
    """
    lines = [kept for line in page.lines if (kept := _uncovered(line, where, characters)) is not None]
    return page.model_copy(update={"lines": lines})


def _uncovered(line: Line, where: Placement, characters: Sequence[Point]) -> Line | None:
    words = words_of(line)
    kept = []
    for word in words:
        box = word.bbox
        (x0, y0), (x1, y1) = where.at(box.x, box.y), where.at(box.x + box.width, box.y + box.height)
        left, right, bottom, top = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        within = sum(left <= x <= right and bottom <= y <= top for x, y in characters)
        if 2 * within < len(word.text):
            kept.append(word)
    if len(kept) == len(words):
        return line
    return line.model_copy(update={"words": kept, "text": " ".join(word.text for word in kept)}) if kept else None
