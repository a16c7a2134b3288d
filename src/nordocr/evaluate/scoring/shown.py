"""Figures as the console and the reports show them: percentages, intervals, error classes."""

from __future__ import annotations

from dataclasses import dataclass

from nordocr.evaluate.scoring.bootstrap import Interval
from nordocr.evaluate.scoring.summary import Summary
from nordocr.evaluate.scoring.taxonomy import ErrorClass


@dataclass(frozen=True)
class ClassShare:
    """One error class of a set of lines.

    Attributes:
        kind: The class.
        lines: Its lines.
        of_lines: Their share of all lines.
        of_failures: Their share of the lines that are not exact; None for exact lines.
    """

    kind: ErrorClass
    lines: int
    of_lines: float | None
    of_failures: float | None


def breakdown(summary: Summary) -> list[ClassShare]:
    """Return every error class with its share of all lines and of all failures, in the order of the classes."""
    failures = summary.failures
    shares = []
    for kind in ErrorClass:
        lines = summary.taxonomy.get(kind, 0)
        of_lines = lines / summary.lines if summary.lines else None
        of_failures = lines / failures if failures and kind is not ErrorClass.EXACT else None
        shares.append(ClassShare(kind, lines, of_lines, of_failures))
    return shares


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as a percentage without its sign, None as a dash."""
    return "–" if share is None else f"{100 * share:.{digits}f}"


def percent_range(interval: Interval | None, digits: int = 1) -> str:
    """Return both ends of an interval as percentages, "" for None."""
    return "" if interval is None else f"{percent(interval.low, digits)}–{percent(interval.high, digits)}"


def class_title(kind: str) -> str:
    """Return an error class's name in words."""
    return kind.replace("_", " ")
