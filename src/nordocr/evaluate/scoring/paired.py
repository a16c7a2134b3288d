"""Differences between two engines on the same lines, with intervals of the difference itself.

Both engines meet the same hard lines, so the interval of their difference is much narrower than their two intervals
side by side suggest. Documents, pages or lines are resampled, chosen as everywhere
(:mod:`nordocr.evaluate.scoring.bootstrap`), and always both engines' lines together.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from nordocr.charset import NORDIC_LETTERS
from nordocr.evaluate.scoring.bootstrap import Interval, Unit, choose_unit, intervals
from nordocr.evaluate.scoring.rates import compared_rates
from nordocr.evaluate.scoring.table import Ints, Pair, ScoredTable, same_lines, scored


class Difference(BaseModel):
    """The second engine's figure minus the first's, as shares (0.01 is one point).

    Attributes:
        first: The first engine's figure; None where it divides by zero.
        second: The second engine's figure.
        value: ``second`` - ``first``.
        interval: 95 % interval of ``value``; None with fewer than two units, or for a letter that some resample lacks.
        occurrences: What the figure is over: lines, characters, or how often the letter occurs in the references.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: float | None
    second: float | None
    value: float | None
    interval: Interval | None
    occurrences: int


class Differences(BaseModel):
    """All differences between two engines.

    Attributes:
        lines: Lines that both were compared on.
        unit: What the bootstrap resampled.
        units: How many of them there are.
        rates: The compared rates of :data:`~nordocr.evaluate.scoring.rates.RATES` by name.
        letters: The recall of each Nordic letter that occurs in the references.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: int
    unit: Unit
    units: int
    rates: dict[str, Difference]
    letters: dict[str, Difference]


def paired_differences(
    first: ScoredTable | Iterable[Pair],
    second: ScoredTable | Iterable[Pair],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Differences:
    """Compare two engines on the same lines.

    Args:
        first: The first engine's lines; their documents and pages are what is resampled.
        second: The second engine's lines, in the same order.
        resamples: Resamples of the bootstrap.
        seed: The same seed gives the same intervals.

    Returns:
        The differences, second minus first.

    Raises:
        ValueError: There is no line, or the two do not have the same references.
    """
    a, b = scored(first), scored(second)
    if not len(a) or not same_lines(a, b):
        raise ValueError("both engines must be given on the same lines, at least one")
    rates = {rate.name: (rate.columns(a)[0], *rate.columns(b)) for rate in compared_rates()}
    (wanted, before), (_, after) = a.letters, b.letters
    letters = {c: (before[:, i], after[:, i], wanted[:, i]) for i, c in enumerate(NORDIC_LETTERS)}
    unit, codes, count = choose_unit([p.source for p in a.pairs], [p.page for p in a.pairs])
    spread = intervals(
        {name: (y - x, under) for name, (x, y, under) in (rates | letters).items()},
        codes,
        count,
        resamples=resamples,
        seed=seed,
    )
    return Differences(
        lines=len(a),
        unit=unit,
        units=count,
        rates={name: _difference(*columns, spread.get(name)) for name, columns in rates.items()},
        letters={c: _difference(*columns, spread.get(c)) for c, columns in letters.items() if columns[2].any()},
    )


def _difference(before: Ints, after: Ints, under: Ints, spread: Interval | None) -> Difference:
    total = int(under.sum())
    if not total:
        return Difference(first=None, second=None, value=None, interval=None, occurrences=0)
    a, b = int(before.sum()) / total, int(after.sum()) / total
    return Difference(first=a, second=b, value=b - a, interval=spread, occurrences=total)
