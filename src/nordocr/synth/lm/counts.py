"""Counting n-grams of symbols: each a packed integer of eight bits a symbol, the last symbol lowest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """The n-grams of one length: ``keys`` rising and different, ``counts`` of each."""

    keys: Keys
    counts: Counts


def count(lines: Sequence[npt.NDArray[np.uint8]], order: int, break_at: int) -> list[Level]:
    """Count all n-grams of one source.

    Args:
        lines: Symbols of each line.
        order: Length of the longest n-gram, at most 8.
        break_at: A symbol that no line holds: what stands between lines, so that no n-gram reaches across.

    Returns:
        Levels 1 to ``order``.
    """
    gap = np.array([break_at], np.uint8)
    text = np.concatenate([part for line in lines for part in (line, gap)] or [gap])
    usable = text != break_at
    packed = np.zeros(len(text), np.uint64)
    inside = np.ones(len(text), np.bool_)
    levels = []
    for length in range(1, order + 1):
        at = len(text) - length + 1
        packed = (packed[:at] << np.uint64(8)) | text[length - 1 :]
        inside = inside[:at] & usable[length - 1 :]
        keys, counts = np.unique(packed[inside], return_counts=True)
        levels.append(Level(keys, counts.astype(np.float64)))
    return levels


def merged(sources: Iterable[tuple[list[Level], float]]) -> list[Level]:
    """Add up the counts of sources, each multiplied by its weight."""
    held = list(sources)
    levels = []
    for parts in zip(*(source for source, _ in held), strict=True):
        keys = np.concatenate([part.keys for part in parts])
        counts = np.concatenate([part.counts * weight for part, (_, weight) in zip(parts, held, strict=True)])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
        first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        levels.append(Level(keys[first], np.add.reduceat(counts, first)))
    return levels
