"""A result with what people have corrected in it, as a result again: so it goes into every format."""

from __future__ import annotations

from collections.abc import Sequence

from nordocr.correct.pages import CorrectedDocument, CorrectedLine, CorrectedPage
from nordocr.results import BBox, Cell, Document, Line, Page, Table, Word

_LEFT_OUT = ("unreadable", "not_text")


def merged(document: Document, corrected: CorrectedDocument) -> Document:
    """Return a document with the pages on which people have worked in place of its own.

    Lines that are unreadable or no text are left out. A text that a person vouches for has the confidence 1; its words
    lie where their letters would be if all were of one width.

    Args:
        document: The result that was corrected, or a later one of the same file.
        corrected: What people have made of it.
    """
    pages = {page.page_index: page for page in document.pages}
    for page in corrected.pages:
        pages[page.page_index] = _page(page, pages.get(page.page_index))
    return document.model_copy(update={"pages": [pages[index] for index in sorted(pages)]})


def _page(page: CorrectedPage, read: Page | None) -> Page:
    kept = [line for line in page.lines if line.state not in _LEFT_OUT]
    before = {f"r{number}": line for number, line in enumerate(read.lines)} if read is not None else {}
    lines: list[Line] = []
    for line in kept:
        lines.append(_line(line, before.get(line.id), lines[-1].block if lines else 0))
    letters = sum(len(line.text) for line in lines)
    confidence = round(sum(len(line.text) * line.confidence for line in lines) / letters, 4) if letters else 0.0
    base = read or Page(page_index=page.page_index, width=0, height=0)
    return base.model_copy(
        update={
            "width": page.width,
            "height": page.height,
            "rotation": page.rotation,
            "skew": page.skew,
            "lines": lines,
            "text": "\n".join(line.text for line in lines if line.text),
            "confidence": confidence,
            "blank": base.blank and not lines,
            "tables": _tables(base.tables, before, kept, lines),
            "fields": [],
        }
    )


def _line(line: CorrectedLine, read: Line | None, block: int) -> Line:
    said = line.state != "untouched"
    block = read.block if read is not None else block
    if read is not None and read.text == line.text and read.bbox == line.bbox:
        sure = {"confidence": 1.0, "char_confidences": [1.0] * len(line.text)} if said else {}
        return read.model_copy(update=sure)
    exact = not said and len(line.char_confidences) == len(line.text)
    return Line(
        text=line.text,
        confidence=1.0 if said else line.confidence,
        bbox=line.bbox,
        char_confidences=[1.0] * len(line.text) if said else line.char_confidences if exact else [],
        words=_words(line.text, line.bbox, 1.0 if said else line.confidence),
        block=block,
    )


def _words(text: str, box: BBox, confidence: float) -> list[Word]:
    """The words of a text in its box, each letter with the same share of the width."""
    words: list[Word] = []
    at = 0
    for word in text.split(" "):
        if word:
            left, right = (box.x + round(place * box.width / len(text)) for place in (at, at + len(word)))
            place = BBox(x=left, y=box.y, width=max(1, right - left), height=box.height)
            words.append(Word(text=word, confidence=confidence, bbox=place))
        at += len(word) + 1
    return words


def _tables(
    tables: Sequence[Table], before: dict[str, Line], kept: Sequence[CorrectedLine], lines: Sequence[Line]
) -> list[Table]:
    """The tables with the texts of their lines as they are now; one without any line is none."""
    now = {line.id: number for number, line in enumerate(kept)}

    def cell_of(cell: Cell) -> Cell:
        names = [f"r{number}" for number in cell.lines]
        numbers = [now[name] for name in names if name in now]
        same = len(numbers) == len(names) and all(lines[now[name]].text == before[name].text for name in names)
        text = cell.text if same else " ".join(lines[number].text for number in numbers)
        return cell.model_copy(update={"lines": numbers, "text": text})

    made = [
        table.model_copy(update={"rows": [[cell_of(cell) for cell in row] for row in table.rows]}) for table in tables
    ]
    return [table for table in made if any(cell.lines for row in table.rows for cell in row)]
