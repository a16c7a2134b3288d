"""Points between thousands are put in where the page has them, and nowhere else."""

from __future__ import annotations

import pytest

from nordocr.pipeline.thousands import parted
from nordocr.results import BBox, Line, Word

PLACE = BBox(x=0, y=0, width=90, height=20)
PAGE = ("1.427.732", "-10.061.571", "5.180", "241.030", "3.773", "18.128", "-806")


def line(text: str) -> Line:
    words = [Word(text=word, confidence=0.9, bbox=PLACE) for word in text.split()]
    sure = [0.9 - 0.01 * place for place in range(len(text))]
    return Line(text=text, confidence=0.9, bbox=PLACE, char_confidences=sure, words=words)


def read(*odd: str, page: tuple[str, ...] = PAGE) -> list[str]:
    lines = parted([line(text) for text in (*page, *odd)])
    assert [one.text for one in lines[: len(page)]] == list(page)
    return [one.text for one in lines[len(page) :]]


@pytest.mark.parametrize(
    ("seen", "written"),
    [
        ("1427.732", "1.427.732"),
        ("17.961619", "17.961.619"),
        ("-3.221331", "-3.221.331"),
        ("– 5271.133", "– 5.271.133"),
        ("-2 354.169", "-2.354.169"),
        ("1770,50", "1.770,50"),
    ],
)
def test_missing_points_are_put_in(seen: str, written: str) -> None:
    assert read(seen) == [written]
    changed = parted([line(text) for text in (*PAGE, seen)])[-1]
    assert changed.flags == ["evened"]
    assert len(changed.char_confidences) == len(written)
    assert " ".join(word.text for word in changed.words) == written
    digits = [c for c, own in zip(written, changed.char_confidences, strict=True) if c.isdigit() and own > 0]
    assert digits == [c for c in seen if c.isdigit()]


@pytest.mark.parametrize("other", ["2006", "241030", "31.12.2006", "12.5", "1 4.27", "806", "Not 1427.732", "1.23.456"])
def test_what_may_be_another_number_stays(other: str) -> None:
    assert read(other) == [other]


@pytest.mark.parametrize("page", [PAGE[:3], ("1 427", "3 221", "5 180", "7 002", "4 120", *PAGE)])
def test_a_page_that_does_not_part_thousands_by_points_is_left_alone(page: tuple[str, ...]) -> None:
    assert read("1427.732", page=page) == ["1427.732"]
