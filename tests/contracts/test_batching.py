"""The batching contract: one rung a batch, the same rung for the same line, batches of a constant area."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.batching import Batch, batch_size, plan_batches
from nordocr.linespec import LADDER, LineSpec

SPEC = LineSpec()
WIDTHS = st.lists(st.integers(1, 448).map(lambda n: 4 * n), max_size=120)


def test_a_plan_known_by_hand() -> None:
    widths = [100, 32, 1020, 128, 30, 1024, 4, 132]
    assert plan_batches(widths, SPEC, area=256) == [
        Batch(32, (1, 4, 6)),
        Batch(128, (0, 3)),
        Batch(192, (7,)),
        Batch(1024, (2,)),  # 1024 px is over the area: one line at a time
        Batch(1024, (5,)),
    ]


def test_lines_keep_their_order_within_a_rung() -> None:
    assert plan_batches([40, 64, 36, 60, 64], SPEC, area=128) == [
        Batch(64, (0, 1)),
        Batch(64, (2, 3)),
        Batch(64, (4,)),
    ]


@pytest.mark.parametrize(
    ("width", "area", "maximum", "lines"),
    [
        (128, 4096, None, 32),
        (1024, 4096, None, 4),
        (1792, 4096, None, 2),
        (1792, 1000, None, 1),
        (32, 4096, 64, 64),
        (128, 4096, 64, 32),
        (640, 4096, None, 6),
    ],
)
def test_batch_sizes_known_by_hand(width: int, area: int, maximum: int | None, lines: int) -> None:
    assert batch_size(width, area, maximum) == lines


@given(widths=WIDTHS, area=st.integers(1, 20_000), maximum=st.none() | st.integers(1, 40))
def test_every_line_once_in_its_own_rung_within_the_area(widths: list[int], area: int, maximum: int | None) -> None:
    batches = plan_batches(widths, SPEC, area=area, max_lines=maximum)
    assert sorted(i for b in batches for i in b.indices) == list(range(len(widths)))
    for batch in batches:
        assert batch.indices
        assert {min(r for r in LADDER if r >= widths[i]) for i in batch.indices} == {batch.width}
        assert len(batch.indices) == 1 or len(batch.indices) * batch.width <= area
        assert maximum is None or len(batch.indices) <= maximum
        assert list(batch.indices) == sorted(batch.indices)
    assert [b.width for b in batches] == sorted(b.width for b in batches)


@given(widths=WIDTHS, area=st.integers(1, 20_000))
def test_only_the_last_batch_of_a_rung_is_not_full(widths: list[int], area: int) -> None:
    batches = plan_batches(widths, SPEC, area=area)
    for before, after in itertools.pairwise(batches):
        if before.width == after.width:
            assert len(before.indices) == max(1, area // before.width)


@given(first=WIDTHS, second=WIDTHS, width=st.integers(1, 448).map(lambda n: 4 * n))
def test_a_line_s_rung_does_not_depend_on_its_neighbours(first: list[int], second: list[int], width: int) -> None:
    def rung_of_the_line(others: list[int]) -> int:
        plan = plan_batches([*others, width], SPEC, area=4096)
        return next(b.width for b in plan if len(others) in b.indices)

    assert rung_of_the_line(first) == rung_of_the_line(second)


def test_nothing_to_plan() -> None:
    assert plan_batches([], SPEC, area=4096) == []


def test_a_line_above_the_ladder_is_an_error_and_never_cut() -> None:
    with pytest.raises(ValueError, match="1796"):
        plan_batches([64, 1796], SPEC, area=4096)
