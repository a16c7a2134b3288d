"""The page's lines follow its tables, and a table is one block."""

from __future__ import annotations

from tests.tables.setting import line, statement

from nordocr.detect.base import Region
from nordocr.pipeline.tabular import in_tables, placed
from nordocr.results import BBox, Line

ROWS = [
    ("Belopp i tkr", "2024", "2023"),
    ("Resultat från andelar i", "1 234", "567"),
    ("intresseföretag",),
    ("Kassa och bank", "8", "-"),
]


def found(lines: list[Line], *, angle: float = 0.0) -> tuple[list[Line], list[list[list[int]]]]:
    regions = [Region(*(one.bbox.x, one.bbox.y, one.bbox.width, one.bbox.height), angle=angle) for one in lines]
    ordered, tables = in_tables(lines, regions)
    return ordered, [[cell.lines for row in table.rows for cell in row] for table in tables]


def page() -> list[Line]:
    return [
        line("Resultaträkning", 100, left=100),
        *statement(ROWS, edges=(700, 860)),
        line("Se not 3.", 500, left=100),
    ]


def test_the_lines_of_a_cell_follow_one_another() -> None:
    ordered, [cells] = found(page())
    texts = [one.text for one in ordered]
    assert texts[:1] == ["Resultaträkning"] and texts[-1:] == ["Se not 3."]
    assert texts[4:8] == ["Resultat från andelar i", "intresseföretag", "1 234", "567"]
    assert [number for numbers in cells for number in numbers] == [*range(1, 11)]


def test_a_table_is_one_block_and_what_is_around_it_others() -> None:
    ordered, _ = found(page())
    blocks = [one.block for one in ordered]
    assert blocks == [0] + [1] * 10 + [2]


def test_a_page_without_tables_stays_as_it_is() -> None:
    lines = [line("Styrelsen avger", 100 + 40 * number, left=100) for number in range(5)]
    ordered, tables = found(lines)
    assert ordered == lines and tables == []


def test_tables_side_by_side_are_told_one_after_the_other() -> None:
    names = ("Varulager", "Fordringar", "Inventarier", "Maskiner", "Aktiekapital", "Reservfond")
    left = statement([(name, f"{n} 100", f"{n} 200") for n, name in enumerate(names, 1)], edges=(400, 520))
    right = statement([(name, f"{n} 300", f"{n} 400") for n, name in enumerate(names, 1)], edges=(1000, 1120), left=700)
    mixed = [one for pair in zip(left, right, strict=True) for one in pair]
    ordered, tables = found(mixed)
    assert ordered == [*left, *right]
    assert [cells[0] for cells in tables] == [[0], [len(left)]]


def test_boxes_are_moved() -> None:
    lines = page()
    regions = [Region(one.bbox.x, one.bbox.y, one.bbox.width, one.bbox.height) for one in lines]
    _, [table] = in_tables(lines, regions)
    moved = placed(table, lambda box: BBox(x=box.x + 5, y=box.y + 7, width=box.width, height=box.height))
    assert (moved.bbox.x, moved.bbox.y) == (table.bbox.x + 5, table.bbox.y + 7)
    assert moved.rows[1][1].bbox.x == table.rows[1][1].bbox.x + 5
