"""Whole rules: long thin runs of ink, across or upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from nordocr.detect.base import Mask
from nordocr.detect.rules.bits import LongRuns

LENGTH: Final = 5.0
"""No level rule is shorter, in letter heights."""

UPRIGHT_LENGTH: Final = 4.0
"""No upright rule is shorter."""

# No rule is thicker, in letter heights (and two pixels).
_THICKNESS: Final = 0.3
# Rules are followed in steps of so many pixels.
_STEP: Final = 8
# A run up to this long may be a part of a large letter's stroke; it is one with so much ink beside it, of its own.
_LARGEST_STROKE: Final = 12.0
_STROKE_SHARE: Final = 0.6


@dataclass(frozen=True)
class Run:
    """A straight piece of a rule, in pixels.

    Attributes:
        across: Whether it runs from left to right; else from top to bottom.
        start: The column, or row, that it begins at.
        end: The one behind its end.
        first: The row, or column, of its middle at ``start``.
        last: The same at ``end``.
        thick: How thick it is.
    """

    across: bool
    start: float
    end: float
    first: float
    last: float
    thick: float


def find_rules(ink: Mask, size: float) -> Mask:
    """Find table rules, underlines and frames: long thin runs of ink, across or upright.

    Args:
        ink: bool ``[H, W]``.
        size: The letter height in pixels.

    Returns:
        The rules' ink, bool ``[H, W]``.
    """
    return rules_and_runs(ink, size)[0]


def rules_and_runs(ink: Mask, size: float) -> tuple[Mask, list[Run]]:
    """Find what :func:`find_rules` finds, and where each rule runs."""
    rules = np.zeros(ink.shape, dtype=np.bool_)
    runs: list[Run] = []
    most = _THICKNESS * size + 2
    for across, share in ((True, LENGTH), (False, UPRIGHT_LENGTH)):
        length = max(15, round(share * size))
        # A rule that slopes by a pixel now and then is one run once it is a pixel thicker.
        long = LongRuns(ink, across, length)
        if not long:
            continue
        # Runs are longer than the step, so that every so many columns, or rows, of them show how they hang together.
        step = min(_STEP, length // 2)
        count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
            long.every(step), 8, cv2.CV_32S, cv2.CCL_BBDT
        )
        if count < 2:
            continue
        extent = np.maximum(stats[:, 2] if across else stats[:, 3], 1)
        thin = stats[:, 4] / extent <= most
        thin[0] = False
        found = np.asarray(labels, dtype=np.int32)
        for label in np.flatnonzero(thin & (extent * step <= _LARGEST_STROKE * size)):
            thin[label] = not _is_stroke(ink, found, stats[label], int(label), across, step, round(most))
        for label in np.flatnonzero(thin):
            runs.append(_run(found, stats[label], int(label), across, step))
            _paint(rules, ink, long, found, stats[label], int(label), across, step)
    return rules, runs


def _run(labels: npt.NDArray[np.int32], stats: npt.NDArray[np.int32], label: int, across: bool, step: int) -> Run:
    """Where the run ``label`` lies, which was labelled on every ``step``-th column (row)."""
    x, y, width, height = (int(value) for value in stats[:4])
    own = np.asarray(labels[y : y + height, x : x + width] == label)
    if not across:
        own, x, y, width = own.T, y, x, height
    ends = (np.flatnonzero(own[:, column]).mean() + y + 0.5 for column in (0, width - 1))
    first, last = (float(end) for end in ends)
    # The run was made a pixel thicker at both sides.
    thick = max(1.0, float(own.sum()) / width - 2)
    return Run(across, float(x * step), float((x + width) * step), first, last, thick)


def _paint(
    rules: Mask,
    ink: Mask,
    long: LongRuns,
    labels: npt.NDArray[np.int32],
    stats: npt.NDArray[np.int32],
    label: int,
    across: bool,
    step: int,
) -> None:
    """Add the ``ink`` of the run ``label``, which was labelled on every ``step``-th column (row) of ``long``."""
    x, y, width, height = (int(value) for value in stats[:4])
    # What lies between two steps hangs together with the one or the other.
    before = 1 if (x if across else y) else 0
    if across:
        own = labels[y : y + height, x - before : x + width] == label
        own[:, :-1] |= own[:, 1:]
        rows, columns = slice(y, y + height), slice((x - before) * step, min((x + width) * step, rules.shape[1]))
    else:
        own = labels[y - before : y + height, x : x + width] == label
        own[:-1] |= own[1:]
        rows, columns = slice((y - before) * step, min((y + height) * step, rules.shape[0])), slice(x, x + width)
    own = np.repeat(own, step, axis=int(across))[: rows.stop - rows.start, : columns.stop - columns.start]
    rules[rows, columns] |= own & long.window(rows, columns) & ink[rows, columns]


def _is_stroke(
    ink: Mask,
    labels: npt.NDArray[np.int32],
    stats: npt.NDArray[np.int32],
    label: int,
    across: bool,
    step: int,
    reach: int,
) -> bool:
    """Whether a run is the middle of a thick stroke, as in a heading's O: it has ink all along beside it.

    ``labels``: runs on every ``step``-th column (row) of the page, this one's ``stats`` as OpenCV gives them;
    ``reach``: how far beside it ink is looked for, in pixels.
    """
    x, y, width, height = (int(value) for value in stats[:4])
    rows = slice(max(0, y - reach), y + height + reach) if across else slice(y, y + height)
    columns = slice(x, x + width) if across else slice(max(0, x - reach), x + width + reach)
    run = labels[rows, columns] == label
    if across:
        drawn = ink[rows, x * step : (x + width) * step : step]
    else:
        drawn = ink[y * step : (y + height) * step : step, columns]
    run = run[: drawn.shape[0], : drawn.shape[1]]
    kernel = np.ones((2 * reach + 1, 1) if across else (1, 2 * reach + 1), np.uint8)
    grown = cv2.dilate(run.astype(np.uint8), kernel) > 0
    return bool((drawn & grown & ~run).sum() > _STROKE_SHARE * run.sum())
