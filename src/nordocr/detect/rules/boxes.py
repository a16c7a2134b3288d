"""Comb fields whose boxes are broken: two level rules, and between them what is left of walls at even distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from nordocr.detect.combs import Comb, is_comb, is_stacked
from nordocr.detect.components import Components, Ints
from nordocr.detect.rules.crumbs import crumbs
from nordocr.detect.rules.pieces import Pieces, pieces_of
from nordocr.detect.rules.runs import Run
from nordocr.detect.rules.walls import level_slope

Floats = npt.NDArray[np.float64]
T = TypeVar("T", float, Floats)

# All in letter heights: how far apart the level rules are, how far they run beside each other, how wide boxes are, and
# how high letters.
_HEIGHTS: Final = (1.3, 6.5)
_BESIDE: Final = 3.0
# Two level rules that are at most so many times as long as their common part are both the comb's.
_LONGER: Final = 2.5
_WIDTHS: Final = (1.2, 7.0)
_LETTER: Final = 0.55
# What is left of a wall is at least so high, in letter heights.
_STUB: Final = 0.15
# A wall ends within so many pixels of a level rule; walls lie within so many pixels, or that share of a box, of their
# places; so many are seen at least, so large a share of their places, and so large a share of what is seen is in place.
_TOUCH: Final = 2.5
_OFF: Final = 2.5
_OFF_SHARE: Final = 0.08
_FEWEST: Final = 3
_PLACES: Final = 0.6
_IN_PLACE: Final = 0.7
# So many walls may be missing at an end; level rules end so many letter heights short of the outer wall.
_MISSING: Final = 2
_OPEN: Final = 0.4


def broken_combs(
    components: Components, rules: Sequence[Run], arms: Floats, candidates: np.ndarray, size: float
) -> list[Comb]:
    """Find the combs that lie between two level rules.

    Args:
        components: The page's components without its whole rules.
        rules: All rules, as far as they reach.
        arms: The upright arms of corners.
        candidates: Which components may be text, bool ``[labels]``.
        size: The letter height in pixels.
    """
    levels = sorted((rule for rule in rules if rule.across), key=lambda rule: rule.first)
    pairs = [(upper, lower) for i, upper in enumerate(levels) if (lower := _below(upper, levels[i + 1 :], size))]
    if not pairs:
        return []
    upright = [rule for rule in rules if not rule.across]
    walls = pieces_of(components, upright, size, across=False, arms=arms, shortest=_STUB)
    letters = np.flatnonzero(candidates & (components.height >= _LETTER * size))
    found = [_comb(upper, lower, walls, size) for upper, lower in pairs]
    combs: list[Comb] = []
    for comb in sorted((comb for comb in found if comb is not None), key=lambda comb: -len(comb.walls)):
        high = round(size)
        box = (comb.walls[0] - high, comb.top - high, comb.walls[-1] + high, comb.bottom + high)
        parts = crumbs(components, [*levels, *walls_of(comb, size)], size, box)
        if is_comb(comb, components, np.setdiff1d(letters, parts)) and not overlaps(comb, combs):
            combs.append(comb)
    return [comb for comb in combs if not any(is_stacked(comb, other, size) for other in combs)]


def overlaps(comb: Comb, others: Sequence[Comb]) -> bool:
    """Whether one of ``others`` lies where ``comb`` lies."""
    return any(
        min(comb.bottom, other.bottom) - max(comb.top, other.top) > 0.5 * (comb.bottom - comb.top)
        and comb.walls[0] < other.walls[-1]
        and other.walls[0] < comb.walls[-1]
        for other in others
    )


def walls_of(comb: Comb, size: float) -> list[Run]:
    """Return the walls of a comb, and the level rules that they stand between, as rules."""
    thick = max(2.0, 0.15 * size)
    return [Run(False, comb.top, comb.bottom, wall, wall, thick) for wall in comb.walls]


def _below(upper: Run, others: Sequence[Run], size: float) -> Run | None:
    """The nearest level rule below ``upper`` that runs beside it, None where that is too near or too far."""
    for lower in others:
        beside = min(upper.end, lower.end) - max(upper.start, lower.start)
        apart = _level(lower, max(upper.start, lower.start)) - _level(upper, max(upper.start, lower.start))
        if beside >= _BESIDE * size and apart >= _HEIGHTS[0] * size:
            return lower if apart <= _HEIGHTS[1] * size else None
    return None


def _level(rule: Run, x: T) -> T:
    return rule.first + level_slope(rule) * (x - rule.start)


def _comb(upper: Run, lower: Run, walls: Pieces, size: float) -> Comb | None:
    start, end = max(upper.start, lower.start), min(upper.end, lower.end)
    widest = _LONGER * (end - start)
    if upper.end - upper.start <= widest and lower.end - lower.start <= widest:
        start, end = min(upper.start, lower.start), max(upper.end, lower.end)
    top, bottom = _level(upper, (start + end) / 2), _level(lower, (start + end) / 2)
    x = (walls.first + walls.last) / 2
    over = walls.start - _level(upper, x) - upper.thick / 2
    under = _level(lower, x) - lower.thick / 2 - walls.end
    inside = (x >= start - size) & (x <= end + size) & (np.minimum(over, under) >= -_TOUCH - upper.thick)
    touches = (over <= _TOUCH) | (under <= _TOUCH)
    places = np.sort(x[inside & touches])
    if len(places) < _FEWEST:
        return None
    places = places[np.concatenate([[True], np.diff(places) > _TOUCH])]
    grid = _grid(places, size)
    if grid is None:
        return None
    grid = _to_ends(grid, start - _OPEN * size, end + _OPEN * size)
    return Comb(int(top), int(bottom), [round(place) for place in grid]) if len(grid) > _FEWEST else None


def _to_ends(grid: np.ndarray, start: float, end: float) -> np.ndarray:
    """The grid with the walls that are missing at its ends, where the level rules run on to them and no farther."""
    pitch = float(grid[1] - grid[0])
    before, after = int((grid[0] - start) // pitch), int((end - grid[-1]) // pitch)
    before, after = (count if count <= _MISSING else 0 for count in (before, after))
    return np.asarray(grid[0] + pitch * np.arange(-before, len(grid) + after))


def _grid(places: np.ndarray, size: float) -> Ints | None:
    """Even places that nearly all of the walls' ``places`` lie on, and that are nearly all taken; None for none."""
    best: tuple[float, np.ndarray] | None = None
    for pitch in np.unique(np.concatenate([np.diff(places), np.diff(places) / 2]).round(1)):
        if not _WIDTHS[0] * size <= pitch <= _WIDTHS[1] * size:
            continue
        for origin in places:
            steps = (places - origin) / pitch
            fits = np.abs(steps - steps.round()) * pitch <= max(_OFF, _OFF_SHARE * pitch)
            taken = np.unique(steps.round()[fits])
            count = int(taken[-1] - taken[0]) + 1
            if len(taken) < _FEWEST or len(taken) < _PLACES * count or fits.mean() < _IN_PLACE:
                continue
            score = len(taken) - 0.01 * pitch / size
            if best is None or score > best[0]:
                # Least squares: the pitch of two neighbouring walls is known to a pixel, that of all to a part of one.
                slope, offset = np.polyfit(steps.round()[fits], places[fits], 1)
                best = (score, np.arange(taken[0], taken[-1] + 1) * slope + offset)
    return None if best is None else best[1]
