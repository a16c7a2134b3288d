"""Tables as a workbook of Office Open XML (ECMA-376), a sheet for each; needs XlsxWriter."""

from __future__ import annotations

import contextlib
import datetime
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nordocr.errors import EngineUnavailable
from nordocr.files import write_whole
from nordocr.formats.numbers import dots_are_thousands, number_of
from nordocr.pages import Origin
from nordocr.results import Document, Page, Table

# The same result gives the same bytes.
_MADE: Final = datetime.datetime(2000, 1, 1)
_WIDEST: Final = 60


@contextlib.contextmanager
def xlsx_output(target: Path) -> Iterator[XlsxOutput]:
    """Open a workbook for one document; it appears under its name at the end of the block, and not after a failure.

    Args:
        target: The file.

    Raises:
        EngineUnavailable: XlsxWriter is not installed.
        OutputUnwritable: The file cannot be written.
    """
    output = XlsxOutput(target)
    yield output
    output.close()


class XlsxOutput:
    """An output of :mod:`nordocr.formats.writing`: one sheet a table, named by page and table (``2-1``).

    Amounts are numbers where they have one meaning only (:func:`nordocr.formats.numbers.number_of`), anything else is
    text as it was read. Cells that span others are merged, heads are bold and stay in sight.
    """

    def __init__(self, target: Path) -> None:
        try:
            import xlsxwriter
        except ImportError as error:
            raise EngineUnavailable('Format xlsx needs XlsxWriter: pip install "nordocr[xlsx]".') from error
        self.paths: list[Path] = []
        self._target, self._held = target, io.BytesIO()
        self._book: Any = xlsxwriter.Workbook(self._held, {"in_memory": True})
        self._book.set_properties({"created": _MADE})
        self._sheets = 0
        self._formats: dict[tuple[str, bool], Any] = {}

    def page(self, page: Page, origin: Origin, number: int) -> None:
        """Write the page's tables."""
        for place, table in enumerate(page.tables, 1):
            self._write(self._book.add_worksheet(f"{page.page_index + 1}-{place}"), table)
            self._sheets += 1

    def end(self, document: Document) -> None:
        """Nothing: the file is written when the block ends."""

    def close(self) -> None:
        """Write the file. A document without tables has one empty sheet: there is no workbook without any."""
        if not self._sheets:
            self._book.add_worksheet("0-0")
        self._book.close()
        self.paths.append(write_whole(self._target, self._held.getvalue()))

    def _write(self, sheet: Any, table: Table) -> None:
        dots = dots_are_thousands(cell.text for row in table.rows for cell in row)
        widths = [1] * table.column_count
        for row, column, cell in table.placed():
            head = row < table.header_rows
            number = None if head else number_of(cell.text, dots=dots)
            style = self._style(_format_of(number.decimals, number.grouped) if number else "@", head)
            if cell.rowspan > 1 or cell.colspan > 1:
                sheet.merge_range(row, column, row + cell.rowspan - 1, column + cell.colspan - 1, "", style)
            else:
                widths[column] = max(widths[column], len(cell.text))
            if number is not None:
                sheet.write_number(row, column, number.value, style)
            elif cell.text:
                sheet.write_string(row, column, cell.text, style)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(_WIDEST, width + 2))
        if table.header_rows:
            sheet.freeze_panes(table.header_rows, 0)

    def _style(self, number_format: str, head: bool) -> Any:
        key = (number_format, head)
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"num_format": number_format, "bold": head})
        return self._formats[key]


def _format_of(decimals: int, grouped: bool) -> str:
    """The number's form as Office writes it: it shows the separators of the reader's country."""
    return ("#,##0" if grouped else "0") + ("." + "0" * decimals if decimals else "")
