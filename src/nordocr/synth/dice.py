"""Cheap scalar random draws, all a pure function of a seed or of a generator's state.

One scalar call of a NumPy generator costs more than the draw itself. Text therefore draws from Python's
``random.random`` (the one method whose numbers are the same in every Python version), and drawing code takes the
numbers of a NumPy generator in blocks.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")

_BLOCK = 96
"""Numbers taken from a generator at once."""


class Dice:
    """Scalar draws from a seed or a generator.

    A dice made from a generator takes whole blocks, so the generator moves on by more than was used; the same calls
    still give the same draws.

    Args:
        source: A seed >= 0, or the NumPy generator to draw from.
    """

    __slots__ = ("_rng", "unit")

    unit: Callable[[], float]
    """Return a float in [0, 1)."""

    def __init__(self, source: int | np.random.Generator) -> None:
        if isinstance(source, np.random.Generator):
            self._rng: np.random.Generator | None = source
            self.unit = _Blocks(source).next
        else:
            self._rng = None
            self.unit = random.Random(source).random

    @property
    def rng(self) -> np.random.Generator:
        """The generator behind this dice, for draws of whole arrays.

        Raises:
            ValueError: If the dice was made from a seed.
        """
        if self._rng is None:
            raise ValueError("a dice made from a seed has no generator")
        return self._rng

    def chance(self, probability: float) -> bool:
        """Return True with ``probability``; always takes exactly one draw."""
        return self.unit() < probability

    def between(self, span: tuple[float, float]) -> float:
        """Return a float evenly distributed within ``span`` = (low, high)."""
        return span[0] + (span[1] - span[0]) * self.unit()

    def integer(self, low: int, high: int) -> int:
        """Return an integer of ``low`` to ``high``, both included, evenly distributed."""
        return low + int(self.unit() * (high - low + 1))

    def normal(self) -> float:
        """Return a nearly standard normal number, bounded to [-3, 3]: three uniform draws summed."""
        return 2.0 * (self.unit() + self.unit() + self.unit() - 1.5)

    def digits(self, count: int) -> str:
        """Return ``count`` random decimal digits, leading zeros kept."""
        if count < 16:
            return str(int(self.unit() * 10**count)).zfill(count)
        return self.digits(15) + self.digits(count - 15)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of ``items``, evenly distributed.

        Raises:
            IndexError: If there are no items.
        """
        return items[int(self.unit() * len(items))]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """Return one of a few (value, weight) pairs; weights need not sum to 1. For long tables use `Weighted`."""
        rest = self.unit() * sum(weight for _, weight in items)
        for value, weight in items:
            rest -= weight
            if rest < 0.0:
                return value
        return items[-1][0]


class _Blocks:
    """The numbers of a generator, taken in blocks."""

    __slots__ = ("_pool", "_rng")

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pool: list[float] = []

    def next(self) -> float:
        if not self._pool:
            self._pool = self._rng.random(_BLOCK).tolist()
        return self._pool.pop()


class Weighted(Generic[T]):
    """Items with relative weights, drawn in O(log n).

    Args:
        items: The items.
        weights: One weight per item; items of weight 0 are left out.

    Raises:
        ValueError: If no weight is above zero.
    """

    __slots__ = ("_bounds", "items")

    def __init__(self, items: Iterable[T], weights: Iterable[float]) -> None:
        pairs = [(item, weight) for item, weight in zip(items, weights, strict=True) if weight > 0]
        if not pairs:
            raise ValueError("a weighted choice needs at least one weight above zero")
        self.items = [item for item, _ in pairs]
        total = sum(weight for _, weight in pairs)
        self._bounds = list(accumulate(weight / total for _, weight in pairs))
        self._bounds.pop()  # the last item takes what rounding leaves over

    @classmethod
    def of(cls, table: dict[T, float]) -> Weighted[T]:
        """Return a weighted choice from a mapping of item to weight."""
        return cls(table.keys(), table.values())

    def pick(self, dice: Dice) -> T:
        """Return one item with a probability proportional to its weight."""
        return self.items[bisect_right(self._bounds, dice.unit())]
