from __future__ import annotations

import numpy as np
import pytest

from nordocr.evaluate.scoring.bootstrap import intervals
from nordocr.evaluate.scoring.metrics import Pair
from nordocr.evaluate.scoring.paired import paired_differences
from nordocr.evaluate.scoring.table import ScoredTable

# 25 documents of 20 equal lines: 25 facts. The second engine mends every fifth document and spoils every tenth.
TRUTH = "Årets övriga skulder"


def lines(wrong: set[int], documents: int = 25, each: int = 20) -> list[Pair]:
    return [
        Pair(TRUTH, "Arets övriga skulder" if d in wrong else TRUTH, source=f"d{d}", page="1")
        for d in range(documents)
        for _ in range(each)
    ]


FIRST, SECOND = lines({0, 5, 10, 15, 20}), lines({3, 13})


def test_values_are_second_minus_first() -> None:
    found = paired_differences(FIRST, SECOND)
    assert found.lines == 500
    rates = found.rates
    assert list(rates) == ["exact", "space_insensitive", "cer", "right_truncation", "leading_garbage"]
    assert (rates["exact"].first, rates["exact"].second) == (0.8, 0.92)
    assert rates["exact"].value == pytest.approx(0.12)
    assert (rates["exact"].occurrences, rates["cer"].occurrences) == (500, 500 * len(TRUTH))
    assert rates["cer"].value == pytest.approx((2 - 5) * 20 / (500 * len(TRUTH)))
    assert rates["right_truncation"].value == 0.0
    ring = found.letters["Å"]
    assert (ring.first, ring.second, ring.occurrences) == (0.8, 0.92, 500)
    assert found.letters["ö"].value == 0.0
    assert set(found.letters) == {"Å", "ö"}, "letters that do not occur are left out"


def test_documents_are_resampled_and_not_lines() -> None:
    found = paired_differences(FIRST, SECOND, resamples=500)
    assert (found.unit, found.units) == ("documents", 25)
    gain = ScoredTable(SECOND).exact - ScoredTable(FIRST).exact
    ones = np.ones(500, dtype=np.int64)
    over_documents = intervals({"x": (gain, ones)}, np.arange(500) // 20, 25, resamples=500)["x"]
    over_lines = intervals({"x": (gain, ones)}, np.arange(500), 500, resamples=500)["x"]
    assert found.rates["exact"].interval == over_documents
    assert over_documents.high - over_documents.low > 3 * (over_lines.high - over_lines.low)
    # Whoever takes the lines for independent believes a gain that five documents of 25 cannot show.
    assert over_documents.low <= 0.0 < over_lines.low


def test_the_difference_is_paired() -> None:
    """Two engines that err on the same documents: each alone is uncertain, their difference is not."""
    found = paired_differences(FIRST, FIRST).rates["exact"]
    assert found.interval is not None and (found.interval.low, found.interval.high) == (0.0, 0.0)


def test_tables_are_taken_as_they_are() -> None:
    a, b = ScoredTable(FIRST), ScoredTable(SECOND)
    assert paired_differences(a, b, seed=3) == paired_differences(FIRST, SECOND, seed=3)


@pytest.mark.parametrize(
    ("first", "second"), [([], []), (FIRST, FIRST[1:]), ([Pair("a", "a")], [Pair("b", "b")]), (FIRST, [])]
)
def test_other_lines_are_refused(first: list[Pair], second: list[Pair]) -> None:
    with pytest.raises(ValueError, match="same lines"):
        paired_differences(first, second)


def test_a_figure_over_nothing_is_none() -> None:
    found = paired_differences([Pair("", "")], [Pair("", "x")])
    cer = found.rates["cer"]
    assert (cer.first, cer.second, cer.value, cer.interval, cer.occurrences) == (None, None, None, None, 0)
    assert found.rates["exact"].value == -1.0 and found.rates["exact"].interval is None
