"""What of a page's ink lies on its rules: the pieces of broken ones, their corners, and the crumbs between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from nordocr.detect.components import Components, Ints
from nordocr.detect.rules.pieces import beside_letters
from nordocr.detect.rules.runs import Run

# A rule is drawn so many pixels thicker than it is, or than so many letter heights, and so many letter heights longer
# at both ends: half as many where it is shorter than this.
_WIDER: Final = 4.0
_THICKEST: Final = 0.3
_LONGER: Final = 1.2
_SHORT: Final = 8.0
# What lies on rules with so large a share of its ink is a part of them; what is so high may be a letter.
_ON_RULES: Final = 0.85
_HIGH: Final = 0.4


def crumbs(
    components: Components, rules: Sequence[Run], size: float, box: tuple[int, int, int, int] | None = None
) -> Ints:
    """Return the labels of the components that are parts of rules.

    Args:
        components: The page's components without its whole rules.
        rules: All rules, as far as they reach.
        size: The letter height in pixels.
        box: Where to look: left, top, right and bottom in pixels; None for the whole page.
    """
    rows, columns = components.labels.shape
    left, top, right, bottom = box or (0, 0, columns, rows)
    left, top = max(left, 0), max(top, 0)
    labels = components.labels[top:bottom, left:right]
    drawn = np.zeros(labels.shape, dtype=np.uint8)
    windows: list[tuple[slice, slice]] = []
    for rule in rules:
        whole = max(1.0, rule.end - rule.start)
        more = _LONGER * size * (1.0 if whole >= _SHORT * size else 0.5)
        slope = (rule.last - rule.first) / whole
        ends = [
            (rule.start - more, rule.first - slope * more - 0.5),
            (rule.end + more, rule.last + slope * more - 0.5),
        ]
        (x0, y0), (x1, y1) = ends if rule.across else [(x, y) for y, x in ends]
        thick = max(1, round(min(rule.thick, _THICKEST * size) + _WIDER))
        start, end = (round(x0) - left, round(y0) - top), (round(x1) - left, round(y1) - top)
        cv2.line(drawn, start, end, 1, thick)
        x, y = (
            slice(max(0, min(a, b) - thick), max(0, max(a, b) + thick + 1)) for a, b in zip(start, end, strict=True)
        )
        windows.append((y, x))
    crossed = [np.zeros(0, dtype=np.int32)]
    for window in windows:
        crossed.append(labels[window][drawn[window] > 0])
        drawn[window] = 0  # where rules cross each other is counted once
    on_rules = np.bincount(np.concatenate(crossed), minlength=len(components.left))
    share = on_rules / np.maximum(components.area, 1)
    share[0] = 0.0
    found = np.flatnonzero(share >= _ON_RULES)
    # A letter through which an upright rule would run on is none.
    high = found[components.height[found] >= _HIGH * size]
    return np.setdiff1d(found, high[beside_letters(components, high, size)])
