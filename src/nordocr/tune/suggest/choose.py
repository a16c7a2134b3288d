"""A batch that is worth correcting and whose lines are not all alike.

Farthest-first traversal (Gonzalez 1985), the greedy k-center of Sener and Savarese, Active Learning for Convolutional
Neural Networks: A Core-Set Approach (ICLR 2018), weighted by what each line is worth by itself, as Zhdanov weights
clusters (Diverse mini-batch Active Learning, 2019): the next line is the one whose value times its distance from all
lines that are chosen or known is the greatest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nordocr.tune.suggest.candidates import Vector


def farthest_first(
    worth: Sequence[float],
    vectors: Sequence[Vector | None],
    count: int,
    known: Sequence[Vector] = (),
    documents: Sequence[str] = (),
) -> list[tuple[int, float]]:
    """Choose lines.

    Args:
        worth: What each line is worth by itself, at least 0.
        vectors: How each line looks, of length 1. A line without one is as far from all others as the median line, and
            nearer with every line of its document that is chosen.
        count: How many to choose.
        known: Vectors of lines that are labelled already.
        documents: Each line's document; none where nothing is known of them.

    Returns:
        Places of the chosen lines, the most valuable first, each with its distance from what was known and chosen
        before, relative to the median line's from the first one (from ``known``, where that is given).
    """
    value = np.asarray(worth, dtype=np.float64)
    seen = np.array([vector is not None for vector in vectors])
    width = next((len(v) for v in vectors if v is not None), 1)
    matrix = np.zeros((len(value), width), dtype=np.float32)
    for place, vector in enumerate(vectors):
        if vector is not None:
            matrix[place] = vector
    distance = np.full(len(value), np.inf)
    for labelled in known:
        distance = np.minimum(distance, _distances(matrix, labelled))
    chosen: list[tuple[int, float]] = []
    names = np.asarray(documents or [""] * len(value), dtype=object)
    taken = np.zeros(len(value))
    scale = _median(distance[seen])
    free = np.ones(len(value), dtype=bool)
    for _ in range(min(count, len(value))):
        relative = np.where(seen & np.isfinite(distance), distance / scale, 1.0 / np.sqrt(1.0 + taken))
        gain = np.where(free, value * relative, -1.0)
        best = int(gain.argmax())
        chosen.append((best, float(relative[best])))
        free[best] = False
        taken += (names == names[best]) & ~seen
        if seen[best]:
            near = _distances(matrix, matrix[best])
            if not np.isfinite(distance).any():
                scale = _median(near[seen])
            distance = np.minimum(distance, near)
    return chosen


def _distances(matrix: npt.NDArray[np.float32], vector: Vector) -> npt.NDArray[np.float64]:
    return np.sqrt(np.maximum(0.0, 2.0 - 2.0 * (matrix @ vector).astype(np.float64)))


def _median(distances: npt.NDArray[np.float64]) -> float:
    finite = distances[np.isfinite(distances)]
    return max(float(np.median(finite)), 1e-6) if len(finite) else 1.0
