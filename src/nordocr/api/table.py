"""A table that was read, and what can be made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nordocr import results
from nordocr.errors import EngineUnavailable
from nordocr.formats.csvfile import table_csv
from nordocr.formats.htmltable import table_html
from nordocr.formats.markdown import markdown_table

if TYPE_CHECKING:
    import pandas


class Table(results.Table):
    """A table that was read; see :class:`nordocr.results.Table` for its fields."""

    @classmethod
    def of(cls, table: results.Table) -> Table:
        """Return the table as one that can be written."""
        return cls.model_construct(_fields_set=table.model_fields_set, **dict(table))

    def to_csv(self) -> str:
        """Return the table as comma-separated values, each row with all columns; amounts are as they were read."""
        return table_csv(self)

    def to_html(self) -> str:
        """Return an HTML ``table`` with head and body."""
        return table_html(self)

    def to_markdown(self) -> str:
        """Return the table in GitHub's Markdown."""
        return markdown_table(self)

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a pandas DataFrame of texts whose columns have the heads' names, or numbers where there is no head.

        Raises:
            EngineUnavailable: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise EngineUnavailable("to_dataframe needs pandas, which is not installed.") from error
        grid = self.grid()
        heads = [" ".join(filter(None, texts)) for texts in zip(*grid[: self.header_rows], strict=True)] or None
        return pandas.DataFrame(grid[self.header_rows :], columns=heads)

    def _repr_html_(self) -> str:
        return self.to_html()
