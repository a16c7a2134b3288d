"""Tables beside others and beside text, of two amounts, of an account; heads over several columns."""

from __future__ import annotations

import pytest
from tests.tables.setting import STEP, line, statement

from nordocr.results import Line
from nordocr.tables import find_tables

LABELS = (
    "Varulager",
    "Kassa och bank",
    "Fordringar",
    "Skulder",
    "Aktiekapital",
    "Reservfond",
    "Inventarier",
    "Maskiner",
)
PROSE = "Styrelsen och verkställande direktören avger"


def small(left: int, rows: int, *, top: int = 100, step: int = STEP) -> list[Line]:
    """A table of two years, 420 pixels wide."""
    lines = [line("Belopp", top, left=left)]
    lines += [line(year, top, right=left + edge) for year, edge in (("2024", 300), ("2023", 420))]
    for number, label in enumerate(LABELS[:rows], 1):
        y = top + step * number
        lines += [line(label, y, left=left), line(f"{number} 317", y, right=left + 300)]
        lines.append(line(f"{number}17", y, right=left + 420))
    return lines


def grid(left: int, rows: int) -> list[list[str]]:
    [table] = find_tables(small(left, rows))
    return table.grid()


@pytest.mark.parametrize(("top", "step"), [(100, 40), (117, 36)], ids=["rows level", "rows between"])
def test_two_tables_side_by_side_are_two(top: int, step: int) -> None:
    tables = find_tables([*small(100, 6), *small(600, 8, top=top, step=step)])
    assert [table.grid() for table in tables] == [grid(100, 6), grid(600, 8)]


@pytest.mark.parametrize(("text", "table"), [(100, 640), (640, 100)], ids=["text on the left", "text on the right"])
def test_a_table_beside_running_text_is_alone(text: int, table: int) -> None:
    prose = [line(PROSE, 100 + STEP * number, left=text) for number in range(12)]
    [found] = find_tables([*prose, *small(table, 7, top=140)])
    assert found.grid() == grid(table, 7)


def test_units_that_repeat_are_a_column_of_their_table() -> None:
    lines = []
    for number, label in enumerate(LABELS[:6]):
        y = 100 + STEP * number
        lines += [line(label, y, left=100), line(f"{number + 2}", y, right=420), line("timmar", y, left=520)]
        lines += [line(f"{number + 1} 250,00", y, right=800), line(f"{number + 3} 500,00", y, right=960)]
    [table] = find_tables(lines)
    assert table.column_count == 5 and table.grid()[1] == [LABELS[1], "3", "timmar", "2 250,00", "4 500,00"]


def test_debit_and_credit_are_two_columns() -> None:
    rows = [("1510", "Kundfordringar", "12 500,00", ""), ("2611", "Moms", "", "2 500,00")]
    rows += [("3041", "Försäljning", "", "10 000,00"), ("6212", "Telefon", "349,00", "")]
    rows += [("7010", "Löner", "28 400,00", ""), ("1930", "Konto", "", "28 749,00")]
    lines = [line("Konto", 60, left=100), line("Benämning", 60, left=220)]
    lines += [line("Debet", 60, right=700), line("Kredit", 60, right=860)]
    for number, (account, name, *amounts) in enumerate(rows):
        y = 100 + STEP * number
        lines += [line(account, y, left=100), line(name, y, left=220)]
        lines += [line(amount, y, right=edge) for amount, edge in zip(amounts, (700, 860), strict=True) if amount]
    [table] = find_tables(lines)
    assert table.header_rows == 1
    assert table.grid()[1:] == [list(row) for row in rows]


def test_an_account_has_dates_texts_and_balances() -> None:
    rows = [("2024-01-02", "Hyra januari", "-8 500,00", "12 345,10"), ("2024-01-05", "Lön", "32 000,00", "44 345,10")]
    lines = [line("Datum", 60, left=100), line("Text", 60, left=250), line("Belopp", 60, right=700)]
    lines += [line("Saldo", 60, right=860), line("Ingående saldo", 100, left=250), line("20 845,10", 100, right=860)]
    for number, (date, text, amount, balance) in enumerate(rows):
        y = 140 + STEP * number
        lines += [line(date, y, left=100), line(text, y, left=250)]
        lines += [line(amount, y, right=700), line(balance, y, right=860)]
    [table] = find_tables(lines)
    assert table.header_rows == 1
    assert table.grid()[1:] == [["", "Ingående saldo", "", "20 845,10"], *(list(row) for row in rows)]


def test_heads_of_two_rows() -> None:
    lines = [line("Koncernen", 60, left=560), line("Moderbolaget", 60, left=790)]
    lines += [
        line(text, 100, right=edge) for text, edge in (("2024", 600), ("2023", 720), ("2024", 840), ("2023", 960))
    ]
    for number, label in enumerate(LABELS[:4]):
        y = 140 + STEP * number
        lines.append(line(label, y, left=100))
        lines += [line(f"{number + 1} {column}00", y, right=600 + 120 * column) for column in range(4)]
    [table] = find_tables(lines)
    assert table.header_rows == 2 and table.column_count == 5
    assert [cell.text for cell in table.rows[0] if cell.text] == ["Koncernen", "Moderbolaget"]


def test_a_heading_before_rows_with_fewer_figures_begins_another_table() -> None:
    first = [("", "2024", "2023"), ("Nettoomsättning", "48 612", "45 287"), ("Resultat", "3 139", "1 661")]
    second = [("Balanserat resultat", "10 733"), ("Årets resultat", "1 927"), ("Till förfogande", "12 660")]
    lines = statement(first, edges=(700, 860))
    lines += [line("Förslag till disposition", 385, left=100), *statement(second, edges=(860,), top=425)]
    tables = find_tables(lines)
    assert [table.grid() for table in tables] == [[list(row) for row in first], [list(row) for row in second]]


def test_dated_figures_of_few_digits_are_no_page_numbers() -> None:
    rows = [("", "2024"), ("Kassa", "24"), ("Bank", "48"), ("Lager", "66"), ("Bilar", "68"), ("Summa", "206")]
    [table] = find_tables(statement(rows, edges=(860,)))
    assert table.grid() == [list(row) for row in rows]


def test_a_head_wider_than_its_figures_is_one() -> None:
    rows = [("", "2023/2024"), ("Kassa", "4"), ("Bank", "12"), ("Summa", "16")]
    [table] = find_tables(statement(rows, edges=(860,)))
    assert table.header_rows == 1 and table.grid() == [list(row) for row in rows]
