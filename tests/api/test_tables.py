"""Tables in Python: of a page, of a document, as CSV, HTML, Markdown and a data frame."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.formats.table_samples import GRID, PAGE

from nordocr.api import Document, Page
from nordocr.api.table import Table
from nordocr.errors import EngineUnavailable
from nordocr.pages import Origin
from nordocr.results import Engine

ENGINE = Engine(name="nordocr", recognizer="onnx", detector="morphology", nordocr="0.1.0")
ORIGIN = Origin("a.tif", Path("a.tif"))


@pytest.fixture
def document() -> Document:
    return Document(source="a.tif", pages=[Page.of(PAGE, ORIGIN, 0), Page.of(PAGE, ORIGIN, 1)], engine=ENGINE)


def test_a_document_has_the_tables_of_its_pages(document: Document) -> None:
    assert len(document.tables) == 2 and document.tables[:1] == document.pages[0].tables
    [table] = document.pages[1].tables
    assert isinstance(table, Table) and table.grid() == GRID and table.rows[3][2].text == "-12"
    again = Document.model_validate_json(document.to_json())
    assert [one.to_csv() for one in again.tables] == [one.to_csv() for one in document.tables]


def test_a_table_becomes_text(document: Document) -> None:
    table = document.tables[0]
    assert table.to_csv().splitlines()[2] == 'Resultat från företag | i koncernen,"1 234,50",'
    assert document.to("csv") == table.to_csv() + "\n" + table.to_csv()
    assert table.to_html().startswith("<table>\n<thead>\n<tr><th>Belopp i tkr</th>")
    assert table._repr_html_() == table.to_html()
    assert table.to_markdown().splitlines()[1] == "| --- | ---: | ---: |"


def test_a_data_frame_has_the_heads_as_columns(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    made = SimpleNamespace(DataFrame=lambda data, columns: (data, columns))
    monkeypatch.setitem(sys.modules, "pandas", made)
    assert document.tables[0].to_dataframe() == (GRID[1:], GRID[0])
    headless = document.tables[0].model_copy(update={"header_rows": 0})
    assert headless.to_dataframe() == (GRID, None)


def test_a_data_frame_needs_pandas(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(EngineUnavailable, match="pandas"):
        document.tables[0].to_dataframe()
