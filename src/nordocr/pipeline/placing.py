"""Where lines that do not stand upright come among a page's lines: heads before what they head, margins at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nordocr.detect.base import Box, Region
from nordocr.detect.order import reading_order
from nordocr.detect.orientation import turn_box
from nordocr.pipeline.tabular import in_tables
from nordocr.results import Line, Table

# In line heights: lines on their side are one paragraph where they stand no farther apart, and head what begins so
# near below them.
_TOGETHER: Final = 0.9
_HEADS: Final = 3.0
# Two lines stand in one row where the middle of one is within this share of the other's height.
_ROW: Final = 0.5


@dataclass(frozen=True)
class _Group:
    """Lines on their side that are read one after another, and the box around them."""

    lines: list[int]
    box: Box


def in_order(lines: Sequence[Line], regions: Sequence[Region], size: tuple[int, int]) -> tuple[list[Line], list[Table]]:
    """Find the tables of a page and order its lines.

    Args:
        lines: The lines, the upright ones in reading order.
        regions: Where each was found.
        size: The page's width and height in pixels.

    Returns:
        The lines in reading order with their blocks, and the tables, which name the lines by their numbers.
    """
    side = [number for number, line in enumerate(lines) if line.rotation in (90, 270)]
    over = _reversed_runs(lines)
    if not side and not over:
        return in_tables(lines, regions)
    level = [number for number in over or range(len(lines)) if number not in set(side)]
    ordered, tables = in_tables([lines[n] for n in level], [regions[n] for n in level])
    groups = _groups([lines[n] for n in side], size)
    placed = sorted((_place(group, ordered, tables), group.box[0], number) for number, group in enumerate(groups))
    return _merged(ordered, tables, [lines[n] for n in side], [(at, groups[number]) for at, _, number in placed])


def _reversed_runs(lines: Sequence[Line]) -> list[int]:
    """The lines' numbers with runs of lines upside down the other way round; empty where there is none."""
    order: list[int] = []
    run: list[int] = []
    for number, line in enumerate(lines):
        if line.rotation == 180:
            run.insert(0, number)
        else:
            order += [*run, number]
            run = []
    return [*order, *run] if any(line.rotation == 180 for line in lines) else []


def _groups(lines: Sequence[Line], size: tuple[int, int]) -> list[_Group]:
    """Paragraphs of lines on their side."""
    turned = [turn_box(_box(line), line.rotation, size) for line in lines]
    left, groups = set(range(len(lines))), []
    while left:
        members = [left.pop()]
        for one in members:
            near = {
                other
                for other in left
                if lines[other].rotation == lines[one].rotation and _adjoin(turned[one], turned[other])
            }
            members += sorted(near)
            left -= near
        order = [members[i] for i in reading_order([turned[m] for m in members])]
        x, y = (min(_box(lines[m])[side] for m in members) for side in (0, 1))
        right, bottom = (max(_box(lines[m])[side] + _box(lines[m])[side + 2] for m in members) for side in (0, 1))
        groups.append(_Group(order, (x, y, right - x, bottom - y)))
    return groups


def _adjoin(one: Box, other: Box) -> bool:
    """Whether two lines, as they are read, stand right below one another or follow each other in one row."""
    high = min(one[3], other[3])
    apart = max(one[1] - other[1] - other[3], other[1] - one[1] - one[3])
    aside = max(one[0] - other[0] - other[2], other[0] - one[0] - one[2])
    return (aside < 0 and apart < _TOGETHER * high) or (apart < -_ROW * high and aside < 2 * high)


def _place(group: _Group, lines: Sequence[Line], tables: Sequence[Table]) -> int:
    """Before which of the upright lines a group is read: the row that it heads, or none, at the end."""
    x, y, width, height = group.box
    thick = min(width, height) / max(1, len(group.lines))
    below = [
        (_box(line)[1], number)
        for number, line in enumerate(lines)
        if _box(line)[0] < x + width and _box(line)[0] + _box(line)[2] > x and _box(line)[1] >= y + 0.8 * height
    ]
    if not below or min(below)[0] > y + height + _HEADS * thick:
        return len(lines)
    _, top, _, high = _box(lines[min(below)[1]])
    first = min(n for n, line in enumerate(lines) if abs(_middle(line) - top - high / 2) <= _ROW * high)
    for table in tables:
        members = [number for row in table.rows for cell in row for number in cell.lines]
        if members and min(members) < first <= max(members):
            return min(members)
    return first


def _merged(
    ordered: Sequence[Line], tables: Sequence[Table], side: Sequence[Line], placed: Sequence[tuple[int, _Group]]
) -> tuple[list[Line], list[Table]]:
    """All lines in their order, in blocks of their own, and the tables with the lines' new numbers."""
    merged: list[Line] = []
    moved: dict[int, int] = {}
    block, before = -1, (-1, -1)
    waiting = list(placed)
    for number in range(len(ordered) + 1):
        while waiting and waiting[0][0] == number:
            group = waiting.pop(0)[1]
            block, before = block + 1, (-1, -1)
            merged += [side[n].model_copy(update={"block": block}) for n in group.lines]
        if number < len(ordered):
            line = ordered[number]
            if (0, line.block) != before:
                block, before = block + 1, (0, line.block)
            moved[number] = len(merged)
            merged.append(line.model_copy(update={"block": block}))
    return merged, [_renumbered(table, moved) for table in tables]


def _renumbered(table: Table, moved: dict[int, int]) -> Table:
    rows = [[cell.model_copy(update={"lines": [moved[n] for n in cell.lines]}) for cell in row] for row in table.rows]
    return table.model_copy(update={"rows": rows})


def _box(line: Line) -> Box:
    return line.bbox.x, line.bbox.y, line.bbox.width, line.bbox.height


def _middle(line: Line) -> float:
    return line.bbox.y + line.bbox.height / 2
