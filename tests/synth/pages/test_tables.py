"""The tables in the truth of synthetic pages: which of a page's lines stand in which cell."""

from __future__ import annotations

import pytest

from nordocr.results import Page
from nordocr.synth.fonts import FontConfig
from nordocr.synth.pages import PageRecipe, PageSynth
from nordocr.synth.pages.files import truth_of
from nordocr.synth.pages.sketch import Sketch


def truths(fonts: FontConfig, kind: str, count: int) -> list[tuple[Page, list[str]]]:
    """The truth of a few pages of one kind, each with its lines' kinds."""
    recipe = PageRecipe(fonts=fonts, kinds={kind: 1.0}, dpi=((80, 1.0),), typed=0.0)
    pages = [PageSynth(recipe, 3).make(number) for number in range(count)]
    truth = truth_of(pages, "page.png")
    return [(page, extra.line_kinds) for page, extra in zip(truth.pages, truth.truth, strict=True)]


@pytest.mark.parametrize("kind", ["statement", "notes", "invoice"])
def test_every_figure_is_in_one_cell_and_every_row_fills_the_grid(fonts: FontConfig, kind: str) -> None:
    found = 0
    for page, kinds in truths(fonts, kind, 3):
        used = [line for table in page.tables for row in table.rows for cell in row for line in cell.lines]
        assert len(used) == len(set(used))
        assert {n for n, k in enumerate(kinds) if k == "figure"} <= set(used)
        for table in page.tables:
            assert {sum(cell.colspan for cell in row) for row in table.rows} == {table.column_count}
            for row in table.rows:
                for cell in row:
                    assert cell.text == " ".join(page.lines[line].text for line in cell.lines)
            found += len(table.rows)
    assert found > 20


def test_a_row_of_an_invoice_has_its_figures_in_its_columns(fonts: FontConfig) -> None:
    [(page, _)] = truths(fonts, "invoice", 1)
    [table] = page.tables
    heads, first, *_ = table.rows
    assert table.header_rows == 1 and len(heads) == 5
    texts = [cell.text for cell in first]
    assert len(texts) == 5 and all(any(c.isdigit() for c in texts[column]) for column in (1, 3, 4))
    assert table.rows[-1][0].text == ""


@pytest.mark.parametrize("kind", ["letter", "running", "form"])
def test_pages_without_figures_have_no_tables(fonts: FontConfig, kind: str) -> None:
    assert not any(page.tables for page, _ in truths(fonts, kind, 2))


def test_a_loose_cell_spans_what_it_reaches_over() -> None:
    sketch = Sketch()
    sketch.row(header=True)
    for column, line in ((0, 0), (2, 1), (3, 2)):
        sketch.put(column, line, line + 1)
    sketch.row(loose=True)
    sketch.put(0, 3, 4)
    sketch.row(loose=True)
    sketch.put(2, 4, 5)
    table = sketch.table([(0, 50), (60, 100), (110, 150), (0, 90), (70, 120)])
    assert table is not None and (table.columns, table.header_rows) == (3, 1)  # nothing stands in column 1
    assert [(cell.column, cell.colspan) for row in table.rows for cell in row] == [
        (0, 1),
        (1, 1),
        (2, 1),
        (0, 2),
        (1, 2),
    ]
