"""The human's sample: estimates and intervals against a calculation by hand."""

from __future__ import annotations

import math
import statistics

import pytest

from nordocr.evaluate.compare.scored import score_regions
from nordocr.evaluate.compare.verified import REFERENCE, VerifiedSample, check_sample
from nordocr.evaluate.documents.regions import ComparedRegion
from nordocr.results import BBox

# (reference, engine, human): the reference is wrong in two regions of the sample, in opposite senses for the engine.
LINES = [
    ("a", "a", "a"),
    ("b", "b", "B"),  # both wrong together: by the reference right, truly wrong
    ("c", "x", "x"),  # the reference is wrong: by it wrong, truly right
    ("d", "d", None),
    ("e", "y", None),
    ("f", "f", "f"),
    ("g", "g", "g"),
    ("h", "z", "Z"),
    (None, "k", "k"),
    (None, "l", None),
]


def checked(lines: list[tuple[str | None, str, str | None]], unmatched: int = 0) -> VerifiedSample | None:
    box = BBox(x=0, y=0, width=100, height=20)
    regions = [ComparedRegion("d", i, box, r, texts={"one": text}) for i, (r, text, _) in enumerate(lines)]
    return check_sample(score_regions(regions, ["one"]), [human for _, _, human in lines], unmatched)


def test_the_corrected_share_and_its_interval_by_hand() -> None:
    sample = checked(LINES, unmatched=3)
    assert sample is not None
    assert (sample.regions, sample.without_reference, sample.unmatched) == (7, 1, 3)
    by_reference = [1, 1, 0, 1, 0, 1, 1, 0]
    errors = [0, -1, 1, 0, 0, 0]
    exact = sample.exact["one"]
    assert exact.by_reference == pytest.approx(5 / 8)
    assert exact.corrected == pytest.approx(5 / 8 + statistics.mean(errors))
    half = 1.959964 * math.sqrt(statistics.variance(errors) / 6 + statistics.pvariance(by_reference) / 8)
    assert exact.interval is not None
    assert (exact.interval.low, exact.interval.high) == (max(0.0, 5 / 8 - half), min(1.0, 5 / 8 + half))


def test_a_correction_moves_the_share_and_stays_within_bounds() -> None:
    sample = checked([("a", "x", "x"), ("b", "y", "y"), ("c", "c", None), ("d", "d", None)])
    assert sample is not None
    exact = sample.exact["one"]
    assert (exact.by_reference, exact.corrected) == (0.5, 1.0)
    assert exact.interval is not None and (exact.interval.low, exact.interval.high) == (1.0, 1.0)
    worse = checked([("a", "a", "x"), ("b", "b", "y"), ("c", "z", None)])
    assert worse is not None and worse.exact["one"].corrected == 0.0 < worse.exact["one"].by_reference
    assert worse.exact["one"].interval is not None and worse.exact["one"].interval.low == 0.0


def test_readers_are_scored_against_the_human() -> None:
    sample = checked(LINES)
    assert sample is not None and list(sample.metrics) == [REFERENCE, "one"]
    assert sample.metrics[REFERENCE].exact == pytest.approx(3 / 6)
    assert sample.metrics["one"].exact == pytest.approx(4 / 6)


def test_one_region_gives_no_interval_and_none_no_sample() -> None:
    one = checked([("a", "a", "a"), ("b", "b", None)])
    assert one is not None and one.exact["one"].interval is None
    assert checked([("a", "a", None), (None, "b", "b")]) is None
