"""No test depends on how fast a machine is: a time is compared with another time, never with a number of seconds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CLOCKS = ("process_time", "perf_counter", "monotonic", "time.time(", "elapsed", "seconds")


def is_number(node: ast.expr) -> bool:
    """Decide whether an expression is made of numbers alone, as ``2 * 60`` is."""
    parts = ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop
    return all(isinstance(part, parts) for part in ast.walk(node))


def absolute_times(source: str) -> list[str]:
    """Return the upper limits, in an ``assert``, of something that a clock measured."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assert):
            continue
        for test in (n for n in ast.walk(node.test) if isinstance(n, ast.Compare)):
            sides = [test.left, *test.comparators]
            for operator, left, right in zip(test.ops, sides, sides[1:], strict=False):
                low, high = (left, right) if isinstance(operator, ast.Lt | ast.LtE) else (right, left)
                if not isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                    continue
                if is_number(high) and any(clock in ast.unparse(low) for clock in CLOCKS):
                    found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_test_asserts_a_number_of_seconds(path: Path) -> None:
    assert absolute_times(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("assert time.process_time() - started < 10", True),
        ("assert 2.0 > min(seconds)", True),
        ("assert quick and perf_counter() - a <= 2 * 60", True),
        ("assert time.process_time() - started < 450 * unit", False),
        ("assert found.seconds >= 0", False),
        ("assert len(lines) < 10", False),
    ],
)
def test_the_search_for_seconds_finds_them(source: str, found: bool) -> None:
    assert bool(absolute_times(source)) is found
