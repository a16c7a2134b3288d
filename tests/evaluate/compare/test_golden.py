"""A comparison that must not change by a digit unless someone means it to: recorded before the scored table existed."""

from __future__ import annotations

from pathlib import Path

from tests.evaluate.golden import digests, golden_comparison

RECORDED = {
    "documents": "366580c0e022f37f",
    "pages": "785f3ec7eb32f30b",
    "regions": "ee62de25ccc2b55d",
    "referenced": "bba58959c32abe68",
    "unreferenced": "5feceb66ffc86f38",
    "spurious": "8527a891e2241369",
    "merged": "5feceb66ffc86f38",
    "reference_kind": "8f1c38c8fef326e5",
    "notes": "4f53cda18c2baa0c",
    "engines": "3fd8fcff35cc27f5",
    "verdicts": "75141f53c34882a6",
    "none_right": "c2356069e9d1e79c",
    "pairs": "43a238fa4beafc30",
    "by_page": "1c01ecaaa92f5b08",
    "agreement": "23b9e0f1de34f78f",
    "doubt": "af349ea6807b4980",
    "referee": "74234e98afe7498f",
    "verified": "784ace230b50a665",
    "lines": "f19855a1ae56fca7",
}


def test_a_comparison_of_three_engines_is_the_recorded_one(tmp_path: Path) -> None:
    assert digests(golden_comparison(tmp_path)) == RECORDED
