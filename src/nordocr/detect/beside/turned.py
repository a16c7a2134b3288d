"""Type that stands on its side within an upright page: heads of narrow columns, notes in a margin or on a spine.

What the search for upright lines left over, or took for single letters, is looked at with the page turned by 90
degrees. Letters that stand close to one another there, on one line, are proposed as a line. Whether they are one, and
which way up, is for whoever can read (:mod:`nordocr.pipeline.turned`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect import grouping
from nordocr.detect.base import Region
from nordocr.detect.components import Components, Ints
from nordocr.detect.orientation import turn_box, white_ahead
from nordocr.detect.regions import regions_of
from nordocr.detect.sheet import Sheet
from nordocr.detect.textline import TextLine, fit_line
from nordocr.medians import median

# All in letter heights of the page. A letter's longer side, and how wide and how high it is at most.
_LEAST: Final = 0.35
_WIDEST: Final = 2.6
_HIGHEST: Final = 12.0
# Letters of an upright line stand nearer to each other than this; in rows across type on its side the white between
# them is wider, and wider than the white above and below by this factor.
_APART: Final = 0.45
_NEARER: Final = 0.6
# Lines of so few letters may be pieces of lines on their side, which go on behind what was found of them by so much.
_SHORT: Final = 4
_BEYOND: Final = 0.8
_OFF: Final = 0.5
_PASSES: Final = 5
# From here on in the line's own letter heights. Words stand no farther apart than this.
_REACH: Final = 1.9
# A line has so many letters, the usual white between them is so narrow, it is so many times as long as high, and so
# large a share of them stand on one level within so much, by their feet or by their heads.
_FEWEST: Final = 4
_CLOSE: Final = 0.5
_LONG: Final = 2.0
_STANDING: Final = 0.5
_LEVEL: Final = 0.2
# Lower than this share of the page's letters nothing is type but dashes of rules.
_LOWEST: Final = 0.35
# How far dots and accents stand off their line.
_MARKS: Final = 0.8
# More lines, or letters, than this are noise.
_MOST: Final = 60
_MOST_LETTERS: Final = 6_000


def turned_lines(sheet: Sheet, lines: list[TextLine]) -> list[TextLine]:
    """Find what may be lines of type on its side.

    Args:
        sheet: The page.
        lines: Its upright lines.

    Returns:
        The lines, as they lie on :func:`on_side` of the page.
    """
    weak = _weak(sheet, lines)
    side = on_side(sheet).components
    found, free = _chains(sheet, side, lines, weak)
    for _ in range(_PASSES):
        more = _lie_within(side, lines, found) & ~weak
        if not more.any():
            break
        weak |= more
        found, free = _chains(sheet, side, lines, weak)
    for line in found:
        free[line.letters] = False
    marks = np.flatnonzero(free)
    return [_with_marks(side, line, marks) for line in found]


def _chains(
    sheet: Sheet, side: Components, lines: list[TextLine], weak: npt.NDArray[np.bool_]
) -> tuple[list[TextLine], npt.NDArray[np.bool_]]:
    """Chains of letters that may be lines, and which components stand in no upright line but ``weak`` ones."""
    components, size = sheet.components, sheet.size
    free = np.zeros(len(components.left), dtype=np.bool_)
    free[: len(sheet.candidates)] = sheet.candidates
    for line, is_weak in zip(lines, weak, strict=True):
        if not is_weak:
            free[line.members] = False
    loose = free.copy()
    longer = np.maximum(components.width, components.height)
    loose &= (longer >= _LEAST * size) & (components.width <= _WIDEST * size) & (components.height <= _HIGHEST * size)
    letters = np.flatnonzero(loose)
    if not _FEWEST <= len(letters) <= _MOST_LETTERS:
        return [], free
    chains = [chain for chain in grouping.link(side, letters, _REACH) if len(chain) >= _FEWEST]
    found = [line for line in (fit_line(side, chain) for chain in chains) if _is_line(side, line, size)]
    return sorted(found, key=lambda line: -len(line.letters))[:_MOST], free


def turned_regions(
    sheet: Sheet, turned: list[TextLine], lines: list[TextLine], scale: float, rows: int, columns: int
) -> list[Region]:
    """Return the regions of lines on their side.

    Args:
        sheet: The page.
        turned: What :func:`turned_lines` found.
        lines: The upright lines, whose ink is foreign to these.
        scale: The page was scaled by it.
        rows: The page's height in pixels before that.
        columns: Its width.

    Returns:
        A region on the page for each, turned by 90 degrees.
    """
    if not turned:
        return []
    regions = regions_of(on_side(sheet), turned, scale, columns, rows, lines)
    return [_upright(region, (rows, columns)) for region in regions]


def on_side(sheet: Sheet) -> Sheet:
    """Return the sheet turned clockwise by 90 degrees, without its combs; its components keep their labels."""
    old, rows = sheet.components, sheet.components.labels.shape[0]
    labels = np.rot90(old.labels, -1)
    components = Components(labels, rows - old.bottom, old.left, rows - old.top, old.right, old.area)
    rules, bands, streaks = (
        None if mask is None else np.rot90(mask, -1) for mask in (sheet.rules, sheet.bands, sheet.streaks)
    )
    assert rules is not None
    return replace(sheet, components=components, rules=rules, bands=bands, streaks=streaks, combs=(), ticks=())


def _weak(sheet: Sheet, lines: list[TextLine]) -> npt.NDArray[np.bool_]:
    """Which lines are single letters, or rows of letters that have nearer ones above and below them."""
    if not lines:
        return np.zeros(0, dtype=np.bool_)
    components = sheet.components
    owner = np.repeat(np.arange(len(lines)), [len(line.letters) for line in lines])
    letters = np.concatenate([line.letters for line in lines])
    unit = np.array([line.unit for line in lines])[owner]
    inner = owner[1:] == owner[:-1]
    white, pair = (components.left[letters][1:] - components.right[letters][:-1])[inner], owner[1:][inner]
    counts = np.bincount(owner, minlength=len(lines))
    apart = np.bincount(pair, white > _APART * unit[1:][inner], minlength=len(lines))
    spread = (counts > 1) & ((2 * apart >= counts - 1) | (counts <= _SHORT))
    if spread.any():
        asked = spread[owner]
        narrow = np.flatnonzero(sheet.candidates & (components.width <= _WIDEST * sheet.size)[: len(sheet.candidates)])
        nearest, whose = _white_above_and_below(components, letters[asked], narrow), owner[asked]
        for number in np.flatnonzero(spread):
            usual = float(np.median(white[pair == number]))
            spread[number] = float(np.median(nearest[whose == number])) < _NEARER * usual
    return np.asarray((counts == 1) | spread, dtype=np.bool_)


def _lie_within(side: Components, lines: list[TextLine], found: list[TextLine]) -> npt.NDArray[np.bool_]:
    """Which short upright lines are made of letters that stand in or right behind lines on their side."""
    spans = []
    for line in found:
        left, right = line.extent(side)
        reach = _BEYOND * line.unit
        spans.append(
            (left - reach, right + reach, line.base - line.rise - _OFF * line.unit, line.base + _OFF * line.unit)
        )
    within = np.zeros(len(lines), dtype=np.bool_)
    if not found:
        return within
    for number, line in enumerate(lines):
        if len(line.letters) <= _SHORT:
            x = (side.left[line.letters] + side.right[line.letters]) / 2
            y = (side.top[line.letters] + side.bottom[line.letters]) / 2
            held = [(x > x0) & (x < x1) & (y > y0) & (y < y1) for x0, x1, y0, y1 in spans]
            within[number] = bool(np.any(held, axis=0).all())
    return within


def _white_above_and_below(components: Components, asked: Ints, others: Ints) -> npt.NDArray[np.int64]:
    """The white between each letter asked and the nearest of the others above or below it."""
    top, bottom = components.top, components.bottom
    aside = components.left[others], components.right[others], components.left[asked], components.right[asked]
    below = white_ahead((top[others], bottom[others], top[asked], bottom[asked]), aside)
    return np.minimum(below, white_ahead((-bottom[others], -top[others], -bottom[asked], -top[asked]), aside))


def _is_line(components: Components, line: TextLine, size: float) -> bool:
    """Whether a chain is type: letters close together that stand on one level."""
    letters = line.letters
    top, bottom = components.top[letters].astype(float), components.bottom[letters].astype(float)
    left, right = components.left[letters], components.right[letters]
    if line.unit < _LOWEST * size or int(right.max() - left.min()) < _LONG * line.unit:
        return False
    white = left[1:] - np.maximum.accumulate(right)[:-1]
    if median(white) > _CLOSE * line.unit:
        return False
    climb = (line.slope or 0.0) * (left + right) / 2
    feet, heads = bottom - climb, top - climb
    standing = max(float((np.abs(edge - median(edge)) <= _LEVEL * line.unit).mean()) for edge in (feet, heads))
    return standing >= _STANDING


def _with_marks(components: Components, line: TextLine, marks: Ints) -> TextLine:
    """The line with the dots and accents that stand at it, on either side: which way up it is, is not known."""
    reach = _MARKS * line.unit
    left, right = line.extent(components)
    x = (components.left[marks] + components.right[marks]) / 2
    y = (components.top[marks] + components.bottom[marks]) / 2
    level = line.base + (line.slope or 0.0) * x
    own = (x > left - reach / 2) & (x < right + reach / 2) & (y < level + reach) & (y > level - line.rise - reach)
    return fit_line(components, line.letters, marks[own], line.slope)


def _upright(region: Region, page: tuple[int, int]) -> Region:
    """A region of the page turned by 90 degrees on the page itself, of so many rows and columns."""
    x, y, width, height = turn_box(region.bbox, 270, page)
    foreign = None if region.foreign is None else np.rot90(region.foreign)
    ink = turn_box(region.tight, 270, page)
    return replace(region, x=x, y=y, width=width, height=height, foreign=foreign, ink=ink, turn=90)
