"""Tables of figures at the terminal, shared by the verbs that show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

    from nordocr.evaluate.scoring.summary import Summary

_APART: Final = 3
"""Sets or engines up to which lines and their share have a column each: more would not fit a terminal."""


def rate_headings(*, counts: bool = False) -> list[str]:
    """Return the headings of the columns that :func:`rate_cells` fills."""
    from nordocr.evaluate.scoring.rates import RATES

    headings = []
    for rate in RATES:
        if rate.in_summary or counts:
            headings.append(rate.heading)
            headings += ["95 %"] if rate.goal else []
    return headings


def rate_cells(summary: Summary | None, *, counts: bool = False) -> list[str]:
    """Return a set's figures as percentages, those that decide with their intervals.

    Args:
        summary: The figures; None for a row of dashes.
        counts: Whether to include rates that no summary holds, as numbers of lines.
    """
    from nordocr.evaluate.scoring.rates import RATES
    from nordocr.evaluate.scoring.shown import percent, percent_range

    if summary is None:
        return ["–"] * len(rate_headings(counts=counts))
    cells = []
    for rate in RATES:
        if rate.in_summary:
            cells.append(percent(summary.rate(rate.name), rate.digits))
            cells += [percent_range(summary.intervals.get(rate.name), rate.digits)] if rate.goal else []
        elif counts:
            cells.append(str(summary.taxonomy.get(rate.name, "–")))
    return cells


def classes_table(rows: Mapping[str, Summary]) -> Table:
    """Return every error class: lines and share of the failures, two columns per set or engine, of many sets one."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nordocr.evaluate.scoring.shown import breakdown, percent

    together = len(rows) > _APART
    caption = "% of failures: of the lines that are not exact; nordocr's own definition: docs/evaluation.md"
    if together:
        caption = f"lines, and {caption}"
    table = Table(title="Error classes, lines", caption=caption, box=SIMPLE_HEAD)
    table.add_column("class", no_wrap=True)
    for name in rows:
        table.add_column(name, justify="right", overflow="fold")
        if not together:
            table.add_column("% of failures", justify="right")

    def add(kind: str, shares: Iterable[tuple[int, float | None]]) -> None:
        pairs = [(str(lines), percent(share)) for lines, share in shares]
        table.add_row(kind, *([" ".join(pair) for pair in pairs] if together else chain.from_iterable(pairs)))

    for row in zip(*(breakdown(summary) for summary in rows.values()), strict=True):
        add(str(row[0].kind), ((share.lines, share.of_failures) for share in row))
    table.add_section()
    add("all failures", ((summary.failures, 1.0 if summary.failures else None) for summary in rows.values()))
    return table
