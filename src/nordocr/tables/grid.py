"""Rows and columns to a grid of cells: spans, labels that go on in the next row, heads."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from nordocr.tables.columns import columns_under, cuts_of, extents_of
from nordocr.tables.items import Item
from nordocr.tables.joining import goes_on
from nordocr.tables.rows import Row

# Two lines of one label are at most so many row distances apart.
_WRAPPED: Final = 1.4


@dataclass
class Place:
    """A cell that is not empty: its columns, first and last, and its lines."""

    first: int
    last: int
    items: list[Item] = field(default_factory=list)


GridRow = list[Place]


@dataclass
class Grid:
    """A table's cells, row by row. ``extents``: left and right end of each column in pixels of the straight page."""

    rows: list[GridRow]
    extents: list[tuple[float, float]]
    header_rows: int = 0


def grid_of(rows: Sequence[Row], height: float) -> Grid:
    """Return the grid of a block of rows.

    Args:
        rows: The rows from top to bottom.
        height: The usual line's height in pixels.
    """
    cuts = cuts_of(rows, height)
    extents = extents_of(rows, cuts, height)
    placed = [_placed(row, cuts, extents, height) for row in rows]
    placed, rows = _without_strays(placed, rows)
    made = _joined(rows, placed)
    grid = Grid(made, extents)
    grid.header_rows = _heads(made)
    return grid


def _placed(row: Row, cuts: Sequence[float], extents: Sequence[tuple[float, float]], height: float) -> GridRow:
    places: GridRow = []
    for item in row.items:
        first, last = columns_under(item, cuts, extents, height)
        if places and first <= places[-1].last:
            # What stands beside a cell that spans to here takes the place from it.
            if places[-1].first < first:
                places[-1].last = first - 1
            else:
                places[-1].items.append(item)
                places[-1].last = max(places[-1].last, last)
                continue
        places.append(Place(first, last, [item]))
    return places


def _without_strays(placed: Sequence[GridRow], rows: Sequence[Row]) -> tuple[list[GridRow], list[Row]]:
    """The rows without text that is alone in its column below the heads, such as a stamp between the columns."""
    heads = _heads(placed)
    held: dict[int, list[tuple[int, Place]]] = {}
    for number, places in enumerate(placed):
        for place in places:
            for column in range(place.first, place.last + 1):
                held.setdefault(column, []).append((number, place))
    strays = {
        id(places[0][1])
        for column, places in held.items()
        if column and len(places) == 1 and places[0][0] >= heads and not places[0][1].items[0].figure
    }
    kept = [
        ([place for place in places if id(place) not in strays], row) for places, row in zip(placed, rows, strict=True)
    ]
    return [places for places, _ in kept if places], [row for places, row in kept if places]


def _joined(rows: Sequence[Row], placed: Sequence[GridRow]) -> list[GridRow]:
    """The rows with the lines of one label put together."""
    steps = [below.middle - above.middle for above, below in itertools.pairwise(rows)]
    usual = statistics.median(steps) if steps else 0.0
    labels = [place.items[-1].x1 for places in placed for place in places[:1] if place.first == 0]
    limit = max(labels, default=0.0)
    made: list[GridRow] = []
    for number, places in enumerate(placed):
        above = placed[number - 1] if number else []
        step = steps[number - 1] if number else 0.0
        alone = len(places) == 1 or len(made[-1] if made else above) == 1
        if made and alone and step <= _WRAPPED * usual and _continues(made[-1], places, limit):
            head = made[-1]
            label, rest = (head[0], places[0])
            label.items += rest.items
            label.last = min(label.last, rest.last)
            made[-1] = [label, *(head[1:] or places[1:])]
            continue
        made.append(list(places))
    return made


def _continues(above: GridRow, places: GridRow, limit: float) -> bool:
    """Whether the first cell of a row goes on with the label above it."""
    if not above or above[0].first != places[0].first or (len(above) > 1 and len(places) > 1):
        return False
    last, item = above[0].items[-1], places[0].items[0]
    if last.figure or item.figure or any(p.items[0].figure for p in (above[0], places[0])):
        return False
    return goes_on(last.text, item.text, limit - last.x1, item.width / max(1, len(item.text)))


def _heads(rows: Sequence[GridRow]) -> int:
    """How many rows at the top hold no amounts but something beyond the first column."""
    count = 0
    for places in rows:
        kinds = [item.kind for place in places for item in place.items]
        beyond = any(place.last > 0 for place in places)
        if not beyond or "amount" in kinds or "dash" in kinds:
            break
        count += 1
    return count if count < len(rows) else 0
