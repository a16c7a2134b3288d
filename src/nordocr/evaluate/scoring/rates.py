"""The figures that are ratios of sums over lines, each defined once.

To add a figure, add a :class:`Rate` to :data:`RATES`: summaries and their intervals, paired differences, the gate, the
console tables and the report then have it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from nordocr.evaluate.scoring.table import Ints, ScoredTable
from nordocr.evaluate.scoring.taxonomy import ErrorClass

Columns = tuple[Ints, Ints]
"""Numerators and denominators of a rate, int64 ``[lines]`` each; the figure is sum over sum."""


@dataclass(frozen=True)
class Rate:
    """One figure, where it is shown, and what the gate makes of it.

    Attributes:
        name: The key under which reports and JSON files hold it.
        title: Its name in sentences and tables of differences.
        subject: Its name at the start of a sentence of the gate, if not ``title``.
        heading: Its name at the head of a narrow column.
        columns: Work out numerators and denominators; the denominators must depend on the references alone.
        larger_is_better: Whether a larger share is the better one.
        digits: Decimals of the percentage that is shown.
        in_summary: Whether summaries hold it, with an interval; otherwise only comparisons of two engines do.
        in_differences: Whether two engines are compared by it.
        tolerance: By how much, as a share, a candidate may look worse in the gate; None if the gate ignores it.
        goal: Whether being surely better in it is a reason to promote a candidate.
    """

    name: str
    title: str
    heading: str
    columns: Callable[[ScoredTable], Columns]
    larger_is_better: bool = False
    digits: int = 1
    in_summary: bool = True
    in_differences: bool = True
    tolerance: float | None = None
    goal: bool = False
    subject: str = ""


def _lines_in(*kinds: ErrorClass) -> Callable[[ScoredTable], Columns]:
    return lambda table: (table.in_class(*kinds), np.ones(len(table), dtype=np.int64))


RATES: Final[list[Rate]] = [
    Rate(
        "exact",
        "exact",
        "exact",
        _lines_in(ErrorClass.EXACT),
        larger_is_better=True,
        tolerance=0.005,
        goal=True,
        subject="exact lines",
    ),
    Rate(
        "space_insensitive",
        "space-insensitive",
        "no spaces",
        _lines_in(ErrorClass.EXACT, ErrorClass.SPACE_ONLY),
        larger_is_better=True,
    ),
    Rate("cer", "CER", "CER", lambda t: (t.edits, t.characters), digits=2, tolerance=0.001, goal=True),
    Rate("wer", "WER", "WER", lambda t: (t.word_edits, t.words), in_differences=False),
    Rate(
        "right_truncation",
        "right truncation",
        "right trunc.",
        _lines_in(ErrorClass.RIGHT_TRUNCATION),
        in_summary=False,
        tolerance=0.005,
    ),
    Rate(
        "leading_garbage",
        "leading garbage",
        "lead. garb.",
        _lines_in(ErrorClass.LEADING_GARBAGE),
        in_summary=False,
        tolerance=0.005,
    ),
]
"""Every rate, in the order in which tables show them."""


def summary_rates() -> list[Rate]:
    """Return the rates that every summary holds."""
    return [rate for rate in RATES if rate.in_summary]


def compared_rates() -> list[Rate]:
    """Return the rates that two engines are compared by."""
    return [rate for rate in RATES if rate.in_differences]
