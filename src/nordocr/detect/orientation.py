"""Which way up a page lies: by the direction of its rows, and by ascenders, which are commoner than descenders.

No model: quarter turns are told by where each letter's nearest neighbour stands, and upside down by the letters'
outlines. In running Latin text about four letters rise above the x-height for one that hangs below the baseline. That
is a suspicion and no proof: figures and capitals say nothing, and faces with a large x-height show fewer ascenders than
descenders on a fax. So the outlines also say when they are not sure, and then whoever can read decides
(:mod:`nordocr.pipeline.upright`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect import grouping
from nordocr.detect.base import TURNS as TURNS
from nordocr.detect.base import Box, PageArray
from nordocr.detect.base import Turn as Turn
from nordocr.detect.components import Components, Ints, find_components, letter_height, text_mask
from nordocr.detect.ink import binarise, dark_on_light, is_bilevel, to_gray
from nordocr.detect.rules.whole import without_rules
from nordocr.detect.skew import levelled, skew_of
from nordocr.detect.textline import fit_line

# The test is made on a page of at most so many pixels: A4 at 150 dpi, where type of 6 points has letters of 6 pixels.
_MOST_PIXELS: Final = 2_200_000
# Or of so much more or less that it is reduced by a whole number.
_OFF_WHOLE: Final = 0.05
_FEWEST_LETTERS: Final = 40
# A black and white page that was reduced is ink below this tone, unless so little of it is that its ink is light.
_MIDDLE: Final = 140
_FEWEST_DARK: Final = 0.002
_MOST_LETTERS: Final = 12_000
# So many letters are asked for their neighbours, and a page lies on its side where those below are so much nearer.
_ASKED: Final = 500
_NEARER: Final = 0.95
_NEAR: Final = 35
_FAR: Final = 1_000_000
# In letter heights: what rises or hangs by that much is an ascender or a descender.
_OFF_LINE: Final = 0.22
# Letters off the line that say anything, how many times as many must hang as rise for a page to seem upside down, and
# rise as hang for it to stand upright beyond doubt.
_FEWEST_OFF: Final = 25
_MORE_HANG: Final = 2.0
_MORE_RISE: Final = 1.5


def turn(image: PageArray, degrees: Turn) -> PageArray:
    """The page turned clockwise by ``degrees``, one of :data:`TURNS`; the page itself for 0."""
    if degrees not in TURNS:
        raise ValueError(f"a page is turned by one of {TURNS} degrees, not {degrees}")
    return image if degrees == 0 else np.ascontiguousarray(np.rot90(image, -(degrees // 90)))


def turn_box(box: Box, degrees: int, size: tuple[int, int]) -> Box:
    """Return where a box lies after its page was turned.

    Args:
        box: x, y, width, height on the page before.
        degrees: Degrees clockwise, a multiple of 90.
        size: Width and height of the page before.
    """
    x, y, width, height = box
    turned = {
        0: box,
        90: (size[1] - y - height, x, height, width),
        180: (size[0] - x - width, size[1] - y - height, width, height),
        270: (y, size[0] - x - width, height, width),
    }
    return turned[degrees % 360]


@dataclass(frozen=True)
class Lie:
    """How a page lies.

    Attributes:
        turn: By how many degrees clockwise it probably has to be turned to stand upright.
        sure: False where it may as well be half a turn more.
        skew: By how many degrees its lines climb to the right after that turn; 0 where they are nearly level.
    """

    turn: Turn
    sure: bool
    skew: float = 0.0


def page_lie(image: PageArray) -> Lie:
    """How the page ``image``, uint8 ``[H, W]`` or ``[H, W, 3]``, lies by the look of its letters.

    Turn 0 wherever the page does not tell, and that for sure where it has hardly any type.
    """
    gray = to_gray(image)
    clean, small = is_bilevel(gray), _small(gray)
    components, letters = _letters(small, clean)
    if not _FEWEST_LETTERS <= len(letters) <= _MOST_LETTERS:
        return Lie(0, True)
    beside, below = _neighbours(components, letters)
    if below > _NEARER * beside:
        skew = skew_of(components, letters)
        hanging, sure = _hangs(levelled(components, skew), letters)
        return Lie(180 if hanging else 0, sure, skew)
    components, letters = _letters(np.ascontiguousarray(np.rot90(small, -1)), clean)
    skew = skew_of(components, letters)
    hanging, sure = _hangs(levelled(components, skew), letters)
    return Lie(270 if hanging else 90, sure, skew)


def is_blank(image: PageArray) -> bool:
    """Whether a page holds no type at all: dirt, borders, holes and rules only."""
    gray = to_gray(image)
    components, letters = _letters(_small(gray), is_bilevel(gray))
    chains = grouping.link(components, letters) if len(letters) <= _MOST_LETTERS else []
    return not any(len(chain) >= 2 for chain in chains)


def _small(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The page dark on light, and reduced where it is large."""
    scale = math.sqrt(_MOST_PIXELS / gray.size)
    whole = round(1 / scale)
    if scale < 1.0 and abs(whole * scale - 1.0) <= _OFF_WHOLE:
        # By whole numbers it takes a tenth of the time: pages of 300 and 600 dpi are.
        columns, rows = gray.shape[1] // whole, gray.shape[0] // whole
        gray = gray[: rows * whole, : columns * whole]
    elif scale < 1.0:
        columns, rows = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
    else:
        return dark_on_light(gray)
    return dark_on_light(np.asarray(cv2.resize(gray, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8))


def _letters(gray: npt.NDArray[np.uint8], clean: bool) -> tuple[Components, npt.NDArray[np.int64]]:
    """The page's components and the labels of its letters; ``clean``: before it was reduced it was black and white."""
    few_grays = clean and not cv2.countNonZero(cv2.inRange(gray, 0, _MIDDLE - 1)) < _FEWEST_DARK * gray.size
    ink = gray < _MIDDLE if few_grays else binarise(gray)
    components = find_components(ink)
    size = letter_height(components)
    none = np.zeros(0, dtype=np.int64)
    if size < 4:
        return components, none
    without_rules(components, size)
    high, wide = components.height, components.width
    # Both sides alike, so that a page on its side has the same letters.
    longer = np.maximum(high, wide)
    fits = text_mask(components, size) & (longer >= 0.55 * size) & (longer <= 2.6 * size)
    fits &= np.minimum(high, wide) >= 0.15 * size
    return components, np.flatnonzero(fits)


def _neighbours(components: Components, letters: npt.NDArray[np.int64]) -> tuple[float, float]:
    """The white between a letter and the next one beside it, and between it and the next one below, in pixels.

    That of the nearer third: in a column of short amounts most figures stand before a comma or at the end of their row.
    """
    some = letters[:: max(1, len(letters) // _ASKED)]
    across = components.left[letters], components.right[letters], components.left[some], components.right[some]
    down = components.top[letters], components.bottom[letters], components.top[some], components.bottom[some]
    beside, below = white_ahead(across, down), white_ahead(down, across)
    return float(np.percentile(beside, _NEAR)), float(np.percentile(below, _NEAR))


def white_ahead(along: tuple[Ints, Ints, Ints, Ints], aside: tuple[Ints, Ints, Ints, Ints]) -> Ints:
    """Return the white between each letter asked and the next one that stands on its level, ``[asked]``.

    Args:
        along: Where all letters begin and end in the direction that is looked in, and where those asked begin and end.
        aside: The same in the other direction: letters share a level where they share half of the smaller one's extent.
    """
    order = np.argsort(aside[0], kind="stable")
    start, low, high = along[0][order], aside[0][order], aside[1][order]
    # Of a row's letters none begins far above it: the others are not compared.
    first = np.searchsorted(low, aside[2] - (high - low).max())
    count = np.searchsorted(low, aside[3]) - first
    asked = np.repeat(np.arange(len(count)), count)
    other = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(len(asked))
    gap = start[other] - along[3][asked]
    ahead = np.flatnonzero(gap >= 0)
    asked, other, gap = asked[ahead], other[ahead], gap[ahead]
    shared = np.minimum(high[other], aside[3][asked]) - np.maximum(low[other], aside[2][asked])
    lesser = np.minimum(high[other] - low[other], aside[3][asked] - aside[2][asked])
    level = 2 * shared >= lesser
    found = np.full(len(count), _FAR)
    np.minimum.at(found, asked[level], gap[level])
    return found


def _hangs(components: Components, letters: npt.NDArray[np.int64]) -> tuple[bool, bool]:
    """Whether clearly more letters hang below their lines than rise above them, and whether the page is upright
    beyond doubt."""
    rise, hang = 0, 0
    for chain in grouping.link(components, letters):
        if len(chain) < 6:
            continue
        line = fit_line(components, chain)
        middle = (components.left[line.letters] + components.right[line.letters]) / 2
        level = line.base + (line.slope or 0.0) * middle
        off = _OFF_LINE * line.unit
        rise += int((components.top[line.letters] < level - line.rise - off).sum())
        hang += int((components.bottom[line.letters] > level + off).sum())
    telling = rise + hang >= _FEWEST_OFF
    return telling and hang > _MORE_HANG * rise, telling and rise >= _MORE_RISE * hang
