"""Markdown (CommonMark): headings by the size of their type, paragraphs joined again, hyphens mended, tables."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from typing import Final

from nordocr.formats.ladder import Paragraph, areas, words_of
from nordocr.results import Document, Line, Page, Table
from nordocr.tables.figures import kind_of

# A heading is this much higher than the page's usual line; the first level this much.
_HEADING, _TITLE = 1.25, 1.7
_HEADING_LINES: Final = 2
# A line is followed by the rest of its sentence where it reaches this far into its paragraph.
_FULL: Final = 0.8
# Lines that share so much of the lower one's height stand in one row.
_SAME_ROW: Final = 0.5
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|])")
_BEGINNING: Final = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|=+\s*$|-{3,}\s*$|~{3})")
_NUMBERED: Final = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
# Dots that lead to a page number, as in a table of contents.
_LEADER: Final = re.compile(r"[.…]{4,}\s*\S*$")
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])[-\u00ad]$")


class MarkdownFormat:
    """A :class:`nordocr.formats.base.Format` that streams; between pages stands a comment with the page's number."""

    suffix = ".md"
    whole = False

    def __init__(self) -> None:
        self._begun = False

    def page(self, source: str, page: Page) -> str:
        """The page's headings, paragraphs and tables."""
        mark = f"<!-- page {page.page_index + 1} -->\n\n" if self._begun else ""
        self._begun = True
        return mark + "".join(f"{block}\n\n" for block in _blocks(page))

    def end(self, document: Document) -> str:
        """Nothing: all is written."""
        return ""


def _blocks(page: Page) -> Iterator[str]:
    heights = [_height(line) for line in page.lines if line.text.strip()]
    usual = statistics.median(heights) if heights else 0.0
    for area in areas(page):
        if area.table is not None:
            yield markdown_table(area.table)
            continue
        for paragraph in area.paragraphs:
            level = _level(paragraph, usual)
            text = " ".join(_escaped(line.text) for line in paragraph.lines) if level else _joined(paragraph)
            yield f"{'#' * level} {text}" if level else text


def markdown_table(table: Table) -> str:
    """Return a table in GitHub's Markdown: one head row, which joins several and is empty where there is none.

    A cell that spans others stands in the first of them. Columns of figures are flush right.
    """
    grid = [[_escaped(text) for text in row] for row in table.grid()]
    heads, body = grid[: table.header_rows], grid[table.header_rows :]
    head = [" ".join(filter(None, texts)) for texts in zip(*heads, strict=True)] or [""] * table.column_count
    plain = table.grid()[table.header_rows :]
    edges = []
    for column in range(table.column_count):
        kinds = [kind_of(row[column]) for row in plain if row[column]]
        figures = sum(kind != "text" for kind in kinds)
        edges.append("---:" if column and kinds and 2 * figures >= len(kinds) else "---")
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, edges, *body))


def _level(paragraph: Paragraph, usual: float) -> int:
    """The heading's level, 0 for a paragraph."""
    if len(paragraph.lines) > _HEADING_LINES or not any(c.isalpha() for c in paragraph.text):
        return 0
    height = min(_height(line) for line in paragraph.lines)
    return 1 if height >= _TITLE * usual else 2 if height >= _HEADING * usual else 0


def _height(line: Line) -> float:
    """The height of the line's type: its words', because the box of a line that is askew is higher."""
    return statistics.median(word.bbox.height for word in words_of(line))


def _joined(paragraph: Paragraph) -> str:
    """The paragraph with its lines joined; short ones, as of an address or a table, keep their line breaks."""
    rows = _rows(paragraph.lines)
    right = max(line.bbox.x + line.bbox.width for line in paragraph.lines)
    left = min(line.bbox.x for line in paragraph.lines)
    text = ""
    for number, row in enumerate(rows):
        said = " \u2003".join(_escaped(line.text) for line in row)
        if not text:
            text = said
            continue
        before = rows[number - 1]
        reached = before[-1].bbox.x + before[-1].bbox.width - left
        if len(row) > 1 or len(before) > 1 or reached < _FULL * (right - left) or _LEADER.search(text):
            text = f"{text}\\\n{said}"
        elif _HYPHEN.search(text) and said[:1].islower():
            text = text[:-1] + said
        else:
            text = f"{text} {said}"
    return text


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in lines:
        if rows and _beside(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _beside(one: Line, other: Line) -> bool:
    a, b = one.bbox, other.bbox
    shared = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return b.x >= a.x + a.width and shared >= _SAME_ROW * max(1, min(a.height, b.height))


def _escaped(text: str) -> str:
    """Text in which nothing is taken for Markdown."""
    plain = _SPECIAL.sub(r"\\\1", text.strip())
    plain = _NUMBERED.sub(r"\1\\\2", plain)
    return _BEGINNING.sub(r"\1\\\2", plain)
