"""Fast seeded draws for text: Python's ``random.random`` is stable across versions and ten times faster than numpy's.

Only ``random()`` of the generator is used, because it alone is promised to give the same numbers in every Python.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice:
    """Draws that are a pure function of ``seed`` (a non-negative integer) and of the calls made before."""

    __slots__ = ("roll",)

    def __init__(self, seed: int) -> None:
        self.roll = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.roll() < probability

    def between(self, low: int, high: int) -> int:
        """An integer of ``low`` to ``high``, both included, each as likely."""
        return low + int(self.roll() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``, each as likely; IndexError where there are none."""
        return items[int(self.roll() * len(items))]

    def digits(self, count: int) -> str:
        """``count`` random digits, leading zeros kept."""
        return (
            str(int(self.roll() * 10**count)).zfill(count) if count < 16 else self.digits(15) + self.digits(count - 15)
        )


class Weighted(Generic[T]):
    """Items with relative weights (at least one above zero), drawn in O(log n)."""

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
        """From a mapping of item to weight."""
        return cls(table.keys(), table.values())

    def pick(self, dice: Dice) -> T:
        """One item, as likely as its weight."""
        return self.items[bisect_right(self._bounds, dice.roll())]
