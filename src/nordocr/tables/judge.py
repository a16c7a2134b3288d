"""Whether a grid is a table: figures in a column, and not a table of contents, a form or an address."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from typing import Final

from nordocr.tables.grid import Grid, Place

# In line heights: by how much the right edges of a column of figures differ.
_RAGGED: Final = 0.6
# The share of a column's figures that end at one edge, at least.
_FLUSH: Final = 0.6
_EVEN: Final = 0.1
_LEAST_ROWS: Final = 2
# Of a table of contents: so many rows at least; numbers of so many digits at most; so many of them do not fall.
_CONTENTS_ROWS: Final = 4
_PAGE_DIGITS: Final = 3
_RISING: Final = 0.8


def is_table(grid: Grid, height: float) -> bool:
    """Decide whether a grid is a table of figures.

    Args:
        grid: The grid.
        height: The usual line's height in pixels.
    """
    columns = len(grid.extents)
    body = grid.rows[grid.header_rows :]
    if columns < 2 or not body:
        return False
    figures = [_figures(body, column) for column in range(1, columns)]
    flush = [held for held in figures if len(held) >= _LEAST_ROWS and _is_flush(held, height)]
    if not flush or (not grid.header_rows and len(flush) < _LEAST_ROWS and max(map(len, flush)) <= _LEAST_ROWS):
        return False
    if columns == 2:
        dated = any(
            item.kind == "date" for row in grid.rows[: grid.header_rows] for place in row for item in place.items
        )
        return not _is_list(body, grid.header_rows) and (dated or not _is_contents(body))
    return True


def _figures(body: Sequence[Sequence[Place]], column: int) -> list[Place]:
    return [
        place for row in body for place in row
        if place.first == place.last == column and place.items[-1].kind in ("amount", "dash")
    ]  # fmt: skip


def _is_flush(held: Sequence[Place], height: float) -> bool:
    """Whether most figures end at one edge, and do not begin at one as values of a form do."""
    ends, starts = [place.items[-1].x1 for place in held], [place.items[0].x0 for place in held]
    best = max(sum(abs(edge - other) <= _RAGGED * height for other in ends) for edge in ends)
    left_aligned = _spread(starts) + _EVEN * height < _spread(ends)
    return best >= max(_LEAST_ROWS, _FLUSH * len(ends)) and not left_aligned


def _spread(edges: Sequence[float]) -> float:
    """The mean distance of edges from their median."""
    middle = statistics.median(edges)
    return statistics.fmean(abs(edge - middle) for edge in edges)


def _is_list(body: Sequence[Sequence[Place]], header_rows: int) -> bool:
    """Whether labels stand beside values of all kinds, as in a form or the head of an invoice."""
    values = [row[-1].items[0] for row in body if len(row) > 1]
    texts = sum(value.kind in ("text", "date") for value in values)
    return 5 * texts > len(values) or (not header_rows and len(values) < _LEAST_ROWS)


def _is_contents(body: Sequence[Sequence[Place]]) -> bool:
    """Whether most figures are the numbers of pages: small ones, none smaller than the one above."""
    values = [row[-1].items[0].text.strip() for row in body if len(row) > 1]
    numbers = [int(value) if value.isdigit() and len(value) <= _PAGE_DIGITS else -1 for value in values]
    rising = sum(0 <= above <= below for above, below in itertools.pairwise(numbers))
    return len(values) >= _CONTENTS_ROWS and rising >= _RISING * (len(values) - 1)
