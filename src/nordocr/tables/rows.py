"""Lines that stand side by side, as rows from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nordocr.tables.items import Item

# Lines that share so much of the lower one's height stand in one row.
_SHARED: Final = 0.5
# So many rows back a line may find its own.
_BACK: Final = 4


@dataclass
class Row:
    """``items`` from left to right, at least one."""

    items: list[Item]

    @property
    def top(self) -> float:
        """Upper edge in pixels."""
        return min(item.y0 for item in self.items)

    @property
    def bottom(self) -> float:
        """Lower edge in pixels."""
        return max(item.y1 for item in self.items)

    @property
    def middle(self) -> float:
        """The level of its middle: the mean of its lines'."""
        return sum(item.middle for item in self.items) / len(self.items)

    @property
    def left(self) -> float:
        """Left edge in pixels."""
        return self.items[0].x0

    @property
    def figures(self) -> list[Item]:
        """The figures that stand right of something else, or all where there is nothing else."""
        held = [item for item in self.items if item.figure]
        return held if len(held) == len(self.items) else [item for item in self.items[1:] if item.figure]


def rows_of(items: Sequence[Item]) -> list[Row]:
    """Return the rows that the lines stand in; a line joins the row of the line nearest beside it."""
    rows: list[Row] = []
    for item in sorted(items, key=lambda item: (item.middle, item.x0)):
        for row in reversed(rows[-_BACK:]):
            if _beside(row, item):
                row.items.append(item)
                break
        else:
            rows.append(Row([item]))
    for row in rows:
        row.items.sort(key=lambda item: item.x0)
    return sorted(rows, key=lambda row: row.middle)


def _beside(row: Row, item: Item) -> bool:
    nearest = min(row.items, key=lambda other: max(other.x0 - item.x1, item.x0 - other.x1))
    shared = min(nearest.y1, item.y1) - max(nearest.y0, item.y0)
    if shared < _SHARED * min(nearest.height, item.height):
        return False
    return all(min(other.x1, item.x1) - max(other.x0, item.x0) <= 0.2 * item.height for other in row.items)
