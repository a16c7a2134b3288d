"""Rules that a scanner or a threshold broke into dashes: pieces that lie on one straight line and cover most of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components, Ints
from nordocr.detect.rules.pieces import NO_ARMS, SLOPE, Pieces, arms_of, beside_letters, pieces_of
from nordocr.detect.rules.runs import Run
from nordocr.detect.rules.walls import walls_between

Floats = npt.NDArray[np.float64]

# All in letter heights. Pieces follow each other within so much, across and upright.
_REACH: Final = 4.0
_REACH_UPRIGHT: Final = 2.0
# The whole is at least so long, so large a share of it is ink, and its longest piece is longer than a hyphen or the bar
# of a T; or than an l, in an upright one of fewer than so many pieces.
_LENGTH: Final = 3.5
_COVER: Final = 0.45
_LONGEST: Final = 1.4
_LONGEST_UPRIGHT: Final = 2.4
_SEVERAL: Final = 3
# So large a share of them has letters beside it where the pieces are letters.
_LETTERS: Final = 0.33
# Typed dashes are of one length, and none is as long as this.
_UNEVEN: Final = 0.25
_NO_DASH: Final = 3.0


def broken_rules(components: Components, runs: list[Run], size: float) -> tuple[list[Run], Floats]:
    """Find the rules of a page, whole and broken.

    Args:
        components: The page's components without its whole rules.
        runs: Those.
        size: The letter height in pixels.

    Returns:
        Each rule as long as its pieces reach, and the upright arms of corners at level rules
        (:func:`~nordocr.detect.rules.pieces.arms_of`).
    """
    levels = _in_direction(components, runs, size, True, NO_ARMS)
    upright = NO_ARMS
    if levels:
        across, upright = arms_of(components, levels, size)
        if len(across):
            levels = _in_direction(components, runs, size, True, across)
    walls = walls_between(components, levels, size, upright)
    return [*levels, *_in_direction(components, runs, size, False, upright), *walls], upright


def _in_direction(components: Components, runs: list[Run], size: float, across: bool, arms: Floats) -> list[Run]:
    pieces = pieces_of(components, runs, size, across=across, arms=arms)
    rules: list[Run] = []
    for chain in _chains(pieces, (_REACH if across else _REACH_UPRIGHT) * size):
        whole = bool((pieces.label[chain] == 0).any())
        if not whole and pieces.end[chain].max() - pieces.start[chain].min() < _LENGTH * size:
            continue
        chain = _straight(pieces, chain)
        if not whole:
            if not _is_rule(pieces, chain, size, across):
                continue
            if not across and beside_letters(components, pieces.label[chain], size).mean() >= _LETTERS:
                continue
        rules.append(_joined(pieces, chain, across))
    return rules


def _chains(pieces: Pieces, reach: float) -> list[Ints]:
    """Pieces that follow each other on one line, each group in the order of its members' starts."""
    count = len(pieces.start)
    if not count:
        return []
    begin = np.searchsorted(pieces.start, pieces.end - 2)
    counts = np.maximum(np.searchsorted(pieces.start, pieces.end + reach, side="right") - begin, 0)
    one = np.repeat(np.arange(count), counts)
    other = begin[one] + np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
    drift = np.abs(pieces.first[other] - pieces.last[one])
    gap = np.maximum(pieces.start[other] - pieces.end[one], 0)
    allowed = 1.0 + 0.5 * np.maximum(pieces.thick[other], pieces.thick[one]) + SLOPE * gap
    fits = (drift <= allowed + pieces.slack[other] + pieces.slack[one]) & (one != other)
    one, other, cost = one[fits], other[fits], (gap + 4 * drift)[fits]
    best = np.lexsort((other, cost, one))
    nearest = best[np.concatenate([[True], np.diff(one[best]) > 0])] if len(best) else best
    group = np.arange(count)
    for a, b in zip(one[nearest].tolist(), other[nearest].tolist(), strict=True):
        if group[a] != group[b]:
            group[group == group[b]] = group[a]
    order = np.argsort(group, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def _line(pieces: Pieces, chain: Ints) -> tuple[float, float]:
    """Slope and offset of the line along a chain."""
    along = np.concatenate([pieces.start[chain], pieces.end[chain]])
    across = np.concatenate([pieces.first[chain], pieces.last[chain]])
    if np.ptp(along) < 1:
        return 0.0, float(across.mean())
    # Least squares, longer pieces weighing more.
    weight = np.tile(pieces.end[chain] - pieces.start[chain], 2)
    whole = float(weight.sum())
    centre, level = float(weight @ along) / whole, float(weight @ across) / whole
    away = weight * (along - centre)
    slope = float(away @ (across - level)) / float(away @ (along - centre))
    return slope, level - slope * centre


def _straight(pieces: Pieces, chain: Ints) -> Ints:
    """The chain without what lies off its line."""
    slope, offset = _line(pieces, chain)
    middle = (pieces.start[chain] + pieces.end[chain]) / 2
    off = np.abs((pieces.first[chain] + pieces.last[chain]) / 2 - slope * middle - offset)
    straight = chain[off <= 2.0 + pieces.thick[chain] / 2]
    return straight if len(straight) else chain


def _is_rule(pieces: Pieces, chain: Ints, size: float, across: bool) -> bool:
    length = pieces.end[chain] - pieces.start[chain]
    whole = float(pieces.end[chain].max() - pieces.start[chain].min())
    if whole < _LENGTH * size or length.sum() < _COVER * whole:
        return False
    longest = float(length.max())
    uneven = float(length.std()) > _UNEVEN * float(length.mean())
    if longest < _LONGEST * size:
        return False
    if across or (len(chain) >= _SEVERAL and uneven):
        return uneven or longest >= _NO_DASH * size
    return longest >= _LONGEST_UPRIGHT * size


def _joined(pieces: Pieces, chain: Ints, across: bool) -> Run:
    slope, offset = _line(pieces, chain)
    start, end = float(pieces.start[chain].min()), float(pieces.end[chain].max())
    thick = float(np.average(pieces.thick[chain], weights=pieces.end[chain] - pieces.start[chain]))
    return Run(across, start, end, slope * start + offset, slope * end + offset, thick)
