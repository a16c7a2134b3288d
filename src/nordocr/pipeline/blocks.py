"""Lines to blocks: paragraphs, headings, addresses and tables, told by the white around them."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nordocr.results import BBox

# Boxes that share this much of the lower one's height stand in one row.
_ROW_OVERLAP: Final = 0.5
# White between two rows of one block, in line heights, at most; or this many times the page's usual white.
_MOST_WHITE: Final = 0.6
_MORE_THAN_USUAL: Final = 1.5
# A line that is so many times as high as the one before it is another kind of text.
_OTHER_SIZE: Final = 1.5


@dataclass
class _Row:
    top: int
    bottom: int
    left: int
    right: int
    height: float

    def takes(self, box: BBox) -> bool:
        """Whether ``box`` is the row's next cell."""
        shared = min(self.bottom, box.y + box.height) - max(self.top, box.y)
        return box.x >= self.left and shared >= _ROW_OVERLAP * max(1, min(self.bottom - self.top, box.height))

    def take(self, box: BBox) -> None:
        self.top, self.bottom = min(self.top, box.y), max(self.bottom, box.y + box.height)
        self.right = max(self.right, box.x + box.width)
        self.height = max(self.height, box.height)


def block_numbers(boxes: Sequence[BBox]) -> list[int]:
    """Number the blocks that lines belong to.

    Cells that stand in one row are of one block, so a table is one block if no white row parts it.

    Args:
        boxes: The lines' boxes in reading order.

    Returns:
        The number of each line's block, from 0.
    """
    rows: list[_Row] = []
    row_of: list[int] = []
    for box in boxes:
        if rows and rows[-1].takes(box):
            rows[-1].take(box)
        else:
            rows.append(_Row(box.y, box.y + box.height, box.x, box.x + box.width, max(1, box.height)))
        row_of.append(len(rows) - 1)
    whites = [below.top - above.bottom for above, below in itertools.pairwise(rows)]
    usual = statistics.median([white for white in whites if white > 0] or [0])
    block = [0] * min(1, len(rows))
    left, right = (rows[0].left, rows[0].right) if rows else (0, 0)
    for above, below, white in zip(rows[:-1], rows[1:], whites, strict=True):
        if _parts(above, below, white, usual) or below.left >= right or below.right <= left:
            block.append(block[-1] + 1)
            left, right = below.left, below.right
        else:
            block.append(block[-1])
            left, right = min(left, below.left), max(right, below.right)
    return [block[row] for row in row_of]


def _parts(above: _Row, below: _Row, white: int, usual: float) -> bool:
    """Return whether a block ends between two rows: by white, the beginning of a column, or another size of type."""
    low, high = sorted((above.height, below.height))
    if white > max(_MOST_WHITE * high, _MORE_THAN_USUAL * usual) or below.bottom <= above.top:
        return True
    return high >= _OTHER_SIZE * low
