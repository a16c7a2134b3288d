from __future__ import annotations

import numpy as np
import pytest

from nordocr.evaluate.scoring.bootstrap import choose_unit, intervals
from nordocr.evaluate.scoring.metrics import Pair, score


@pytest.mark.parametrize(
    ("documents", "pages", "unit", "count"),
    [
        (20, 1, "documents", 20),
        (19, 1, "lines", 57),  # 19 documents, 19 pages
        (19, 2, "pages", 38),
        (1, 20, "pages", 20),
        (1, 19, "lines", 57),
    ],
)
def test_the_unit_falls_from_documents_to_pages_to_lines(documents: int, pages: int, unit: str, count: int) -> None:
    names = [(f"d{d}", f"p{p}") for d in range(documents) for p in range(pages)]
    lines = (names * 3)[: max(57, len(names))] if unit == "lines" else names * 3
    chosen, codes, found = choose_unit([d for d, _ in lines], [p for _, p in lines])
    assert (chosen, found) == (unit, count)
    assert len(codes) == len(lines) and set(codes.tolist()) == set(range(found))


def test_an_unknown_document_rules_documents_out() -> None:
    assert choose_unit([None, *(f"d{i}" for i in range(30))], [None] * 31)[0] == "lines"


def test_the_interval_of_a_share_agrees_with_theory() -> None:
    right = np.array([1] * 300 + [0] * 100)
    found = intervals({"x": (right, np.ones(400, dtype=np.int64))}, np.arange(400), 400, resamples=4000)["x"]
    error = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert found.low == pytest.approx(0.75 - error, abs=0.006)
    assert found.high == pytest.approx(0.75 + error, abs=0.006)


def test_lines_of_one_document_do_not_count_as_independent() -> None:
    # 20 documents of 50 equal lines each hold 20 facts, not 1000.
    pairs = [Pair("a", "a" if d % 2 else "b", source=f"d{d}") for d in range(20) for _ in range(50)]
    over_documents = score(pairs)
    over_lines = score([(p.reference, p.hypothesis) for p in pairs])
    assert (over_documents.unit, over_documents.units, over_lines.unit) == ("documents", 20, "lines")
    wide, narrow = over_documents.intervals["exact"], over_lines.intervals["exact"]
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)
    assert wide.low <= 0.5 <= wide.high


def test_ratios_without_a_safe_denominator_have_no_interval() -> None:
    ones = np.ones(3, dtype=np.int64)
    found = intervals({"sure": (ones, ones), "rare": (ones, np.array([1, 0, 0]))}, np.arange(3), 3, resamples=200)
    assert set(found) == {"sure"}
    assert intervals({"one": (ones[:1], ones[:1])}, np.zeros(1, dtype=np.int64), 1) == {}
