"""Rows that may be one table: rows with figures under one another, and the heads above them."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from typing import Final

from nordocr.tables.items import Item
from nordocr.tables.rows import Row

# Rows of one table are at most so many row distances apart, and at most so many rows without figures lie between two
# that have some.
_APART: Final = 3.4
_BETWEEN: Final = 3
# In line heights: by how much the right edges of one column's figures differ; how far a row reaches into the figures
# without crossing them.
_RAGGED: Final = 1.2
_SLIGHT: Final = 0.5
# At most so many rows above the figures are heads, each at most so many row distances above the next.
_MOST_HEADS: Final = 3
_HEAD_APART: Final = 2.3
# A heading of another table stands at least so many row distances below the last row, and each has so many rows.
_NEW: Final = 1.4
_PART: Final = 2


def blocks_of(rows: Sequence[Row], height: float) -> list[list[Row]]:
    """Return runs of rows whose figures stand under one another, with the heads over them.

    Args:
        rows: The page's rows from top to bottom.
        height: The usual line's height in pixels.
    """
    usual = _distance(rows, height)
    found: list[tuple[int, int]] = []
    start, last = None, 0
    for number, row in enumerate(rows):
        if len(row.items) < 2 or not row.figures:
            continue
        if start is None or not _goes_on(rows, start, last, number, usual, height):
            if start is not None:
                found.append((start, last + 1))
            start = number
        last = number
    if start is not None:
        found.append((start, last + 1))
    blocks = []
    end = 0
    for start, after in found:
        first = _heads_from(rows, end, start, after, usual, height)
        after = _tail(rows, first, after, found, usual, height)
        blocks += _parted(rows[first:after], height)
        end = after
    return blocks


def _parted(block: Sequence[Row], height: float) -> list[list[Row]]:
    """The block, or two where a heading after more white than usual begins rows that all have fewer figures."""
    step = _distance(block, height)
    for number in range(1, len(block)):
        row, above = block[number], block[number - 1]
        if len(row.items) > 1 or row.middle - above.middle <= _NEW * step:
            continue
        before = [len(known.figures) for known in block[:number] if len(known.items) > 1]
        after = [len(known.figures) for known in block[number:] if len(known.items) > 1]
        if len(before) >= _PART and len(after) >= _PART and max(after) < min(before):
            return [list(block[:number]), *_parted(block[number + 1 :], height)]
    return [list(block)]


def _distance(rows: Sequence[Row], height: float) -> float:
    """The distance of two rows of the page, in pixels."""
    steps = [below.middle - above.middle for above, below in itertools.pairwise(rows)]
    near = [step for step in steps if height <= step <= 4 * height]
    return statistics.median(near) if near else 2 * height


def _goes_on(rows: Sequence[Row], start: int, last: int, number: int, usual: float, height: float) -> bool:
    """Whether the row ``number`` goes on with the table whose rows are ``start`` to ``last``."""
    block, row, between = rows[start : last + 1], rows[number], rows[last + 1 : number]
    step = min(_distance(block, height), 1.5 * usual) if len(block) > 3 else usual
    chain = rows[last : number + 1]
    if len(between) > _BETWEEN:
        return False
    if any(below.middle - above.middle > _APART * step for above, below in itertools.pairwise(chain)):
        return False
    figures = [item for known in block[-8:] for item in known.figures]
    if is_head(row) and any(item.kind == "amount" for item in figures):
        return False
    own = row.figures
    met = [any(_aligned(item, known, height) for known in figures) for item in own]
    if not met[-1] and 2 * sum(met) < len(own) and not _begins_alike(row, block[-1], height):
        return False
    columns = [item for item in figures if item.kind != "date"] or figures
    return all(not _crosses(other, columns, height) for other in between)


def is_head(row: Row) -> bool:
    """Whether a row's figures are years or dates alone, as over columns; its label, if any, is short."""
    figures = row.figures
    dated = bool(figures) and all(item.kind == "date" for item in figures)
    first = row.items[0]
    return dated and (first.kind in ("date", "text")) and not any(item.kind == "amount" for item in row.items)


def _begins_alike(row: Row, above: Row, height: float) -> bool:
    """Whether two lines of a row begin where two of the row above do, so that amounts may stand in either of two."""
    alike = [item for item in row.items if any(abs(item.x0 - other.x0) <= _SLIGHT * height for other in above.items)]
    return len(alike) > 1


def _aligned(item: Item, known: Item, height: float) -> bool:
    """Whether two figures stand in one column."""
    shared = min(item.x1, known.x1) - max(item.x0, known.x0)
    return abs(item.x1 - known.x1) <= _RAGGED * height or shared >= 0.5 * min(item.width, known.width)


def _crosses(row: Row, figures: Sequence[Item], height: float) -> bool:
    """Whether something in a row without figures stands where the block's last figures do."""
    edge = max(item.x1 for item in figures)
    column = [item for item in figures if item.x1 > edge - 2 * height]
    left = statistics.median(item.x0 for item in column)
    return any(item.x1 > left + _SLIGHT * height for item in row.items)


def _heads_from(rows: Sequence[Row], end: int, start: int, after: int, usual: float, height: float) -> int:
    """The first row of the heads above the rows ``start`` to ``after``; none lies before ``end``."""
    body = rows[start:after]
    figures = [item for row in body for item in row.figures]
    left, right = min(item.x0 for item in figures), max(item.x1 for item in figures)
    first = start
    above = start - 1
    while above >= end and start - above <= _MOST_HEADS:
        row, below = rows[above], rows[above + 1]
        if below.middle - row.middle > _HEAD_APART * usual:
            break
        if first < start or is_head(rows[start]):
            # A head has a second row only where each of its lines stands over one of the first's.
            if below.middle - row.middle > usual or not all(_over(item, rows[first], height) for item in row.items):
                break
            first = above
        elif _is_over_figures(row, left, right, height):
            first = above
        elif len(row.items) > 1 or row.items[0].x1 > left:
            break
        above -= 1
    return first


def _over(item: Item, row: Row, height: float) -> bool:
    """Whether a line stands over one of a row's, other than its first."""
    heads = row.items[0 if row.items[0].figure else 1 :]
    return any(item.x1 > other.x0 - height and item.x0 < other.x1 + height for other in heads)


def _is_over_figures(row: Row, left: float, right: float, height: float) -> bool:
    """Whether a row has heads over figures that lie between ``left`` and ``right``."""
    over = [item for item in row.items if item.x1 > left - height and item.x0 < right + height]
    if not over or row.items[-1].x1 > right + 4 * height:
        return False
    if len(row.items) == 1:
        flush = row.items[0].kind == "date" and abs(row.items[0].x1 - right) <= _RAGGED * height
        return flush or row.items[0].x0 >= left - 2 * height
    return all(item.width <= 0.5 * (right - row.left) for item in row.items)


def _tail(
    rows: Sequence[Row], first: int, after: int, found: Sequence[tuple[int, int]], usual: float, height: float
) -> int:
    """The end of a block with the last row's label where it goes on below its figures."""
    starts = {start for start, _ in found}
    if after < len(rows) and after not in starts and len(rows[after].items) == 1:
        above, below, item = rows[after - 1], rows[after], rows[after].items[0]
        near = below.middle - above.middle <= 1.3 * min(usual, _distance(rows[first:after], height))
        if near and item.text[:1].islower() and item.x1 < above.items[-1].x0 and len(above.items) > 1:
            return after + 1
    return after
