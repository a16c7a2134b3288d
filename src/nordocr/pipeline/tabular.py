"""The tables of a page, and its lines in their order: row by row, a cell's lines together."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Final

from nordocr.detect.base import Region
from nordocr.pipeline.blocks import block_numbers
from nordocr.results import BBox, Line, Table
from nordocr.tables import find_tables

# A line is long from so many times its height; short ones say little of the page's slope.
_LONG: Final = 3


def in_tables(lines: Sequence[Line], regions: Sequence[Region]) -> tuple[list[Line], list[Table]]:
    """Find the tables and order and number the lines by them.

    Args:
        lines: The page's lines in reading order. Their ``block`` is set.
        regions: Where each was found.

    Returns:
        The lines in reading order, those of a table one after another and in one block, and the tables, which name the
        lines by their numbers in that order.
    """
    tables = find_tables(lines, _slope(regions))
    table_of = {number: table for table in tables for number in _members(table)}
    order: list[int] = []
    told: set[int] = set()
    for number in range(len(lines)):
        if number not in table_of:
            order.append(number)
        elif number not in told:
            members = _members(table_of[number])
            order += members
            told.update(members)
    place = {number: at for at, number in enumerate(order)}
    ordered = [lines[number] for number in order]
    _number(ordered, [id(table_of.get(number)) for number in order])
    return ordered, [_renumbered(table, place) for table in sorted(tables, key=lambda t: place[_members(t)[0]])]


def _members(table: Table) -> list[int]:
    return [number for row in table.rows for cell in row for number in cell.lines]


def _number(lines: Sequence[Line], owners: Sequence[int]) -> None:
    """Set the lines' blocks: a table is one, what is before and after it others; ``owners``: whose each line is."""
    block, found = -1, block_numbers([line.bbox for line in lines])
    before: tuple[int, int] | None = None
    for line, owner, number in zip(lines, owners, found, strict=True):
        inside = owner != id(None)
        now = (owner, 0 if inside else number)
        block += now != before
        line.block, before = block, now


def _renumbered(table: Table, place: dict[int, int]) -> Table:
    rows = [
        [cell.model_copy(update={"lines": [place[line] for line in cell.lines]}) for cell in row] for row in table.rows
    ]
    return table.model_copy(update={"rows": rows})


def placed(table: Table, at: Callable[[BBox], BBox]) -> Table:
    """Return a table with its boxes moved by ``at``."""
    rows = [[cell.model_copy(update={"bbox": at(cell.bbox)}) for cell in row] for row in table.rows]
    return table.model_copy(update={"bbox": at(table.bbox), "rows": rows})


def _slope(regions: Sequence[Region]) -> float:
    """By how many degrees the page's long lines climb."""
    angles = [region.angle for region in regions if region.width >= _LONG * region.height]
    return statistics.median(angles) if angles else 0.0
