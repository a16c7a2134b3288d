"""Tables of figures at the terminal: many sets still fit, with every figure."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from nordocr.cli.figures_console import classes_table
from nordocr.evaluate.scoring.metrics import Pair, score

PAIRS = [Pair("a", "a"), Pair("ab c", "abc"), Pair("abc def", "abd def"), Pair("x", "x")]


@pytest.mark.parametrize(("sets", "wanted"), [(2, ["1", "50.0", "1", "50.0"]), (7, ["1", "50.0"] * 7)])
def test_classes_of_any_number_of_sets_fit(sets: int, wanted: list[str]) -> None:
    shown = io.StringIO()
    metrics = score(PAIRS)
    rows = {f"danish-typewritten-{number}": metrics for number in range(sets)}
    Console(file=shown, width=100).print(classes_table(rows))
    lines = shown.getvalue().splitlines()
    assert next(line for line in lines if "space_only" in line).split()[1:] == wanted
    assert "…" not in shown.getvalue()
