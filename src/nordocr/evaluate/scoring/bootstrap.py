"""Percentile bootstrap intervals over documents, pages or lines: how far a figure could be off.

Lines of one document share its scanner, typeface and paper, so they are not independent, and resampling lines would
give intervals that are too narrow. Documents are resampled where there are enough of them, pages where there are
enough of those, else lines; every interval names its unit. Method: Efron and Tibshirani, An Introduction to the
Bootstrap (1993), chapter 13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

Unit = Literal["documents", "pages", "lines"]

FEWEST: Final = 20
"""Below this many documents pages are resampled, below this many pages lines."""

LEVEL: Final = 0.95
"""The share of resamples that lie within an interval."""

_CHUNK = 4_000_000  # draws held at once: 32 MB of indices


class Interval(BaseModel):
    """A 95 % interval of a rate.

    Attributes:
        low: Lower end, as a share (0.01 is one per cent).
        high: Upper end, as a share.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float
    high: float


def choose_unit(
    documents: Sequence[str | None], pages: Sequence[str | None]
) -> tuple[Unit, npt.NDArray[np.int64], int]:
    """Choose what to resample.

    Args:
        documents: Each line's document, None if unknown; one line without a document rules documents out.
        pages: Each line's page within its document, None if unknown.

    Returns:
        The unit, each line's unit as an index from 0 (int64 ``[lines]``), and the number of units.
    """
    if None not in documents:
        codes, count = _encode(documents)
        if count >= FEWEST:
            return "documents", codes, count
    if None not in pages:
        codes, count = _encode(list(zip(documents, pages, strict=True)))
        if count >= FEWEST:
            return "pages", codes, count
    return "lines", np.arange(len(documents), dtype=np.int64), len(documents)


def _encode(names: Sequence[object]) -> tuple[npt.NDArray[np.int64], int]:
    order: dict[object, int] = {}
    codes = [order.setdefault(name, len(order)) for name in names]
    return np.asarray(codes, dtype=np.int64), len(order)


def intervals(
    ratios: Mapping[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]],
    codes: npt.NDArray[np.int64],
    count: int,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Work out 95 % intervals of several ratios of sums, all from the same resamples.

    Args:
        ratios: Name to (numerators, denominators), int64 ``[lines]`` each; the figure is sum over sum, as a CER is.
        codes: Each line's unit as an index, int64 ``[lines]``.
        count: How many units there are.
        resamples: Resamples to draw.
        seed: The same seed gives the same intervals.

    Returns:
        Intervals by name. A ratio whose denominator is 0 in some resample is left out, and so are all of them with
        fewer than two units: nothing can be said then.
    """
    if count < 2 or resamples < 1 or not ratios:
        return {}
    columns = [column for pair in ratios.values() for column in pair]
    sums = np.stack([np.bincount(codes, weights=c, minlength=count) for c in columns], axis=1).astype(np.float64)
    totals = _resampled_totals(sums, resamples, np.random.default_rng(seed))
    over, under = totals[:, 0::2], totals[:, 1::2]
    tail = 100 * (1 - LEVEL) / 2
    lows, highs = np.percentile(over / np.where(under > 0, under, 1), [tail, 100 - tail], axis=0)
    return {
        name: Interval(low=float(lows[i]), high=float(highs[i]))
        for i, name in enumerate(ratios)
        if (under[:, i] > 0).all()
    }


def _resampled_totals(
    sums: npt.NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return column totals ``[resamples, columns]`` of ``sums`` ``[units, columns]``, units drawn with replacement."""
    count = len(sums)
    at_once = max(1, _CHUNK // count)
    parts = []
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        draws = rng.integers(0, count, size=(rows, count), dtype=np.int32)
        # How often each unit was drawn, all rows in one count: row r's units lie at r * count and up.
        offsets = np.arange(rows, dtype=np.int64)[:, None] * count
        times = np.bincount((draws + offsets).ravel(), minlength=rows * count).reshape(rows, count)
        parts.append(times.astype(np.float64) @ sums)
    return np.concatenate(parts)
