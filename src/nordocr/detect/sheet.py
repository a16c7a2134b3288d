"""A page taken apart: its ink, rules, dark bands, borders and pictures, and what of the ink may be text.

Every detector begins here. Lengths are measured in the page's own letter height, so that neither resolution nor a
stated dpi matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from nordocr.detect.bands import find_bands, hollows, light_ink, where_bands_may_be
from nordocr.detect.base import Mask
from nordocr.detect.combs import FEWEST_WALLS, Comb, find_combs, find_walls, upright_rules, wall_crumbs
from nordocr.detect.components import Chosen, Components, Ints, find_components, letter_height, text_mask
from nordocr.detect.ink import binarise, dark_on_light, halftone, is_bilevel, off_sheet
from nordocr.detect.rules.boxes import broken_combs, overlaps, walls_of
from nordocr.detect.rules.broken import broken_rules
from nordocr.detect.rules.crumbs import crumbs
from nordocr.detect.rules.pepper import pepper
from nordocr.detect.rules.runs import Run
from nordocr.detect.rules.streaks import without_streaks
from nordocr.detect.rules.ticks import Found, find_ticks
from nordocr.detect.rules.whole import without_rules

# Larger pages are shrunk for detection; A4 at 300 dpi has 8.7 million pixels. By area, so that a long strip keeps its
# type legible.
_MOST_PIXELS: Final = 11_000_000
# A page with more components than this is noisy or screened: it is filtered.
_MOST_SPECKS: Final = 60_000
# A page with so many grains of so few pixels may show a halftone; clean type has fewer.
_GRAIN: Final = 4
_MOST_GRAINS: Final = 500


@dataclass(frozen=True)
class Sheet:
    """A page taken apart.

    Attributes:
        components: Its components without its rules.
        rules: Its rules, bool ``[H, W]``.
        typed: Which components may be text on the whole page, bool ``[labels]``.
        size: Its letter height in pixels.
        candidates: Which of them are looked at, bool ``[labels]``.
        bands: Where it is light on dark, bool ``[H, W]``; None for nowhere.
        combs: Its rows of boxes with one character each.
        ticks: Its boxes to tick.
        streaks: What a scanner drew through it, bool ``[H, W]``; None for nothing.
    """

    components: Components
    rules: Mask
    typed: np.ndarray
    size: float
    candidates: np.ndarray
    bands: Mask | None
    combs: tuple[Comb, ...] = ()
    ticks: tuple[Found, ...] = ()
    streaks: Mask | None = None

    @property
    def text(self) -> Chosen:
        """The ink that may be text, with the parts of what has been cut since."""
        return Chosen(self.components, self.typed)


def working_copy(gray: np.ndarray) -> tuple[np.ndarray, float]:
    """The page at most :data:`_MOST_PIXELS` large and dark on light, and the scale it has."""
    scale = min(1.0, math.sqrt(_MOST_PIXELS / gray.size))
    if scale < 1.0:
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    return dark_on_light(gray), scale


def take_apart(gray: np.ndarray) -> Sheet | None:
    """The page (dark on light) in parts; None where it shows no type."""
    clean = is_bilevel(gray)
    ink = binarise(gray, clean)
    streaks = without_streaks(ink)
    components = find_components(ink)
    if len(components.left) > _MOST_SPECKS:
        ink = np.asarray(cv2.medianBlur(ink.view(np.uint8), 3) > 0, dtype=np.bool_)
        components = find_components(ink)
    size = letter_height(components)
    if size < 4:
        return None
    # On a clean page what may be a band is a component already.
    within = where_bands_may_be(components, size) if clean else None
    # A streak would tie a band to the edge of the page.
    plain = gray if streaks is None else np.where(streaks, np.uint8(255), gray)
    bands = find_bands(plain, size, within) if within is None or within else None
    if bands is not None:
        ink = np.where(bands, light_ink(gray, bands), ink & ~around(bands))
        components = find_components(ink)
    rules, runs = without_rules(components, size)
    candidates = text_mask(components, size)
    if not clean:
        candidates &= ~_lies_on(components, off_sheet(gray))
    if bands is not None:
        _move(components, hollows(components, bands, size), candidates, rules)
        _move(components, pepper(components, bands, size), candidates, rules)
    boxes = _set_rules_aside(components, runs, candidates, rules, size)
    if (components.area <= _GRAIN).sum() > _MOST_GRAINS:
        pictures = halftone(ink, size)
        if pictures is not None:
            candidates &= ~_lies_on(components, pictures if bands is None else pictures & ~bands)
    combs = _combs(components, runs, candidates, rules, size)
    combs = _longest([*combs, *boxes])
    for comb in combs:
        _move(components, wall_crumbs(comb, components, np.flatnonzero(candidates)), candidates, rules)
    ticks = find_ticks(components, combs, size)
    for tick in ticks:
        candidates[tick.labels] = False
    return Sheet(components, rules, candidates, size, candidates, bands, tuple(combs), tuple(ticks), streaks)


def _combs(components: Components, runs: list[Run], candidates: np.ndarray, rules: Mask, size: float) -> list[Comb]:
    """The combs whose walls are whole. Short walls are taken from ``candidates`` to ``rules``, in place."""
    if not runs:
        return []
    walls = find_walls(components, rules, size)
    _move(components, walls, candidates, rules)
    if len(walls) + sum(not run.across for run in runs) < FEWEST_WALLS:
        return []
    return find_combs(components, upright_rules(rules, size), candidates, size)


def _longest(combs: list[Comb]) -> list[Comb]:
    """Of combs found twice, in one place, those with the more boxes."""
    kept: list[Comb] = []
    for comb in sorted(combs, key=lambda comb: -len(comb.walls)):
        if not overlaps(comb, kept):
            kept.append(comb)
    return kept


def _set_rules_aside(
    components: Components, runs: list[Run], candidates: np.ndarray, rules: Mask, size: float
) -> list[Comb]:
    """Take what belongs to broken rules from ``candidates`` to ``rules``, in place; the combs of such rules."""
    drawn, arms = broken_rules(components, runs, size)
    if not drawn:
        return []
    _move(components, crumbs(components, drawn, size), candidates, rules)
    combs = broken_combs(components, drawn, arms, candidates, size)
    walls = [wall for comb in combs for wall in walls_of(comb, size)]
    if walls:
        _move(components, crumbs(components, drawn + walls, size), candidates, rules)
    return combs


def _move(components: Components, labels: Ints, candidates: np.ndarray, rules: Mask) -> None:
    """Take components from what may be text to the rules, in place."""
    candidates[labels] = False
    for label in labels:
        rows = slice(int(components.top[label]), int(components.bottom[label]))
        window = np.s_[rows, int(components.left[label]) : int(components.right[label])]
        rules[window] |= components.labels[window] == label


def around(bands: Mask) -> Mask:
    """The bands with the edge that they were taken without."""
    return np.asarray(cv2.dilate(bands.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0, dtype=np.bool_)


def _lies_on(components: Components, area: Mask) -> np.ndarray:
    x, y = (components.left + components.right) // 2, (components.top + components.bottom) // 2
    return np.asarray(area[np.minimum(y, area.shape[0] - 1), np.minimum(x, area.shape[1] - 1)])
