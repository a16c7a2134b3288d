"""Reading order: down each column, within a row of a table from left to right (the label before its figures)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Final

from nordocr.detect.base import Region
from nordocr.detect.cells import Cells

Box = tuple[int, int, int, int]

# Boxes that share this much of the lower one's height stand in one row.
_ROW_OVERLAP: Final = 0.5
# Columns of prose begin with lines at least this many times as long as high.
_LONG_LINE: Final = 6.0
# Columns need not be level: so many lines are looked at before a beginning is no columns.
_ENOUGH: Final = 12
# Of a cell with more lines each is taken for itself: it frames prose or the page.
_MOST_IN_CELL: Final = 4
# Columns of other things than prose have so many rows each, and a corridor of so many line heights between them; of the
# rows of either no larger share than this has one at its level in the other, within that share of their height: the
# rows of a table all have. So have they on a page askew once one side is moved, by at most so many line heights.
_FEWEST_ROWS: Final = 4
_GUTTER: Final = 0.8
_PAIRED: Final = 0.65
_PAIRED_ASKEW: Final = 0.85
_LEVEL: Final = 0.15
_SHIFT: Final = 0.7
# What stands this many line heights below columns is not part of them.
_FAR_BELOW: Final = 2.0


def in_reading_order(regions: Sequence[Region], cells: Cells | None = None) -> list[Region]:
    """The lines of a page as a reader takes them, on a page askew too: its rows are level only after it is turned.

    The few lines of a ruled ``cell``, such as a form's caption and what was filled in under it, are read together.
    """
    angle = _page_angle(regions)
    rise = math.tan(math.radians(angle))
    boxes = []
    for region in regions:
        x, y, width, height = region.bbox
        # Turning moves what stands on the right down by as much as its line climbs to there, and a line loses the
        # height that it has by climbing.
        middle = y + height / 2 + rise * (x + width / 2)
        height = max(1, round(height - abs(rise) * width))
        boxes.append((x, round(middle - height / 2), width, height))
    groups = [[i] for i in range(len(regions))]
    if cells is not None:
        groups = _by_cell([cells.of(region) for region in regions], boxes)
    whole = [boxes[group[0]] if len(group) == 1 else _cell_box(group, regions, boxes, cells, rise) for group in groups]
    ordered = [groups[i] for i in reading_order(whole)]
    return [regions[group[i]] for group in ordered for i in reading_order([boxes[j] for j in group])]


def _by_cell(cell_of: Sequence[int], boxes: Sequence[Box]) -> list[list[int]]:
    """The boxes by themselves, those of one cell together where they are few and nothing else stands among them."""
    by_cell: dict[int, list[int]] = {}
    for i, cell in enumerate(cell_of):
        by_cell.setdefault(cell, []).append(i)
    groups: list[list[int]] = [[i] for i in by_cell.pop(0, [])]
    for members in by_cell.values():
        x0, y0, x1, y1 = _around(members, boxes)
        inside = {
            i
            for i, (x, y, width, height) in enumerate(boxes)
            if x0 <= x + width / 2 <= x1 and y0 <= y + height / 2 <= y1
        }
        together = len(members) <= _MOST_IN_CELL and inside == set(members) and not _is_column(members, boxes)
        groups += [members] if together else [[i] for i in members]
    return groups


def _is_column(members: Sequence[int], boxes: Sequence[Box]) -> bool:
    """Whether a cell with three lines or more is a table's column: most of them stand in rows with other lines."""
    if len(members) < 3:
        return False
    others = [box for i, box in enumerate(boxes) if i not in members]
    return 2 * sum(any(_overlap(boxes[i], other) >= _ROW_OVERLAP for other in others) for i in members) > len(members)


def _around(members: Sequence[int], boxes: Sequence[Box]) -> tuple[int, int, int, int]:
    x0, y0 = min(boxes[i][0] for i in members), min(boxes[i][1] for i in members)
    return x0, y0, max(boxes[i][0] + boxes[i][2] for i in members), max(boxes[i][1] + boxes[i][3] for i in members)


def _cell_box(
    group: Sequence[int], regions: Sequence[Region], boxes: Sequence[Box], cells: Cells | None, rise: float
) -> Box:
    """As wide as the lines of a cell and as high as the cell, so that cells of one row stand in one row."""
    x0, y0, x1, y1 = _around(group, boxes)
    if cells is not None:
        top, bottom = cells.extent[cells.of(regions[group[0]])]
        climb = rise * (x0 + x1) / 2
        y0, y1 = min(y0, round(top + climb)), max(y1, round(bottom + climb))
    return x0, y0, x1 - x0, y1 - y0


def _page_angle(regions: Sequence[Region]) -> float:
    """By how many degrees the page's lines climb: the median of the long ones, or of all where none is long."""
    angles = [region.angle for region in regions if region.width >= _LONG_LINE * region.height]
    angles = angles or [region.angle for region in regions]
    return statistics.median(angles) if angles else 0.0


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Indices of ``boxes`` (x, y, width, height) as a reader takes them.

    A recursive cut of the page (Nagy and Seth's X-Y cut, ICPR 1984) that cuts upright only where both sides are
    running text: sides whose lines pair up in rows are a table, and a table is read row by row.
    """
    return _order(list(range(len(boxes))), boxes)


def rows(indices: Sequence[int], boxes: Sequence[Box]) -> list[list[int]]:
    """The boxes in rows from top to bottom, each row from left to right."""
    found: list[list[int]] = []
    for i in sorted(indices, key=lambda i: boxes[i][1] + boxes[i][3] / 2):
        own = boxes[i]
        for row in reversed(found[-4:]):
            # Most boxes stand in other rows than the one before them.
            last = boxes[row[-1]]
            if own[1] >= last[1] + last[3] or last[1] >= own[1] + own[3]:
                continue
            if all(_overlap(own, boxes[j]) >= _ROW_OVERLAP and not _share_columns(own, boxes[j]) for j in row):
                row.append(i)
                break
        else:
            found.append([i])
    return [sorted(row, key=lambda i: boxes[i][0]) for row in found]


def _order(indices: list[int], boxes: Sequence[Box]) -> list[int]:
    if len(indices) < 2:
        return indices
    bands = _bands(indices, boxes)
    if len(bands) > 1:
        return [i for band in _columns_together(bands, boxes) for i in _order_band(band, boxes)]
    return _order_band(indices, boxes)


def _order_band(indices: list[int], boxes: Sequence[Box]) -> list[int]:
    sides = _column_cut(indices, boxes)
    if sides is None:
        return [i for row in rows(indices, boxes) for i in row]
    return [i for side in sides for i in _order(side, boxes)]


def _bands(indices: list[int], boxes: Sequence[Box]) -> list[list[int]]:
    """Groups with a white row between them, from top to bottom."""
    bands: list[list[int]] = []
    reached = -1.0
    for i in sorted(indices, key=lambda i: boxes[i][1]):
        # Boxes are padded beyond their ink and touch the next row's; a tenth at each end is no text.
        top, bottom = boxes[i][1] + 0.15 * boxes[i][3], boxes[i][1] + 0.85 * boxes[i][3]
        if not bands or top >= reached:
            bands.append([])
        bands[-1].append(i)
        reached = max(reached, bottom)
    return bands


def _columns_together(bands: list[list[int]], boxes: Sequence[Box]) -> list[list[int]]:
    """Consecutive bands joined wherever together they can be read as columns of running text."""
    joined: list[list[int]] = []
    i = 0
    while i < len(bands):
        best = i
        union: list[int] = []
        for j in range(i, min(len(bands), i + 80)):
            if union and _distance(union, bands[j], boxes) > _FAR_BELOW * boxes[bands[j][0]][3]:
                break
            union = union + bands[j]
            if j == i and len(union) < 2 and boxes[union[0]][2] < _LONG_LINE * boxes[union[0]][3]:
                break
            if j > i and _column_cut(union, boxes) is not None:
                best = j
            elif len(union) >= _ENOUGH and best < j - 2:
                break
        joined.append([k for band in bands[i : best + 1] for k in band])
        i = best + 1
    return joined


def _distance(above: list[int], below: list[int], boxes: Sequence[Box]) -> int:
    """White rows between two groups, in pixels."""
    return min(boxes[k][1] for k in below) - max(boxes[k][1] + boxes[k][3] for k in above)


def _column_cut(indices: list[int], boxes: Sequence[Box]) -> tuple[list[int], list[int]] | None:
    """Left and right side of the widest corridor between blocks of running text, or None."""
    if len(indices) < 6:
        return None
    heights = sorted(boxes[i][3] for i in indices)
    height = heights[len(heights) // 2]
    ordered = sorted(indices, key=lambda i: boxes[i][0])
    best: tuple[float, int] | None = None
    reached = boxes[ordered[0]][0] + boxes[ordered[0]][2]
    for k in range(1, len(ordered)):
        gap = boxes[ordered[k]][0] - reached
        if gap >= 0.3 * height and 3 <= k <= len(ordered) - 3 and (best is None or gap > best[0]):
            best = (gap, k)
        reached = max(reached, boxes[ordered[k]][0] + boxes[ordered[k]][2])
    if best is None:
        return None
    left, right = ordered[: best[1]], ordered[best[1] :]
    if all(_is_text(side, boxes, height) or _column_cut(side, boxes) is not None for side in (left, right)):
        return left, right
    return (left, right) if best[0] >= _GUTTER * height and _are_apart(left, right, boxes) else None


def _are_apart(left: list[int], right: list[int], boxes: Sequence[Box]) -> bool:
    """Whether two sides are set each for itself: their rows do not stand on common levels, as those of a table do."""
    levels = []
    for side in (left, right):
        found = rows(side, boxes)
        if len(found) < _FEWEST_ROWS:
            return False
        levels.append([statistics.fmean(boxes[i][1] + boxes[i][3] / 2 for i in row) for row in found])
    # Only where both have rows.
    first, last = max(level[0] for level in levels), min(level[-1] for level in levels)
    slack = _LEVEL * statistics.median(boxes[i][3] for i in (*left, *right))
    # A page may lie askew without a line long enough to tell: then the rows of a table are all off by as much.
    shifts = sorted({round(beside - level) for level in levels[0] for beside in levels[1]})
    reach = _SHIFT * slack / _LEVEL
    for shift in (0, *(shift for shift in shifts if abs(shift) <= reach)):
        moved, most = [level + shift for level in levels[0]], _PAIRED_ASKEW if shift else _PAIRED
        for own, other in ((moved, levels[1]), (levels[1], moved)):
            both = [level for level in own if first - slack <= level <= last + slack]
            paired = sum(any(abs(level - beside) <= slack for beside in other) for level in both)
            if len(both) < _FEWEST_ROWS or paired > most * len(both):
                return False
    return True


def _is_text(side: list[int], boxes: Sequence[Box], height: int) -> bool:
    """Running text rather than a table's column: one long line a row."""
    lengths = sorted(boxes[i][2] for i in side)
    if lengths[len(lengths) // 2] < 8 * height:
        return False
    return sum(len(row) == 1 for row in rows(side, boxes)) >= 0.9 * len(side)


def _overlap(a: Box, b: Box) -> float:
    shared = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return shared / max(1, min(a[3], b[3]))


def _share_columns(a: Box, b: Box) -> bool:
    shared = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    return shared > 0.2 * min(a[2], b[2])
