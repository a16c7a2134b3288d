"""Page to ink: which pixels are dark on light paper."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask, PageArray

# A page is bilevel when this share of its pixels is within 20 levels of black or white.
_BILEVEL_SHARE: Final = 0.97
_MIDDLE: Final = 128
_DARK_INK: Final = 64
# On such a page more than so many pixels of that tone or darker that lie beside no ink are type in a light ink.
_FAINT: Final = 215
_FEWEST_FAINT: Final = 30
# A page with a darker median is light on dark, or a sheet on a dark bed: the sheet covers so much of the picture and
# of its own outline, which letters do not.
_DARK_PAGE: Final = 90
_LEAST_SHEET: Final = 0.05
_SHEET_FILL: Final = 0.5
# The paper's tone is sought in cells of this many pixels: wider than any stroke, narrower than a shadow.
_CELL: Final = 8
# Below this tone a cell is no paper at all: scanner bed, black border, the dark half of an open book.
_DARKEST_PAPER: Final = 70
# Ink is at least this much darker than the paper around it, in levels of 255.
_LEAST_CONTRAST: Final = 28
# A shaded row's ground is darker than the paper around it, in so many cells, by this factor.
_SHADE: Final = 0.85
_SHADE_REACH: Final = 31
_SAUVOLA_K: Final = 0.2
_STRIP: Final = 512
# From one cell to the next but one, the sheet's edge changes the tone by at least this factor.
_SHEET_STEP: Final = 1.15
_SHEET_SHARE: Final = 0.4
# Halftone, in windows of so many letter heights: a median takes away this share of its ink, or of its white where that
# is less; and it is this dark. Shaded cells, in which type can stand, are lighter.
_HALFTONE_WINDOW: Final = 3.0
_HALFTONE_CELLS: Final = 15
_GRAIN_SHARE: Final = 0.5
_HALFTONE_INK: Final = 0.25
_LEAST_GRAIN: Final = 0.02


def to_gray(image: PageArray) -> npt.NDArray[np.uint8]:
    """The page as uint8 ``[H, W]``."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def is_bilevel(gray: npt.NDArray[np.uint8]) -> bool:
    """Whether nearly all pixels are black or white, so that a fixed threshold is right."""
    some = gray[::4]
    # The tones go round: 20 more, and those of both ends are the lowest.
    return bool(np.count_nonzero(some + np.uint8(20) < 40) >= _BILEVEL_SHARE * some.size)


def dark_on_light(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the page with light paper.

    Pages that are light on dark are inverted. A sheet that lies on more than its own area of black (a receipt under an
    open lid) is none of those: the black around it becomes paper.

    Args:
        gray: The page, uint8 ``[H, W]``.

    Returns:
        The page itself where its paper is light, else a copy.
    """
    if not _is_dark(gray):
        return gray
    if is_inverted(gray):
        return 255 - gray
    dark = (gray < _DARK_PAGE).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8, ltype=cv2.CV_32S)
    bed = np.zeros(len(stats), dtype=np.bool_)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        bed[side] = True
    bed[0] = False
    around = cv2.dilate(bed[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.where(around, np.uint8(255), gray)


def is_inverted(gray: npt.NDArray[np.uint8]) -> bool:
    """Whether the page, uint8 ``[H, W]``, is light on dark, and no sheet on a dark bed."""
    if not _is_dark(gray):
        return False
    small = (gray[:: _CELL // 2, :: _CELL // 2] >= _DARK_PAGE).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(small, connectivity=4)
    width, height, area = stats[1:][stats[1:, 4].argmax()][2:] if len(stats) > 1 else (1, 1, 0)
    return bool(area < _LEAST_SHEET * small.size or area < _SHEET_FILL * width * height)


def _is_dark(gray: npt.NDArray[np.uint8]) -> bool:
    """Whether the page's median is dark."""
    some = gray[::4, ::4]
    return bool(2 * np.count_nonzero(some < _DARK_PAGE) > some.size)


def binarise(gray: npt.NDArray[np.uint8], clean: bool | None = None) -> Mask:
    """Find the page's ink: at mid-gray on bilevel pages, else against the paper's local tone.

    On a gray page a pixel is ink where it is below the threshold of Otsu (IEEE Trans. SMC, 1979), taken over pixels
    near edges only (over the whole page the paper's variation would win), or below that of Sauvola and Pietikäinen
    (Pattern Recognition, 2000), which also finds faint type beside strong type. A page of clean black and white may
    hold type in gray or in light colours as well; it is found by each stroke's own
    contrast.

    Args:
        gray: The page, uint8 ``[H, W]``, dark on light.
        clean: What :func:`is_bilevel` says of it; None asks.

    Returns:
        bool ``[H, W]``.
    """
    if not (is_bilevel(gray) if clean is None else clean):
        return _against_paper(gray)
    ink = gray < _MIDDLE
    if cv2.countNonZero(cv2.inRange(gray, _DARK_INK, _FAINT - 1)) <= _FEWEST_FAINT:
        return ink
    dark = gray < _DARK_INK
    near = cv2.dilate(dark.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    strokes = cv2.erode(((gray < _FAINT) & ~near).astype(np.uint8), np.ones((2, 2), np.uint8))
    if strokes.sum() <= _FEWEST_FAINT:
        return ink
    # Half way between the paper and the darkest pixel nearby, stroke by stroke.
    flat = flatten(gray)
    darkest = cv2.erode(flat, np.ones((9, 9), np.uint8))
    light = (flat < 127 + darkest // 2) & (darkest < 255 - _LEAST_CONTRAST)
    drawn = light | ink
    count, labels = cv2.connectedComponents(drawn.view(np.uint8), connectivity=8)
    faint = np.ones(count, dtype=np.bool_)
    faint[labels[dark]] = faint[0] = False
    # Few pixels are drawn: the others are not looked up.
    where = np.flatnonzero(drawn)
    found = ink.copy()
    found.ravel()[where] |= faint[labels.ravel()[where]]
    return np.asarray(found, dtype=np.bool_)


def _against_paper(gray: npt.NDArray[np.uint8]) -> Mask:
    level = np.asarray(cv2.GaussianBlur(flatten(gray), (3, 3), 0), dtype=np.uint8)
    edges = cv2.morphologyEx(level, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    strongest = max(_LEAST_CONTRAST, int(np.percentile(edges[::4, ::4], 96)))
    near = level[cv2.dilate((edges >= strongest).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0]
    if near.size < 100:
        return np.zeros(gray.shape, dtype=np.bool_)
    otsu, _ = cv2.threshold(near.reshape(1, -1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = level < otsu
    # In strips: a page of floating-point numbers takes 35 MB, and this takes five of them.
    side = max(21, max(level.shape) // 70) | 1
    for top in range(0, len(level), _STRIP):
        first = max(0, top - side // 2)
        strip = level[first : top + _STRIP + side // 2]
        own = slice(top - first, top - first + _STRIP)
        ink[top : top + _STRIP] |= (strip < _sauvola(strip, side))[own]
    return np.asarray(ink & (level < 255 - _LEAST_CONTRAST), dtype=np.bool_)


def halftone(ink: Mask, size: float) -> Mask | None:
    """Find the pictures of a page that was made black and white by a screen or by dither.

    Args:
        ink: bool ``[H, W]``.
        size: The letter height in pixels.

    Returns:
        bool ``[H, W]``, or None where there is none.
    """
    level = ink.view(np.uint8)
    # Windows of several letters are looked at in cells of a few pixels.
    cell = max(1, int(_HALFTONE_WINDOW * size) // _HALFTONE_CELLS)
    cells = (max(1, ink.shape[1] // cell), max(1, ink.shape[0] // cell))
    whole = np.s_[: cells[1] * cell, : cells[0] * cell]
    side = max(3, int(_HALFTONE_WINDOW * size) // cell | 1)
    means = []
    for pixels in (cv2.absdiff(level, cv2.medianBlur(level, 3)), level):
        small = cv2.resize(pixels[whole] * np.uint8(255), cells, interpolation=cv2.INTER_AREA)
        means.append(cv2.boxFilter(small, cv2.CV_32F, (side, side)) / np.float32(255))
    changed, dark = means
    lesser = np.minimum(dark, 1.0 - dark)
    grain = (changed > _GRAIN_SHARE * lesser) & (lesser > _LEAST_GRAIN) & (dark > _HALFTONE_INK)
    opened = cv2.morphologyEx(grain.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    if not opened.any():
        return None
    inner = cv2.resize(opened, (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_NEAREST) > 0
    # To its edges, which the windows do not see: what hangs together with it but for a few pixels.
    solid = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=4, ltype=cv2.CV_32S)
    mostly = np.bincount(labels[inner], minlength=count) > 0.5 * stats[:, 4]
    mostly[0] = False
    return np.asarray(inner | mostly[labels], dtype=np.bool_)


def _sauvola(level: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.float32]:
    """Mean and deviation of a window of ``side`` pixels, as wide as a few letters, give each its own threshold."""
    mean, squares = cv2.boxFilter(level, cv2.CV_32F, (side, side)), cv2.sqrBoxFilter(level, cv2.CV_32F, (side, side))
    variance = cv2.subtract(squares, cv2.multiply(mean, mean))
    deviation = cv2.sqrt(cv2.threshold(variance, 0, 0, cv2.THRESH_TOZERO)[1])
    factor = cv2.addWeighted(deviation, _SAUVOLA_K / 128, deviation, 0, 1 - _SAUVOLA_K)
    return np.asarray(cv2.multiply(mean, factor), dtype=np.float32)


def flatten(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the page divided by its paper's local tone: paper becomes 255, shadows, yellowing and shading vanish."""
    height, width = gray.shape
    cells = paper_tone(gray)
    paper = cv2.GaussianBlur(cells, (0, 0), 4)
    tone = cv2.resize(np.maximum(paper, _DARKEST_PAPER), (width, height), interpolation=cv2.INTER_LINEAR)
    shaded = _shaded(gray, cells)
    if shaded.any():
        side = max(21, min(height, width) // 50) | 1
        ground = cv2.morphologyEx(cv2.GaussianBlur(gray, (3, 3), 0), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
        where = cv2.resize(shaded.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
        tone[where] = np.maximum(ground, _DARKEST_PAPER)[where]
    flat = cv2.divide(gray, tone, scale=255)
    # The page's darkest surroundings are not ink.
    dark = cv2.resize((paper <= _DARKEST_PAPER).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    flat[dark > 0] = 255
    return np.asarray(flat, dtype=np.uint8)


def _shaded(gray: npt.NDArray[np.uint8], cells: npt.NDArray[np.uint8]) -> Mask:
    """Rows and boxes of a table that are shaded, and a cell around them, bool like ``cells``, the paper's tone.

    The lightest pixel of a cell is the ground of its type; in a shaded row it is darker than the paper around.
    """
    lightest = cv2.dilate(cv2.blur(gray, (3, 3)), np.ones((_CELL, _CELL), np.uint8))[
        _CELL // 2 :: _CELL, _CELL // 2 :: _CELL
    ]
    rows, columns = cells.shape
    ground = cv2.morphologyEx(lightest[:rows, :columns], cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    around = cv2.dilate(cells, np.ones((_SHADE_REACH, _SHADE_REACH), np.uint8))
    darker = (ground < _SHADE * around[: ground.shape[0], : ground.shape[1]]).astype(np.uint8)
    _, areas = cv2.connectedComponents(cv2.morphologyEx(darker, cv2.MORPH_OPEN, np.ones((3, 5), np.uint8)))
    # What reaches the picture's border is the scanner's bed or a shadow.
    inner = np.ones(int(areas.max()) + 1, dtype=np.bool_)
    for side in (areas[0], areas[-1], areas[:, 0], areas[:, -1]):
        inner[side] = False
    inner[0] = False
    shaded = cv2.dilate(inner[areas].astype(np.uint8), np.ones((3, 3), np.uint8))
    whole = np.zeros(cells.shape, dtype=np.bool_)
    whole[: ground.shape[0], : ground.shape[1]] = shaded > 0
    return whole


def paper_tone(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The paper's tone in cells of 8 pixels, uint8 ``[H / 8, W / 8]``."""
    height, width = gray.shape
    cells = (max(1, width // _CELL), max(1, height // _CELL))
    small = cv2.resize(gray, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.dilate(cv2.medianBlur(small, 3), np.ones((7, 7), np.uint8)), dtype=np.uint8)


def off_sheet(gray: npt.NDArray[np.uint8]) -> Mask:
    """Where no type can stand, bool ``[H, W]``: the sheet's edges, and what lies beyond them.

    The paper's tone steps at an edge. Long steps divide the page into areas; those that reach the picture's border,
    other than the largest, are scanner bed, cloth or the neighbouring page. Bilevel pages have no tone: nowhere.
    """
    if is_bilevel(gray):
        return np.zeros(gray.shape, dtype=np.bool_)
    # An erosion undoes the dilation, so that the step lies where the sheet ends.
    tone = cv2.medianBlur(cv2.erode(paper_tone(gray), np.ones((7, 7), np.uint8)), 5).astype(np.float32)
    around = np.ones((3, 3), np.uint8)
    step = (cv2.dilate(tone, around) > _SHEET_STEP * np.maximum(cv2.erode(tone, around), 1)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(step, connectivity=8)
    # The sheet's edges are long and reach the picture's border, or go all round; dense type and shaded boxes make short
    # ones, and a table's dark head makes one across.
    x, y, width, height, _ = stats.T
    # All round means that what lies outside is darker than the sheet.
    border = np.concatenate([tone[0], tone[-1], tone[:, 0], tone[:, -1]])
    outside = _SHEET_STEP * float(np.median(border)) < float(np.percentile(tone, 90))
    wide, high = width > _SHEET_SHARE * tone.shape[1], height > _SHEET_SHARE * tone.shape[0]
    reaches = (x <= 1) | (y <= 1) | (x + width >= tone.shape[1] - 1) | (y + height >= tone.shape[0] - 1)
    long = (wide & high & outside) | ((wide | high) & reaches)
    long[0] = False
    off = cv2.dilate((long[labels] | _beyond(long[labels])).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.asarray(
        cv2.resize(off, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_NEAREST) > 0, dtype=np.bool_
    )


def _beyond(edges: npt.NDArray[np.bool_]) -> Mask:
    """The areas between ``edges`` that touch the border, except the largest area of all."""
    _, areas, stats, _ = cv2.connectedComponentsWithStats((~edges).astype(np.uint8), connectivity=4)
    stats[0, 4] = 0
    bordering = np.zeros(len(stats), dtype=np.bool_)
    for side in (areas[0], areas[-1], areas[:, 0], areas[:, -1]):
        bordering[side] = True
    bordering[[0, int(stats[:, 4].argmax())]] = False
    return np.asarray(bordering[areas], dtype=np.bool_)
