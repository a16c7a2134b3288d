"""Reading order: down each column, within a row of a table from left to right (the label before its figures)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Final

from nordocr.detect.base import Region

Box = tuple[int, int, int, int]

# Boxes that share this much of the lower one's height stand in one row.
_ROW_OVERLAP: Final = 0.5
# Columns of prose begin with lines at least this many times as long as high.
_LONG_LINE: Final = 6.0
# Columns need not be level: so many lines are looked at before a beginning is no columns.
_ENOUGH: Final = 8
# What stands this many line heights below columns is not part of them.
_FAR_BELOW: Final = 2.0


def in_reading_order(regions: Sequence[Region]) -> list[Region]:
    """The lines of a page as a reader takes them, on a page askew too: its rows are level only after it is turned."""
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
    return [regions[i] for i in reading_order(boxes)]


def _page_angle(regions: Sequence[Region]) -> float:
    """By how many degrees the page's lines climb: the median of the long ones."""
    angles = [region.angle for region in regions if region.width >= _LONG_LINE * region.height]
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
        for row in reversed(found[-4:]):
            if all(
                _overlap(boxes[i], boxes[j]) >= _ROW_OVERLAP and not _share_columns(boxes[i], boxes[j]) for j in row
            ):
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
            if j == i and max(boxes[k][2] / boxes[k][3] for k in bands[i]) < _LONG_LINE:
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
    return (left, right) if _is_text(left, boxes, height) and _is_text(right, boxes, height) else None


def _is_text(side: list[int], boxes: Sequence[Box], height: int) -> bool:
    """Running text rather than a table's column: one long line a row."""
    lengths = sorted(boxes[i][2] for i in side)
    alone = sum(len(row) == 1 for row in rows(side, boxes))
    return lengths[len(lengths) // 2] >= 8 * height and alone >= 0.9 * len(side)


def _overlap(a: Box, b: Box) -> float:
    shared = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return shared / max(1, min(a[3], b[3]))


def _share_columns(a: Box, b: Box) -> bool:
    shared = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    return shared > 0.2 * min(a[2], b[2])
