"""Components that span more than one line: touching descenders and ascenders, cut between the lines that they join."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np

from nordocr.detect.components import Components, Ints
from nordocr.detect.textline import LineTable, TextLine

# A valley of a row projection has at most this share of the ink of the peaks on both sides.
_VALLEY: Final = 0.3


def lines_through(components: Components, label: int, table: LineTable) -> list[TextLine]:
    """The lines of ``table`` whose letters' band the component crosses, top to bottom."""
    left, right = int(components.left[label]), int(components.right[label])
    base = table.base + table.slope * (left + right) / 2
    shared = np.minimum(components.bottom[label], base) - np.maximum(components.top[label], base - table.rise)
    near = (table.left - 2 * table.unit < right) & (left < table.right + 2 * table.unit)
    crossed = np.flatnonzero(near & (shared >= 0.6 * table.rise))
    return [table.lines[i] for i in crossed[np.argsort(base[crossed], kind="stable")]]


def cut_between(components: Components, label: int, lines: list[TextLine]) -> list[int]:
    """Cut a component midway between the given lines (top to bottom); the parts' labels, one a line.

    A part without ink has label 0.
    """
    middle = float(components.left[label] + components.right[label]) / 2
    cuts = [
        round((upper.baseline(middle) + lower.baseline(middle) - lower.rise) / 2)
        for upper, lower in itertools.pairwise(lines)
    ]
    return cut_rows(components, label, cuts)


def cut_rows(components: Components, label: int, cuts: list[int]) -> list[int]:
    """Cut a component at the given rows; each part is a component of its own in ``components``."""
    left, right = int(components.left[label]), int(components.right[label])
    bounds = [int(components.top[label]), *cuts, int(components.bottom[label])]
    parts: list[int] = []
    for first, last in itertools.pairwise(bounds):
        window = components.labels[first : max(first, last), left:right]
        own = window == label
        if not own.any():
            parts.append(0)
            continue
        ys, xs = np.nonzero(own)
        box = (left + int(xs.min()), first + int(ys.min()), left + int(xs.max()) + 1, first + int(ys.max()) + 1)
        fresh = components.add(*box, int(own.sum()))
        window[own] = fresh
        parts.append(fresh)
    return parts


def split_by_projection(components: Components, label: int, size: float) -> Ints:
    """Cut a wide component that holds several rows of touching type at the valleys of its row projection.

    ``size``: the page's letter height. The labels of the parts, or of the component itself where it has no valley.
    """
    left, right = int(components.left[label]), int(components.right[label])
    top, bottom = int(components.top[label]), int(components.bottom[label])
    profile = (components.labels[top:bottom, left:right] == label).sum(axis=1).astype(float)
    smooth = np.convolve(profile, np.ones(3) / 3, mode="same")
    window = max(1, round(0.7 * size))
    cuts: list[int] = []
    for row in range(window, len(smooth) - window):
        near = smooth[row - window : row + window + 1]
        if smooth[row] > near.min() or (cuts and top + row - cuts[-1] < 1.2 * size):
            continue
        above, below = smooth[max(0, row - 2 * window) : row].max(), smooth[row + 1 : row + 2 * window + 1].max()
        if smooth[row] <= _VALLEY * min(above, below):
            cuts.append(top + row)
    if not cuts:
        return np.array([label], dtype=np.int64)
    return np.array([part for part in cut_rows(components, label, cuts) if part], dtype=np.int64)
