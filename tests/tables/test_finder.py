"""Tables of figures: rows, columns, empty cells, heads, labels of two lines, sums, several on a page."""

from __future__ import annotations

import math

import pytest
from tests.tables.setting import STEP, line, statement

from nordocr.results import BBox, Line
from nordocr.tables import find_tables

EDGES = (700, 860)
INCOME = [
    ("Belopp i tkr", "2024", "2023"),
    ("Rörelsens intäkter",),
    ("Nettoomsättning", "12 345", "9 876"),
    ("Övriga intäkter", "–", "45"),
    ("Summa intäkter", "12 345", "9 921"),
    ("Kostnader",),
    ("Handelsvaror", "-5 000", "-4 321"),
    ("Årets resultat", "7 345", "5 600"),
]


def test_a_statement_is_a_table_with_heads_and_empty_cells() -> None:
    [table] = find_tables(statement(INCOME, edges=EDGES))
    assert table.header_rows == 1
    assert table.grid() == [list(row) + [""] * (3 - len(row)) for row in INCOME]


def test_the_cells_name_their_lines() -> None:
    lines = [line("Resultaträkning", 120, left=100), *statement(INCOME, edges=EDGES)]
    [table] = find_tables(lines)
    for row in table.rows:
        for cell in row:
            assert cell.text == " ".join(lines[number].text for number in cell.lines)
            for number in cell.lines:
                assert cell.bbox == lines[number].bbox
    assert 0 not in [number for row in table.rows for cell in row for number in cell.lines]
    assert table.bbox == BBox(x=100, y=200, width=760, height=7 * STEP + 22)


@pytest.mark.parametrize("degrees", [1.5, -1.5])
def test_a_page_askew_has_the_same_table(degrees: float) -> None:
    rise = math.tan(math.radians(degrees))

    def turned(one: Line) -> Line:
        box = one.bbox
        x, y = box.x + box.width / 2, box.y + box.height / 2
        width, height = box.width, box.height + abs(rise) * box.width
        x, y = x + rise * y, y - rise * x + 100
        return one.model_copy(
            update={"bbox": BBox(x=round(x - width / 2), y=round(y - height / 2), width=width, height=round(height))}
        )

    lines = [turned(one) for one in statement(INCOME, edges=EDGES)]
    [table] = find_tables(lines, degrees)
    assert table.grid() == find_tables(statement(INCOME, edges=EDGES))[0].grid()


def test_a_label_of_two_lines_is_one_cell() -> None:
    rows = [
        ("", "2024", "2023"),
        ("Resultat från andelar i",),
        ("intresseföretag", "12", "34"),
        ("Ränteintäkter och lik-",),
        ("nande resultatposter", "56", "78"),
        ("Skatt på årets resultat", "1 234", "5 678"),
        ("enligt plan",),
        ("Varulager",),
        ("Råvaror", "9", "10"),
        ("Pågående arbeten",),
        ("varav för egen räkning", "1", "2"),
    ]
    [table] = find_tables(statement(rows, edges=EDGES))
    assert [row[0].text for row in table.rows] == [
        "",
        "Resultat från andelar i intresseföretag",
        "Ränteintäkter och liknande resultatposter",
        "Skatt på årets resultat enligt plan",
        "Varulager",
        "Råvaror",
        "Pågående arbeten",
        "varav för egen räkning",
    ]
    assert [len(row[0].lines) for row in table.rows] == [0, 2, 2, 2, 1, 1, 1, 1]
    assert [cell.text for cell in table.rows[3][1:]] == ["1 234", "5 678"]


def test_a_new_head_begins_a_new_table() -> None:
    first = statement(INCOME, edges=EDGES)
    second = [line("Not 5 Personal", 560, left=100), *statement(INCOME[:4], edges=EDGES, top=600)]
    tables = find_tables([*first, *second])
    assert [len(table.rows) for table in tables] == [8, 4]
    assert not any("Not 5" in cell.text for table in tables for row in table.rows for cell in row)


def test_sums_of_an_invoice_stand_in_its_last_column() -> None:
    heads = [line("Artikel", 100, left=100), line("Antal", 100, right=420), line("Enhet", 100, left=470)]
    heads += [line("Pris", 100, right=700), line("Belopp", 100, right=860)]
    lines = [line("Kundnummer", 20, left=500), line("10422", 20, left=700), *heads]
    for number, (what, amount) in enumerate((("Papper", "2"), ("Pärmar A4", "14"), ("Frakt", "1")), 1):
        y = 100 + STEP * number
        lines += [line(what, y, left=100), line(amount, y, right=420), line("st", y, left=470)]
        lines += [line("1 250,00", y, right=700), line("2 500,00", y, right=860)]
    lines += [line("Att betala inkl. moms", 300, left=440), line("7 500,00", 300, right=860)]
    [table] = find_tables(lines)
    assert table.header_rows == 1 and table.rows[0][0].text == "Artikel"
    assert table.grid()[2] == ["Pärmar A4", "14", "st", "1 250,00", "2 500,00"]
    last = table.rows[-1]
    assert [(cell.text, cell.colspan) for cell in last] == [
        ("", 1), ("", 1), ("Att betala inkl. moms", 2), ("7 500,00", 1),
    ]  # fmt: skip


def test_a_stamp_between_the_columns_is_no_cell() -> None:
    lines = [*statement(INCOME, edges=EDGES), line("KOPIA", 200 + 2 * STEP, left=440)]
    [table] = find_tables(lines)
    assert table.column_count == 3
    assert len(lines) - 1 not in [number for row in table.rows for cell in row for number in cell.lines]
