"""Right edges of columns: where figures of several rows end one below the other, and in one of them a wide gap follows.

In a table set close the widest figures of two columns stand no farther apart than two words, and the gap between them
does not tell. Their right edges do: figures stand flush right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.detect.components import Components
from nordocr.detect.gaps.spacing import Spacing, gaps_of, surest
from nordocr.detect.textline import LineTable, TextLine

Floats = npt.NDArray[np.float64]

# All in letter heights. A gap is at least so wide, and as that share of a word space (a typewriter leaves wide gaps
# within words), and edges are the same within so much.
_LEAST: Final = 0.3
_WORD: Final = 0.55
_SAME: Final = 0.22
# What stands in the same row no farther than this is the next column.
_NEXT: Final = 14.0
# Between two rows of one column there are no more than so many rows without a figure in it.
_ROWS: Final = 3.0
# Figures are as high as each other, and higher than words.
_ALIKE: Final = 1.25
# So much behind the edge no row of the column has ink.
_WHITE: Final = (0.05, 0.3)
# A column has at least so many rows, so many of them with a gap that is so many times as wide as any that is no further
# question; or one, where there are more rows.
_FEWEST: Final = 4
_SURE: Final = 2
_MORE: Final = 6
_WIDE: Final = 1.15
# In so large a share of its rows the gap is so many letter heights wide: figures are of different lengths. In a column
# of dates all gaps before the last figure are alike.
_ROOM: Final = 0.6
_ROOMY: Final = 0.3


@dataclass(frozen=True)
class Edge:
    """The right edge of a column: its place on the page made level, between two levels, within so many pixels.

    ``least``: how wide the gap behind it is at least, in letter heights.

    A place ``(x, y)`` of a page with the slope s lies at ``(x + s y, y - s x)`` of the page made level.
    """

    x: float
    top: float
    bottom: float
    within: float
    slope: float
    least: float

    def ends(self, x: float, y: float) -> bool:
        """Whether a piece of a row that ends at column ``x``, its baseline at ``y``, ends at the edge."""
        level = y - self.slope * x
        return self.top <= level <= self.bottom and abs(x + self.slope * y - self.x) <= self.within


def column_edges(components: Components, lines: Sequence[TextLine], spacing: Spacing, slope: float) -> tuple[Edge, ...]:
    """Find the right edges of the page's close columns.

    Args:
        components: The page's components.
        lines: Its rows, as far as letters stand near each other.
        spacing: Its spacing.
        slope: The slope of its rows.
    """
    places = _places(components, lines, spacing, slope)
    if not len(places):
        return ()
    x, y, unit, sure, gap = places.T
    letters = np.concatenate([line.letters for line in lines])
    foot = components.bottom[letters]
    left, right = components.left[letters] + slope * foot, components.right[letters] + slope * foot
    level = foot - slope * (components.left[letters] + components.right[letters]) / 2
    edges: list[Edge] = []
    for seed in np.flatnonzero(sure):
        if any(e.top <= y[seed] <= e.bottom and abs(x[seed] - e.x) <= e.within for e in edges):
            continue
        high = unit[seed]
        alike = np.flatnonzero((np.abs(x - x[seed]) <= _SAME * high) & (unit < _ALIKE * high) & (high < _ALIKE * unit))
        near = (left < x[seed] + _WHITE[1] * high) & (right > x[seed] + (_WHITE[0] + _SAME) * high)
        rows = _run(np.sort(y[alike]), float(y[seed]), level[near], _ROWS * spacing.row * high)
        members = alike[(y[alike] >= rows[0]) & (y[alike] <= rows[1])]
        certain = int(sure[members].sum())
        if len(members) < _FEWEST or certain < (_SURE if len(members) < _MORE else 1):
            continue
        if (gap[members] >= _ROOM).mean() < _ROOMY:
            continue
        middle = float(np.median(x[members]))
        edges.append(
            Edge(middle, rows[0] - 0.5 * high, rows[1] + 0.5 * high, (_SAME + 0.05) * high, slope, _least(spacing))
        )
    return tuple(edges)


def _places(components: Components, lines: Sequence[TextLine], spacing: Spacing, slope: float) -> Floats:
    """Where pieces of rows end: x and y on the page made level, the letter height, 1 where a line surely ends,
    and the gap's width in letter heights."""
    table = LineTable(components, list(lines))
    places: list[tuple[float, float, float, float, float]] = []
    least = _least(spacing)
    for number, line in enumerate(lines):
        found = [(start, end) for _, start, end, _ in gaps_of(components, line)]
        right = int(table.right[number])
        drift = np.abs(table.base + table.slope * (table.left + right) / 2 - line.baseline(right))
        gap = table.left - right
        beside = (gap >= 0) & (gap <= _NEXT * line.unit) & (drift <= 0.35 * line.unit)
        if beside.any():
            found.append((right, int(table.left[beside].min())))
        for start, end in found:
            wide = (end - start) / line.unit
            if wide >= least:
                y = line.baseline(start)
                sure = float(wide > _WIDE * surest(spacing.figures))
                places.append((start + slope * y, y - slope * start, line.unit, sure, wide))
    return np.array(places, dtype=np.float64).reshape(-1, 5)


def _least(spacing: Spacing) -> float:
    return max(_LEAST, _WORD * spacing.word)


def _run(rows: Floats, seed: float, crossed: Floats, apart: float) -> tuple[float, float]:
    """The first and last of ``rows`` around ``seed`` between which nothing crosses the edge and no gap is too large."""
    first = last = seed
    for row in rows[rows > seed]:
        if row - last > apart or ((crossed > last) & (crossed <= row)).any():
            break
        last = float(row)
    for row in rows[rows < seed][::-1]:
        if first - row > apart or ((crossed >= row) & (crossed < first)).any():
            break
        first = float(row)
    return first, last
