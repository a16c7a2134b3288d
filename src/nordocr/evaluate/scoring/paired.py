"""Differences between two engines on the same lines, with intervals of the difference itself.

Both engines meet the same hard lines, so the interval of their difference is much narrower than the two intervals
laid side by side suggest. What is resampled is documents, pages or lines, chosen as everywhere
(:mod:`nordocr.evaluate.scoring.bootstrap`), and always both engines' lines together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict
from rapidfuzz.distance import Levenshtein

from nordocr.charset import NORDIC_LETTERS
from nordocr.evaluate.scoring.bootstrap import Interval, Unit, choose_unit, intervals
from nordocr.evaluate.scoring.confusion import confusions
from nordocr.evaluate.scoring.metrics import Pair
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify_normalised
from nordocr.evaluate.scoring.units import normalise, unit_pair

RATES: Final = ("exact", "space_insensitive", "cer", "right_truncation", "leading_garbage")
"""The figures compared, before the letters. All are shares; only the first two are better when larger."""

Ints = npt.NDArray[np.int64]


class Difference(BaseModel):
    """The second engine's figure less the first's, as shares (0.01 is one point).

    ``interval`` is None where nothing can be said: fewer than two units, or a letter that some resample lacks.
    ``occurrences``: what the figure is over: lines, characters, or how often the letter stands in the references.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: float | None
    second: float | None
    value: float | None
    interval: Interval | None
    occurrences: int


class Differences(BaseModel):
    """:data:`RATES` and the recall of each Nordic letter that the references hold, and what was resampled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: int
    unit: Unit
    units: int
    rates: dict[str, Difference]
    letters: dict[str, Difference]


def paired_differences(
    first: Sequence[Pair], second: Sequence[Pair], *, resamples: int = 1000, seed: int = 0
) -> Differences:
    """Compare two engines on the same lines, given in the same order.

    ValueError where there is no line, or where the two do not have the same references.
    """
    if not first or [p.reference for p in first] != [p.reference for p in second]:
        raise ValueError("both engines must be given on the same lines, at least one")
    a, b = _Columns(first), _Columns(second)
    ratios = {name: (a.over[name], b.over[name], a.under[name]) for name in a.over}
    unit, codes, count = choose_unit([p.source for p in first], [p.page for p in first])
    spread = intervals(
        {name: (after - before, under) for name, (before, after, under) in ratios.items()},
        codes,
        count,
        resamples=resamples,
        seed=seed,
    )
    found = {name: _difference(*columns, spread.get(name)) for name, columns in ratios.items()}
    return Differences(
        lines=len(first),
        unit=unit,
        units=count,
        rates={name: found[name] for name in RATES},
        letters={name: value for name, value in found.items() if name not in RATES and value.occurrences},
    )


def _difference(before: Ints, after: Ints, under: Ints, spread: Interval | None) -> Difference:
    total = int(under.sum())
    if not total:
        return Difference(first=None, second=None, value=None, interval=None, occurrences=0)
    a, b = int(before.sum()) / total, int(after.sum()) / total
    return Difference(first=a, second=b, value=b - a, interval=spread, occurrences=total)


class _Columns:
    """One engine's numerators and denominators of every figure, int64 ``[lines]`` each."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        texts = [(normalise(p.reference), normalise(p.hypothesis)) for p in pairs]
        classes = [classify_normalised(r, h) for r, h in texts]
        units = [unit_pair(r, h) for r, h in texts]
        ones = np.ones(len(pairs), dtype=np.int64)
        same = (ErrorClass.EXACT, ErrorClass.SPACE_ONLY)
        self.over: dict[str, Ints] = {
            "exact": _flags(c is ErrorClass.EXACT for c in classes),
            "space_insensitive": _flags(c in same for c in classes),
            "cer": np.array([Levenshtein.distance(r, h) for r, h in units], dtype=np.int64),
            "right_truncation": _flags(c is ErrorClass.RIGHT_TRUNCATION for c in classes),
            "leading_garbage": _flags(c is ErrorClass.LEADING_GARBAGE for c in classes),
        }
        self.under: dict[str, Ints] = dict.fromkeys(RATES, ones)
        self.under["cer"] = np.array([len(r) for r, _ in units], dtype=np.int64)
        wanted = np.array([[list(r).count(c) for c in NORDIC_LETTERS] for r, _ in units], dtype=np.int64)
        correct = wanted.copy()
        place = {letter: i for i, letter in enumerate(NORDIC_LETTERS)}
        for line, (r, h) in enumerate(units):
            if classes[line] is not ErrorClass.EXACT and wanted[line].any():
                for was, _ in confusions(r, h):
                    if was in place:
                        correct[line, place[was]] -= 1
        for letter, i in place.items():
            self.over[letter], self.under[letter] = correct[:, i], wanted[:, i]


def _flags(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int64)  # type: ignore[call-overload, no-any-return]
