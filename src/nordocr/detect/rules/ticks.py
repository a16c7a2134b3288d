"""Drawn boxes to tick: square frames with nothing, a tick or a cross in them, told by their strokes and not by reading.

A frame with anything else in it, a letter say, is none; neither are the boxes of a comb, which stand side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Box, Mask, Tick
from nordocr.detect.combs import Comb
from nordocr.detect.components import Components, Ints

EMPTY, TICKED, CROSSED = "☐", "☑", "☒"
"""What stands for a box in a line's text."""

# In the page's letter heights: how large a box is, and by how much it is higher than wide or wider than high.
_SIZES: Final = (1.1, 4.5)
_SQUARE: Final = 1.25
# A side is ink over so large a share of its length, within so much of the side's place, in letter heights.
_COVERED: Final = 0.85
_WITHIN: Final = 0.12
# How much thicker than a share of its side no frame is, and how large a box is beside a known one, at most, where its
# mark reaches over it.
_THICKEST: Final = 0.2
_REACH: Final = 2.2
_ALIKE: Final = 0.15
# Shares of a box's inside that are ink: an empty box has less than the first; a third of the inside has a stroke in it
# from the second on, and hardly any below the third.
_EMPTY: Final = 0.025
_STROKE: Final = 0.08
_HARDLY: Final = 0.05
_FULL: Final = 0.75
_HEAVIEST: Final = 0.85
# Text stands no nearer to a box than this share of its side; letters do.
_LETTER_GAP: Final = 0.25
# So many boxes side by side, nearer than this share of a side, are a comb.
_COMB: Final = 3
_BESIDE: Final = 0.35
# How sure a box is, by what is in it.
_SURE: Final = {EMPTY: 0.98, TICKED: 0.95, CROSSED: 0.95}
_MOST: Final = 400


@dataclass(frozen=True)
class Found:
    """A box on a sheet, and the components that it and its mark are made of."""

    tick: Tick
    labels: Ints


def find_ticks(components: Components, combs: Sequence[Comb], size: float) -> list[Found]:
    """Find the boxes to tick.

    Args:
        components: The page's components without its rules.
        combs: The page's comb fields, whose boxes are none.
        size: The letter height in pixels.
    """
    frames = [(label, box) for label in _framed(components, size) if (box := _frame(components, label, size))]
    frames = [(label, box) for label, box in frames if not _among_letters(components, label, box)]
    if not frames:
        return []
    sides = [(box[2] + box[3]) / 2 for _, box in frames]
    known = {label for label, _ in frames}
    for label in _larger(components, sides):
        box = _struck(components, label, sides)
        if label not in known and box is not None:
            frames.append((label, box))
    frames = [(label, box) for label, box in frames if not _in_comb(box, combs)]
    frames = _apart(frames)
    return [found for label, box in frames[:_MOST] if (found := _read(components, label, box))]


def _framed(components: Components, size: float) -> list[int]:
    """Components whose extent is about square and has ink at its corners and in the middle of its sides."""
    height, width = components.height, components.width
    fits = (np.minimum(height, width) >= _SIZES[0] * size) & (np.maximum(height, width) <= _SIZES[1] * size)
    fits &= (width <= _SQUARE * height) & (height <= _SQUARE * width)
    fits &= components.area <= _HEAVIEST * height * width
    labels = np.flatnonzero(fits)
    within = max(2, round(_WITHIN * size))
    kept = np.ones(len(labels), dtype=np.bool_)
    left, top = components.left[labels], components.top[labels]
    right, bottom = components.right[labels] - 1, components.bottom[labels] - 1
    for x, y, dx, dy in (
        *((left, top, 1, 1), (right, top, -1, 1), (left, bottom, 1, -1), (right, bottom, -1, -1)),
        *(((left + right) // 2, top, 0, 1), ((left + right) // 2, bottom, 0, -1)),
        *((left, (top + bottom) // 2, 1, 0), (right, (top + bottom) // 2, -1, 0)),
    ):
        near = np.zeros(len(labels), dtype=np.bool_)
        for step in range(within + 1):
            near |= components.labels[y + dy * step, x + dx * step] == labels
        kept &= near
    return [int(label) for label in labels[kept]]


def _window(components: Components, label: int) -> tuple[Mask, int, int]:
    left, top = int(components.left[label]), int(components.top[label])
    part = components.labels[top : int(components.bottom[label]), left : int(components.right[label])]
    return np.asarray(part == label, dtype=np.bool_), left, top


def _frame(components: Components, label: int, size: float) -> Box | None:
    """The box of a component that is a frame with four straight sides, None for any other."""
    own, left, top = _window(components, label)
    edge = max(2, round(_WITHIN * size))
    sides = (own[:edge].any(0), own[-edge:].any(0), own[:, :edge].any(1), own[:, -edge:].any(1))
    if min(float(side.mean()) for side in sides) < _COVERED:
        return None
    # A heavy ring of ink is a letter or a bullet.
    middle = own[own.shape[0] // 2], own[:, own.shape[1] // 2]
    if any(_thickness(run) > _THICKEST * min(own.shape) for line in middle for run in (line, line[::-1])):
        return None
    return left, top, own.shape[1], own.shape[0]


def _among_letters(components: Components, label: int, box: Box) -> bool:
    """Whether something of a letter's height stands as near to a box as letters of a word do: it is a square O."""
    x, y, width, height = box
    reach = max(1, round(_LETTER_GAP * width))
    rows = slice(y + height // 5, y + height - height // 5)
    sides = components.labels[rows, max(0, x - reach) : x], components.labels[rows, x + width : x + width + reach]
    near = {int(one) for side in sides for one in np.unique(side)} - {0, label}
    return any(0.5 * height <= components.height[one] <= 2 * height for one in near)


def _thickness(line: npt.NDArray[np.bool_]) -> int:
    """How long the first run of ink of a line is."""
    ink = np.flatnonzero(line)
    if not len(ink):
        return 0
    gaps = np.flatnonzero(np.diff(ink) > 1)
    return int(gaps[0] + 1 if len(gaps) else len(ink))


def _frame_thickness(window: Mask) -> int:
    """How thick the frame around a window is, whatever marks run into it here and there."""
    runs = []
    for side in (window, window.T):
        for share in (0.25, 0.4, 0.6, 0.75):
            line = side[round(share * len(side))]
            runs += [_thickness(line), _thickness(line[::-1])]
    return sorted(runs)[len(runs) // 3]


def _larger(components: Components, sides: Sequence[float]) -> list[int]:
    """Components that may be a box of a known size with a mark that reaches over it."""
    least, most = (1 - _ALIKE) * min(sides), _REACH * max(sides)
    height, width = components.height, components.width
    fits = (np.minimum(height, width) >= least) & (np.maximum(height, width) <= most)
    fits &= components.area <= _HEAVIEST * height * width
    return [int(label) for label in np.flatnonzero(fits)][:_MOST]


def _struck(components: Components, label: int, sides: Sequence[float]) -> Box | None:
    """The box of a known size within a component, None where there is none."""
    own, left, top = _window(components, label)
    for side in sorted({round(side) for side in sides}):
        long = max(4, round(0.7 * side))
        if min(own.shape) < long:
            continue
        level = _rulings(own, long)
        upright = _rulings(np.ascontiguousarray(own.T), long)
        rows, columns = _pair(level, side), _pair(upright, side)
        if rows is None or columns is None:
            continue
        (y0, y1), (x0, x1) = rows, columns
        part = own[y0 : y1 + 1, x0 : x1 + 1]
        edge = max(2, round(0.1 * side))
        ends = (part[:edge].any(0), part[-edge:].any(0), part[:, :edge].any(1), part[:, -edge:].any(1))
        if min(float(end.mean()) for end in ends) >= _COVERED:
            return left + x0, top + y0, x1 - x0 + 1, y1 - y0 + 1
    return None


def _rulings(own: Mask, long: int) -> list[int]:
    """The rows of ``own`` that hold a run of ink so long."""
    opened = cv2.morphologyEx(
        own.astype(np.uint8),
        cv2.MORPH_OPEN,
        np.ones((1, long), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    return [int(row) for row in np.flatnonzero(opened.any(axis=1))]


def _pair(rows: Sequence[int], side: float) -> tuple[int, int] | None:
    """The first two of some rows that stand a box's side apart."""
    for first in rows:
        for last in reversed(rows):
            if abs(last - first + 1 - side) <= _ALIKE * side:
                return first, last
    return None


def _in_comb(box: Box, combs: Sequence[Comb]) -> bool:
    middle = box[1] + box[3] / 2
    return any(
        comb.top <= middle <= comb.bottom and comb.walls[0] - box[2] <= box[0] <= comb.walls[-1] for comb in combs
    )


def _apart(frames: list[tuple[int, Box]]) -> list[tuple[int, Box]]:
    """The frames without those that stand side by side as the boxes of a comb do."""
    kept = []
    for label, box in frames:
        near = [
            other
            for _, other in frames
            if abs(other[1] - box[1]) < 0.3 * box[3] and abs(other[0] - box[0]) <= (1 + _BESIDE) * box[2]
        ]
        chain = len(near)
        for one in near:
            chain = max(
                chain,
                sum(
                    abs(other[1] - one[1]) < 0.3 * one[3] and abs(other[0] - one[0]) <= (1 + _BESIDE) * one[2]
                    for _, other in frames
                ),
            )
        if chain < _COMB:
            kept.append((label, box))
    return kept


def _read(components: Components, label: int, box: Box) -> Found | None:
    """What is in a box; None where it is something else than a tick or a cross."""
    x, y, width, height = box
    window = components.labels[y : y + height, x : x + width]
    frame = _frame_thickness(window > 0)
    inset = max(2, round(0.08 * min(width, height)), frame + 1 if frame <= _THICKEST * width else 0)
    inside = window[inset : height - inset, inset : width - inset]
    if min(inside.shape) < 6:
        return None
    ink = inside > 0
    sign = _sign(ink)
    if sign is None:
        return None
    # Marks reach over a frame; what is mostly outside is another's.
    labels, counts = np.unique(inside[ink], return_counts=True)
    own = [int(one) for one, count in zip(labels, counts, strict=True) if 2 * count >= components.area[one]]
    return Found(Tick(sign, box, _SURE[sign]), np.unique(np.array([label, *own], dtype=np.int64)))


def _sign(ink: Mask) -> str | None:
    """The sign for the inside of a box."""
    share = float(ink.mean())
    if share < _EMPTY:
        return EMPTY
    if share > _FULL:
        return None
    ys, xs = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if len(ys) < 0.35 * ink.shape[0] or len(xs) < 0.35 * ink.shape[1]:
        return None
    mark = ink[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    thirds = [
        [float(cell.mean()) for cell in np.array_split(row, 3, axis=1)] for row in np.array_split(mark, 3, axis=0)
    ]
    (top_left, top, top_right), (left, middle, right), (low_left, low, low_right) = thirds
    if min(top_left, top_right, low_left, low_right, middle) >= _STROKE:
        # A cross leaves the middle of its sides free; a letter with four corners has at least one of them.
        return CROSSED if max(top, left, right, low) < max(middle, 2 * _STROKE) else None
    falls = top_right >= _STROKE and low_right <= max(_HARDLY, 0.6 * low) and top_left <= _HARDLY
    return TICKED if falls and max(left, low_left) >= _HARDLY and max(low, low_left) >= _STROKE else None
