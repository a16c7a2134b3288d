"""The model-free detector: ink, components, type size, rules out, letters linked to lines, gaps, trimming, order.

Everything is measured in the page's own letter height, so that neither resolution nor a stated dpi matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from nordocr.detect import gaps, grouping, touching
from nordocr.detect.bands import find_bands, hollows, light_ink
from nordocr.detect.base import Mask, PageArray, Region
from nordocr.detect.cells import find_cells
from nordocr.detect.components import Components, Ints, find_components, find_rules, letter_height, text_mask
from nordocr.detect.ink import binarise, halftone, off_sheet, to_gray
from nordocr.detect.order import in_reading_order
from nordocr.detect.textline import LineTable, TextLine, extent, fit_line, page_slope
from nordocr.detect.trim import trim_ends

# Larger pages are shrunk for detection; A4 at 300 dpi has 8.7 million pixels. By area, so that a long strip keeps its
# type legible.
_MOST_PIXELS: Final = 11_000_000
# In letter heights: what is lower is a mark (dot, accent, dash), what is higher spans lines or is a heading.
_LOWEST_LETTER: Final = 0.55
_HIGHEST_LETTER: Final = 2.2
_WIDEST_LETTER: Final = 30.0
# A dense page has 8,000 letters in 300 lines. What has many times more is noise or a halftone: it is filtered, and
# where that does not help it is no page of type, and is not allowed to take minutes.
_MOST_SPECKS: Final = 60_000
_MOST_LETTERS: Final = 25_000
_MOST_TALL: Final = 1_500
_MOST_MARKS: Final = 30_000
_MOST_LINES: Final = 3_000
# Small print has letters of at least so many pixels, so many of them a line, and about one height.
_LEAST_SMALL_PRINT: Final = 6.0
_SMALL_PRINT_LETTERS: Final = 5
_SMALL_PRINT_SPREAD: Final = 1.7
# A page with so many grains of so few pixels may show a halftone; clean type has fewer.
_GRAIN: Final = 4
_MOST_GRAINS: Final = 500
# A lone digit in this share of the page at its top or bottom is a page number.
_PAGE_NUMBER_SHARE: Final = 0.12
# What a crop keeps around its ink, in the line's letter heights.
_PAD_ACROSS: Final = 0.35
_PAD_UP: Final = 0.2
# Every line of small letters is given room for ascenders and descenders, whether it has any or not.
_ASCENT: Final = 1.5
_DESCENT: Final = 0.4


@dataclass(frozen=True)
class Sheet:
    """A page taken apart: components, rules, all text, the letter height in pixels, and where it is light on dark."""

    components: Components
    rules: Mask
    text: Mask
    size: float
    candidates: np.ndarray
    bands: Mask | None


class MorphologyDetector:
    """A :class:`nordocr.detect.base.Detector` without a model."""

    name = "morphology"

    def detect(self, image: PageArray) -> list[Region]:
        """The lines of the page in reading order; a page without type gives an empty list."""
        gray, scale = working_copy(to_gray(image))
        sheet = take_apart(gray)
        if sheet is None:
            return []
        lines = _find_lines(sheet)
        regions = regions_of(sheet, lines, scale, image.shape[0], image.shape[1])
        return in_reading_order(regions, find_cells(sheet.rules, scale))


def working_copy(gray: np.ndarray) -> tuple[np.ndarray, float]:
    """The page at most :data:`_MOST_PIXELS` large and dark on light, and the scale it has."""
    scale = min(1.0, math.sqrt(_MOST_PIXELS / gray.size))
    if scale < 1.0:
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    if np.median(gray[::4, ::4]) < 90:
        gray = 255 - gray
    return gray, scale


def take_apart(gray: np.ndarray) -> Sheet | None:
    """The page (dark on light) in parts; None where it shows no type."""
    ink = binarise(gray)
    components = find_components(ink)
    if len(components.left) > _MOST_SPECKS:
        ink = np.asarray(cv2.medianBlur(ink.astype(np.uint8), 3) > 0, dtype=np.bool_)
        components = find_components(ink)
    size = letter_height(components)
    if size < 4:
        return None
    bands = find_bands(gray, size)
    if bands is not None:
        ink = np.where(bands, light_ink(gray, bands), ink & ~_around(bands))
    rules = find_rules(ink, size)
    components = find_components(ink & ~rules)
    if bands is not None and (blocks := hollows(components, bands, size)).any():
        rules = rules | blocks
        components = find_components(ink & ~rules)
    candidates = text_mask(components, size) & ~_lies_on(components, off_sheet(gray))
    if (components.area <= _GRAIN).sum() > _MOST_GRAINS:
        pictures = halftone(ink, size)
        candidates &= ~_lies_on(components, pictures if bands is None else pictures & ~bands)
    return Sheet(components, rules, candidates[components.labels], size, candidates, bands)


def _around(bands: Mask) -> Mask:
    """The bands with the edge that they were taken without."""
    return np.asarray(cv2.dilate(bands.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0, dtype=np.bool_)


def _lies_on(components: Components, area: Mask) -> np.ndarray:
    x, y = (components.left + components.right) // 2, (components.top + components.bottom) // 2
    return np.asarray(area[np.minimum(y, area.shape[0] - 1), np.minimum(x, area.shape[1] - 1)])


def _find_lines(sheet: Sheet) -> list[TextLine]:
    """The lines of the page's usual type and larger, then those of small print, for which the usual is too large."""
    lines = _lines_of(sheet)
    small = _small_print(sheet, lines) if lines else None
    return lines if small is None else lines + [line for line in _lines_of(small) if _is_small_print(small, line)]


def _small_print(sheet: Sheet, lines: list[TextLine]) -> Sheet | None:
    """The page again as what is on no line and lower than its letters, in that type's own letter height."""
    components = sheet.components
    left = np.zeros(len(components.left), dtype=np.bool_)  # letters that were cut in two have come since
    left[: len(sheet.candidates)] = sheet.candidates & (
        components.height[: len(sheet.candidates)] < _LOWEST_LETTER * sheet.size
    )
    for line in lines:
        left[line.members] = False
    size = letter_height(components, left)
    if size < _LEAST_SMALL_PRINT or left.sum() < _SMALL_PRINT_LETTERS:
        return None
    return replace(sheet, size=size, candidates=left)


def _is_small_print(sheet: Sheet, line: TextLine) -> bool:
    """Whether a line of small components is type: several letters of about one height that are no dots."""
    components, letters = sheet.components, line.letters
    height, width = components.height[letters], components.width[letters]
    even = (height > line.unit / _SMALL_PRINT_SPREAD) & (height < line.unit * _SMALL_PRINT_SPREAD)
    fill = components.area[letters] / np.maximum(width * height, 1)
    dots = (fill > 0.6) & (width < 1.4 * height) & (height < 1.4 * width)
    return len(letters) >= _SMALL_PRINT_LETTERS and float(even.mean()) > 0.7 and float(dots.mean()) < 0.5


def _lines_of(sheet: Sheet) -> list[TextLine]:
    components, size = sheet.components, sheet.size
    height = components.height
    letter = sheet.candidates & (height >= _LOWEST_LETTER * size) & (components.width <= _WIDEST_LETTER * size)
    tall = np.flatnonzero(letter & (height > _HIGHEST_LETTER * size))
    marks = np.flatnonzero(sheet.candidates & ~letter & (components.width <= 4 * size))
    letters = np.flatnonzero(letter & (height <= _HIGHEST_LETTER * size))
    if len(letters) > _MOST_LETTERS or len(tall) > _MOST_TALL:
        return []
    if len(marks) > _MOST_MARKS:
        marks = marks[np.argsort(-components.area[marks], kind="stable")[:_MOST_MARKS]]
    rough = [fit_line(components, chain) for chain in grouping.link(components, letters)]
    letters, headings = _share_out(
        components, LineTable(components, [r for r in rough if len(r.letters) > 2]), letters, tall, size
    )
    chains = grouping.link(components, letters) + grouping.link(components, headings)
    if len(chains) > _MOST_LINES:
        return []
    slope = page_slope([fit_line(components, chain) for chain in chains])
    lines = [fit_line(components, chain, slope=slope) for chain in chains]
    spacing = gaps.measure(components, lines)
    reach = min(1.3 * spacing.word + 0.3, 2.0)
    lines = grouping.absorb_scraps(components, lines, reach)
    lines, leaders = grouping.attach_leaders(components, lines, marks)
    grouping.attach_marks(components, lines, np.setdiff1d(marks, leaders), reach)
    page = gaps.Page(components, sheet.text, sheet.rules, leaders, spacing)
    lines = gaps.split_lines(page, lines)
    lines = gaps.merge_lines(page, lines, slope)
    lines = [trim_ends(components, line) for line in lines]
    lines = [line for line in lines if _is_line(components, line, size)]
    rows = components.labels.shape[0]
    return [line for line in lines if len(line.members) > 1 or _has_company(line, lines, rows)]


def _share_out(components: Components, lines: LineTable, letters: Ints, tall: Ints, size: float) -> tuple[Ints, Ints]:
    """Tall components into letters: cut where they join lines, left whole as headings where they stand alone."""
    more: list[int] = []
    headings: list[int] = []
    for label in (int(label) for label in tall):
        crossed = touching.lines_through(components, label, lines)
        if len(crossed) >= 2:
            more += [part for part in touching.cut_between(components, label, crossed) if part]
        elif crossed:
            if components.height[label] <= 1.6 * _HIGHEST_LETTER * size:
                more.append(label)
        else:
            parts = [label]
            if components.width[label] > 2 * components.height[label] or components.width[label] > 8 * size:
                parts = [int(part) for part in touching.split_by_projection(components, label, size)]
            (more if len(parts) > 1 else headings).extend(parts)
    fresh = np.array(more, dtype=np.int64)
    usable = fresh[components.height[fresh] >= _LOWEST_LETTER * size] if len(fresh) else fresh
    return np.concatenate([letters, usable]), np.array(headings, dtype=np.int64)


def _is_line(components: Components, line: TextLine, size: float) -> bool:
    """Whether the group is type: two letters, or one that looks like a digit rather than like dirt."""
    letters = line.letters
    width = float(components.right[letters].max() - components.left[letters].min())
    if len(letters) >= 2:
        return width >= 0.8 * line.unit
    height = float(components.height[letters[0]])
    fill = float(components.area[letters[0]]) / max(1.0, width * height)
    if width > 2.5 * height:  # a word whose letters touch
        return 0.1 < fill < 0.8
    return 0.8 * size <= height <= 3 * size and 0.12 * height <= width and 0.12 < fill < 0.9


def _has_company(line: TextLine, lines: list[TextLine], rows: int) -> bool:
    """Whether a lone letter is a table's cell, another line standing in its row, or a page number, and not dirt."""
    if min(line.base, rows - line.base) < _PAGE_NUMBER_SHARE * rows:
        return True
    for other in lines:
        if len(other.letters) > 1 and abs(other.base - line.base) < 0.6 * other.unit and line.unit < 2.2 * other.unit:
            return True
    return False


def regions_of(sheet: Sheet, lines: list[TextLine], scale: float, rows: int, columns: int) -> list[Region]:
    """``lines`` as regions on a page of ``rows`` x ``columns`` pixels that was scaled by ``scale``, in their order."""
    components = sheet.components
    owner = np.full(len(components.left), -1)
    for number, line in enumerate(lines):
        owner[line.members] = number
    return [_region(sheet, line, number, owner, scale, (rows, columns)) for number, line in enumerate(lines)]


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
        int(np.clip(math.floor(x0), 0, width - 1)),
        int(np.clip(math.floor(y0), 0, height - 1)),
        int(np.clip(math.ceil(x1), 1, width)),
        int(np.clip(math.ceil(y1), 1, height)),
    )
    ink = _ink(components, members, scale, page)
    inverted = _is_light(sheet, members)
    foreign = _foreign(sheet, owner, number, box, inverted)
    x, y = int(box[0] / scale), int(box[1] / scale)
    w, h = min(math.ceil(box[2] / scale), page[1]) - x, min(math.ceil(box[3] / scale), page[0]) - y
    if foreign is not None and scale < 1.0:
        foreign = cv2.resize(foreign.astype(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST) > 0
    return Region(x, y, w, h, -math.degrees(math.atan(slope)), (ascent + descent) / scale, foreign, inverted, ink)


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
    window = np.s_[box[1] : box[3], box[0] : box[2]]
    owners = owner[sheet.components.labels[window]]
    foreign = ((owners >= 0) & (owners != number)) | sheet.rules[window]
    if sheet.bands is not None:
        foreign |= ~sheet.bands[window] if inverted else _around(sheet.bands[window])
    if not foreign.any():
        return None
    wider = cv2.dilate(foreign.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(wider & (owners != number), dtype=np.bool_)
