"""Many sources, one stream: line i of a mixture is a pure function of (seed, i).

Lines come in periods. In every period each source has the same number of lines, as near its weight as whole numbers
allow, at places drawn anew for each period; so shares are exact, not only in the mean, and a source sees its own
lines counted 0, 1, 2, ... without anybody having counted the lines before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from nordocr.errors import ConfigInvalid


class LineSource(Protocol):
    """Where lines come from. It must survive pickling, because workers are spawned."""

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image (uint8 ``[H, W]`` or ``[H, W, 3]`` RGB) and text (NFC) of line ``index`` >= 0."""
        ...


class Mixture:
    """Lines of ``sources`` in the shares of ``weights``, in periods of ``period`` lines.

    Raises :class:`ConfigInvalid` where a weight is too small to give a source one line a period.
    """

    def __init__(self, sources: Sequence[LineSource], weights: Sequence[float], seed: int, period: int) -> None:
        self.sources = tuple(sources)
        self.counts = shares(weights, period)
        self.seed = seed
        self.period = period

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        """Return image and text of line ``index`` >= 0."""
        source, ordinal = self.place(index)
        return self.sources[source].line(ordinal)

    def place(self, index: int) -> tuple[int, int]:
        """Return the source that line ``index`` is from, and its number among that source's lines."""
        number, offset = divmod(index, self.period)
        source, rank = _period(self.counts, self.seed, number)[offset]
        return source, number * self.counts[source] + rank


def shares(weights: Sequence[float], period: int) -> tuple[int, ...]:
    """Share the lines of a period among sources, in proportion to their weights, rounded by largest remainder.

    Args:
        weights: One positive weight per source.
        period: Lines of a period.

    Returns:
        Lines of each source, which sum to ``period``.

    Raises:
        ConfigInvalid: A source would get none.
    """
    exact = np.asarray(weights, dtype=np.float64) * period / sum(weights)
    counts = np.floor(exact).astype(int)
    for index in np.argsort(counts - exact, kind="stable")[: period - int(counts.sum())]:
        counts[index] += 1
    if (counts == 0).any():
        small = int(np.flatnonzero(counts == 0)[0])
        raise ConfigInvalid(f"Entry {small} of data has a weight too small to come once in {period} lines.")
    return tuple(int(count) for count in counts)


@lru_cache(maxsize=4)
def _period(counts: tuple[int, ...], seed: int, number: int) -> list[tuple[int, int]]:
    """(source, its how-manieth line within the period) of each place of period ``number``."""
    order = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng([seed, 0x313C5, number]).shuffle(order)
    seen = [0] * len(counts)
    places = []
    for source in order.tolist():
        places.append((source, seen[source]))
        seen[source] += 1
    return places
