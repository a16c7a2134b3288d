"""Tables of figures at the terminal, shared by the verbs that show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from nordocr.evaluate.scoring.summary import Summary


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
    """Return every error class: lines and share of the failures, two columns per set or engine."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from nordocr.evaluate.scoring.shown import breakdown, percent

    caption = "% of failures: of the lines that are not exact; nordocr's own definition: docs/evaluation.md"
    table = Table(title="Error classes, lines", caption=caption, box=SIMPLE_HEAD)
    table.add_column("class", no_wrap=True)
    for name in rows:
        table.add_column(name, justify="right")
        table.add_column("% of failures", justify="right")
    for row in zip(*(breakdown(summary) for summary in rows.values()), strict=True):
        cells = [cell for share in row for cell in (str(share.lines), percent(share.of_failures))]
        table.add_row(str(row[0].kind), *cells)
    totals = [(str(summary.failures), percent(1.0 if summary.failures else None)) for summary in rows.values()]
    table.add_section()
    table.add_row("all failures", *(cell for total in totals for cell in total))
    return table
