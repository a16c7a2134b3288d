"""Income statements and balance sheets: their rows, and figures that add up.

The rows' wording comes from each language's data file. A row's first sign says what it is: ``#`` a heading, ``+``
income or an asset, ``-`` a cost, ``=`` the sum since the last sum, ``~`` the total from the top, ``*`` the item that
makes the two sides of a balance sheet agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nordocr.synth.corpora.locales import StatementWording
from nordocr.synth.dice import Dice


@dataclass(frozen=True)
class Row:
    """One row: ``mark`` as in the module's text, ``figures`` one a year (none for a heading)."""

    mark: str
    label: str
    figures: tuple[int, ...] = ()

    @property
    def total(self) -> bool:
        """Whether the row sums up others."""
        return self.mark in "=~"


def income_statement(dice: Dice, wording: StatementWording, years: int, size: int) -> list[Row]:
    """Return an income statement whose turnover is about ``size``; costs are below zero and every sum is right."""
    rows = parsed(wording.income)
    costs = sum(mark == "-" for mark, _ in rows)
    values: list[list[int]] = []
    first = True
    for mark, _ in rows:
        if mark == "+":
            base = size if first else size * dice.unit() * 0.06
            first = False
        else:
            base = -size * (0.4 + dice.unit()) * 0.92 / max(costs, 1)
        values.append([round(base * (0.85 + 0.3 * dice.unit())) if mark in "+-" else 0 for _ in range(years)])
    return added_up(rows, values)


def balance_sheet(dice: Dice, wording: StatementWording, years: int, size: int) -> tuple[list[Row], list[Row]]:
    """Return assets, and equity with liabilities, of about ``size`` altogether; both sides have the same total."""
    assets, liabilities = parsed(wording.assets), parsed(wording.liabilities)
    items = sum(mark == "+" for mark, _ in assets)
    values = [
        [round(size / items * (0.1 + 1.8 * dice.unit())) if mark == "+" else 0 for _ in range(years)]
        for mark, _ in assets
    ]
    totals = [sum(row[year] for row in values) for year in range(years)]
    items = sum(mark == "+" for mark, _ in liabilities)
    owed = [
        [round(totals[year] * 0.85 / items * (0.1 + 1.5 * dice.unit())) if mark == "+" else 0 for year in range(years)]
        for mark, _ in liabilities
    ]
    rest = [totals[year] - sum(row[year] for row in owed) for year in range(years)]
    owed = [rest if mark == "*" else row for (mark, _), row in zip(liabilities, owed, strict=True)]
    return added_up(assets, values), added_up(liabilities, owed)


def parsed(wording: Iterable[str]) -> list[tuple[str, str]]:
    """Return (mark, label) of every row of a statement's wording."""
    return [(row[0], row[1:].strip()) for row in wording]


def added_up(rows: list[tuple[str, str]], values: list[list[int]]) -> list[Row]:
    """Return rows with ``values`` (read for items only) and the sums that follow from them."""
    years = len(values[0])
    part, whole = [0] * years, [0] * years
    result = []
    for (mark, label), row in zip(rows, values, strict=True):
        if mark == "#":
            result.append(Row(mark, label))
            continue
        if mark in "+-*":
            part = [a + b for a, b in zip(part, row, strict=True)]
            whole = [a + b for a, b in zip(whole, row, strict=True)]
            result.append(Row(mark, label, tuple(row)))
            continue
        result.append(Row(mark, label, tuple(part if mark == "=" else whole)))
        part = [0] * years
    return result
