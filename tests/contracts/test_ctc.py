"""The decoding contract: best path, each item over its own width, spans, words; every answer worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.charset import NORDIC_126
from nordocr.ctc import Decoded, Span, char_extents, decode, decode_batch, softmax, words
from nordocr.linespec import LineSpec
from nordocr.recognize.base import line_text

SPEC = LineSpec()
PROBABILITIES = LineSpec(output="probabilities")
FloatArray = npt.NDArray[np.float32]


def path(steps: str, probability: float = 0.9) -> FloatArray:
    """Probabilities ``[len(steps), 126]`` in which each step's best class is the character, ``_`` the blank."""
    scores = np.full((len(steps), 126), (1 - probability) / 125, dtype=np.float32)
    for row, character in zip(scores, steps, strict=True):
        row[0 if character == "_" else NORDIC_126.encode(character)[0]] = probability
    return scores


def logits(steps: str, probability: float = 0.9, shift: float = 0.0) -> FloatArray:
    """The same as logits; a constant added to a step's logits changes nothing."""
    return np.log(path(steps, probability)) + np.float32(shift)


def read(steps: str) -> str:
    return decode(logits(steps), SPEC, 4 * len(steps)).text


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ("_______", ""),
        ("abc", "abc"),
        ("aabbbc", "abc"),
        ("a_a", "aa"),
        ("aa_aa", "aa"),
        ("_a__a_a", "aaa"),
        ("__hh_eell_ll_oo__", "hello"),
        ("kaaff__fe", "kaffe"),
        ("1_0000_0", "100"),
        ("a b", "a b"),
        ("a  _ b", "a  b"),
        ("Åå_ÄäÖö", "ÅåÄäÖö"),
        ("S_u_mm_m_a", "Summa"),
    ],
)
def test_best_path_known_by_hand(steps: str, text: str) -> None:
    assert read(steps) == text
    assert decode(path(steps), PROBABILITIES, 4 * len(steps)).text == text


def naive(classes: list[int]) -> str:
    """Best path as the paper says it: drop what equals its predecessor, then drop blanks."""
    return "".join(
        NORDIC_126.characters[c - 1] for i, c in enumerate(classes) if c != 0 and (i == 0 or classes[i - 1] != c)
    )


@given(st.lists(st.sampled_from([0, 0, 1, 2, 79, 125]), min_size=1, max_size=60))
def test_best_path_of_any_classes(classes: list[int]) -> None:
    scores = np.zeros((len(classes), 126), dtype=np.float32)
    scores[np.arange(len(classes)), classes] = 5.0
    decoded = decode(scores, SPEC, 4 * len(classes))
    assert decoded.text == naive(classes)
    assert decoded.text == "".join(span.char for span in decoded.spans)
    for span in decoded.spans:
        assert {NORDIC_126.characters[c - 1] for c in classes[span.start : span.end]} == {span.char}
    assert all(a.end <= b.start for a, b in zip(decoded.spans, decoded.spans[1:], strict=False))


# Spans, probabilities, confidence


def test_spans_say_where_and_how_surely() -> None:
    scores = path("_aa__b")
    scores[1, 37], scores[2, 37], scores[5, 38] = 0.6, 0.8, 0.7
    decoded = decode(scores, PROBABILITIES, 24)
    assert [(s.char, s.start, s.end) for s in decoded.spans] == [("a", 1, 3), ("b", 5, 6)]
    assert [s.probability for s in decoded.spans] == pytest.approx([0.8, 0.7])  # the highest within each span
    assert decoded.confidence == pytest.approx(0.7)  # the lowest of the characters'
    assert decoded.steps == 6


def test_logits_and_probabilities_give_the_same() -> None:
    from_logits = decode(logits("_aa_b_", 0.8, shift=12.5), SPEC, 24)
    from_probabilities = decode(path("_aa_b_", 0.8), PROBABILITIES, 24)
    assert from_logits.text == from_probabilities.text == "ab"
    assert [s.probability for s in from_logits.spans] == pytest.approx([0.8, 0.8], abs=1e-5)
    assert from_logits.confidence == pytest.approx(from_probabilities.confidence, abs=1e-5)


def test_probabilities_are_not_softmaxed_again() -> None:
    # Softmax of probabilities in [0, 1] over 126 classes can never exceed e / (e + 125), about 0.021.
    assert decode(path("ab", 0.99), PROBABILITIES, 8).confidence == pytest.approx(0.99)
    assert decode(path("ab", 0.99), SPEC, 8).confidence < 0.03


def test_an_empty_line_s_confidence_is_its_weakest_blank() -> None:
    scores = path("___")
    scores[1, 0] = 0.55
    decoded = decode(scores, PROBABILITIES, 12)
    assert (decoded.text, decoded.spans) == ("", ())
    assert decoded.confidence == pytest.approx(0.55)
    assert words(decoded) == []
    assert char_extents(decoded) == []


def test_softmax_known_by_hand() -> None:
    values = softmax(np.array([[0.0, math.log(3.0)], [1000.0, 1000.0], [-1e4, 0.0]], dtype=np.float32))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, [[0.25, 0.75], [0.5, 0.5], [0.0, 1.0]], atol=1e-6)


def test_half_precision_scores_are_decoded() -> None:
    decoded = decode(logits("_ab_").astype(np.float16), SPEC, 16)
    assert decoded.text == "ab"
    assert decoded.confidence == pytest.approx(0.9, abs=2e-3)


# The item's own width


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (4, "a"),
        (5, "ab"),
        (8, "ab"),
        (9, "abc"),
        (12, "abc"),
        (13, "abcd"),
        (16, "abcd"),
        (17, "abcdX"),
        (24, "abcdXY"),
    ],
)
def test_only_the_line_s_own_steps_are_read(width: int, text: str) -> None:
    decoded = decode(logits("abcdXY"), SPEC, width)
    assert decoded.text == text
    assert decoded.steps == len(text)


def test_padding_never_speaks_in_a_mixed_batch() -> None:
    rows = ["ab__ZZZZ", "a_b_cc__", "ZZZZZZZZ", "_____z_Z"]
    widths = [16, 32, 3, 20]  # own steps: 4, 8, 1, 5
    batch = np.stack([logits(row, 0.99) for row in rows])
    decoded = decode_batch(batch, SPEC, widths)
    assert [d.text for d in decoded] == ["ab", "abc", "Z", ""]
    assert [d.steps for d in decoded] == [4, 8, 1, 5]
    assert all(span.end <= d.steps for d in decoded for span in d.spans)


def test_garbage_in_the_padding_changes_nothing_at_all() -> None:
    rng = np.random.default_rng(7)
    widths = [5, 64, 130, 256, 33]
    batch = rng.normal(0, 3, (5, 64, 126)).astype(np.float32)
    before = decode_batch(batch, SPEC, widths)
    for row, width in zip(batch, widths, strict=True):
        row[len(range(0, width, 4)) :] = rng.normal(50, 90, 126)
        row[len(range(0, width, 4)) :, 36] = np.inf
    assert decode_batch(batch, SPEC, widths) == before
    assert [d.steps for d in before] == [2, 16, 33, 64, 9]


def test_an_item_is_the_same_alone_and_in_a_batch() -> None:
    batch = np.random.default_rng(8).normal(0, 3, (4, 32, 126)).astype(np.float32)
    widths = [128, 17, 100, 64]
    together = decode_batch(batch, SPEC, widths)
    assert together == [decode(item, SPEC, width) for item, width in zip(batch, widths, strict=True)]


def test_a_batch_needs_a_width_for_each_item() -> None:
    with pytest.raises(ValueError, match="zip"):
        decode_batch(np.zeros((2, 8, 126), dtype=np.float32), SPEC, [32])


# Characters' and words' places


def decoded(steps: int, *spans: tuple[str, int, int, float]) -> Decoded:
    made = tuple(Span(*span) for span in spans)
    return Decoded("".join(s.char for s in made), min(s.probability for s in made), made, steps)


def test_extents_meet_midway_between_neighbours() -> None:
    # Centres 2, 4, 7 of 10 steps: edges between them at 3 and 5.5, the outer ones as far out as they reach in.
    line = decoded(10, ("a", 1, 3, 0.9), ("b", 4, 4, 0.9), ("c", 6, 8, 0.9))
    assert [x for pair in char_extents(line) for x in pair] == pytest.approx([0.1, 0.3, 0.3, 0.55, 0.55, 0.85])


def test_extents_stay_on_the_line() -> None:
    # Centres 0.5 and 9.5: the outer edges would be at -4 and 14.
    line = decoded(10, ("a", 0, 1, 0.9), ("b", 9, 10, 0.9))
    assert char_extents(line) == [(0.0, 0.5), (0.5, 1.0)]


def test_words_known_by_hand() -> None:
    # Centres 1, 3, 5, 7, 9 of 10 steps, so the edges lie at 0, 2, 4, 6, 8, 10.
    line = decoded(10, ("a", 0, 2, 0.9), ("b", 2, 4, 0.5), (" ", 4, 6, 0.1), ("c", 6, 8, 0.8), ("d", 8, 10, 0.7))
    first, second = words(line)
    assert (first.text, first.confidence) == ("ab", 0.5)  # the space's own doubt is nobody's
    assert (first.left, first.right) == pytest.approx((0.0, 0.4))
    assert (second.text, second.confidence) == ("cd", 0.7)
    assert (second.left, second.right) == pytest.approx((0.6, 1.0))


@pytest.mark.parametrize(("steps", "found"), [(" a ", ["a"]), ("  _ ", []), ("a _ b", ["a", "b"]), ("abc", ["abc"])])
def test_spaces_at_the_ends_and_in_a_row_make_no_empty_words(steps: str, found: list[str]) -> None:
    assert [w.text for w in words(decode(logits(steps), SPEC, 4 * len(steps)))] == found


@given(st.text(alphabet="ab _", min_size=1, max_size=50))
def test_extents_and_words_are_in_order_and_within_the_line(steps: str) -> None:
    line = decode(logits(steps), SPEC, 4 * len(steps))
    extents = char_extents(line)
    assert len(extents) == len(line.text)
    edges = [edge for pair in extents for edge in pair]
    assert edges == sorted(edges)
    assert all(0.0 <= edge <= 1.0 for edge in edges)
    assert [w.text for w in words(line)] == line.text.split()
    assert all(w.left < w.right for w in words(line))


def test_every_character_of_a_line_has_a_confidence() -> None:
    text = line_text(decode(logits("a _bc"), SPEC, 20), flags=("squeezed",))
    assert text.text == "a bc"
    assert len(text.char_confidences) == 4
    assert [w.text for w in text.words] == ["a", "bc"]
    assert text.flags == ("squeezed",)
