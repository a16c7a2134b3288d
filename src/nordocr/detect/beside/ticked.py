"""Which lines the boxes to tick of a page belong to."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from nordocr.detect.base import Region, Tick
from nordocr.detect.sheet import Sheet

# In sides of the box: how far the text that it belongs to begins behind it, or ends before it; text behind it is the
# likelier by so much. How much a box's height and a line's agree, and how much larger a box is than a line's type.
_BEFORE: Final = 2.2
_BEHIND: Final = 1.6
_LIKELIER: Final = 1.5
_LEVEL: Final = 0.5
_LARGEST: Final = 2.5
# Boxes of one size differ by no more than this share.
_ALIKE: Final = 0.15


def with_ticks(sheet: Sheet, regions: list[Region], scale: float, rows: int, columns: int) -> list[Region]:
    """Give each box to the line that it stands in, or beside; boxes that stand alone are lines of their own.

    Args:
        sheet: The page with its boxes.
        regions: Its upright lines on the page.
        scale: The page was scaled by it.
        rows: The page's height in pixels before that.
        columns: Its width.

    Returns:
        The lines, their ink with that of their boxes. A box alone counts where another one of its size has a line.
    """
    if not sheet.ticks:
        return regions
    owned: dict[int, list[Tick]] = {}
    alone: list[Tick] = []
    for found in sheet.ticks:
        tick = _on_page(found.tick, scale, rows, columns)
        owner = _line_of(tick, regions)
        if owner is None:
            alone.append(tick)
        else:
            owned.setdefault(owner, []).append(tick)
    sides = [_side(tick) for held in owned.values() for tick in held]
    lines = [_ticked(region, owned[n]) if n in owned else region for n, region in enumerate(regions)]
    lone = [tick for tick in alone if any(abs(_side(tick) - side) <= _ALIKE * side for side in sides)]
    return lines + [_lone(tick) for tick in lone]


def _on_page(tick: Tick, scale: float, rows: int, columns: int) -> Tick:
    x, y, width, height = tick.box
    left, top = int(x / scale), int(y / scale)
    right, bottom = min(columns, math.ceil((x + width) / scale)), min(rows, math.ceil((y + height) / scale))
    return replace(tick, box=(left, top, right - left, bottom - top))


def _side(tick: Tick) -> float:
    return (tick.box[2] + tick.box[3]) / 2


def _line_of(tick: Tick, regions: list[Region]) -> int | None:
    """The line that a box stands in, or the nearest one in its row; None where there is none."""
    x, y, width, height = tick.box
    best: tuple[float, int] | None = None
    for number, region in enumerate(regions):
        left, top, wide, high = region.tight
        level = min(y + height, top + high) - max(y, top)
        if region.turn or region.inverted or level < _LEVEL * min(height, high) or height > _LARGEST * high:
            continue
        before, behind = left - x - width, x - left - wide
        if before <= 0 and behind <= 0:
            apart = 0.0
        elif 0 < before <= _BEFORE * width:
            apart = float(before)
        elif 0 < behind <= _BEHIND * width:
            apart = _LIKELIER * behind
        else:
            continue
        if best is None or apart < best[0]:
            best = apart, number
    return None if best is None else best[1]


def _ticked(region: Region, ticks: list[Tick]) -> Region:
    boxes = [region.tight, *(tick.box for tick in ticks)]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    ordered = tuple(sorted(ticks, key=lambda tick: tick.box[0]))
    return replace(region, ink=(left, top, right - left, bottom - top), ticks=ordered)


def _lone(tick: Tick) -> Region:
    """A line of a box alone, of which nothing is left to read."""
    x, y, width, height = tick.box
    nothing = np.ones((height, width), dtype=np.bool_)
    return Region(x, y, width, height, 0.0, float(height), nothing, ink=tick.box, ticks=(tick,))
