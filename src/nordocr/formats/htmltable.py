"""A table as HTML."""

from __future__ import annotations

import html
import itertools

from nordocr.results import Cell, Table


def table_html(table: Table) -> str:
    """Return a ``table`` element with head and body, its spans as attributes."""
    rows = [
        (row, [cell for _, _, cell in cells])
        for row, cells in itertools.groupby(table.placed(), key=lambda placed: placed[0])
    ]
    heads = [_row(cells, "th") for row, cells in rows if row < table.header_rows]
    body = [_row(cells, "td") for row, cells in rows if row >= table.header_rows]
    parts = [f"<thead>\n{''.join(heads)}</thead>\n"] if heads else []
    parts += [f"<tbody>\n{''.join(body)}</tbody>\n"] if body else []
    return f"<table>\n{''.join(parts)}</table>\n"


def _row(cells: list[Cell], tag: str) -> str:
    return f"<tr>{''.join(_cell(cell, tag) for cell in cells)}</tr>\n"


def _cell(cell: Cell, tag: str) -> str:
    spans = "".join(f' {name}="{value}"' for name in ("colspan", "rowspan") if (value := getattr(cell, name)) > 1)
    return f"<{tag}{spans}>{html.escape(cell.text)}</{tag}>"
