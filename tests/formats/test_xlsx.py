"""Workbooks: a sheet a table, numbers only where an amount has one meaning, the same bytes every time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lxml import etree
from tests.formats.samples import USUAL
from tests.formats.table_samples import DOCUMENT, PAGE

from nordocr.formats.numbers import Number, dots_are_thousands, number_of
from nordocr.formats.writing import writing
from nordocr.pages import Origin
from nordocr.results import Document, Page

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook(path: Path, *pages: Page) -> Path:
    pytest.importorskip("xlsxwriter")
    document = Document(source="a.tif", pages=list(pages), engine=DOCUMENT.engine)
    with writing("xlsx", path) as output:
        for page in document.pages:
            output.page(page, Origin("a.tif", Path("a.tif")), page.page_index)
        output.end(document)
    assert output.paths == [path]
    return path


def part(path: Path, name: str) -> etree._Element:
    with zipfile.ZipFile(path) as file:
        return etree.fromstring(file.read(name))


def test_a_sheet_holds_texts_numbers_and_merged_cells(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", USUAL, PAGE, PAGE.model_copy(update={"page_index": 6}))
    names = [each.get("name") for each in part(path, "xl/workbook.xml").iter(f"{MAIN}sheet")]
    assert names == ["1-1", "7-1"]
    sheet = part(path, "xl/worksheets/sheet1.xml")
    strings = ["".join(each.itertext()) for each in part(path, "xl/sharedStrings.xml").iter(f"{MAIN}si")]
    cells = {}
    for each in sheet.iter(f"{MAIN}c"):
        value = each.findtext(f"{MAIN}v")
        if value is not None:
            cells[each.get("r")] = strings[int(value)] if each.get("t") == "s" else float(value)
    assert cells == {
        "A1": "Belopp i tkr", "B1": "2024", "C1": "2023", "A2": "Intäkter av allt slag",
        "A3": "Resultat från företag | i koncernen", "B3": 1234.5, "A4": "Kassa", "C4": -12.0,
    }  # fmt: skip
    assert [each.get("ref") for each in sheet.iter(f"{MAIN}mergeCell")] == ["A2:B2"]


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = workbook(tmp_path / "a.xlsx", PAGE), workbook(tmp_path / "b.xlsx", PAGE)
    assert first.read_bytes() == second.read_bytes()


def test_a_document_without_tables_is_a_workbook_still(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", USUAL)
    assert len(list(part(path, "xl/workbook.xml").iter(f"{MAIN}sheet"))) == 1


NUMBERS = {
    "1 234": Number(1234, 0, True),
    "1 234 567,50": Number(1234567.5, 2, True),
    "-12": Number(-12, 0, False),
    "– 312 586": Number(-312586, 0, True),
    "−5,5": Number(-5.5, 1, False),
    "12345,678": None,
    "1.234,50": Number(1234.5, 2, True),
    "1,234.50": Number(1234.5, 2, True),
    "1.234.567": Number(1234567, 0, True),
    "0": Number(0, 0, False),
    "0,00": Number(0.0, 2, False),
    "1.234": None,
    "1,234": None,
    "1.5": None,
    "12 34": None,
    "0123": None,
    "(1 234)": None,
    "12-": None,
    "12 %": None,
    "1 234 kr": None,
    "2024-12-31": None,
    "–": None,
    "O,O0": None,
    "": None,
    "1234567890123456": None,
}


@pytest.mark.parametrize("text", NUMBERS)
def test_only_what_has_one_meaning_is_a_number(text: str) -> None:
    assert number_of(text) == NUMBERS[text]


def test_a_table_shows_what_its_dots_mean() -> None:
    assert dots_are_thousands(["1.234", "12.345.678", "56"])
    assert dots_are_thousands(["1.234", "9.234,50"])
    assert not dots_are_thousands(["1.234", "12.345", "56"])
    assert not dots_are_thousands(["1.234.567", "12.5"])
    assert number_of("1.234", dots=True) == Number(1234, 0, True)
