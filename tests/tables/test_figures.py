"""What a line is by its form."""

from __future__ import annotations

import pytest

from nordocr.tables.figures import kind_of

AMOUNTS = "1 234,50|–9 228|(1 234)|12 %|kr 1.234,00|1 234:-|O,O0|1 O00|- 312 586|1 234 kr|€ 12.50|5|1'234.50|1 234 567-"
DATES = "2023|2022-12-31|2016/2017|31.12.1990|dec 2023|2023-01-01 - 2023-12-31|30 juni 2024|31/12 2024|-2023-12-31"
TEXTS = "12 ask|Not|§ 12|tkr|123 45 Stockholm|14 st|SE45 5000|Summa 2023|556677-8899|0-7289|B|070-123 45 67"


@pytest.mark.parametrize(
    "text_and_kind",
    [(t, "amount") for t in AMOUNTS.split("|")]
    + [(t, "date") for t in DATES.split("|")]
    + [(t, "text") for t in TEXTS.split("|")]
    + [(t, "dash") for t in ("-", "–", "—", "--")],
    ids=lambda pair: pair[0],
)
def test_kinds(text_and_kind: tuple[str, str]) -> None:
    assert kind_of(text_and_kind[0]) == text_and_kind[1]
