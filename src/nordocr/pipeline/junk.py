"""Which lines are none: what was read in a region, and where it lies, says whether it is type or dirt."""

from __future__ import annotations

import re
from typing import Final, Literal

from nordocr.detect.base import Region
from nordocr.results import Line

Reason = Literal["empty", "edge", "scribble", "unreadable"]
"""Why a region is left out: nothing was read in it; it is the scanner's edge; it is a signature or dirt; it was read as
a long line of which the recogniser is not sure at all."""

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
_SPARSE_TYPE: Final = re.compile(r"^[-–—] ?\d+ ?[-–—]$|(?:[.] ?){6}")
# At an edge where the scanner left a dark strip, so few letters and figures are no line, nor is a line less sure.
_EDGE_LETTERS: Final = 2
_EDGE_CONFIDENCE: Final = 0.6
# A line of so many characters that are all but guessed, in crumbs: its words are no longer than this on an average.
# Confidence alone says nothing: lines of type are read with 0.05 on bad faxes.
_UNREADABLE: Final = 0.15
_UNREADABLE_LENGTH: Final = 14
_CRUMBS: Final = 1.6


def why_dropped(region: Region, line: Line) -> Reason | None:
    """Say why a region is left out of a page's result.

    Args:
        region: Where the detector found a line.
        line: What was read in it.

    Returns:
        The reason, or None where the region is a line.
    """
    text = line.text.strip()
    if not text:
        return "empty"
    if region.edge and (_letters(text) <= _EDGE_LETTERS or line.confidence < _EDGE_CONFIDENCE):
        return "edge"
    if is_scribble(line):
        return "scribble"
    words = text.split()
    crumbs = sum(map(len, words)) <= _CRUMBS * len(words) and not _SPARSE_TYPE.search(text)
    if crumbs and len(text) >= _UNREADABLE_LENGTH and line.confidence < _UNREADABLE:
        return "unreadable"
    return None


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
    letters, enough = _letters(line.text), min(_SCRIBBLE_LETTERS, room)
    return letters < enough and (line.confidence < _HARDLY or letters < _HALF * enough)


def _letters(text: str) -> int:
    return sum(c.isalnum() for c in text)
