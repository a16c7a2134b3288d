"""Long rows of dots in a line: folded before the line is read, and as long as they were in its text.

The dots of a table of contents stand closer than a recogniser can tell apart. It reads a third too few, and the page's
number behind them gets lost. So a line is read with a few of its dots, and all are put back, as many as were counted.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.ctc import WordSpan
from nordocr.recognize.base import Crop, LineText, Recognizer

# A line so many times as wide as high may hold a row of at least so many dots, of which so many at each end are kept.
_LONG: Final = 10.0
_FEWEST: Final = 24
_KEPT: Final = 6
# In heights of the crop: how large a dot is at most, and how far the dots' feet differ. It is at most so many times as
# wide as high, or as high as wide.
_DOT: Final = 0.22
_LEVEL: Final = 0.05
_ROUND: Final = 2.0
# Dots stand no nearer than so many usual steps. At most so many are missing in a row, and so large a share is there.
_STEP: Final = 0.6
_MISSING: Final = 4
_THERE: Final = 0.6
# Above a stretch of dots, so many times as long as the line is high, this share of the columns is white in the line's
# upper part.
_ABOVE: Final = 0.55
_STRETCH: Final = 3.0
_WHITE: Final = 0.8
# What was read of the dots.
_READ: Final = re.compile(r"[.·…](?: ?[.·…]){2,}")


@dataclass(frozen=True)
class Leader:
    """A row of dots in a crop: how many, and the columns ``first`` to ``last`` between which they are left out."""

    count: int
    first: int
    last: int


def read_with_leaders(recognizer: Recognizer, crops: Sequence[Crop]) -> list[LineText]:
    """Read crops, those with long rows of dots with fewer of them.

    Args:
        recognizer: Reads them.
        crops: Lines, gray uint8 ``[H, W]``.

    Returns:
        What they say, with all of the dots.
    """
    leaders = [leader_of(crop) for crop in crops]
    if not any(leaders):
        return recognizer.read(crops)
    folded = [crop if one is None else _folded(crop, one) for crop, one in zip(crops, leaders, strict=True)]
    texts = recognizer.read(folded)
    return [
        text if one is None else unfolded(text, one, crop.shape[1])
        for text, one, crop in zip(texts, leaders, crops, strict=True)
    ]


def leader_of(crop: Crop) -> Leader | None:
    """Find the row of dots that a line is read without.

    Args:
        crop: A line, uint8 ``[H, W]``.

    Returns:
        The row; None where there is none so long.
    """
    if crop.ndim != 2 or crop.shape[1] < _LONG * crop.shape[0] or not _may_hold(crop):
        return None
    height = crop.shape[0]
    _, ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, cv2.CCL_BBDT)
    x, y, wide, high, _ = stats[1:].T.astype(np.int64)
    dots = (np.maximum(wide, high) <= _DOT * height) & (wide <= _ROUND * high) & (high <= _ROUND * wide)
    if dots.sum() < _FEWEST:
        return None
    foot = y + high
    level = int(np.bincount(foot[dots]).argmax())
    dots &= np.abs(foot - level) <= max(1.0, _LEVEL * height)
    middles = np.sort((x + wide / 2)[dots])
    letters = np.sort(x[high > _DOT * height])
    if len(middles) < _FEWEST:
        return None
    middles, places = _row(middles)
    count = int(places[-1] - places[0]) + 1
    if len(middles) < max(_FEWEST, _THERE * count):
        return None
    first = int((middles[_KEPT - 1] + middles[_KEPT]) / 2)
    last = int((middles[-_KEPT - 1] + middles[-_KEPT]) / 2)
    if ((letters > middles[0]) & (letters < middles[-1])).any() or last <= first:
        return None
    return Leader(count, first, last)


def _may_hold(crop: Crop) -> bool:
    """Whether a stretch of the line has hardly any ink above its foot: most lines have none, and cost no more."""
    height, width = crop.shape
    white = (crop[: round(_ABOVE * height)] >= (int(crop.min()) + int(crop.max())) // 2).all(axis=0)
    summed = np.concatenate([[0], np.cumsum(white)])
    long = min(width, round(_STRETCH * height))
    return bool((summed[long:] - summed[:-long]).max() >= _WHITE * long)


def _row(middles: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """The longest row among dots, and the place of each in it where some are missing.

    A speck between two dots is none of them.
    """
    usual = float(np.median(np.diff(middles)))
    kept = [0]
    for number in range(1, len(middles)):
        if middles[number] - middles[kept[-1]] >= _STEP * usual:
            kept.append(number)
    middles = middles[kept]
    steps = np.diff(middles) / max(usual, 1.0)
    usual *= float(np.median(steps[steps < 2 - _STEP])) if (steps < 2 - _STEP).any() else 1.0
    steps = np.maximum(np.round(np.diff(middles) / max(usual, 1.0)), 1).astype(np.int64)
    cuts = np.flatnonzero(steps > _MISSING + 1) + 1
    longest = max(np.split(np.arange(len(middles)), cuts), key=len)
    places = np.concatenate([[0], np.cumsum(steps[longest[0] : longest[-1]])])
    return middles[longest], places


def _folded(crop: Crop, leader: Leader) -> Crop:
    return np.concatenate([crop[:, : leader.first], crop[:, leader.last :]], axis=1)


def unfolded(text: LineText, leader: Leader, width: int) -> LineText:
    """Return what a line says with all of its dots.

    Args:
        text: What was read without some of them.
        leader: The row of dots.
        width: Of the whole crop, in pixels.

    Returns:
        The text, its places those in the whole crop; where no dots were read none are put in.
    """
    left_out = leader.last - leader.first
    fold = leader.first / (width - left_out)

    def whole(share: float) -> float:
        return (share * (width - left_out) + (left_out if share > fold else 0)) / width

    runs = list(_READ.finditer(text.text))
    words = tuple(replace(word, left=whole(word.left), right=whole(word.right)) for word in text.words)
    extents = tuple((whole(left), whole(right)) for left, right in text.char_extents)
    text = replace(text, words=words, char_extents=extents)
    if not runs:
        return text
    run = max(runs, key=lambda found: len(found[0]))
    start, end = run.span()
    spaced = 3 * run[0].count(" ") > len(run[0])
    row = (" " if spaced else "").join("." * leader.count)
    sure, places, confidence = text.char_confidences, text.char_extents, text.confidence
    if len(sure) == len(text.text):
        # Dots that were counted are as sure as the surest that was read.
        least = min(sure)
        sure = (*sure[:start], *[max(sure[start:end])] * len(row), *sure[end:])
        confidence = max(confidence, min(sure)) if confidence >= least else confidence
    if len(places) == len(text.text):
        edges = np.linspace(places[start][0], places[end - 1][1], len(row) + 1).tolist()
        places = (*places[:start], *itertools.pairwise(edges), *places[end:])
    written = text.text[:start] + row + text.text[end:]
    words = _words(text, run[0], row) if words else ()
    return replace(text, text=written, confidence=confidence, char_confidences=sure, char_extents=places, words=words)


def _words(text: LineText, read: str, row: str) -> tuple[WordSpan, ...]:
    """The words, those of the row of dots as one where it has spaces."""
    parts = [word for word in text.words if word.text in read and word.text.strip(".·…") == ""]
    if " " not in read or not parts:
        return tuple(replace(word, text=word.text.replace(read, row, 1)) for word in text.words)
    made: list[WordSpan] = []
    for word in text.words:
        if word not in parts:
            made.append(word)
        elif word is parts[0]:
            low = min(part.confidence for part in parts)
            made.append(WordSpan(row, low, parts[0].left, parts[-1].right))
    return tuple(made)
