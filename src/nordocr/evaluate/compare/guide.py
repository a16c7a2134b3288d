"""The guide's own table beside what was measured: the same kinds of error, lines and share of the failures.

The guide measured 875 regions of an 18-page Swedish annual report against a vision-language model. Its classes are of
its own definition, ours are :mod:`nordocr.evaluate.scoring.taxonomy`'s; kinds that it gives no number for are dashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from nordocr.evaluate.scoring.shown import class_title, percent
from nordocr.evaluate.scoring.summary import Summary
from nordocr.evaluate.scoring.taxonomy import ErrorClass


@dataclass(frozen=True)
class GuideRow:
    """One row of the guide's table: shares of its regions, and lines of the kinds that it counted."""

    name: str
    exact: float
    space_insensitive: float
    cer: float
    lines: int = 875
    kinds: Mapping[ErrorClass, int] = field(default_factory=dict)

    @property
    def failures(self) -> int:
        """Regions that were not exact, as the rounded share gives them."""
        return self.lines - round(self.exact * self.lines)

    def count(self, kind: ErrorClass) -> int | None:
        """Return the lines of a kind, None where the guide does not say; those of spaces follow from its shares."""
        if kind is ErrorClass.SPACE_ONLY:
            return round(self.space_insensitive * self.lines) - round(self.exact * self.lines)
        return self.kinds.get(kind)


GUIDE: Final = (
    GuideRow(
        "guide: SVTRv2-B, 768 px",
        0.753,
        0.855,
        0.0546,
        kinds={ErrorClass.RIGHT_TRUNCATION: 27, ErrorClass.LEADING_GARBAGE: 13},
    ),
    GuideRow("guide: Tesseract", 0.790, 0.905, 0.0538),
)
"""The guide's measurements."""

CAPTION: Final = (
    "lines and % of failures; the guide's report, its referee, its definition of the classes; its differences in "
    "spaces and its failures are counted from its rounded shares"
)
"""What must be said under :func:`beside_guide`."""


def beside_guide(metrics: Mapping[str, Summary]) -> tuple[list[str], list[list[str]]]:
    """Return the guide's table with a column for each engine before the guide's own.

    Args:
        metrics: The engines' figures, by name.

    Returns:
        The heads of the columns, and rows of cells: exact, space-insensitive and CER in per cent, regions, failures,
        then every error class but ``exact`` as lines and share of the failures.
    """
    head = ["", *metrics, *(row.name for row in GUIDE)]
    rows = [
        ["exact %", *(percent(m.exact) for m in metrics.values()), *(percent(row.exact) for row in GUIDE)],
        [
            "space-insensitive %",
            *(percent(m.space_insensitive) for m in metrics.values()),
            *(percent(row.space_insensitive) for row in GUIDE),
        ],
        ["CER %", *(percent(m.cer, 2) for m in metrics.values()), *(percent(row.cer, 2) for row in GUIDE)],
        ["regions", *(str(m.lines) for m in metrics.values()), *(str(row.lines) for row in GUIDE)],
        ["failures", *(str(m.failures) for m in metrics.values()), *(str(row.failures) for row in GUIDE)],
    ]
    for kind in ErrorClass:
        if kind is not ErrorClass.EXACT:
            ours = [_cell(m.taxonomy.get(kind, 0), m.failures) for m in metrics.values()]
            rows.append([class_title(kind), *ours, *(_cell(row.count(kind), row.failures) for row in GUIDE)])
    return head, rows


def _cell(lines: int | None, failures: int) -> str:
    if lines is None:
        return "–"
    return f"{lines} ({percent(lines / failures)} %)" if failures else str(lines)
