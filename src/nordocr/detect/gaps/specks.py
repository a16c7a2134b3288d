"""Pepper between a row's words and figures: specks in a wide gap are no part of the line and do not bridge the gap."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from nordocr.detect.base import Mask
from nordocr.detect.components import Components, Ints
from nordocr.detect.grouping import SPECK
from nordocr.detect.textline import TextLine

# A page is peppered where so many specks, and so large a share of the number of its letters, belong to no line.
_FEWEST: Final = 60
_SHARE: Final = 0.15
# In letter heights: a speck farther than that from all larger ink of its line is none of it; a full stop, which stands
# so near the baseline, may be farther from the letter before it.
_LONE: Final = 0.35
_FOOT: Final = 0.15
_STOP: Final = 0.7
# A dash is so many times as wide as high, and at least so many letter heights wide.
_DASH: Final = 1.5
_DASH_WIDTH: Final = 0.2


def without_pepper(
    components: Components, lines: list[TextLine], marks: Ints, leaders: Ints
) -> tuple[list[TextLine], Ints]:
    """Take specks that stand alone in the lines' gaps out of a peppered page's lines.

    Args:
        components: The page's components.
        lines: Its lines with their marks.
        marks: Labels of all marks on the page.
        leaders: Those that are dots of leaders, which stay.

    Returns:
        The lines, and the labels of the page's pepper; the same lines and none where it has no pepper.
    """
    none = np.zeros(0, dtype=np.int64)
    if not lines:
        return lines, none
    unit = float(np.median([line.unit for line in lines]))
    loose = np.setdiff1d(marks, np.concatenate([leaders, *(line.members for line in lines)]))
    loose = loose[np.maximum(components.width[loose], components.height[loose]) < SPECK * unit]
    if len(loose) < max(_FEWEST, _SHARE * sum(len(line.letters) for line in lines)):
        return lines, none
    cleaned = [_cleaned(components, line, leaders) for line in lines]
    lost = [np.setdiff1d(line.marks, left.marks) for line, left in zip(lines, cleaned, strict=True)]
    return cleaned, np.concatenate([loose, *lost])


def _cleaned(components: Components, line: TextLine, leaders: Ints) -> TextLine:
    marks = line.marks
    if not len(marks):
        return line
    wide, high = components.width[marks], components.height[marks]
    small = np.maximum(wide, high) < SPECK * line.unit
    small &= (wide < _DASH * high) | (wide < _DASH_WIDTH * line.unit)
    small &= ~np.isin(marks, leaders)
    if not small.any():
        return line
    large = np.concatenate([line.letters, marks[~small]])
    lone = np.zeros(len(marks), dtype=np.bool_)
    lone[small] = _are_lone(components, line, marks[small], large)
    return replace(line, marks=marks[~lone]) if lone.any() else line


def _are_lone(components: Components, line: TextLine, specks: Ints, large: Ints) -> Mask:
    """Which of the ``specks`` stand too far from the line's ``large`` ink to belong to it."""
    left, right = components.left[specks], components.right[specks]
    starts, ends = np.sort(components.left[large]), np.sort(components.right[large])
    covered = np.searchsorted(starts, right) - np.searchsorted(ends, left, side="right") > 0
    before = np.searchsorted(ends, left, side="right")
    behind = np.searchsorted(starts, right)
    to_left = np.where(before > 0, left - ends[np.maximum(before - 1, 0)], np.inf)
    to_right = np.where(behind < len(starts), starts[np.minimum(behind, len(starts) - 1)] - right, np.inf)
    level = line.base + (line.slope or 0.0) * (left + right) / 2
    stop = (np.abs(components.bottom[specks] - level) <= _FOOT * line.unit) & (to_left <= _STOP * line.unit)
    middle = (left + right) / 2
    paired = (left[None] <= middle[:, None]) & (right[None] >= middle[:, None]) & stop[None]
    near = np.minimum(to_left, to_right) <= _LONE * line.unit
    return np.asarray(~(covered | near | stop | paired.any(axis=1)), dtype=np.bool_)
