"""Letters set apart are put together to words."""

from __future__ import annotations

from nordocr.ctc import WordSpan
from nordocr.detect.base import Region
from nordocr.pipeline.boxes import line_of
from nordocr.pipeline.spaced import joined
from nordocr.recognize.base import LineText

READ = LineText(
    "S a mma 12",
    0.9,
    (0.9, 1.0, 0.8, 1.0, 0.7, 0.95, 0.99, 1.0, 0.6, 0.5),
    (
        WordSpan("S", 0.9, 0.0, 0.1),
        WordSpan("a", 0.8, 0.15, 0.25),
        WordSpan("mma", 0.7, 0.3, 0.6),
        WordSpan("12", 0.5, 0.8, 1.0),
    ),
    (),
    tuple((i / 10, i / 10 + 0.1) for i in range(10)),
)


def test_only_the_ends_of_words_are_spaces() -> None:
    text = joined(READ, [0.7])
    assert text.text == "Samma 12"
    assert [(word.text, word.confidence, word.left, word.right) for word in text.words] == [
        ("Samma", 0.7, 0.0, 0.6),
        ("12", 0.5, 0.8, 1.0),
    ]
    assert text.char_confidences == (0.9, 0.8, 0.7, 0.95, 0.99, 1.0, 0.6, 0.5)
    assert [round(10 * left) for left, _ in text.char_extents] == [0, 2, 4, 5, 6, 7, 8, 9]
    assert joined(READ, []).text == "Samma12"
    assert joined(READ, [0.12, 0.28, 0.7]) == READ


def test_an_engine_that_gives_no_words_is_left_alone() -> None:
    assert joined(LineText("S a mma", 0.9), []) == LineText("S a mma", 0.9)


def test_a_result_is_joined_where_the_region_says_so() -> None:
    assert line_of(Region(0, 0, 100, 20, word_ends=(0.7,)), READ).text == "Samma 12"
    assert line_of(Region(0, 0, 100, 20), READ).text == READ.text
