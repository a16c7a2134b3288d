"""Cheap scalar draws from a numpy generator, taken in blocks: one call of ``Generator`` costs more than the draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_BLOCK = 96


class Dice:
    """Scalar draws from ``rng``, a pure function of its state.

    Takes whole blocks, so ``rng`` moves on by more than was used; the same calls still give the same draws.
    """

    __slots__ = ("_pool", "rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._pool: list[float] = []

    def unit(self) -> float:
        """A float in [0, 1)."""
        if not self._pool:
            self._pool = self.rng.random(_BLOCK).tolist()
        return self._pool.pop()

    def chance(self, probability: float) -> bool:
        """True with ``probability``; always takes exactly one draw."""
        return self.unit() < probability

    def between(self, span: tuple[float, float]) -> float:
        """A float evenly within ``span`` = (low, high)."""
        return span[0] + (span[1] - span[0]) * self.unit()

    def integer(self, low: int, high: int) -> int:
        """An int in [low, high], both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def normal(self) -> float:
        """Nearly a standard normal, bounded to [-3, 3]: three uniform draws summed."""
        return 2.0 * (self.unit() + self.unit() + self.unit() - 1.5)

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``, evenly."""
        return items[int(self.unit() * len(items))]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """One of ``items`` = (value, weight) pairs; weights need not sum to 1."""
        rest = self.unit() * sum(weight for _, weight in items)
        for value, weight in items:
            rest -= weight
            if rest < 0.0:
                return value
        return items[-1][0]
