"""Lines of components to regions: the box with its margins, and what in it belongs to other lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from nordocr.detect.base import Mask, Region
from nordocr.detect.components import Components, Ints
from nordocr.detect.sheet import Sheet, around
from nordocr.detect.spaced import word_ends
from nordocr.detect.textline import TextLine, extent

# What a crop keeps around its ink, in the line's letter heights.
_PAD_ACROSS: Final = 0.35
_PAD_UP: Final = 0.2
# Every line of small letters is given room for ascenders and descenders, whether it has any or not.
_ASCENT: Final = 1.5
_DESCENT: Final = 0.4
# A side of the page has a dark strip where so large a share of it has ink within so many letter heights of the border.
# The strip ends, at most so many letter heights deep, where less than that share is dark. A region lies at it that
# reaches no farther than so many letter heights beyond it.
_STRIP: Final = 0.15
_DIRTY: Final = 0.2
_DEEPEST: Final = 4.0
_DARK: Final = 0.15
_EDGE: Final = 1.6


def regions_of(
    sheet: Sheet, lines: list[TextLine], scale: float, rows: int, columns: int, others: Sequence[TextLine] = ()
) -> list[Region]:
    """``lines`` as regions on a page of ``rows`` x ``columns`` pixels that was scaled by ``scale``, in their order.

    What no line holds of the ``others``' ink is foreign to all.
    """
    components = sheet.components
    owner = np.full(len(components.left), -1, dtype=np.int32)
    for line in others:
        owner[line.members] = len(lines)
    for tick in sheet.ticks:
        owner[tick.labels] = len(lines)
    for number, line in enumerate(lines):
        owner[line.members] = number
    regions = [_region(sheet, line, number, owner, scale, (rows, columns)) for number, line in enumerate(lines)]
    strips = _dark_strips(sheet)
    return [replace(region, edge=_at_edge(region, strips, sheet.size, scale, (rows, columns))) for region in regions]


def marked(
    regions: list[Region], overlapped: Sequence[bool], written: Sequence[bool], pictured: Sequence[bool]
) -> list[Region]:
    """Return regions with what is known of strokes over them, and of how they look; the scanner's edge is no stroke."""
    made = []
    for region, over, by_pen, in_picture in zip(regions, overlapped, written, pictured, strict=True):
        region = replace(region, overlapped=over and not region.edge) if over else region
        made.append(replace(region, looks="written" if by_pen else "pictured") if by_pen or in_picture else region)
    return made


def _dark_strips(sheet: Sheet) -> tuple[int, ...]:
    """How deep the scanner's dark strips are at the left, top, right and bottom of the sheet, in pixels; 0 for none."""
    labels, rules = sheet.components.labels, sheet.rules
    touch, deep = max(3, round(_STRIP * sheet.size)), min(min(rules.shape), round(_DEEPEST * sheet.size))
    depths = []
    for turns in (1, 0, 3, 2):  # each side in its turn is the uppermost
        labelled, ruled = np.rot90(labels, -turns)[:deep], np.rot90(rules, -turns)[:deep]
        if ((labelled[:touch] > 0) | ruled[:touch]).any(axis=0).mean() <= _DIRTY:
            depths.append(0)
            continue
        dark = np.flatnonzero(((labelled > 0) | ruled).mean(axis=1) > _DARK)
        depths.append(int(dark[-1]) + 1 if len(dark) else 0)
    return tuple(depths)


def _at_edge(region: Region, strips: tuple[int, ...], size: float, scale: float, page: tuple[int, int]) -> bool:
    """Whether the region's ink lies wholly on or beside a dark strip of the page, or in a corner of two of them.

    ``size``: the letter height on the sheet, which is the page scaled by ``scale``; ``page``: its rows and columns.
    """
    x, y, width, height = region.tight
    near = (x, y, page[1] - x - width, page[0] - y - height)
    far = (x + width, y + height, page[1] - x, page[0] - y)
    if any(strip and end * scale <= strip + _EDGE * size for strip, end in zip(strips, far, strict=True)):
        return True
    left, top, right, bottom = (strip and start * scale <= strip for strip, start in zip(strips, near, strict=True))
    return bool((left or right) and (top or bottom))


def _region(
    sheet: Sheet, line: TextLine, number: int, owner: np.ndarray, scale: float, page: tuple[int, int]
) -> Region:
    components = sheet.components
    left, right = extent(components, line)
    members, slope = line.members, line.slope or 0.0
    middle = (components.left[members] + components.right[members]) / 2
    level = line.base + slope * middle
    pad = _PAD_UP * line.unit
    ascent = max(float((level - components.top[members]).max()), _ASCENT * min(line.rise, 1.15 * sheet.size)) + pad
    descent = max(float((components.bottom[members] - level).max()), _DESCENT * line.rise) + pad
    x0, x1 = left - _PAD_ACROSS * line.unit, right + _PAD_ACROSS * line.unit
    y0 = min(line.baseline(x0), line.baseline(x1)) - ascent
    y1 = max(line.baseline(x0), line.baseline(x1)) + descent
    height, width = components.labels.shape
    box = (
        min(max(math.floor(x0), 0), width - 1),
        min(max(math.floor(y0), 0), height - 1),
        min(max(math.ceil(x1), 1), width),
        min(max(math.ceil(y1), 1), height),
    )
    ink = _ink(components, members, scale, page)
    inverted = _is_light(sheet, members)
    foreign = _foreign(sheet, owner, number, box, inverted)
    ends = word_ends(components, line, sheet.combs)
    shares = None if ends is None else tuple((column - box[0]) / max(1, box[2] - box[0]) for column in ends)
    x, y = int(box[0] / scale), int(box[1] / scale)
    w, h = min(math.ceil(box[2] / scale), page[1]) - x, min(math.ceil(box[3] / scale), page[0]) - y
    if foreign is not None and scale < 1.0:
        foreign = cv2.resize(foreign.astype(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST) > 0
    line_height = (ascent + descent) / scale
    angle = -math.degrees(math.atan(slope))
    return Region(x, y, w, h, angle, line_height, foreign, inverted, ink, word_ends=shares)


def _ink(components: Components, members: Ints, scale: float, page: tuple[int, int]) -> tuple[int, int, int, int]:
    """The extent of the line's own ink in page pixels."""
    x, y = int(components.left[members].min() / scale), int(components.top[members].min() / scale)
    right = min(page[1], math.ceil(components.right[members].max() / scale))
    bottom = min(page[0], math.ceil(components.bottom[members].max() / scale))
    return x, y, right - x, bottom - y


def _is_light(sheet: Sheet, members: Ints) -> bool:
    """Whether most of a line lies on a dark band."""
    if sheet.bands is None:
        return False
    components = sheet.components
    y, x = (components.top[members] + components.bottom[members]) // 2, components.left[members]
    return bool(sheet.bands[y, x].mean() > 0.5)


def _foreign(
    sheet: Sheet, owner: np.ndarray, number: int, box: tuple[int, int, int, int], inverted: bool
) -> Mask | None:
    """Where the box shows other lines' ink or rules, a pixel wider than the ink but never over the line's own.

    Also where it reaches over the edge of a dark band, from the inside or from the outside.
    """
    components, (left, top, right, bottom) = sheet.components, box
    box_window = np.s_[top:bottom, left:right]
    streaks = sheet.streaks if sheet.streaks is not None and sheet.streaks[box_window].any() else None
    if sheet.bands is None and streaks is None and not sheet.rules[box_window].any():
        # Only where other lines reach into the box.
        others = (owner >= 0) & (owner != number)
        others &= (components.left < right) & (components.right > left)
        others &= (components.top < bottom) & (components.bottom > top)
        near = np.flatnonzero(others)
        if not len(near):
            return None
        left, right = max(left, components.left[near].min() - 1), min(right, components.right[near].max() + 1)
        top, bottom = max(top, components.top[near].min() - 1), min(bottom, components.bottom[near].max() + 1)
    window = np.s_[top:bottom, left:right]
    owners = owner[components.labels[window]]
    foreign = ((owners >= 0) & (owners != number)) | sheet.rules[window]
    if streaks is not None:
        foreign |= streaks[window]
    if sheet.bands is not None:
        foreign |= ~sheet.bands[window] if inverted else around(sheet.bands[window])
    if not foreign.any():
        return None
    wider = cv2.dilate(foreign.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    whole = np.zeros((box[3] - box[1], box[2] - box[0]), dtype=np.bool_)
    whole[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] = wider & (owners != number)
    return whole
