"""Match the lines of two readings of a page by where they lie, never by their number.

First each line is paired with at most one target, best overlap first (intersection over union). Lines left over are
joined to a target that covers them, so that the pieces of one line come together again; a line that runs across two
columns merges their targets into one row. Nothing is dropped: what fits nowhere is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.results import BBox

SAME_LINE: Final = 0.3
"""Intersection over union from which two boxes are one line whatever their heights."""

COVERED: Final = 0.5
"""Share of a box (of its height, of its area) that another must cover to belong with it."""

_LEAST_HEIGHT: Final = 0.4  # a box below this share of the other's height is no line of the same row


@dataclass
class Matching:
    """Lines matched to targets, all as indices.

    Attributes:
        pieces: For each target its lines from left to right, mostly one or none.
        merged: Pairs of targets that one line covers.
        unmatched: Lines that lie on no target.
    """

    pieces: list[list[int]]
    merged: list[tuple[int, int]] = field(default_factory=list)
    unmatched: list[int] = field(default_factory=list)


def match_boxes(targets: Sequence[BBox], lines: Sequence[BBox]) -> Matching:
    """Match lines to targets, boxes in pixels of the same page."""
    matching = Matching([[] for _ in targets])
    if not targets or not lines:
        matching.unmatched = list(range(len(lines)))
        return matching
    t, b = _corners(targets), _corners(lines)
    shared, tall = _overlap(t, b)
    area_t, area_b = _area(t)[:, None], _area(b)[None, :]
    union = np.maximum(area_t + area_b - shared, 1)
    iou = shared / union
    heights_t, heights_b = (t[:, 3] - t[:, 1])[:, None], (b[:, 3] - b[:, 1])[None, :]
    low, high = np.minimum(heights_t, heights_b), np.maximum(heights_t, heights_b)
    row = (tall >= COVERED * low) & (low >= _LEAST_HEIGHT * high)
    partner = _one_to_one(iou, (iou >= SAME_LINE) | (row & (shared >= COVERED * np.minimum(area_t, area_b))))
    for target, line in partner.items():
        matching.pieces[target].append(line)
    _join_pieces(matching, shared / np.maximum(area_b, 1), tall >= COVERED * low, set(partner.values()))
    _join_targets(matching, t, partner, shared / np.maximum(area_t, 1), row)
    for held in matching.pieces:
        held.sort(key=lambda line: (lines[line].x, lines[line].y))
    return matching


def union_box(boxes: Sequence[BBox]) -> BBox:
    """Return the smallest box around ``boxes``, of which there must be at least one."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return BBox(x=left, y=top, width=right - left, height=bottom - top)


def groups(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Group ``count`` things by ``pairs`` that belong together.

    Returns:
        The groups as indices, in order of their first member, members rising.
    """
    first = list(range(count))

    def root(i: int) -> int:
        while first[i] != i:
            first[i] = first[first[i]]
            i = first[i]
        return i

    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        first[high] = low
    members: dict[int, list[int]] = {}
    for i in range(count):
        members.setdefault(root(i), []).append(i)
    return list(members.values())


def _corners(boxes: Sequence[BBox]) -> npt.NDArray[np.float64]:
    # An empty box is taken for one pixel, so that it overlaps at least itself.
    corners = [(b.x, b.y, b.x + max(1, b.width), b.y + max(1, b.height)) for b in boxes]
    return np.array(corners, dtype=np.float64).reshape(-1, 4)


def _area(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1]), dtype=np.float64)


def _overlap(
    t: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return shared area and shared height, ``[targets, lines]`` each."""
    wide = np.minimum(t[:, None, 2], b[None, :, 2]) - np.maximum(t[:, None, 0], b[None, :, 0])
    tall = np.minimum(t[:, None, 3], b[None, :, 3]) - np.maximum(t[:, None, 1], b[None, :, 1])
    tall = np.maximum(tall, 0)
    return np.maximum(wide, 0) * tall, tall


def _one_to_one(iou: npt.NDArray[np.float64], allowed: npt.NDArray[np.bool_]) -> dict[int, int]:
    """Pair targets with lines, the best overlap first; ties in order of target, then line."""
    partner: dict[int, int] = {}
    taken: set[int] = set()
    places = np.argwhere(allowed & (iou > 0))
    for target, line in places[np.argsort(-iou[allowed & (iou > 0)], kind="stable")].tolist():
        if target not in partner and line not in taken:
            partner[target] = line
            taken.add(line)
    return partner


def _join_pieces(
    matching: Matching, covered: npt.NDArray[np.float64], row: npt.NDArray[np.bool_], taken: set[int]
) -> None:
    """Join lines without a partner to the target that they lie in; the others are unmatched."""
    inside = np.where(row, covered, 0)
    for line in range(covered.shape[1]):
        if line in taken:
            continue
        best = int(inside[:, line].argmax())
        if inside[best, line] >= COVERED and matching.pieces[best]:
            matching.pieces[best].append(line)
        else:
            matching.unmatched.append(line)


def _join_targets(
    matching: Matching,
    t: npt.NDArray[np.float64],
    partner: dict[int, int],
    covered: npt.NDArray[np.float64],
    row: npt.NDArray[np.bool_],
) -> None:
    """Merge targets without a line with the target in the same row whose line covers them."""
    owner = {line: target for target, line in partner.items()}
    _, tall = _overlap(t, t)
    heights = t[:, 3] - t[:, 1]
    for target in range(len(t)):
        if target in partner:
            continue
        for line in np.argsort(-covered[target], kind="stable").tolist():
            if covered[target, line] < COVERED:
                break
            other = owner.get(line)
            if other is None or not row[target, line]:
                continue
            if tall[target, other] >= COVERED * max(heights[target], heights[other]):
                matching.merged.append((min(target, other), max(target, other)))
                break
