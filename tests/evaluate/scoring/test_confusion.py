from __future__ import annotations

from nordocr.evaluate.scoring.confusion import NOTHING, OTHER, confusions
from nordocr.evaluate.scoring.metrics import score


def found(pairs: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {(c.reference, c.hypothesis): c.count for c in score(pairs, resamples=0).confusions}


def test_one_lost_letter_is_one_confusion_not_a_shifted_tail() -> None:
    # Equal positions would call every later letter wrong.
    assert found([("Räntekostnader", "äntekostnader")]) == {("R", ""): 1}
    assert found([("handelsvaror", "bandelsvaror")]) == {("h", "b"): 1}
    assert confusions("ab", "axb") == [("", "x")]


def test_confusions_are_ranked_and_summed_over_lines() -> None:
    counts = score([("åå", "aa"), ("å ö", "a o"), ("b", "c")], resamples=0).confusions
    assert [(c.reference, c.hypothesis, c.count) for c in counts] == [("å", "a", 3), ("b", "c", 1), ("ö", "o", 1)]


def test_recall_and_precision_of_nordic_letters() -> None:
    metrics = score([("åäö", "åao"), ("ab", "åb"), ("ö", "ö"), ("x", "þ")], resamples=0)
    ring, dots, o = metrics.nordic["å"], metrics.nordic["ä"], metrics.nordic["ö"]
    assert (ring.reference, ring.hypothesis, ring.correct, ring.recall, ring.precision) == (1, 2, 1, 1.0, 0.5)
    assert (dots.recall, dots.precision) == (0.0, None)
    assert (o.reference, o.correct, o.recall, o.precision) == (2, 1, 0.5, 1.0)
    assert (metrics.nordic["þ"].recall, metrics.nordic["þ"].precision) == (None, 0.0)
    assert "Æ" not in metrics.nordic


def test_a_letter_under_another_mark_is_another_letter() -> None:
    metrics = score([("ö\u0323 q\u0323", "o q\u0323"), ("ö", "ö")], resamples=0)
    assert metrics.nordic["ö"].recall == 1.0
    assert metrics.nordic["ö"].reference == 1


def test_tables_of_rings_dots_and_strokes() -> None:
    pairs = [("åååå", "åa."), ("ä", "å"), ("Å", "A"), ("ø", "ö"), ("a", "a")]
    tables = score(pairs, resamples=0).tables
    ring = tables["a/å/ä"]["å"]
    assert ring["å"] == 1 and ring["a"] == 1 and ring[OTHER] == 1 and ring[NOTHING] == 1
    assert sum(ring.values()) == 4
    assert tables["a/å/ä"]["ä"] == {"a": 0, "å": 1, "ä": 0, NOTHING: 0, OTHER: 0}
    assert tables["a/å/ä"]["a"]["a"] == 1
    assert tables["A/Å/Ä"]["Å"]["A"] == 1
    assert tables["o/ö/ø"]["ø"]["ö"] == 1
    assert list(tables) == ["a/å/ä", "A/Å/Ä", "o/ö/ø", "O/Ö/Ø"]
