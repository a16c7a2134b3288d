"""The columns of a block of rows: where most rows leave white, and what stands across it."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.tables.items import Item
from nordocr.tables.rows import Row

# What crosses a column's edge counts so much where its row has less than half the cells of the fullest.
_POOR: Final = 0.5
# So far a line may reach over a column's edge, in line heights.
_SLIGHT: Final = 0.3
# So many lines stand on each side of a level that only a head shows, the head's among them.
_BOTH: Final = 3

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def cuts_of(rows: Sequence[Row], height: float) -> list[float]:
    """Return the levels between columns, in pixels from the left.

    A level is found where rows have white between two of their lines; more of them than have a line across it, rows
    with few lines counting less.

    Args:
        rows: The block's rows.
        height: The usual line's height in pixels.
    """
    full = [row for row in rows if len(row.items) > 1]
    if not full:
        return []
    most = max(len(row.items) for row in full)
    edges = sorted({edge for row in full for item in row.items for edge in (item.x0, item.x1)})
    levels = np.array([(a + b) / 2 for a, b in itertools.pairwise(edges) if b - a >= max(1.0, 0.1 * height)])
    gaps = [(a.x1, b.x0, b.figure) for row in full for a, b in itertools.pairwise(row.items)]
    if not len(levels) or not gaps:
        return []
    items = [item for row in full for item in row.items]
    weights = np.array([_POOR if 2 * len(row.items) < most else 1.0 for row in full for _ in row.items])
    slight = _SLIGHT * height
    x0, x1 = np.array([item.x0 for item in items]) + slight, np.array([item.x1 for item in items]) - slight
    crossed = ((x0[None, :] < levels[:, None]) & (levels[:, None] < x1[None, :])) @ weights
    left, right = np.array([gap[0] for gap in gaps]), np.array([gap[1] for gap in gaps])
    before_figure = np.array([gap[2] for gap in gaps])
    inside = (left[None, :] <= levels[:, None]) & (levels[:, None] <= right[None, :])
    open_gaps = np.ones(len(gaps), dtype=np.bool_)
    cuts: list[float] = []
    while True:
        free = inside & open_gaps
        support = free.sum(axis=1)
        enough = (support >= 2) | ((free & before_figure).sum(axis=1) >= 1)
        score = np.where(enough & (support > crossed), inside.sum(axis=1) - crossed, -np.inf)
        best = int(np.argmax(score))
        if score[best] == -np.inf:
            lonely = _under_heads(levels, (support > 0) & (crossed == 0), items, cuts)
            if lonely is None:
                return sorted(cuts)
            best = lonely
        cuts.append(float(levels[best]))
        open_gaps &= ~inside[best]


def _under_heads(levels: Floats, able: Mask, items: Sequence[Item], cuts: Sequence[float]) -> int | None:
    """The number of a level that only a head shows to lie between two columns, such as debit and credit.

    Lines stand on both sides of it, two at least, though never in one row.
    """
    bounds = [float("-inf"), *sorted(cuts), float("inf")]
    for number in np.flatnonzero(able):
        level = float(levels[number])
        at = bisect_right(bounds, level)
        own = [item for item in items if item.x0 >= bounds[at - 1] and item.x1 <= bounds[at]]
        if all(sum(side) >= _BOTH for side in ([i.x1 <= level for i in own], [i.x0 >= level for i in own])):
            return int(number)
    return None


def extents_of(rows: Sequence[Row], cuts: Sequence[float], height: float) -> list[tuple[float, float]]:
    """Return the left and right end of what stands in each column and in no other."""
    extents = [(float("inf"), float("-inf"))] * (len(cuts) + 1)
    for row in rows:
        if len(row.items) < 2:
            continue
        for item in row.items:
            first, last = _between(item, cuts, height)
            if first == last:
                x0, x1 = extents[first]
                extents[first] = min(x0, item.x0), max(x1, item.x1)
    return extents


def _between(item: Item, cuts: Sequence[float], height: float) -> tuple[int, int]:
    slight = min(_SLIGHT * height, item.width / 3)
    return bisect_right(cuts, item.x0 + slight), bisect_right(cuts, item.x1 - slight)


def columns_under(
    item: Item, cuts: Sequence[float], extents: Sequence[tuple[float, float]], height: float
) -> tuple[int, int]:
    """Return the first and the last column that a line stands in or reaches over."""
    first, last = _between(item, cuts, height)
    if first == last:
        return first, last
    slight = _SLIGHT * height
    over = [c for c in range(first, last + 1) if min(item.x1, extents[c][1]) - max(item.x0, extents[c][0]) > slight]
    return (over[0], over[-1]) if over else (first, first)
