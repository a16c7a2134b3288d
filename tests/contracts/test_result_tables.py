"""Tables in the result contract: their JSON, and the grid that their cells and spans fill."""

from __future__ import annotations

import json

import jsonschema

from nordocr.results import BBox, Cell, Document, Engine, Page, Table, json_schema

BOX = BBox(x=1, y=2, width=3, height=4)
ENGINE = Engine(name="nordocr", recognizer="onnx", detector="morphology", nordocr="0.1.0")


def cell(text: str, *, colspan: int = 1, rowspan: int = 1) -> Cell:
    return Cell(text=text, bbox=BOX, lines=[0] if text else [], colspan=colspan, rowspan=rowspan)


# | A (2 rows) | B (2 columns) |
# |            | C     | D     |
# | E          | F (2 columns) |
SPANNED = Table(
    bbox=BOX,
    header_rows=2,
    rows=[
        [cell("A", rowspan=2), cell("B", colspan=2)],
        [cell("C"), cell("D")],
        [cell("E"), cell("F", colspan=2)],
    ],
)


def test_spans_fill_the_grid() -> None:
    assert SPANNED.column_count == 3
    assert SPANNED.grid() == [["A", "B", ""], ["", "C", "D"], ["E", "F", ""]]


def test_cells_know_where_they_begin() -> None:
    placed = {cell.text: (row, column) for row, column, cell in SPANNED.placed()}
    assert placed == {"A": (0, 0), "B": (0, 1), "C": (1, 1), "D": (1, 2), "E": (2, 0), "F": (2, 1)}


def test_the_json_of_a_table() -> None:
    page = Page(page_index=0, width=10, height=10, tables=[SPANNED])
    document = Document(pages=[page], engine=ENGINE)
    written = json.loads(document.model_dump_json())
    box = {"x": 1, "y": 2, "width": 3, "height": 4}
    [table] = written["pages"][0]["tables"]
    assert table["bbox"] == box and table["header_rows"] == 2
    assert table["rows"][0] == [
        {"text": "A", "bbox": box, "lines": [0], "rowspan": 2},
        {"text": "B", "bbox": box, "lines": [0], "colspan": 2},
    ]
    assert table["rows"][1][0] == {"text": "C", "bbox": box, "lines": [0]}
    jsonschema.validate(written, json_schema(), cls=jsonschema.Draft202012Validator)
    assert Document.model_validate_json(document.model_dump_json()) == document


def test_a_page_without_tables_does_not_name_them() -> None:
    assert "tables" not in Page(page_index=0, width=1, height=1).model_dump()
