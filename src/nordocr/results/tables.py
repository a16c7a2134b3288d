"""Tables of a page and their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from nordocr.results.lines import STRICT, BBox


class Cell(BaseModel):
    """One cell of a table.

    Attributes:
        text: What stands in it: its lines joined, hyphens at their ends mended; empty for an empty cell.
        bbox: Around its lines; for an empty cell where its row and its columns meet.
        lines: The numbers of its lines among the page's ``lines``.
        colspan: How many columns it spans, left out of the JSON where that is 1.
        rowspan: How many rows it spans, left out of the JSON where that is 1.
    """

    model_config = STRICT

    text: str
    bbox: BBox
    lines: list[Annotated[int, Field(ge=0)]] = []
    colspan: int = Field(default=1, ge=1)
    rowspan: int = Field(default=1, ge=1)

    @model_serializer(mode="wrap")
    def _without_single(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        for name in ("colspan", "rowspan"):
            if values.get(name) == 1:
                del values[name]
        return values


class Table(BaseModel):
    """A table of the page, with or without rules.

    Attributes:
        bbox: Around its cells.
        header_rows: How many rows at its top are heads of the columns.
        rows: The cells row by row, from left to right, as in HTML: every place of the grid is filled by one cell, empty
            ones included, and a cell that spans columns or rows stands where it begins.
    """

    model_config = STRICT

    bbox: BBox
    header_rows: int = Field(default=0, ge=0)
    rows: list[list[Cell]] = Field(min_length=1)

    @property
    def column_count(self) -> int:
        """How many columns the grid has."""
        return sum(cell.colspan for cell in self.rows[0])

    def grid(self) -> list[list[str]]:
        """Return the texts of all places of the grid, row by row; what a cell spans beyond its first place is empty."""
        texts = [[""] * self.column_count for _ in self.rows]
        for row, column, cell in self.placed():
            texts[row][column] = cell.text
        return texts

    def placed(self) -> Iterator[tuple[int, int, Cell]]:
        """Yield each cell with the row and the column that it begins in, from 0."""
        spanned: set[tuple[int, int]] = set()
        for row, cells in enumerate(self.rows):
            column = 0
            for cell in cells:
                while (row, column) in spanned:
                    column += 1
                yield row, column, cell
                if cell.rowspan > 1:
                    spanned.update((row + r, column + c) for r in range(1, cell.rowspan) for c in range(cell.colspan))
                column += cell.colspan
