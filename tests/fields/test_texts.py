"""Dates, amounts and payment lines in texts, and what only looks like them."""

from __future__ import annotations

import pytest

from nordocr.fields.amounts import amounts_in
from nordocr.fields.dates import dates_in
from nordocr.fields.iban import iban_spans
from nordocr.fields.payments import payment_lines


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2024-12-31", ["2024-12-31"]),
        ("31.12.2024", ["2024-12-31"]),
        ("3/1 2024 och 3/1-2024", ["2024-01-03", "2024-01-03"]),
        ("31-12-2024", ["2024-12-31"]),
        ("den 3 mars 2024", ["2024-03-03"]),
        ("3. mars 2024", ["2024-03-03"]),
        ("31. tammikuuta 2024", ["2024-01-31"]),
        ("17. júní 1944, 1. ágúst 1990", ["1944-06-17", "1990-08-01"]),
        ("December 31, 2024", ["2024-12-31"]),
        ("31st December 2024", ["2024-12-31"]),
        ("1.2.99 og 1.2.24", ["1999-02-01", "2024-02-01"]),
        ("2023-01-01--2023-12-31", ["2023-01-01", "2023-12-31"]),
        ("2023-01-01-2023-12-31", ["2023-01-01", "2023-12-31"]),
        ("1.1.2023-31.12.2023", ["2023-01-01", "2023-12-31"]),
        ("1.2.3.2024", []),
        ("2024-12-311", []),
        ("12345-12-31", []),
        ("1234-56-78", []),
        ("02.05.20 19", []),
        ("192.168.10.24", []),
        ("99.99.99", []),
        ("3 bananer 2024", []),
        ("08-12 34 56", []),
    ],
)
def test_dates(text: str, values: list[str]) -> None:
    found = [*dates_in(text)]
    assert [date.value for date in found] == values
    assert all(date.valid for date in found)


def test_a_misread_date_is_given_as_what_it_is() -> None:
    [date] = dates_in("Datum 2024-02-30")
    assert (date.start, date.end, date.value, date.valid) == (6, 16, "2024-02-30", False)
    [date] = dates_in("31. november 2024")
    assert (date.value, date.valid) == ("2024-11-31", False)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 345,50 kr", [("12345.50", "kr")]),
        ("SEK 1.234,00", [("1234.00", "SEK")]),
        ("1,234.50 EUR", [("1234.50", "EUR")]),
        ("€1.234,5", []),
        ("€ 99", [("99", "EUR")]),
        ("kr 1 250,-", [("1250", "kr")]),
        ("-1 250,00 NOK", [("-1250.00", "NOK")]),
        ("Kr. 12.345.678,90", [("12345678.90", "kr")]),
        ("450:- styck", [("450", "kr")]),
        ("12:50 kr", [("12.50", "kr")]),
        ("2 à 500,00 kr = 1 000,00 kr", [("500.00", "kr"), ("1000.00", "kr")]),
        ("SEK 100,00 DKK 200,00", [("100.00", "SEK"), ("200.00", "DKK")]),
        ("100,00 SEK 200,00 SEK", [("100.00", "SEK"), ("200.00", "SEK")]),
        ("2024 1 234 kr", [("1234", "kr")]),
        ("12 345,50", []),
        ("25 %", []),
        ("1 234 kronor", [("1234", "kr")]),
        ("skrovlig 12 krona", []),
        ("12 krukor", []),
        ("1 2 3 45 kr", []),  # the end of a longer one, perhaps
        ("203.6 1,10 kr", []),
        ("SEK 00 113,79", []),
        ("0,50 kr", [("0.50", "kr")]),
    ],
)
def test_amounts(text: str, found: list[tuple[str, str]]) -> None:
    assert [(amount.value, amount.currency) for amount in amounts_in(text)] == found


@pytest.mark.parametrize(
    ("text", "parts", "failed"),
    [
        (
            "# 1234567897 # 1234 00 4 > 50501055#41#",
            {"reference": "1234567897", "amount": "1234.00", "account": "50501055"},
            [],
        ),
        (
            "# 1234567890 # 1234 00 3 > 50501054#41#",
            {"reference": "1234567890", "amount": "1234.00", "account": "50501054"},
            ["reference", "account", "amount"],
        ),
        ("#1234567897 # > 50501055#42#", {"reference": "1234567897", "account": "50501055"}, []),
        ("+71<123456789012347+12345678<", {"account": "12345678", "reference": "123456789012347"}, []),
        ("+71<123456789012340+12345678<", {"account": "12345678", "reference": "123456789012340"}, ["reference"]),
        (">71<12345678901234+12345678<", {"account": "12345678", "reference": "12345678901234"}, ["reference"]),
        ("+71<I23456789012347+12345678<", {"account": "12345678", "reference": "I23456789012347"}, ["reference"]),
        ("+71<123456789012347+1234567<", {"account": "1234567", "reference": "123456789012347"}, ["account"]),
        (
            "1234567897 2 1234 00 4 > 50501055#41#",
            {"reference": "1234567897", "amount": "1234.00", "account": "50501055"},
            ["reference"],
        ),
        ("+73< +12345678<", {"account": "12345678"}, []),
    ],
)
def test_payment_lines(text: str, parts: dict[str, str], failed: list[str]) -> None:
    [line] = payment_lines(text)
    assert (line.start, line.end) == (0, len(text))
    assert line.parts == parts
    assert line.failed == failed


def test_an_iban_ends_where_its_country_says() -> None:
    text = "IBAN SE45 5000 0000 0583 9825 7466 BIC ESSESESS"
    assert [text[a:b] for a, b in iban_spans(text)] == ["SE45 5000 0000 0583 9825 7466"]
    assert iban_spans("SE45 5000 0000") == []
    assert iban_spans("ZZ45 5000 0000 0583 9825 7466") == []
    assert iban_spans("SE45 5000 0000 0583 9825 74667") == []
