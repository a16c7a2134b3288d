"""A text line as the detector builds it: its components, where its baseline runs, how high its type is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components, Ints
from nordocr.medians import median

# Steeper than this no line of a page that was laid on a scanner runs (5 degrees).
_STEEPEST: Final = 0.09
# How far a line's slope may lie from the page's: books bend, sheets fold.
_DEVIATION: Final = 0.02
# A slope is told from at least this many letters over at least this many letter heights.
_SLOPE_LETTERS: Final = 10
_SLOPE_LENGTH: Final = 15.0
# Shorter lines tell it together: so many of them, of so many letters over so many letter heights, half of which differ
# by no more than that from the usual one, which is at least so much.
_SHORT_LINES: Final = 6
_SHORT_LETTERS: Final = 6
_SHORT_LENGTH: Final = 6.0
_AGREE: Final = 0.008
_LEAST_SLOPE: Final = 0.005


@dataclass
class TextLine:
    """Labels of the line's ``letters`` (left to right) and ``marks`` (dots, accents, commas, dashes).

    ``unit``: usual letter height in pixels. The baseline is ``base + slope * x``; letters without ascender rise
    ``rise`` pixels above it. ``slope`` is None until one is known.
    """

    letters: Ints
    marks: Ints
    unit: float
    base: float
    rise: float
    slope: float | None
    _known: tuple[Ints, Ints, int, int] | None = field(default=None, repr=False, compare=False)

    def extent(self, components: Components) -> tuple[int, int]:
        """Leftmost and rightmost (exclusive) columns of the members; asked dozens of times a line, and kept."""
        known = self._known
        if known is None or known[0] is not self.letters or known[1] is not self.marks:
            members = self.members
            left, right = int(components.left[members].min()), int(components.right[members].max())
            known = self._known = (self.letters, self.marks, left, right)
        return known[2], known[3]

    def baseline(self, x: float) -> float:
        """The baseline's y at column ``x``."""
        return self.base + (self.slope or 0.0) * x

    @property
    def members(self) -> Ints:
        """Letters and marks together."""
        return np.concatenate([self.letters, self.marks]) if len(self.marks) else self.letters


def fit_line(components: Components, letters: Ints, marks: Ints | None = None, slope: float | None = None) -> TextLine:
    """A line through ``letters``; the page's ``slope`` is used where they are too few to tell their own."""
    letters = letters[np.argsort(components.left[letters], kind="stable")]
    top, bottom = components.top[letters].astype(float), components.bottom[letters].astype(float)
    middle = (components.left[letters] + components.right[letters]) / 2
    unit = median(bottom - top)
    own = _fit_slope(middle, bottom, unit)
    if own is not None and slope is not None and abs(own - slope) > _DEVIATION:
        own = None  # descenders at one end of a short line tilt it; sheets do not bend that much
    used = own if own is not None else slope
    base, rise = _stand(top, bottom, (used or 0.0) * middle, unit)
    none = np.zeros(0, dtype=np.int64)
    return TextLine(letters, none if marks is None else marks, unit, base, rise, used)


def with_slope(components: Components, line: TextLine, slope: float) -> TextLine:
    """Return what :func:`fit_line` makes of a line that was fitted without the page's ``slope``, once that is known."""
    if line.slope is not None and abs(line.slope - slope) <= _DEVIATION:
        return line
    letters = line.letters
    top, bottom = components.top[letters].astype(float), components.bottom[letters].astype(float)
    middle = (components.left[letters] + components.right[letters]) / 2
    base, rise = _stand(top, bottom, slope * middle, line.unit)
    return replace(line, base=base, rise=rise, slope=slope)


def _stand(
    top: npt.NDArray[np.float64], bottom: npt.NDArray[np.float64], climb: npt.NDArray[np.float64], unit: float
) -> tuple[float, float]:
    """Where a line's letters stand, and how high they rise; ``climb``: how much lower its baseline is at each."""
    level = bottom - climb
    base = median(level)
    # Descenders pull the median down where they are many; letters that stand on the line are the upper half.
    standing = level <= base + 0.2 * unit
    rise = median((base - (top - climb))[standing])
    return base, max(rise, 0.5 * unit)


def percentile(values: npt.NDArray[Any], share: float) -> float:
    """Return what ``np.percentile`` returns, faster; ``share`` in [0, 100]."""
    ordered = np.sort(values)
    place = share / 100 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low))


def straight_line(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> tuple[float, float]:
    """Return slope and offset of the least-squares line through at least two places at different ``x``."""
    centre, level = float(x.sum()) / len(x), float(y.sum()) / len(y)  # what ``mean`` gives, in half the time
    away = x - centre
    slope = float(away @ (y - level)) / float(away @ away)
    return slope, level - slope * centre


def _fit_slope(
    x: np.ndarray, y: np.ndarray, unit: float, fewest: int = _SLOPE_LETTERS, length: float = _SLOPE_LENGTH
) -> float | None:
    """Least squares through the bottoms of the letters, twice without those that lie off it."""
    if len(x) < fewest or np.ptp(x) < length * unit:
        return None
    keep = np.abs(y - median(y)) < 1.5 * unit
    slope = 0.0
    for tolerance in (0.6, 0.25):
        if keep.sum() < fewest or np.ptp(x[keep]) < 0.5 * length * unit:
            return None
        slope, offset = straight_line(x[keep], y[keep])
        keep = np.abs(y - slope * x - offset) < tolerance * unit
    return float(slope) if abs(slope) <= _STEEPEST else None


def page_slope(lines: list[TextLine], components: Components | None = None) -> float:
    """The usual slope of the page's lines, 0 where none tells one.

    Where no line is long enough, as on a page of tables, many short ones tell it together.
    """
    slopes = [line.slope for line in lines if line.slope is not None]
    if slopes or components is None:
        return float(np.median(slopes)) if slopes else 0.0
    short = []
    for line in lines:
        bottom = components.bottom[line.letters].astype(float)
        middle = (components.left[line.letters] + components.right[line.letters]) / 2
        slope = _fit_slope(middle, bottom, line.unit, _SHORT_LETTERS, _SHORT_LENGTH)
        if slope is not None:
            short.append(slope)
    if len(short) < _SHORT_LINES:
        return 0.0
    usual = float(np.median(short))
    agree = float(np.median(np.abs(np.array(short) - usual))) <= _AGREE
    return usual if agree and abs(usual) >= _LEAST_SLOPE else 0.0


def extent(components: Components, line: TextLine) -> tuple[int, int]:
    """Leftmost and rightmost (exclusive) columns of the line's members."""
    return line.extent(components)


class LineTable:
    """Many lines as arrays ``[lines]``: ``left``, ``right``, ``unit``, ``base``, ``slope``, ``rise``."""

    def __init__(self, components: Components, lines: list[TextLine]) -> None:
        self.lines = lines
        ends = np.array([extent(components, line) for line in lines], dtype=np.int64).reshape(-1, 2)
        self.left, self.right = ends[:, 0], ends[:, 1]
        self.unit = np.array([line.unit for line in lines], dtype=np.float64)
        self.base = np.array([line.base for line in lines], dtype=np.float64)
        self.slope = np.array([line.slope or 0.0 for line in lines], dtype=np.float64)
        self.rise = np.array([line.rise for line in lines], dtype=np.float64)
