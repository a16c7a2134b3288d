"""Corrections in every format: the result with what people have said, as a result again."""

from __future__ import annotations

from pathlib import Path

import typer
from tests.correct.test_store import ENGINE, opened, text
from tests.correct.test_store import result as result  # a fixture
from typer.testing import CliRunner

from nordocr.cli.convert import convert
from nordocr.correct import CorrectedDocument, CorrectedPage, Edit, merged, page_of_result
from nordocr.results import BBox, Cell, Document, Line, Page, Table, Word


def line(number: int, words: str) -> Line:
    box = BBox(x=10, y=40 * number, width=100, height=30)
    return Line(text=words, confidence=0.5, bbox=box, words=[Word(text=words, confidence=0.5, bbox=box)], block=number)


def page() -> Page:
    lines = [line(0, "Summa"), line(1, "45 OOO"), line(2, "fläck"), line(3, "Slut")]
    box = BBox(x=0, y=0, width=200, height=200)
    cells = [
        [Cell(text="Summa", bbox=box, lines=[0]), Cell(text="45 OOO", bbox=box, lines=[1])],
        [Cell(text="fläck", bbox=box, lines=[2]), Cell(text="", bbox=box)],
    ]
    tables = [Table(bbox=box, rows=cells), Table(bbox=box, rows=[[Cell(text="fläck", bbox=box, lines=[2])]])]
    return Page(page_index=0, width=300, height=300, lines=lines, tables=tables, confidence=0.5)


def corrected(held: CorrectedPage) -> CorrectedDocument:
    return CorrectedDocument(source="a.tif", engine=ENGINE, pages=[held], edits=1)


def test_lines_words_tables_and_confidences_are_those_of_the_person() -> None:
    read = page()
    held = page_of_result(read)
    one, two, stain, last = held.lines
    changed = [
        last,
        one.model_copy(update={"state": "seen"}),
        two.model_copy(update={"state": "corrected", "text": "45 000"}),
        stain.model_copy(update={"state": "not_text"}),
    ]
    document = Document(source="a.tif", engine=ENGINE, pages=[read, read.model_copy(update={"page_index": 1})])
    (made, other) = merged(document, corrected(held.model_copy(update={"lines": changed}))).pages
    assert other == document.pages[1]
    assert made.text == "Slut\nSumma\n45 000"
    assert [one.confidence for one in made.lines] == [0.5, 1.0, 1.0]
    assert made.lines[0] == read.lines[3]
    assert [(word.text, word.bbox.x, word.bbox.width) for word in made.lines[2].words] == [
        ("45", 10, 33),
        ("000", 60, 50),
    ]
    assert made.lines[2].block == 1 and made.confidence == round((4 * 0.5 + 5 + 6) / 15, 4)
    (table,) = made.tables
    assert table.grid() == [["Summa", "45 000"], ["", ""]]
    assert [cell.lines for row in table.rows for cell in row] == [[1], [2], [], []]
    Document.model_validate_json(document.model_copy(update={"pages": [made]}).model_dump_json())


def test_a_page_that_the_result_has_no_more_is_there_all_the_same() -> None:
    held = page_of_result(page())
    (made,) = merged(Document(source="a.tif", engine=ENGINE), corrected(held)).pages
    assert made.text == "Summa\n45 OOO\nfläck\nSlut"
    assert (made.width, made.height, made.tables) == (300, 300, [])


def test_convert_takes_corrections(result: Path) -> None:
    with opened(result) as store:
        store.apply(text("ann", "e", "Rad två"))
        mark = {
            "id": "r0",
            "text": "Rad 1",
            "state": "unreadable",
            "bbox": {"x": 10, "y": 40, "width": 200, "height": 30},
        }
        store.apply(Edit.model_validate({"id": "f", "page_index": 0, "put": [mark]}))
    app = typer.Typer()
    app.command()(convert)
    answer = CliRunner().invoke(app, [str(result.with_name("report.corrected.json")), "--format", "text"])
    assert answer.exit_code == 0, answer.output
    assert answer.output == "Rad två\nRad 3\nRad 4\n\f\f"
