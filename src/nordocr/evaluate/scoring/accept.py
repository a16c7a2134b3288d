"""What confidence scores are worth: how many lines can be accepted unseen, and how exact those are.

The calibration error is the expected calibration error of Guo et al., On Calibration of Modern Neural Networks (ICML
2017): lines in equal-width bins of confidence, the gap between mean confidence and share of exact lines in each,
averaged by lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

TARGETS: Final = (0.99, 0.995, 0.999)
"""Shares of exact lines among the accepted ones for which a threshold is sought."""

BINS: Final = 15
"""Bins of the calibration error, as in its paper."""

_POINTS = 100


class AcceptPoint(BaseModel):
    """What comes of accepting every line of a confidence or above.

    Attributes:
        threshold: The confidence.
        lines: Lines accepted.
        share: Their share of all lines.
        exactness: The share of exact lines among them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float
    lines: int
    share: float
    exactness: float


class AcceptCurve(BaseModel):
    """The accept curve.

    Attributes:
        lines: How many lines there are.
        calibration_error: In [0, 1]; 0 where confidence equals the share of exact lines.
        points: From the strictest threshold to the loosest.
        targets: A share of exact lines ("0.999") to the point that accepts the most lines at that exactness; None where
            no threshold reaches it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: int
    calibration_error: float
    points: list[AcceptPoint]
    targets: dict[str, AcceptPoint | None]


def accept_curve(confidences: Sequence[float], exact: Sequence[bool], *, points: int = _POINTS) -> AcceptCurve:
    """Work out the accept curve.

    Thresholds are confidences that occur, since nothing changes between two of them; lines of equal confidence are
    accepted together.

    Args:
        confidences: Each line's confidence in [0, 1].
        exact: Whether each line was read exactly.
        points: Points listed at most; targets are sought among all.

    Raises:
        ValueError: There is no line, the lengths differ, or a confidence lies outside [0, 1].
    """
    confidence = np.asarray(confidences, dtype=np.float64)
    right = np.asarray(exact, dtype=np.float64)
    if len(confidence) == 0 or len(confidence) != len(right):
        raise ValueError(f"{len(confidence)} confidences do not fit {len(right)} lines")
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise ValueError("a confidence lies outside [0, 1]")
    order = np.argsort(-confidence, kind="stable")
    falling, hits = confidence[order], np.cumsum(right[order])
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))  # last line of each run of equal confidence
    lines = last + 1
    exactness = hits[last] / lines

    def point(at: int) -> AcceptPoint:
        n = int(lines[at])
        return AcceptPoint(
            threshold=float(falling[last[at]]), lines=n, share=n / len(falling), exactness=float(exactness[at])
        )

    listed = sorted(set(np.linspace(0, len(last) - 1, min(points, len(last))).round().astype(int).tolist()))
    reached: dict[str, AcceptPoint | None] = {}
    for target in TARGETS:
        enough = np.flatnonzero(exactness >= target)
        reached[str(target)] = point(int(enough[-1])) if len(enough) else None
    return AcceptCurve(
        lines=len(falling),
        calibration_error=calibration_error(confidence, right),
        points=[point(i) for i in listed],
        targets=reached,
    )


def calibration_error(
    confidences: npt.NDArray[np.float64], exact: npt.NDArray[np.float64], *, bins: int = BINS
) -> float:
    """Return the expected calibration error in [0, 1].

    Args:
        confidences: Float64 ``[lines]`` in [0, 1].
        exact: 1 for each exact line, else 0, float64 ``[lines]``.
        bins: Bins of equal width.
    """
    which = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    gaps = np.bincount(which, weights=confidences - exact, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidences))
