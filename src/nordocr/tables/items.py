"""A page's lines as boxes on the page made straight, in the order of the result."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from nordocr.results import Line
from nordocr.tables.figures import Kind, kind_of


@dataclass(frozen=True)
class Item:
    """One line. ``index``: its number on the page; the box in pixels of the page made straight.

    ``kind``: what it is by its form.
    """

    index: int
    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    kind: Kind

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """The level of its middle."""
        return (self.y0 + self.y1) / 2

    @property
    def figure(self) -> bool:
        """Whether it can stand in a column of figures."""
        return self.kind != "text"


def items_of(lines: Sequence[Line], degrees: float) -> list[Item]:
    """Return the lines that hold text.

    Args:
        lines: The page's lines.
        degrees: By how much the lines climb to the right.
    """
    rise = math.tan(math.radians(degrees))
    items = []
    for index, line in enumerate(lines):
        if not line.text.strip():
            continue
        box = line.bbox
        x, y = box.x + box.width / 2, box.y + box.height / 2
        # An upright box around a line that climbs is higher than the line.
        width = max(1.0, box.width - abs(rise) * box.height)
        height = max(1.0, box.height - abs(rise) * box.width)
        x, y = x - rise * y, y + rise * x
        items.append(
            Item(index, x - width / 2, y - height / 2, x + width / 2, y + height / 2, line.text, kind_of(line.text))
        )
    return items


def usual_height(items: Sequence[Item]) -> float:
    """Return the height of the page's usual line in pixels; dashes count for nothing."""
    heights = [item.height for item in items if item.kind != "dash"]
    return statistics.median(heights) if heights else 1.0
