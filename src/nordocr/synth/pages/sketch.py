"""Tables while they are laid out: which of a sheet's lines stand in which cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from nordocr.synth.pages.model import PageCell, PageTable

_SLIGHT: Final = 1.0
"""Points by which a cell may reach over the next column without spanning it."""

Extent = tuple[float, float]


@dataclass
class _Row:
    """``cells``: the numbers of the lines in each column. ``loose``: its cells may span columns."""

    loose: bool
    cells: dict[int, list[int]] = field(default_factory=dict)


class Sketch:
    """One table of a sheet, filled row by row."""

    def __init__(self) -> None:
        self.header_rows = 0
        self._rows: list[_Row] = []

    def row(self, *, header: bool = False, loose: bool = False) -> None:
        """Begin a row.

        Args:
            header: Whether it is a head of the columns; such rows come first.
            loose: Whether its cells span what they reach over, as headings and the labels of sums do.
        """
        self._rows.append(_Row(loose))
        self.header_rows += header

    def put(self, column: int, first: int, end: int) -> None:
        """Put the lines ``first`` to ``end`` - 1 of the sheet, none or more, into a column of the last row."""
        if end > first:
            self._rows[-1].cells.setdefault(column, []).extend(range(first, end))

    def table(self, extents: Sequence[Extent]) -> PageTable | None:
        """Return the table, None where nothing but heads was placed.

        Args:
            extents: Left and right end of each of the sheet's lines before it is turned, in points.
        """
        rows = [row for row in self._rows if row.cells]
        used = sorted({column for row in rows for column in row.cells})
        header = sum(bool(row.cells) for row in self._rows[: self.header_rows])
        if not used or len(rows) == header:
            return None
        places = {column: place for place, column in enumerate(used)}
        columns: dict[int, list[Extent]] = {place: [] for place in places.values()}
        for row in rows:
            if not row.loose:
                for column, lines in row.cells.items():
                    columns[places[column]].extend(extents[line] for line in lines)
        spans = {c: (min(x0 for x0, _ in held), max(x1 for _, x1 in held)) for c, held in columns.items() if held}
        made = []
        for row in rows:
            cells = []
            for column, lines in sorted(row.cells.items()):
                start, end = places[column], places[column]
                if row.loose:
                    start, end = _spanned(start, [extents[line] for line in lines], spans)
                cells.append(PageCell(start, end - start + 1, tuple(lines)))
            made.append(tuple(cells))
        return PageTable(header, len(used), tuple(made))


def _spanned(column: int, held: Sequence[Extent], spans: dict[int, Extent]) -> tuple[int, int]:
    """Return the first and last column of a cell that may span several."""
    left, right = min(x0 for x0, _ in held), max(x1 for _, x1 in held)
    over = [c for c, (x0, x1) in spans.items() if min(right, x1) - max(left, x0) > _SLIGHT]
    if column == 0:
        return 0, max(over, default=0)
    return (min(over), max(over)) if over else (column, column)
