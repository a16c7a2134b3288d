"""Which lines are none: what was read in a region, and where it lies, says whether it is type or dirt."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

from nordocr.detect.base import Region
from nordocr.results import Line

Reason = Literal["empty", "edge", "scribble", "unreadable", "handwriting", "image"]
"""Why a region is left out: nothing was read in it; it is the scanner's edge; it is a signature or dirt; it was read as
a long line of which the recogniser is not sure at all; it looks written by hand; it is a part of a photograph."""

# Chosen on synthetic pages with signatures and on old typewritten ones: of 5,011 lines this leaves out 4, all misread,
# and 43 of 186 regions that are no lines (or not whole ones).
_SCRIBBLE_CONFIDENCE: Final = 0.4
_SCRIBBLE_DENSITY: Final = 0.6
_SCRIBBLE_LETTERS: Final = 8
# What has half of the letters that there is room for is a scribble only below this confidence.
_HALF: Final = 0.5
_HARDLY: Final = 0.25
# Where there is room for so few letters only what has none, is guessed, and is so many times as wide as high is dirt, a
# rule's crumb: page numbers between dashes, a lone digit and a per cent sign are read on bad faxes no surer than a
# scribble.
_LEAST_ROOM: Final = 3.5
_GUESSED: Final = 0.2
_FLAT: Final = 2.0
_DASHES: Final = re.compile(r"^[-–—]{1,3}$")
# Page numbers between dashes, well and half read, an empty or short bracket, a row of dots.
_SPARSE_TYPE: Final = re.compile(
    r"[-–—] ?\d{1,3} ?[-–—]$|^[-–—]{1,2} ?(?:[^\W_]|§) ?[-–—]{1,2}$|^\(\w?\)$|(?:[.] ?){6}"
)
# So many figures and no letters, this share of what there is room for, are an amount, however unsure.
_FIGURES: Final = 5
_FILLED: Final = 0.8
# At an edge where the scanner left a dark strip, so few letters and figures are no line, nor is a line less sure.
_EDGE_LETTERS: Final = 2
_EDGE_CONFIDENCE: Final = 0.6
# A line of so many characters that are all but guessed, in crumbs: its words are no longer than this on an average.
# Confidence alone says nothing: lines of type are read with 0.05 on bad faxes.
_UNREADABLE: Final = 0.15
_UNREADABLE_LENGTH: Final = 14
_CRUMBS: Final = 1.6
# A longer line is babble already where its words are no longer than this.
_LONG: Final = 30
_BABBLE: Final = 2.8
# Lines that say what the page's type is: so sure, with so many letters, so many of them.
_SURE: Final = 0.7
_SURE_LETTERS: Final = 3
_ENOUGH: Final = 3
# What is as high as they are, within these shares, is type if it stands in a row with one of them or follows it by so
# many line heights, or in this share of the page at its top or bottom.
_TYPE: Final = (0.6, 1.5)
_FOLLOWS: Final = 2.0
_MARGIN: Final = 0.12
# A dash stands between these shares of the height of its neighbours' ink, and one that is so high, of a line, is none.
_WITHIN: Final = (0.15, 0.85)
_DASH_HEIGHT: Final = 0.4
# Larger than type, with fewer letters in a square than this, and not as sure as that: a signature or a logo; so is one
# lone letter so much larger.
_PEN_LETTERS: Final = 0.7
_PEN_SURE: Final = 0.8
_PEN_LONG: Final = 2.0
_LONE: Final = 1.4
_LONE_SURE: Final = 0.6


# What looks written by hand, or lies in a photograph and has hardly a letter, is left out below these confidences.
_WRITTEN: Final = 0.6
_PICTURED: Final = 0.6
_PICTURED_LETTERS: Final = 2


@dataclass(frozen=True)
class Surroundings:
    """What a page says about the regions on it.

    Attributes:
        usual: How high its lines are, in pixels; 0 where too few are sure.
        sure: Where those are.
        rows: How many rows of pixels the page has.
    """

    usual: float
    sure: Sequence[Region]
    rows: int

    def ratio(self, region: Region) -> float:
        """How many times as high as the page's lines a region is; 1 where that is not known."""
        return region.line_height / self.usual if self.usual and region.line_height else 1.0

    def vouch(self, region: Region) -> bool:
        """Decide whether a region is type by its size and its place, whatever was read in it."""
        if not self.usual:
            return False
        x, y, width, height = region.tight
        if any(_in_row(other, x + width / 2, y + height / 2) for other in self.sure if other is not region):
            return True
        if not _TYPE[0] <= self.ratio(region) <= _TYPE[1]:
            return False
        foot = min(y, self.rows - y - height)
        return foot < _MARGIN * self.rows or any(
            _is_next(other, region, self.usual) for other in self.sure if other is not region
        )


def surroundings(regions: Sequence[Region], lines: Sequence[Line], rows: int) -> Surroundings:
    """Return what a page of ``rows`` rows of pixels says about its regions, by those that were surely read."""
    sure = [
        region
        for region, line in zip(regions, lines, strict=True)
        if line.confidence >= _SURE and _letters(line.text) >= _SURE_LETTERS and not region.edge
    ]
    usual = median(region.line_height for region in sure) if len(sure) >= _ENOUGH else 0.0
    return Surroundings(usual, sure, rows)


def _in_row(other: Region, x: float, y: float) -> bool:
    """Whether a place lies in the row of another line, at the height of its letters."""
    left, top, width, height = other.tight
    climb = math.tan(math.radians(other.angle)) * (x - left - width / 2)
    return _WITHIN[0] <= (y + climb - top) / max(1, height) <= _WITHIN[1]


def _is_next(other: Region, region: Region, usual: float) -> bool:
    """Whether a region stands right above or below another."""
    beside = min(other.x + other.width, region.x + region.width) - max(other.x, region.x)
    apart = max(region.tight[1] - other.tight[1] - other.tight[3], other.tight[1] - region.tight[1] - region.tight[3])
    return beside > 0 and apart <= _FOLLOWS * usual


def why_dropped(region: Region, line: Line, page: Surroundings | None = None) -> Reason | None:
    """Say why a region is left out of a page's result.

    Args:
        region: Where the detector found a line.
        line: What was read in it.
        page: What the page says about it; None where nothing is known.

    Returns:
        The reason, or None where the region is a line.
    """
    text = line.text.strip()
    if not text:
        return "empty"
    if region.turn:  # that it reads as type is why it was turned
        return None
    if region.edge and (_letters(text) <= _EDGE_LETTERS or line.confidence < _EDGE_CONFIDENCE):
        return "edge"
    if region.looks == "written" and line.confidence < _WRITTEN:
        return "handwriting"
    if region.looks == "pictured" and line.confidence < _PICTURED and _letters(text) <= _PICTURED_LETTERS:
        return "image"
    if page is not None and _is_larger(region, line, page):
        return "scribble"
    if is_scribble(line) and (page is None or not page.vouch(region)):
        return "scribble"
    words = text.split()
    usual = _BABBLE if len(text) >= _LONG else _CRUMBS
    crumbs = sum(map(len, words)) <= usual * len(words) and not _SPARSE_TYPE.search(text)
    # Signs and figures may stand so far apart; ragged edges are read as thin letters.
    crumbs = crumbs and 2 * sum(c.isalpha() for c in text) >= sum(map(len, words))
    if crumbs and len(text) >= _UNREADABLE_LENGTH and line.confidence < _UNREADABLE:
        return "unreadable"
    return None


def _is_larger(region: Region, line: Line, page: Surroundings) -> bool:
    """Whether a region is a signature or a logo: larger than the page's type, and little was read in it."""
    text, letters = line.text.strip(), _letters(line.text)
    width, height = line.bbox.width, max(1, line.bbox.height)
    if _DASHES.search(text):
        thick = page.usual > 0 and height >= _DASH_HEIGHT * page.usual and width >= _PEN_LONG * height
        return thick and line.confidence < _LONE_SURE
    if len(text) == 1 and line.confidence < _LONE_SURE:
        return page.ratio(region) >= _LONE
    few = letters < _PEN_LETTERS * width / height and width >= _PEN_LONG * height
    return few and page.ratio(region) > _TYPE[1] and line.confidence < _PEN_SURE and not _SPARSE_TYPE.search(text)


def is_scribble(line: Line) -> bool:
    """Whether a line is a signature, a stamp's edge or dirt: hardly sure, and too few letters and figures for its size.

    A line of type has two letters or more in a square; letters set apart have one. A page number between dashes has
    less, and so has a word with a row of dots behind it: both are type.
    """
    if line.confidence >= _SCRIBBLE_CONFIDENCE or _SPARSE_TYPE.search(line.text.strip()):
        return False
    room = _SCRIBBLE_DENSITY * line.bbox.width / max(1, line.bbox.height)
    if room < _LEAST_ROOM or _DASHES.search(line.text.strip()):
        flat = line.bbox.width >= _FLAT * line.bbox.height
        return flat and _letters(line.text) == 0 and line.confidence < _GUESSED
    letters, enough = _letters(line.text) + line.text.count("%"), min(_SCRIBBLE_LETTERS, room)
    figures = sum(c.isdigit() for c in line.text)
    if figures == letters and figures >= _FIGURES and figures >= _FILLED * enough:
        return False
    return letters < enough and (line.confidence < _HARDLY or letters < _HALF * enough)


def _letters(text: str) -> int:
    return sum(c.isalnum() for c in text)
