from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify

TEXT = st.text(alphabet="abcåäö12 ,.-–\u0301 \u00a0", max_size=14)
LETTERS = st.text(alphabet="abcåäö12", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        ("Summa kortfristiga skulder", "Summa kortfristiga sk", "right_truncation"),
        ("Räntekostnader", "eRäntekostnader", "leading_garbage"),
        ("Räntekostnader", "RRäntekostnader", "leading_garbage"),
        ("12, 13", "12,13", "space_only"),
        ("handelsvaror", "bandelsvaror", "minor"),
        ("Årets resultat", "Arets result", "right_truncation"),
        ("Summa skulder", "x", "major"),
        ("5", "12", "major"),
        ("5", "7", "major"),
        ("Summa skulder", "summa skulder", "minor"),
        ("Summa skulder", "", "missed"),
        ("Summa skulder", " \t", "missed"),
        ("", "x", "spurious"),
        ("", "", "exact"),
        ("  Summa   skulder ", "Summa\u00a0skulder", "exact"),
        ("A\u030arets resultat", "Årets resultat", "exact"),
        ("Summa kortfristiga skulder", "kortfristiga skulder", "left_truncation"),
        ("Räntekostnader", "Räntekostnader1", "trailing_garbage"),
        ("Räntekostnader", "Räntekostnade", "minor"),  # one character short is no truncation
        ("12", "13", "minor"),  # d = 1 and 2d <= |r|
    ],
)
def test_known_answers(reference: str, hypothesis: str, expected: str) -> None:
    assert classify(reference, hypothesis) == expected


@pytest.mark.parametrize(
    ("reference", "hypothesis", "expected"),
    [
        # A phrase read twice has a clean copy at its end, and class 7 is tried before class 8.
        ("Summa skulder", "Summa skulder Summa skulder", "leading_garbage"),
        # A long gap inside: what is left agrees with the beginning nearly enough.
        ("Summa kortfristiga skulder och avsättningar", "Summa kortfristiga avsättningar", "major"),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopyz", "right_truncation"),
    ],
)
def test_oddities(reference: str, hypothesis: str, expected: str) -> None:
    assert classify(reference, hypothesis) == expected


def test_a_limit_is_inclusive_and_exact() -> None:
    # |h| = 10, rest = 3: exactly 0.3; t = 3, d = 6: 2t >= d and 2 rest <= d both just hold.
    reference = "abcdefghij" + "123"
    assert classify(reference, "XYZdefghij") is ErrorClass.RIGHT_TRUNCATION
    assert classify(reference, "XYZWefghij") is not ErrorClass.RIGHT_TRUNCATION


def test_the_order_of_the_enumeration_is_the_order_of_the_rules() -> None:
    assert [c.value for c in ErrorClass] == [
        *("exact", "space_only", "missed", "spurious", "right_truncation", "left_truncation"),
        *("leading_garbage", "trailing_garbage", "minor", "major"),
    ]


@given(TEXT, TEXT)
def test_every_pair_has_one_class_and_it_is_repeatable(reference: str, hypothesis: str) -> None:
    found = classify(reference, hypothesis)
    assert found in ErrorClass
    assert classify(reference, hypothesis) is found
    assert (classify(reference, reference)) is ErrorClass.EXACT


@given(TEXT, TEXT, st.data())
def test_spaces_never_change_the_class_below_space_only(reference: str, hypothesis: str, data: st.DataObject) -> None:
    found = classify(reference, hypothesis)
    spaced = [_with_spaces(text, data) for text in (reference, hypothesis)]
    after = classify(*spaced)
    if found in (ErrorClass.EXACT, ErrorClass.SPACE_ONLY):
        assert after in (ErrorClass.EXACT, ErrorClass.SPACE_ONLY)
    else:
        assert after is found


def _with_spaces(text: str, data: st.DataObject) -> str:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
    for place in sorted(places, reverse=True):
        text = text[:place] + " " + text[place:]
    return text


@given(LETTERS, st.integers(2, 20))
def test_a_clean_cut_is_a_truncation_and_its_inverse_is_garbage(kept: str, length: int) -> None:
    lost = "ÖÄÅ" * length
    assert classify(kept + lost, kept) is ErrorClass.RIGHT_TRUNCATION
    assert classify(lost + kept, kept) is ErrorClass.LEFT_TRUNCATION
    assert classify(kept, kept + lost) is ErrorClass.TRAILING_GARBAGE
    assert classify(kept, lost + kept) is ErrorClass.LEADING_GARBAGE


def test_fewer_dots_of_a_contents_line_are_no_truncation() -> None:
    truth = "Noter ........................................ 12"
    assert classify(truth, "Noter .............. 12") is ErrorClass.MINOR
    assert classify(truth, "Noter . . . . . . . . . 12") is ErrorClass.MINOR
    assert classify(truth, "Noter ..............") is ErrorClass.RIGHT_TRUNCATION
    assert classify("Resultaträkning " + truth, "Resultatr ........ 12") is not ErrorClass.RIGHT_TRUNCATION
    assert classify(truth, "Noter") is ErrorClass.RIGHT_TRUNCATION


@given(st.text(alphabet="a._-–=*~", max_size=40), st.text(alphabet="a._-–=*~", max_size=40))
def test_a_text_with_combining_marks_is_classed_as_the_same_text_without(reference: str, hypothesis: str) -> None:
    # Texts with marks are compared cluster by cluster, others as they are: two ways, one class.
    with_marks = (text.replace("a", "x\u0323\u0302") for text in (reference, hypothesis))
    assert classify(*with_marks) is classify(reference, hypothesis)
