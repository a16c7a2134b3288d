"""A page with a table between two paragraphs: heads, an empty cell, a spanning one, a label of two lines."""

from __future__ import annotations

from tests.formats.samples import document, line, page

from nordocr.formats.ladder import around
from nordocr.results import BBox, Cell, Table

LINES = [
    line("Så gick det i år.", 100, 100),
    line("Belopp i tkr", 100, 200, block=1),
    line("2024", 700, 200, block=1),
    line("2023", 900, 200, block=1),
    line("Intäkter av allt slag", 100, 240, block=1),
    line("Resultat från före-", 100, 280, block=1),
    line("tag | i koncernen", 120, 320, block=1),
    line("1 234,50", 700, 320, block=1),
    line("Kassa", 100, 360, block=1),
    line("-12", 900, 360, block=1),
    line("Och sedan kom nästa.", 100, 500, block=2),
]


def cell(text: str, *numbers: int, span: int = 1) -> Cell:
    box = around(LINES[number].bbox for number in numbers) if numbers else BBox(x=700, y=240, width=90, height=30)
    return Cell(text=text, bbox=box, lines=list(numbers), colspan=span)


TABLE = Table(
    bbox=around(one.bbox for one in LINES[1:-1]),
    header_rows=1,
    rows=[
        [cell("Belopp i tkr", 1), cell("2024", 2), cell("2023", 3)],
        [cell("Intäkter av allt slag", 4, span=2), cell("")],
        [cell("Resultat från företag | i koncernen", 5, 6), cell("1 234,50", 7), cell("")],
        [cell("Kassa", 8), cell(""), cell("-12", 9)],
    ],
)
GRID = [
    ["Belopp i tkr", "2024", "2023"],
    ["Intäkter av allt slag", "", ""],
    ["Resultat från företag | i koncernen", "1 234,50", ""],
    ["Kassa", "", "-12"],
]


PAGE = page(0, *LINES).model_copy(update={"tables": [TABLE]})
DOCUMENT = document(PAGE)
