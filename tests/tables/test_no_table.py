"""What is no table: prose, addresses, forms, contents, a page number."""

from __future__ import annotations

import pytest
from tests.tables.setting import STEP, line

from nordocr.results import Line
from nordocr.tables import find_tables

PROSE = "Styrelsen och verkställande direktören avger här"


def prose(left: int, rows: int, top: int = 100) -> list[Line]:
    return [line(PROSE, top + STEP * number, left=left) for number in range(rows)]


PAGES = {
    "one column": [*prose(100, 20), line("3 (12)", 20, right=900)],
    "two columns": [*prose(100, 20), *prose(640, 20)],
    "addresses": [
        line(text, 100 + STEP * (number // 2), left=100 + 500 * (number % 2))
        for number, text in enumerate(
            ("Fjällgatan 12", "Kundnummer 283", "116 45 Stockholm", "Telefon 08-123 45", "Sverige", "Org.nr 556677")
        )
    ],
    "labels and values": [
        one
        for number, (label, value) in enumerate(
            (("Kundnummer", "283"), ("Fakturadatum", "2024-03-01"), ("Ränta", "8,5 %"), ("Referens", "Anna Ek"))
        )
        for one in (line(label, 100 + STEP * number, left=500), line(value, 100 + STEP * number, left=700))
    ],
    "values beside an address": [
        one
        for number, (who, label, value) in enumerate(
            (("Göran Lundin", "Räkenskapsår", "1996"), ("Bäckvägen 128", "Ref", "728921"), ("Umeå", "Dnr", "33663"))
        )
        for one in (
            line(who, 100 + STEP * number, left=100),
            line(label, 100 + STEP * number, left=500),
            line(value, 100 + STEP * number, left=700),
        )
    ],
    "contents": [
        one
        for number, (title, page) in enumerate(
            (("Förvaltning", "2"), ("Resultaträkning", "5"), ("Balansräkning", "6"), ("Noter", "8"), ("Rev", "12"))
        )
        for one in (line(title, 100 + STEP * number, left=100), line(page, 100 + STEP * number, right=800))
    ],
    "nothing": [],
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_it_is_no_table(name: str) -> None:
    assert find_tables(PAGES[name]) == []
