"""From counts to a backoff model of a wanted size.

Probabilities are interpolated after Witten and Bell (The zero-frequency problem, IEEE Transactions on Information
Theory 37, 1991): an n-gram's own frequency and the shorter n-gram's probability, weighted by how many different
symbols followed its context. Then the n-grams that change the model least are dropped (weighted difference, Seymore
and Rosenfeld, ICSLP 1996) until the rest fits, and the contexts' backoff weights are those that make it sum to 1.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from nordocr.synth.lm.counts import Keys, Level

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_EIGHT: Final = np.uint64(8)
_HALVINGS: Final = 40
_LEAST: Final = 1e-9


@dataclass(frozen=True)
class Kept:
    """The n-grams of one length that the model holds: natural logarithms of probability, and of backoff weight."""

    keys: Keys
    probabilities: Floats
    backoffs: Floats


def witten_bell(levels: list[Level], symbols: int) -> list[Floats]:
    """Return the probability of each n-gram's last symbol after the others.

    Args:
        levels: Counts of lengths 1 and up, closed under taking prefixes and suffixes.
        symbols: How many symbols there are; those that never occur share what is left of 1.
    """
    total, kinds = levels[0].counts.sum(), np.count_nonzero(levels[0].counts)
    found = [(levels[0].counts + kinds / symbols) / (total + kinds)]
    for shorter, level in itertools.pairwise(levels):
        parents = _places(shorter.keys, level.keys >> _EIGHT)
        seen = np.bincount(parents, level.counts, len(shorter.keys))[parents]
        followers = np.bincount(parents, minlength=len(shorter.keys))[parents]
        lower = found[-1][_places(shorter.keys, _suffix(level.keys, len(found)))]
        found.append((level.counts + followers * lower) / (seen + followers))
    return found


def pruned(levels: list[Level], probabilities: list[Floats], budget: int) -> list[Mask]:
    """Choose the n-grams to keep so that the model's arrays take at most ``budget`` bytes.

    All of one and two symbols are kept, and with an n-gram all its prefixes.
    """
    gains = []
    for length, (level, own) in enumerate(zip(levels, probabilities, strict=True), start=1):
        if length <= 2:
            gains.append(np.full(len(own), np.inf))
            continue
        lower = probabilities[length - 2][_places(levels[length - 2].keys, _suffix(level.keys, length - 1))]
        gains.append(level.counts * np.abs(np.log(own) - np.log(lower)))
    low, high = 0.0, float(max(gain[np.isfinite(gain)].max(initial=1.0) for gain in gains)) + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _size(_above(levels, gains, middle)) <= budget:
            high = middle
        else:
            low = middle
    return _above(levels, gains, high)


def backed_off(levels: list[Level], probabilities: list[Floats], kept: list[Mask]) -> list[Kept]:
    """Return the model that holds ``kept``, whose probabilities after any context sum to 1 over all symbols."""
    done: list[Kept] = []
    for level, own, mask in zip(levels, probabilities, kept, strict=True):
        keys, held = level.keys[mask], own[mask]
        if done:
            parents = _places(done[-1].keys, keys >> _EIGHT)
            lower = _backed(done, _suffix(keys, len(done)), len(done))
            size = len(done[-1].keys)
            left = np.maximum(1 - np.bincount(parents, held, size), _LEAST)
            below = np.maximum(1 - np.bincount(parents, lower, size), _LEAST)
            weights = np.where(np.bincount(parents, minlength=size) > 0, np.log(left / below), 0.0)
            done[-1] = Kept(done[-1].keys, done[-1].probabilities, weights)
        done.append(Kept(keys, np.log(held), np.zeros(len(keys))))
    return done


def _backed(done: list[Kept], keys: Keys, length: int) -> Floats:
    """Probabilities of n-grams of ``length`` symbols by what is ``done``, backing off where one is not held."""
    result = np.zeros(len(keys))
    rest, weights = np.arange(len(keys)), np.zeros(len(keys))
    for size in range(length, 0, -1):
        own = done[size - 1]
        found, hit = _find(own.keys, keys[rest])
        result[rest[hit]] = np.exp(own.probabilities[found[hit]] + weights[rest[hit]])
        rest = rest[~hit]
        if size > 1 and len(rest):
            place, there = _find(done[size - 2].keys, keys[rest] >> _EIGHT)
            weights[rest[there]] += done[size - 2].backoffs[place[there]]
            keys = _suffix(keys, size - 1)
    return result


def _above(levels: list[Level], gains: list[Floats], least: float) -> list[Mask]:
    kept = [gain > least for gain in gains]
    for length in range(len(levels) - 1, 0, -1):
        parents = _places(levels[length - 1].keys, levels[length].keys[kept[length]] >> _EIGHT)
        kept[length - 1][parents] = True
    return kept


def _size(kept: list[Mask]) -> int:
    counts = [int(mask.sum()) for mask in kept]
    return 2 * sum(counts) + 2 * (1 + sum(counts[:-1]))


def _suffix(keys: Keys, length: int) -> Keys:
    """The last ``length`` symbols of each key."""
    return keys & np.uint64((1 << 8 * length) - 1)


def _places(keys: Keys, wanted: Keys) -> npt.NDArray[np.int64]:
    return np.searchsorted(keys, wanted)


def _find(keys: Keys, wanted: Keys) -> tuple[npt.NDArray[np.int64], Mask]:
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return found, keys[found] == wanted
