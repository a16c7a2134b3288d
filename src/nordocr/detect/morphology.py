"""The model-free detector: ink, components, type size, rules out, letters linked to lines, gaps, trimming, order.

Everything is measured in the page's own letter height, so that neither resolution nor a stated dpi matters.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from nordocr.detect import gaps, grouping, touching
from nordocr.detect.base import PageArray, Region
from nordocr.detect.beside.overlap import overlapped_lines
from nordocr.detect.beside.pictures import in_pictures, is_written
from nordocr.detect.beside.ticked import with_ticks
from nordocr.detect.beside.turned import turned_lines, turned_regions
from nordocr.detect.cells import find_cells
from nordocr.detect.combs import join_boxes
from nordocr.detect.components import Components, Ints, letter_height
from nordocr.detect.gaps.columns import cut_columns
from nordocr.detect.gaps.dashes import lone_dashes
from nordocr.detect.gaps.edges import column_edges
from nordocr.detect.gaps.figures import broken_figures, low_words
from nordocr.detect.gaps.leaders import attach_leaders
from nordocr.detect.gaps.specks import without_pepper
from nordocr.detect.ink import to_gray
from nordocr.detect.order import in_reading_order
from nordocr.detect.regions import marked, regions_of
from nordocr.detect.sheet import Sheet, take_apart, working_copy
from nordocr.detect.textline import LineTable, TextLine, fit_line, page_slope, with_slope
from nordocr.detect.trim import trim_ends, without_corners, without_strays
from nordocr.medians import median

# In letter heights: what is lower is a mark (dot, accent, dash), what is higher spans lines or is a heading.
_LOWEST_LETTER: Final = 0.55
_HIGHEST_LETTER: Final = 2.2
_WIDEST_LETTER: Final = 30.0
# A dense page has 8,000 letters in 300 lines. What has many times more is noise or a halftone, no page of type, and is
# not allowed to take minutes.
_MOST_LETTERS: Final = 25_000
_MOST_TALL: Final = 1_500
_MOST_MARKS: Final = 30_000
_MOST_LINES: Final = 3_000
# Small print has letters of at least so many pixels, so many of them a line, and about one height.
_LEAST_SMALL_PRINT: Final = 6.0
_SMALL_PRINT_LETTERS: Final = 5
_SMALL_PRINT_SPREAD: Final = 1.7
_DASH: Final = 2.2
_FEW_DASHES: Final = 0.4
_UNEVEN: Final = 0.2
# Two letters are no narrower than two ones set close, in letter heights.
_NARROWEST: Final = 0.55
# What fills so much of its box is a bar, if it is as narrow as that; one that is a figure has its neighbours' foot and
# height within so many letter heights.
_BAR_FILL: Final = 0.9
_BAR: Final = 0.35
_SAME_FOOT: Final = 0.12
# In letter heights, how high a lone letter is at least; and where it stands between dashes, as page numbers do, and how
# wide those are.
_LOWEST_ALONE: Final = 0.8
_BETWEEN_DASHES: Final = 0.6
_SHORT_DASH: Final = 0.22
# Handwriting is at most so many strokes, most of them so many times as wide as high, usually so many letter heights
# high, and fills less of its boxes.
_MOST_STROKES: Final = 4
_PEN_WIDTH: Final = 1.6
_PEN_HEIGHT: Final = 1.6
_PEN_INK: Final = 0.24
# A full stop stands no farther from its letter than this.
_FULL_STOP: Final = 0.4
# A lone digit in this share of the page at its top or bottom is a page number.
_PAGE_NUMBER_SHARE: Final = 0.12
# So many times as wide as high is a word whose letters touch.
_TOUCHING: Final = 2.5
# Two letters that touch are so many times as wide as high. They continue a line of so many letters if they begin where
# it begins, within so many letter heights, and stand no farther off than so many times their height.
_TWO_LETTERS: Final = 1.7
_SURE_LETTERS: Final = 3
_FLUSH: Final = 0.4
_NEXT_ROW: Final = 2.6
# So many lone figures of one height in one row, another than itself, are a table's.
_ROW_OF_SINGLES: Final = 2


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
        turned, size = turned_lines(sheet, lines), (image.shape[0], image.shape[1])
        regions = regions_of(sheet, lines, scale, *size, turned)
        written = [is_written(sheet.components, line) for line in lines]
        pictured = in_pictures(gray, sheet.size, scale, regions)
        regions = marked(regions, overlapped_lines(sheet, lines), written, pictured)
        regions = with_ticks(sheet, regions, scale, *size)
        regions = in_reading_order(regions, find_cells(sheet.rules, scale))
        return regions + turned_regions(sheet, turned, lines, scale, *size)


def _find_lines(sheet: Sheet) -> list[TextLine]:
    """The lines of the page's usual type and larger, then those of small print, for which the usual is too large."""
    lines = _lines_of(sheet)
    small = _small_print(sheet, lines) if lines else None
    return lines if small is None else lines + [line for line in _lines_of(small) if _is_small_print(small, line)]


def _small_print(sheet: Sheet, lines: list[TextLine]) -> Sheet | None:
    """The page again as what is on no line and lower than its letters, in that type's own letter height."""
    components = sheet.components
    left = np.zeros(len(components.left), dtype=np.bool_)  # letters that were cut in two have come since
    left[: len(sheet.candidates)] = sheet.candidates & (components.height[: len(sheet.candidates)] < sheet.size)
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
    # What thresholding leaves of a rule is dashes of many lengths; those of a typewriter are of one.
    broken = (width > _DASH * height) & bool(width.std() > _UNEVEN * width.mean())
    type_like = float(dots.mean()) < 0.5 and float(broken.mean()) < _FEW_DASHES
    return len(letters) >= _SMALL_PRINT_LETTERS and float(even.mean()) > 0.7 and type_like


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
    more, headings = _share_out(components, [line for line in rough if len(line.letters) > 2], tall, size)
    if len(more):
        letters = np.concatenate([letters, more])
        rough = [fit_line(components, chain) for chain in grouping.link(components, letters)]
    rough += [fit_line(components, chain) for chain in grouping.link(components, headings)]
    if len(rough) > _MOST_LINES:
        return []
    slope = page_slope(rough, components)
    lines = [with_slope(components, line, slope) for line in rough]
    spacing = gaps.measure(components, lines)
    reach = min(1.3 * spacing.word + 0.3, 2.0)
    lines = grouping.absorb_scraps(components, lines, reach)
    lines, leaders = attach_leaders(components, lines, marks)
    grouping.attach_marks(components, lines, np.setdiff1d(marks, leaders), reach)
    lines, specks = without_pepper(components, lines, marks, leaders)
    edges = column_edges(components, lines, spacing, slope)
    text = sheet.text.without(specks)
    page = gaps.Page(components, text, sheet.rules, leaders, spacing, sheet.combs, edges)
    lines = gaps.split_lines(page, lines)
    lines = cut_columns(page, gaps.merge_lines(page, lines, slope), slope)
    lines = join_boxes(components, lines, sheet.combs, slope)
    lines = [trim_ends(components, without_corners(components, line)) for line in lines]
    fit = [_is_line(components, line, size) for line in lines]
    others = [line for line, fits in zip(lines, fit, strict=True) if not fits]
    lines = [line for line, fits in zip(lines, fit, strict=True) if fits]
    rows = components.labels.shape[0]
    lines = [line for line in lines if _several(components, line) or _has_company(components, line, lines, rows)]
    lines += low_words(components, lines, others, size)
    pieces = np.setdiff1d(np.concatenate([letters, marks]), leaders)
    lines += broken_figures(components, lines, pieces, slope)
    dashes = lone_dashes(components, lines, np.setdiff1d(marks, leaders), slope)
    return [without_strays(components, line) for line in lines] + dashes


def _share_out(components: Components, lines: list[TextLine], tall: Ints, size: float) -> tuple[Ints, Ints]:
    """Tall components into letters: cut where they join lines, left whole as headings where they stand alone."""
    none = np.zeros(0, dtype=np.int64)
    if not len(tall):
        return none, none
    table = LineTable(components, lines)
    more: list[int] = []
    headings: list[int] = []
    for label in (int(label) for label in tall):
        crossed = touching.lines_through(components, label, table)
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
    return usable, np.array(headings, dtype=np.int64)


def _is_line(components: Components, line: TextLine, size: float) -> bool:
    """Whether the group is type: two letters, or one that looks like a digit rather than like dirt."""
    letters = line.letters
    width = float(components.right[letters].max() - components.left[letters].min())
    if _is_pen(components, line, size):
        return False
    if len(letters) >= 2:
        return width >= _NARROWEST * line.unit
    height = float(components.height[letters[0]])
    fill = float(components.area[letters[0]]) / max(1.0, width * height)
    if width > _TOUCHING * height:  # a word whose letters touch
        return 0.1 < fill < 0.8
    solid = fill >= _BAR_FILL and width > _BAR * height
    least = _BETWEEN_DASHES if _dashes(components, line) >= 2 else _LOWEST_ALONE
    return least * size <= height <= 3 * size and 0.12 * height <= width and fill > 0.12 and not solid


def _is_pen(components: Components, line: TextLine, size: float) -> bool:
    """Whether a line is written by hand: a few wide strokes, higher than type, that fill little of their boxes."""
    letters = line.letters
    width, height = components.width[letters], components.height[letters]
    if len(letters) > _MOST_STROKES or median(height) < _PEN_HEIGHT * size:
        return False
    wide = width > _PEN_WIDTH * height
    ink = float(components.area[letters].sum()) / float((width * height).sum())
    return bool(wide.sum() * 2 > len(letters)) and ink < _PEN_INK


def _dashes(components: Components, line: TextLine) -> int:
    """How many dashes stand beside the letters of a line."""
    wide, high = components.width[line.marks], components.height[line.marks]
    return int(((wide >= 1.5 * high) & (wide >= _SHORT_DASH * line.unit)).sum())


def _several(components: Components, line: TextLine) -> bool:
    """Whether a line is more than one letter with a speck somewhere beside it: a full stop is none."""
    marks, letter = line.marks, line.letters[0]
    large = np.maximum(components.width[marks], components.height[marks]) >= grouping.SPECK * line.unit
    stop = np.abs(components.bottom[marks] - components.bottom[letter]) <= _SAME_FOOT * line.unit
    stop &= components.left[marks] - components.right[letter] <= _FULL_STOP * line.unit
    stop &= components.left[marks] + components.right[marks] >= 2 * components.right[letter]
    return len(line.letters) > 1 or bool((large | stop).any())


def _has_company(components: Components, line: TextLine, lines: list[TextLine], rows: int) -> bool:
    """Whether a lone letter is a table's cell, another line standing in its row, or a page number, and not dirt."""
    letter = line.letters[0]
    box = max(1, int(components.width[letter] * components.height[letter]))
    if components.area[letter] >= _BAR_FILL * box and len(line.letters) == 1:
        # A bar is a one where it is as high as the letters beside it and stands on their line; else a rule's crumb.
        x = float(components.left[letter])
        return any(
            other is not line
            and abs(other.baseline(x) - components.bottom[letter]) <= _SAME_FOOT * other.unit
            and abs(other.rise - components.height[letter]) <= _SAME_FOOT * other.unit
            for other in lines
        )
    if min(line.base, rows - line.base) < _PAGE_NUMBER_SHARE * rows:
        return True
    if any(_continues(components, line, other) for other in lines):
        return True
    # Itself and another one: a word whose letters touch beside such a word, as two years on a heavy print.
    enough = 1 if components.width[letter] > _TOUCHING * components.height[letter] else _ROW_OF_SINGLES
    alike = 0
    for other in lines:
        level, small, large = abs(other.base - line.base), *sorted((line.unit, other.unit))
        # Single figures in a row of cells.
        alike += level < 0.25 * small and large < 1.25 * small
        if alike > enough:
            return True
        if len(other.letters) > 1 and abs(other.base - line.base) < 0.6 * other.unit and line.unit < 2.2 * other.unit:
            return True
    return False


def _continues(components: Components, line: TextLine, other: TextLine) -> bool:
    """Whether a word whose letters touch stands right below or above another line, flush and in type as high."""
    letter, letters = int(line.letters[0]), other.letters
    high = components.height[letter]
    if other is line or len(letters) < _SURE_LETTERS or components.width[letter] < _TWO_LETTERS * high:
        return False
    flush = abs(int(components.left[letter]) - int(components.left[letters].min())) <= _FLUSH * other.unit
    apart = abs(other.base - line.base)
    alike = np.abs(components.height[letters] - high) <= _SAME_FOOT * high
    return bool(flush and other.unit < apart <= _NEXT_ROW * high and alike.any())
