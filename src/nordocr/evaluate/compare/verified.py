"""What a small sample that a human has verified says of a reference, and of the engines' figures against it.

The engines' corrected figure is the prediction-powered estimate of Angelopoulos et al., Prediction-powered inference
(Science 382, 2023): the figure over all regions by the reference, plus the mean difference between truth and reference
on the sample. It is unbiased however bad the reference is, provided that the sample was drawn by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.compare.scored import ScoredRegions
from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.evaluate.scoring.bootstrap import Interval
from nordocr.evaluate.scoring.metrics import score
from nordocr.evaluate.scoring.summary import Metrics
from nordocr.evaluate.scoring.table import Pair, ScoredTable

REFERENCE: Final = "reference"
"""The reference's own name among the readers of the verified sample."""

_NORMAL_95 = 1.959964  # the standard normal distribution's 97.5 % quantile


class Corrected(BaseModel):
    """An engine's share of exact regions.

    Attributes:
        by_reference: Measured against the reference, over all regions that have one.
        corrected: The same, corrected by the sample; within [0, 1].
        interval: 95 % interval of ``corrected``; None with fewer than two verified regions.
    """

    model_config = ConfigDict(extra="forbid")

    by_reference: float
    corrected: float
    interval: Interval | None


class VerifiedSample(BaseModel):
    """The reference and the engines against a human, on the regions that the human verified.

    Attributes:
        regions: Regions of the sample.
        without_reference: Regions of the sample that the reference says nothing about.
        unmatched: Verified lines that lie on no region.
        metrics: The reference (as :data:`REFERENCE`) and each engine, scored against the human.
        exact: Each engine's corrected share of exact regions.
    """

    model_config = ConfigDict(extra="forbid")

    regions: int
    without_reference: int
    unmatched: int
    metrics: dict[str, Metrics]
    exact: dict[str, Corrected]


def check_sample(scored: ScoredRegions, verified: Sequence[str | None], unmatched: int = 0) -> VerifiedSample | None:
    """Score the reference and the engines against a human's sample.

    Args:
        scored: The regions, scored against the reference.
        verified: The human's text for each region, None where there is none.
        unmatched: Verified lines that lie on no region.

    Returns:
        None where no verified region has a reference.
    """
    rows = [(row, i, text) for row, i in enumerate(scored.known) if (text := verified[i]) is not None]
    if not rows:
        return None
    sample = [(scored.regions[i], text) for _, i, text in rows]
    metrics = {REFERENCE: score([_pair(region, text, region.reference) for region, text in sample])}
    exact = {}
    for name, table in scored.tables.items():
        truly = ScoredTable(_pair(region, text, region.texts.get(name)) for region, text in sample)
        metrics[name] = score(truly)
        by_reference = table.exact.astype(np.float64)
        exact[name] = _corrected(by_reference, truly.exact - by_reference[[row for row, _, _ in rows]])
    total = sum(text is not None for text in verified)
    return VerifiedSample(
        regions=total, without_reference=total - len(rows), unmatched=unmatched, metrics=metrics, exact=exact
    )


def _pair(region: ComparedRegion, truth: str, read: str | None) -> Pair:
    return Pair(truth, read or "", region.width, region.document, str(region.page))


def _corrected(everywhere: npt.NDArray[np.float64], errors: npt.NDArray[np.float64]) -> Corrected:
    """Correct a share by a sample.

    Args:
        everywhere: For each region with a reference whether the engine agrees with it, 0 or 1.
        errors: For each verified region the same by the human, minus the same by the reference.
    """
    share = float(everywhere.mean())
    value = share + float(errors.mean())
    interval = None
    if len(errors) > 1:
        half = _NORMAL_95 * float(np.sqrt(errors.var(ddof=1) / len(errors) + everywhere.var() / len(everywhere)))
        interval = Interval(low=_within(value - half), high=_within(value + half))
    return Corrected(by_reference=share, corrected=_within(value), interval=interval)


def _within(share: float) -> float:
    """Limit an estimate to what a share can be; on a small sample it may lie outside as a whole."""
    return min(1.0, max(0.0, share))
