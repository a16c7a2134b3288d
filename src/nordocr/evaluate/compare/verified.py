"""What a small sample that a human has verified says of a reference, and of the engines' figures against it.

The engines' corrected figure is the prediction-powered estimate of Angelopoulos et al., Prediction-powered inference
(Science 382, 2023): the figure over all regions by the reference, plus the mean difference between truth and reference
on the sample. It is unbiased however bad the reference is, provided that the sample was drawn by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from nordocr.evaluate.documents.regions import Region
from nordocr.evaluate.scoring.bootstrap import Interval
from nordocr.evaluate.scoring.metrics import Metrics, Pair, score
from nordocr.evaluate.scoring.units import normalise

REFERENCE: Final = "reference"
"""The reference's own name among the readers of the verified sample."""

_NORMAL_95 = 1.959964  # the standard normal distribution's 97.5 % quantile


class Corrected(BaseModel):
    """An engine's share of exact regions: by the reference over all, and corrected by the sample with its interval."""

    model_config = ConfigDict(extra="forbid")

    by_reference: float
    corrected: float
    interval: Interval | None


class Calibration(BaseModel):
    """``regions`` of the verified sample; ``without_reference`` of them the reference says nothing about.

    ``unmatched``: verified lines that lie on no region. ``metrics``: the reference (as :data:`REFERENCE`) and each
    engine scored against the human on the sample; ``exact``: the engines' corrected shares.
    """

    model_config = ConfigDict(extra="forbid")

    regions: int
    without_reference: int
    unmatched: int
    metrics: dict[str, Metrics]
    exact: dict[str, Corrected]


def calibrate(
    regions: Sequence[Region], verified: Sequence[str | None], engines: Sequence[str], unmatched: int = 0
) -> Calibration | None:
    """``verified``: the human's text for each of ``regions``, None where there is none. None without a sample."""
    sample = [(r, v) for r, v in zip(regions, verified, strict=True) if v is not None]
    both = [(r, v) for r, v in sample if r.reference is not None]
    if not both:
        return None
    metrics = {REFERENCE: score([Pair(v, r.reference or "", r.width, r.document, str(r.page)) for r, v in both])}
    for name in engines:
        metrics[name] = score([Pair(v, r.texts.get(name) or "", r.width, r.document, str(r.page)) for r, v in both])
    return Calibration(
        regions=len(sample),
        without_reference=len(sample) - len(both),
        unmatched=unmatched,
        metrics=metrics,
        exact={name: _corrected(regions, both, name) for name in engines},
    )


def _corrected(regions: Sequence[Region], both: Sequence[tuple[Region, str]], name: str) -> Corrected:
    def right(region: Region, truth: str) -> float:
        return float(normalise(region.texts.get(name) or "") == normalise(truth))

    everywhere = np.array([right(r, r.reference) for r in regions if r.reference is not None and not r.spurious])
    errors = np.array([right(r, v) - right(r, r.reference or "") for r, v in both])
    share = float(everywhere.mean()) if len(everywhere) else float("nan")
    value = share + float(errors.mean())
    interval = None
    if len(errors) > 1:
        half = _NORMAL_95 * float(np.sqrt(errors.var(ddof=1) / len(errors) + everywhere.var() / len(everywhere)))
        interval = Interval(low=max(0.0, value - half), high=min(1.0, value + half))
    return Corrected(by_reference=share, corrected=min(1.0, max(0.0, value)), interval=interval)
