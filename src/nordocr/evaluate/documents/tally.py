"""How well whole pages are found and read: lines by place, texts by place, order.

A found and a true line are compared twice, by their boxes as given and by the extent of the ink in them, and the better
overlap counts: every engine and every truth gives its lines other margins, and the margins are no one's error. Figures
are sums over pages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from nordocr.detect.ink import binarise, to_gray
from nordocr.evaluate.documents.placed import PlacedLine
from nordocr.evaluate.documents.regions import page_regions
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify
from nordocr.evaluate.scoring.units import normalise, unit_pair
from nordocr.results import BBox

SAME: Final = 0.5
"""Intersection over union from which a found line is a true one."""

_HELD: Final = 0.6
"""Share of a line's middle half that another box must cover to hold the line."""

_ROW: Final = 0.5
"""Lines that share this much of the lower one's height, and less of the shorter one's width, stand side by side."""

_INSIDE: Final = 0.5
"""A component of ink belongs to a box that covers this share of it."""

_SPECK: Final = 0.1
"""A component lower and narrower than this share of the box's height is dirt."""

_THIN: Final = 0.2
_LONG: Final = 2.0
"""A component thinner and longer than these shares of the box's height is an underline or a table's rule."""

Floats = npt.NDArray[np.float64]


@dataclass
class PageTally:
    """Counts over pages; add two of them with ``+``.

    Attributes:
        pages: Pages counted.
        truth: True lines.
        found: Lines found.
        matched: True lines that were found.
        merged: Found boxes that hold two or more true lines that stand side by side.
        split: True lines that two or more found boxes lie in.
        order: Lines that would have to be moved to bring the matched ones into the order of the truth.
        exact: True lines found alone and read exactly.
        space_insensitive: The same when spaces do not count.
        leading_garbage: True lines of this error class.
        right_truncation: True lines of this error class.
        missed: True lines where nothing was read.
        edits: Character edits of every true line against what was read in its place, and characters read where there
            is no line; the order of lines does not matter.
        characters: Characters of the true lines.
        junk: Of the edits, characters read where there is no line.
    """

    pages: int = 0
    truth: int = 0
    found: int = 0
    matched: int = 0
    merged: int = 0
    split: int = 0
    order: int = 0
    exact: int = 0
    space_insensitive: int = 0
    leading_garbage: int = 0
    right_truncation: int = 0
    missed: int = 0
    edits: int = 0
    characters: int = 0
    junk: int = 0

    def __add__(self, other: PageTally) -> PageTally:
        return PageTally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def recall(self) -> float | None:
        """Share of the true lines that were found; None where there are none."""
        return self.matched / self.truth if self.truth else None

    @property
    def precision(self) -> float | None:
        """Share of the found lines that are true; None where none were found."""
        return self.matched / self.found if self.found else None

    @property
    def cer(self) -> float | None:
        """Character error rate of the pages, free of order; None where the truth has no characters."""
        return self.edits / self.characters if self.characters else None

    @property
    def cer_without_junk(self) -> float | None:
        """The same without what was read where there is no line."""
        return (self.edits - self.junk) / self.characters if self.characters else None


def page_tally(
    image: npt.NDArray[np.uint8],
    truth: Sequence[PlacedLine],
    lines: Sequence[PlacedLine],
    ignored: Sequence[BBox] = (),
) -> PageTally:
    """Score what an engine found and read on one page.

    Args:
        image: The page, uint8 ``[H, W]`` or ``[H, W, 3]``.
        truth: The true lines in reading order.
        lines: The engine's lines in its own order.
        ignored: Places whose text the truth leaves out, such as handwriting; lines there that match no true line are
            not counted.
    """
    components = _components(image)
    given = _iou(_corners(truth), _corners(lines))
    truth, lines = _on_ink(components, truth), _on_ink(components, lines)
    t, f = _corners(truth), _corners(lines)
    pairs = _pairs(np.maximum(given, _iou(t, f)))
    kept = _outside(f, {j for _, j in pairs}, ignored)
    lines, f = [lines[j] for j in kept], f[kept]
    place = {j: i for i, j in enumerate(kept)}
    pairs = [(i, place[j]) for i, j in pairs]
    tally = PageTally(1, len(truth), len(lines), len(pairs))
    if len(truth) and len(lines):
        held, holding = _cover(_middle(t), f), _cover(_middle(f), t).T
        tally.merged = sum(_side_by_side(t[held[:, j] > _HELD]) for j in range(len(f)))
        tally.split = int(((holding > _HELD).sum(axis=1) > 1).sum())
    tally.order = len(pairs) - _longest_rising([j for _, j in sorted(pairs)])
    _add_texts(tally, truth, lines)
    return tally


def _add_texts(tally: PageTally, truth: Sequence[PlacedLine], lines: Sequence[PlacedLine]) -> None:
    for region in page_regions("", 0, {"": lines}, truth):
        reference, read = normalise(region.reference or ""), normalise(region.texts[""] or "")
        if region.spurious:
            tally.edits += len(read)
            tally.junk += len(read)
            continue
        r, h = unit_pair(reference, read)
        tally.edits += Levenshtein.distance(r, h)
        tally.characters += len(r)
        kind = classify(reference, read)
        alone = region.references == 1
        tally.exact += alone and kind is ErrorClass.EXACT
        tally.space_insensitive += alone and kind in (ErrorClass.EXACT, ErrorClass.SPACE_ONLY)
        tally.leading_garbage += kind is ErrorClass.LEADING_GARBAGE
        tally.right_truncation += kind is ErrorClass.RIGHT_TRUNCATION
        tally.missed += kind is ErrorClass.MISSED


def _components(image: npt.NDArray[np.uint8]) -> Floats:
    """Corners (left, top, right, bottom) of the page's ink components, ``[components, 4]``."""
    ink = binarise(to_gray(image))
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    x, y, width, height = stats[1:, :4].T.astype(np.float64)
    return np.stack([x, y, x + width, y + height], axis=1)


def _on_ink(components: Floats, lines: Sequence[PlacedLine]) -> list[PlacedLine]:
    """The lines with their boxes drawn around the ink in them; a box without ink stays as it is."""
    corners = _corners(lines)
    drawn = []
    for line, box in zip(lines, corners, strict=True):
        within = (components[:, 0] < box[2]) & (components[:, 2] > box[0])
        within &= (components[:, 1] < box[3]) & (components[:, 3] > box[1])
        near = components[within]
        near = near[_cover(near, box[None])[:, 0] >= _INSIDE]
        wide, high = near[:, 2] - near[:, 0], near[:, 3] - near[:, 1]
        unit = box[3] - box[1]
        near = near[(np.maximum(wide, high) >= _SPECK * unit) & ((high > _THIN * unit) | (wide < _LONG * unit))]
        if len(near):
            left, top = (int(near[:, side].min()) for side in (0, 1))
            right, bottom = (int(near[:, side].max()) for side in (2, 3))
            line = PlacedLine(line.text, BBox(x=left, y=top, width=right - left, height=bottom - top), line.confidence)
        drawn.append(line)
    return drawn


def _corners(lines: Sequence[PlacedLine]) -> Floats:
    boxes = [
        (line.box.x, line.box.y, line.box.x + max(1, line.box.width), line.box.y + max(1, line.box.height))
        for line in lines
    ]
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _area(corners: Floats) -> Floats:
    return np.asarray((corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1]), dtype=np.float64)


def _shared(a: Floats, b: Floats) -> Floats:
    """Area in common, ``[a, b]``."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.asarray(np.prod(np.maximum(high - low, 0), axis=2), dtype=np.float64)


def _cover(a: Floats, b: Floats) -> Floats:
    """Share of each of ``a`` that each of ``b`` covers, ``[a, b]``."""
    return _shared(a, b) / np.maximum(_area(a), 1e-9)[:, None]


def _middle(corners: Floats) -> Floats:
    """The middle halves of lines: where their letters are, whatever else a box reaches over."""
    quarter = (corners[:, 3] - corners[:, 1]) / 4
    return np.stack([corners[:, 0], corners[:, 1] + quarter, corners[:, 2], corners[:, 3] - quarter], axis=1)


def _iou(t: Floats, f: Floats) -> Floats:
    """Intersection over union, ``[t, f]``."""
    shared = _shared(t, f)
    return np.asarray(shared / np.maximum(_area(t)[:, None] + _area(f)[None, :] - shared, 1e-9), dtype=np.float64)


def _pairs(iou: Floats) -> list[tuple[int, int]]:
    """One-to-one pairs (true, found), the best overlap first."""
    places = np.argwhere(iou >= SAME)
    pairs: list[tuple[int, int]] = []
    used: tuple[set[int], set[int]] = (set(), set())
    for i, j in places[np.argsort(-iou[iou >= SAME], kind="stable")].tolist():
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            pairs.append((i, j))
    return pairs


def _outside(f: Floats, matched: set[int], ignored: Sequence[BBox]) -> list[int]:
    """The found lines that count: matched ones, and those that do not lie in an ignored place."""
    if not ignored or not len(f):
        return list(range(len(f)))
    places = _corners([PlacedLine("", box) for box in ignored])
    inside = _cover(f, places).max(axis=1) >= _INSIDE
    return [j for j in range(len(f)) if j in matched or not inside[j]]


def _side_by_side(t: Floats) -> bool:
    """Whether two of the boxes stand in one row."""
    if len(t) < 2:
        return False
    height = t[:, 3] - t[:, 1]
    tall = np.minimum(t[:, None, 3], t[None, :, 3]) - np.maximum(t[:, None, 1], t[None, :, 1])
    row = tall >= _ROW * np.minimum(height[:, None], height[None, :])
    # On a page askew upright boxes of lines that stand one upon the other share rows.
    width = t[:, 2] - t[:, 0]
    wide = np.minimum(t[:, None, 2], t[None, :, 2]) - np.maximum(t[:, None, 0], t[None, :, 0])
    row &= wide < _ROW * np.minimum(width[:, None], width[None, :])
    return bool(row[~np.eye(len(t), dtype=np.bool_)].any())


def _longest_rising(values: Sequence[int]) -> int:
    """Length of the longest rising subsequence (Fredman, 1975)."""
    ends: list[int] = []
    for value in values:
        where = bisect_left(ends, value)
        ends[where : where + 1] = [value]
    return len(ends)
