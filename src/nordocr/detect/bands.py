"""Light type on dark bands: solid dark bars and boxes whose holes are letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.components import Components, Ints

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""

# Darker than this share of the page's usual tone is a band's ground.
_GROUND: Final = 0.55
# In letter heights: bands are at least so wide and high. Of the page's height they are at most that much.
_LEAST_WIDTH: Final = 4.0
_LEAST_HEIGHT: Final = 1.3
_MOST_PAGE: Final = 0.5
# Share of its outline's area that a band's ground fills, and of the smallest upright or turned rectangle around it.
_GROUND_SHARE: Final = 0.5
_SQUARE: Final = 0.85
# What fills less of its outline holds no band.
_MAY_BE: Final = 0.03
# What is not that many times as wide as high may be a heading's D or B: a box has all four corners.
_WIDE: Final = 2.0
_CORNERED: Final = 0.97
# What is so long, in letter heights, and no rectangle is looked at without what sticks out of it: its rows at top and
# bottom with less than this share of the ink of its fullest one.
_LONG_BAND: Final = 12.0
_CORE: Final = 0.75
# Of a band that type opens at its edge so large a share of the rows is left.
_TIGHT: Final = 0.7
# A rule is thinner than this, in letter heights; the ground above and below a band's type is not.
_RULE: Final = 0.3
# Light blocks on a band are at least so wide, in letter heights, and fill that much of their box.
_BLOCK_WIDTH: Final = 1.2
_BLOCK_SHARE: Final = 0.8


def find_bands(gray: npt.NDArray[np.uint8], size: float, within: Sequence[Box] | None = None) -> Mask | None:
    """Find where the page is light on dark.

    Scanner borders are dark too; they touch the edge of the picture, bands do not.

    Args:
        gray: The page, uint8 ``[H, W]``.
        size: The letter height in pixels.
        within: Where to look, in pixels; None for the whole page.

    Returns:
        bool ``[H, W]``, or None for nowhere.
    """
    level = float(np.median(gray[::4, ::4]))
    rows, columns = gray.shape
    bands = np.zeros(gray.shape, dtype=np.bool_)
    for left, top, right, bottom in [(0, 0, columns, rows)] if within is None else within:
        dark = (gray[top:bottom, left:right] < _GROUND * level).view(np.uint8)
        there = bands[top:bottom, left:right]
        if _add_bands(there, dark, dark, size, rows):
            # A table's head hangs together with the table's rules. What is thinner than the ground around type falls
            # off.
            thick = max(5, round(_RULE * size))
            solid = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8)).astype(np.uint8)
            _add_bands(there, solid, dark, size, rows)
    return bands if bands.any() else None


def _add_bands(
    bands: Mask, grounds: npt.NDArray[np.uint8], dark: npt.NDArray[np.uint8], size: float, page: int
) -> bool:
    """Mark the connected parts of ``grounds`` that are bands. Says whether some large part of it was none.

    ``page``: the page's rows.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(grounds, connectivity=4, ltype=cv2.CV_32S)
    rows, columns = grounds.shape
    x, y, width, height, area = stats.T
    large = (width >= _LEAST_WIDTH * size) & (height >= _LEAST_HEIGHT * size)
    large &= (x > 0) & (y > 0) & (x + width < columns) & (y + height < rows)
    large[0] = False
    wide = width >= _LONG_BAND * size
    left_over = False
    for label in np.flatnonzero(large):
        left, top = int(x[label]), int(y[label])
        window = np.s_[top : top + int(height[label]), left : left + int(width[label])]
        if (bands[window] & (labels[window] == label)).any():
            continue
        fits = height[label] <= _MOST_PAGE * page
        fits = fits and (grounds is not dark or area[label] >= 0.5 * _GROUND_SHARE * width[label] * height[label])
        own = np.pad((labels[window] == label).astype(np.uint8), 1) if fits else None
        filled = _filled(own) if own is not None else None
        if own is not None and filled is None and wide[label]:
            core = _core(own)
            # Type that touches the edge opens a band set tight; a table's rules hang from it, and fall off later.
            if grounds is not dark or np.count_nonzero(core.any(axis=1)) >= _TIGHT * height[label]:
                own, filled = core, _filled(core)
        if filled is None or own is None or not _is_solid(own, size):
            left_over = True
            continue
        inside = filled[1:-1, 1:-1] > 0
        if (dark[window] > 0)[inside].sum() < _GROUND_SHARE * inside.sum():
            left_over = True
            continue
        bands[window] |= inside
    return left_over


def light_ink(gray: npt.NDArray[np.uint8], bands: Mask) -> Mask:
    """The light type on ``bands`` as ink, bool ``[H, W]``: by Otsu's threshold over the bands' own tones."""
    tones = gray[bands].reshape(1, -1)
    threshold, _ = cv2.threshold(tones, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(bands & (gray > max(threshold, 0.3 * float(np.median(gray[::4, ::4])))), dtype=np.bool_)


def hollows(components: Components, bands: Mask, size: float) -> Ints:
    """Return the labels of blocks of light ink on ``bands``: scanners that threshold locally leave wide bands hollow.

    They are no letters, and they part what stands at their sides; ``size`` is the letter height.
    """
    high, wide = components.height, components.width
    solid = (components.area >= _BLOCK_SHARE * high * wide) & (wide >= _BLOCK_WIDTH * size) & (high >= 0.4 * size)
    middle = (components.top + components.bottom) // 2, (components.left + components.right) // 2
    solid &= bands[np.minimum(middle[0], bands.shape[0] - 1), np.minimum(middle[1], bands.shape[1] - 1)]
    solid[0] = False
    return np.flatnonzero(solid)


def where_bands_may_be(components: Components, size: float) -> list[Box]:
    """Return where on a clean page bands may be: around its components that are large and dark enough for one.

    Args:
        components: The page's components.
        size: The letter height in pixels.

    Returns:
        Boxes in pixels that do not overlap, two pixels wider than the components.
    """
    high, wide = components.height, components.width
    rows, columns = components.labels.shape
    large = (wide >= _LEAST_WIDTH * size) & (high >= _LEAST_HEIGHT * size)
    large &= (components.left > 0) & (components.top > 0) & (components.right < columns) & (components.bottom < rows)
    large &= components.area >= _MAY_BE * high * wide
    found: list[Box] = []
    for label in np.flatnonzero(large):
        left, top = max(0, int(components.left[label]) - 2), max(0, int(components.top[label]) - 2)
        right, bottom = min(columns, int(components.right[label]) + 2), min(rows, int(components.bottom[label]) + 2)
        box = (left, top, right, bottom)
        while met := [one for one in found if _meet(one, box)]:
            found = [one for one in found if one not in met]
            lefts, tops, rights, bottoms = zip(box, *met, strict=True)
            box = (min(lefts), min(tops), max(rights), max(bottoms))
        found.append(box)
    return found


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _filled(own: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8] | None:
    """The component without its holes, two pixels in from its outline; None where it is no rectangle."""
    contours, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(contours, key=cv2.contourArea)
    (_, (w, h), _) = cv2.minAreaRect(outline)
    if cv2.contourArea(outline) < (_SQUARE if own.shape[1] >= _WIDE * own.shape[0] else _CORNERED) * w * h:
        return None
    filled = np.zeros_like(own)
    cv2.drawContours(filled, [outline], -1, 1, cv2.FILLED)
    return np.asarray(cv2.erode(filled, np.ones((5, 5), np.uint8)), dtype=np.uint8)


def _core(own: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A component without what sticks out of its long sides: an underline or letters that stand on a band."""
    columns = np.flatnonzero(own.any(axis=0))
    under, over = own.argmax(axis=0)[columns], own.shape[0] - own[::-1].argmax(axis=0)[columns]
    # The straighter one of the two sides tells how the band slopes.
    slopes = [_slope(columns, side) for side in (under, over)]
    spread = [
        float(np.abs(side - s * columns - np.median(side - s * columns)).mean())
        for s, side in zip(slopes, (under, over), strict=True)
    ]
    slope = slopes[int(np.argmin(spread))]
    turn = np.array([[1.0, 0.0, 0.0], [-slope, 1.0, slope * own.shape[1] / 2]])
    level = cv2.warpAffine(own, turn, (own.shape[1], own.shape[0]), flags=cv2.INTER_NEAREST)
    covered = level.sum(axis=1)
    rows = np.flatnonzero(covered >= _CORE * covered.max())
    level[: rows[0]] = 0
    level[rows[-1] + 1 :] = 0
    turn[1] = (slope, 1.0, -slope * own.shape[1] / 2)
    back = cv2.warpAffine(level, turn, (own.shape[1], own.shape[0]), flags=cv2.INTER_NEAREST)
    return np.asarray(back, dtype=np.uint8) & own


def _slope(x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]) -> float:
    """The median slope between places of a side a quarter of its length apart."""
    apart = max(1, len(x) // 4)
    return float(np.median((y[apart:] - y[:-apart]) / (x[apart:] - x[:-apart])))


def _is_solid(own: npt.NDArray[np.uint8], size: float) -> bool:
    """Whether a stroke as thick as the type is high runs through the component: a table's rules are no ground."""
    thick = max(3, round(0.25 * size))
    return bool(cv2.erode(own, np.ones((thick, 4 * thick), np.uint8)).sum() > 0.05 * own.sum())
