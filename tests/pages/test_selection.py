"""The page selection of the command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.errors import UsageError
from nordocr.pages import parse_selection


def test_ranges_count_from_one() -> None:
    selection = parse_selection("1, 3-5,9-")
    assert [i for i in range(12) if i in selection] == [0, 2, 3, 4, 8, 9, 10, 11]
    assert selection.last is None
    assert parse_selection("2,7-7").last == 7


@pytest.mark.parametrize("text", ["", "0", "3-2", "-3", "a", "1;2", "1,,2", "1-2-3", "1.5"])
def test_what_is_not_a_selection_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="page selection"):
        parse_selection(text)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(1, 50))
def test_a_page_that_is_named_but_not_there_is_found(numbers: list[int], count: int) -> None:
    selection = parse_selection(",".join(map(str, numbers)))
    beyond = [n for n in numbers if n > count]
    assert selection.missing(count) == min(beyond, default=None)
    assert {i for i in range(60) if i in selection} == {n - 1 for n in numbers}


def test_a_range_that_runs_over_the_end_misses_the_first_page_beyond() -> None:
    assert parse_selection("3-9").missing(5) == 6
    assert parse_selection("3-").missing(2) == 3
    assert parse_selection("3-").missing(3) is None
