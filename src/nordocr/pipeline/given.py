"""Lines that were given by people, as boxes or polygons, made into regions as a detector makes them of what it finds.

What a person draws only says which ink is the line's. Slope, margins and what is painted over follow from the ink, by
the rules that hold for lines that were found, so that their crops look as those of reading do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import PageArray, Region
from nordocr.detect.components import Components, Ints
from nordocr.detect.ink import to_gray
from nordocr.detect.regions import regions_of
from nordocr.detect.sheet import Sheet, take_apart, working_copy
from nordocr.detect.textline import TextLine, fit_line, page_slope

# What is lower than this share of a line's highest letters but one in ten is a mark.
_LOWEST_LETTER: Final = 0.45
# Where the ink that was told apart is a smaller share of what the outline holds, letters have run into one another.
_OWN: Final = 0.5
# So do they where its ink reaches so far beyond the outline's ends, in the outline's heights.
_BEYOND: Final = 0.5

# No line is lower or narrower than so many pixels.
_LEAST: Final = 2


@dataclass(frozen=True)
class Outline:
    """Where a line is.

    Attributes:
        box: x, y, width, height in pixels of the page, within it; follows from the polygon where there is one.
        polygon: Its corners, float ``[n, 2]`` as x, y in pixels of the page; None where it is the box.
    """

    box: tuple[int, int, int, int]
    polygon: npt.NDArray[np.float64] | None = None


def in_pixels(outlines: dict[str, Outline], units: tuple[float, float], size: tuple[int, int]) -> dict[str, Outline]:
    """Return outlines in pixels of the page, cut off at its sides; polygons that lie outside are left out.

    Args:
        outlines: Boxes in pixels, or polygons in ``units``.
        units: Width and height of the page in the units of its polygons; 0 where these are pixels.
        size: Width and height of the page in pixels.
    """
    scale = np.array([pixels / unit if unit > 0 else 1.0 for pixels, unit in zip(size, units, strict=True)])
    placed: dict[str, Outline] = {}
    for name, outline in outlines.items():
        if outline.polygon is None:
            placed[name] = outline
            continue
        polygon = np.clip(outline.polygon * scale, 0.0, np.array(size, dtype=np.float64))
        x, y = (int(value) for value in np.floor(polygon.min(axis=0)))
        right, bottom = (int(value) for value in np.ceil(polygon.max(axis=0)))
        if min(right - x, bottom - y) >= _LEAST:
            placed[name] = Outline((x, y, right - x, bottom - y), polygon)
    return placed


def regions_in(image: PageArray, outlines: Sequence[Outline]) -> list[Region]:
    """Return a region for each outline on a page.

    Args:
        image: The page, uint8 ``[H, W]`` or ``[H, W, 3]``, upright.
        outlines: All lines of the page, so that the ink of neighbours is known as such.

    Returns:
        A region for each, in the same order. One without ink of its own is cut as it was drawn.
    """
    gray, scale = working_copy(to_gray(image))
    sheet = take_apart(gray)
    if sheet is None:
        return [_as_drawn(outline) for outline in outlines]
    owner = _owners(sheet, outlines, scale)
    found = {number: _line(sheet, np.flatnonzero(owner == number)) for number in range(len(outlines))}
    lines = {number: line for number, line in found.items() if line is not None}
    slope = page_slope(list(lines.values()))
    fitted = [fit_line(sheet.components, line.letters, line.marks, slope) for line in lines.values()]
    regions = dict(zip(lines, regions_of(sheet, fitted, scale, *image.shape[:2]), strict=True))
    return [
        regions[number]
        if number in regions and _is_told_apart(sheet, owner, number, outline, scale)
        else _as_drawn(outline)
        for number, outline in enumerate(outlines)
    ]


def _owners(sheet: Sheet, outlines: Sequence[Outline], scale: float) -> Ints:
    """The outline that holds the middle of each component, -1 for none; of several the smallest."""
    components = sheet.components
    x = (components.left + components.right) / 2 / scale
    y = (components.top + components.bottom) / 2 / scale
    owner = np.full(len(components.left), -1, dtype=np.int64)
    typed = np.zeros(len(owner), dtype=np.bool_)
    typed[: len(sheet.candidates)] = sheet.candidates
    order = sorted(range(len(outlines)), key=lambda n: -outlines[n].box[2] * outlines[n].box[3])
    for number in order:
        left, top, width, height = outlines[number].box
        inside = typed & (x >= left) & (x < left + width) & (y >= top) & (y < top + height)
        polygon = outlines[number].polygon
        if polygon is not None:
            for label in np.flatnonzero(inside):
                place = (float(x[label]), float(y[label]))
                inside[label] = cv2.pointPolygonTest(polygon.astype(np.float32), place, False) >= 0
        owner[inside] = number
    return owner


def _line(sheet: Sheet, labels: Ints) -> TextLine | None:
    if not len(labels):
        return None
    components = sheet.components
    height = components.height[labels]
    letter = height >= _LOWEST_LETTER * float(np.percentile(height, 90))
    return fit_line(components, labels[letter], labels[~letter])


def _is_told_apart(sheet: Sheet, owner: Ints, number: int, outline: Outline, scale: float) -> bool:
    """Whether most of the ink in the outline is the line's own or another line's, and the line's own ends with it."""
    components: Components = sheet.components
    x, y, width, height = (int(value * scale) for value in outline.box)
    members = owner == number
    reach = _BEYOND * height
    if components.left[members].min() < x - reach or components.right[members].max() > x + width + reach:
        return False
    labels = components.labels[y : y + max(1, height), x : x + max(1, width)]
    owners = owner[labels]
    own = int((owners == number).sum())
    nobodys = int(((labels > 0) & (owners < 0) & ~sheet.rules[y : y + labels.shape[0], x : x + labels.shape[1]]).sum())
    return own >= _OWN * (own + nobodys)


def _as_drawn(outline: Outline) -> Region:
    x, y, width, height = outline.box
    if outline.polygon is None:
        return Region(x, y, width, height, 0.0, float(height))
    inside = np.zeros((height, width), dtype=np.uint8)
    corners = np.round(outline.polygon - np.array([x, y])).astype(np.int32)
    cv2.fillPoly(inside, [corners], 1)
    return Region(x, y, width, height, 0.0, float(height), foreign=inside == 0)
