"""Tables in the formats that have a place for them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from lxml import etree
from tests.formats.samples import ENGINE, USUAL
from tests.formats.table_samples import DOCUMENT, GRID, LINES, PAGE, TABLE
from tests.formats.test_xml import local, root, schema, written

from nordocr.evaluate.documents.pagexml import parse_xml
from nordocr.formats import open_format
from nordocr.formats.htmltable import table_html
from nordocr.formats.ladder import areas
from nordocr.results import Document


def text_of(name: str, *pages: object) -> str:
    output = open_format(name)
    document = Document(source="a.tif", pages=list(pages), engine=ENGINE)
    return "".join([*(output.page("a.tif", page) for page in document.pages), output.end(document)])


def test_csv_has_a_record_a_row_and_an_empty_line_between_tables() -> None:
    text = text_of("csv", PAGE, USUAL, PAGE)
    first, second = text.split("\n\n")
    assert list(csv.reader(io.StringIO(first))) == GRID
    assert list(csv.reader(io.StringIO(second))) == GRID
    assert text_of("csv", USUAL) == ""


def test_markdown_has_the_table_in_its_place_with_its_figures_flush_right() -> None:
    assert text_of("md", PAGE) == (
        "Så gick det i år.\n\n"
        "| Belopp i tkr | 2024 | 2023 |\n"
        "| --- | ---: | ---: |\n"
        "| Intäkter av allt slag |  |  |\n"
        "| Resultat från företag \\| i koncernen | 1 234,50 |  |\n"
        "| Kassa |  | -12 |\n\n"
        "Och sedan kom nästa.\n\n"
    )


def test_markdown_joins_heads_and_gives_an_empty_one_where_there_is_none() -> None:
    two = TABLE.model_copy(update={"header_rows": 2})
    assert "| Belopp i tkr Intäkter av allt slag | 2024 | 2023 |\n" in text_of(
        "md", PAGE.model_copy(update={"tables": [two]})
    )
    none = TABLE.model_copy(update={"header_rows": 0})
    assert "|  |  |  |\n| --- | ---: | ---: |\n| Belopp" in text_of("md", PAGE.model_copy(update={"tables": [none]}))


def test_html_says_heads_and_spans() -> None:
    table = etree.fromstring(table_html(TABLE))
    assert [each.text for each in table.iterfind("thead/tr/th")] == GRID[0]
    first = table.find("tbody/tr")
    assert first is not None
    assert [(each.text, each.get("colspan")) for each in first] == [("Intäkter av allt slag", "2"), (None, None)]
    assert len(table.findall("tbody/tr")) == 3


def test_the_ladder_has_a_paragraph_a_cell_and_each_line_once() -> None:
    found = list(areas(PAGE))
    assert [area.table is not None for area in found] == [False, True, False]
    assert [line for area in found for part in area.paragraphs for line in part.lines] == LINES
    cells = {
        part.text: (part.place.row, part.place.column, part.place.header) for part in found[1].paragraphs if part.place
    }
    assert cells["2023"] == (0, 2, True) and cells["-12"] == (3, 2, False)
    assert cells["Resultat från före-\ntag | i koncernen"] == (2, 0, False)


def test_page_has_a_table_region_with_the_places_of_its_cells() -> None:
    [text] = written("page", DOCUMENT)
    region = next(each for each in root(text).iter() if local(each) == "TableRegion")
    assert (region.get("rows"), region.get("columns")) == ("4", "3")
    places = [dict(each.attrib) for each in region.iter() if local(each) == "TableCellRole"]
    assert len(places) == 8
    span = {"rowIndex": "1", "columnIndex": "0", "rowSpan": "1", "colSpan": "2", "header": "false"}
    assert places[3] == span and places[0]["header"] == "true"
    order = [each.get("regionRef") for each in root(text).iter() if local(each) == "RegionRefIndexed"]
    assert order == ["r0", region.get("id"), "r2"]


def test_alto_has_a_block_a_row() -> None:
    [text] = written("alto", DOCUMENT)
    kinds = [each.get("TYPE") for each in root(text).iter() if local(each) == "ComposedBlock"]
    assert kinds == [None, "table", "row", "row", "row", "row", None]
    rows = [each for each in root(text).iter() if each.get("TYPE") == "row"]
    assert [len(row) for row in rows] == [3, 1, 2, 2]


def test_hocr_has_an_ocr_table_whose_paragraphs_say_their_cells() -> None:
    [text] = written("hocr", DOCUMENT)
    table = next(each for each in root(text).iter() if each.get("class") == "ocr_table")
    assert table.get("title", "").endswith("; x_rows 4; x_columns 3; x_header_rows 1")
    titles = [each.get("title", "").split("; ", 1)[1] for each in table]
    assert titles[3:6] == ["x_cell 1 0; x_span 1 2", "x_cell 2 0; x_span 1 1", "x_cell 2 1; x_span 1 1"]
    assert "ocr_table" in text.split("ocr-capabilities")[1].split("/>")[0]


@pytest.mark.parametrize("name", ["alto", "page"])
def test_lines_in_tables_are_read_back(name: str) -> None:
    [reading] = [parse_xml(text.encode("utf-8"), Path("x.xml")) for text in written(name, DOCUMENT)]
    assert [(one.text, one.box) for one in reading.pages[0].lines] == [(one.text, one.bbox) for one in LINES]


@pytest.mark.parametrize(("name", "xsd"), [("alto", "alto-4-4.xsd"), ("page", "pagecontent-2019-07-15.xsd")])
def test_tables_obey_the_official_schemas(name: str, xsd: str) -> None:
    [text] = written(name, DOCUMENT)
    schema(xsd).assertValid(root(text))
