"""Signs of amounts: a page keeps to one, and what is sure stays."""

from __future__ import annotations

import pytest

from nordocr.detect.base import Region
from nordocr.pipeline.amounts import one_way
from nordocr.pipeline.boxes import page_of
from nordocr.pipeline.preparation import Layout
from nordocr.recognize.base import LineText
from nordocr.results import BBox, Line, Word

PLACE = BBox(x=0, y=0, width=90, height=20)


def line(text: str, sign: float = 0.7) -> Line:
    words = [Word(text=word, confidence=1.0, bbox=PLACE) for word in text.split()]
    sure = [sign, *[1.0] * (len(text) - 1)]
    return Line(text=text, confidence=0.9, bbox=PLACE, char_confidences=sure, words=words)


def texts(*lines: Line) -> list[str]:
    return [one.text for one in one_way(lines)]


@pytest.mark.parametrize("odd", ["–3.435", "– 806", "–12 345,50 kr", "—7 %", "–1'200 SEK"])
def test_the_sign_that_prevails_takes_the_place_of_an_unsure_one(odd: str) -> None:
    read = [line("-896"), line("-1 059"), line("-751"), line(odd)]
    assert texts(*read) == ["-896", "-1 059", "-751", "-" + odd[1:]]
    changed = one_way(read)[3]
    assert [word.text for word in changed.words] == ("-" + odd[1:]).split()
    assert changed.char_confidences == read[3].char_confidences
    assert [one.flags for one in one_way(read)] == [[], [], [], ["evened"]]


def test_dashes_may_prevail_too() -> None:
    assert texts(line("–896"), line("–1 059"), line("-751")) == ["–896", "–1 059", "–751"]


def test_signs_that_balance_stay() -> None:
    read = [line("-896"), line("-1 059"), line("-751"), line("–806"), line("–3 435")]
    assert texts(*read) == [one.text for one in read]


def test_a_sure_sign_stays() -> None:
    assert texts(line("-896"), line("-1 059"), line("-751"), line("–806", 0.95))[3] == "–806"


@pytest.mark.parametrize("other", ["– 31 –", "–", "– Kassa", "–10–12", "1 059–"])
def test_what_is_no_amount_neither_changes_nor_counts(other: str) -> None:
    assert texts(line("-896"), line("-1 059"), line(other)) == ["-896", "-1 059", other]
    assert texts(line(other), line(other), line("-896"), line("–896"))[2:] == ["-896", "–896"]


def test_amounts_without_confidences_stay() -> None:
    bare = Line(text="–806", confidence=0.9, bbox=PLACE)
    assert texts(line("-896"), line("-1 059"), line("-751"), bare)[3] == "–806"


def test_a_page_is_read_with_one_sign() -> None:
    read = ["Kassa", "-896", "-751", "-59", "–806"]
    regions = [Region(100, 100 + 60 * n, 200, 30, 0.0, 30.0) for n in range(5)]
    page = page_of(Layout(0, (600, 800), regions), [LineText(t, 0.9, (0.8,) * len(t)) for t in read])
    assert [one.text for one in page.lines] == ["Kassa", "-896", "-751", "-59", "-806"]


def decimals(*odd: tuple[str, float]) -> list[str]:
    read = [line(text, 1.0) for text in ("361,00", "1 294,50", "-37 346,12", "80,00")]
    read += [line(text, 1.0) for text, _ in odd]
    for one, (text, sure) in zip(read[4:], odd, strict=True):
        one.char_confidences[len(text) - 3] = sure
    found = one_way(read)
    assert [one.text for one in found[:4]] == ["361,00", "1 294,50", "-37 346,12", "80,00"]
    assert [" ".join(word.text for word in one.words) for one in found] == [one.text for one in found]
    return [one.text for one in found[4:]]


def test_an_unsure_point_before_decimals_is_a_comma_where_most_are() -> None:
    assert decimals(("27 482.00", 0.7)) == ["27 482,00"]
    assert decimals(("1.770.50", 0.7), ("822.50", 0.5)) == ["1.770,50", "822,50"]


@pytest.mark.parametrize("other", [("27 482.00", 0.95), ("31.12.06", 0.4), ("1.234.567", 0.4), ("Not 4.12", 0.4)])
def test_sure_points_dates_and_thousands_stay(other: tuple[str, float]) -> None:
    assert decimals(other) == [other[0]]


def test_commas_among_points_stay() -> None:
    read = [line(text, 0.8) for text in ("361.00", "1 294.50", "346.12", "80.00", "12,50")]
    assert [one.text for one in one_way(read)] == [one.text for one in read]
