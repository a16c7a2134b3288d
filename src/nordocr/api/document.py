"""A document that was read, and its pages: the results with what can be made of them."""

from __future__ import annotations

import html
import io
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import Field, PrivateAttr

from nordocr import results
from nordocr.api.options import StrPath
from nordocr.api.table import Table
from nordocr.detect.orientation import turn
from nordocr.errors import UsageError
from nordocr.fields import find_fields
from nordocr.formats import FORMATS, About, open_format
from nordocr.formats.pdf_options import ExistingText, PdfOptions
from nordocr.formats.picture import picture
from nordocr.formats.writing import format_of, writing
from nordocr.pages import Origin

_UNKNOWN = "document"


def in_notebook() -> bool:
    """Decide whether the code runs in a notebook's kernel, which can show pictures below a cell."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


class Page(results.Page):
    """One page that was read; see :class:`nordocr.results.Page` for its fields."""

    tables: list[Table] = Field(default=[])  # type: ignore[assignment]
    _origin: Origin | None = PrivateAttr(default=None)
    _number: int = PrivateAttr(default=0)

    @classmethod
    def of(cls, page: results.Page, origin: Origin, index: int, *, fields: bool = False) -> Page:
        """Return a page that knows where it came from; ``index`` is its number in the document, from 0."""
        tables = [Table.of(table) for table in page.tables]
        changed = {"page_index": index, "tables": tables}
        own = cls.model_construct(_fields_set=page.model_fields_set, **{**dict(page), **changed})
        own._origin, own._number = origin, page.page_index
        if fields:
            own.fields = find_fields(own)
        return own

    @property
    def source(self) -> str:
        """The name of the file that the page came from, ``document`` where it has none."""
        return self._origin.name if self._origin is not None else _UNKNOWN

    @property
    def words(self) -> list[results.Word]:
        """The words of all lines, in reading order."""
        return [word for line in self.lines for word in line.words]

    def image(self) -> npt.NDArray[np.uint8]:
        """Decode the page again and turn it as it was read: the boxes are in its pixels.

        Returns:
            uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB.

        Raises:
            ValueError: The page does not know where it came from, because it was not made by a Reader.
            NordocrError: The source cannot be read any more.
        """
        if self._origin is None:
            raise ValueError("the page does not know its image: it was not made by a Reader")
        return turn(self._origin.image(self._number), self.rotation)

    def draw(self) -> Image.Image:
        """Return an RGB picture of the page with its boxes and reading order, and beside it the text in its place.

        Raises:
            ValueError: As :meth:`image`.
            NordocrError: As :meth:`image`.
        """
        return picture(self.image(), self)

    def show(self) -> None:
        """Show what :meth:`draw` gives: below the cell of a notebook, else with the system's picture viewer.

        Raises:
            ValueError: As :meth:`image`.
            NordocrError: As :meth:`image`.
        """
        if not in_notebook():
            self.draw().show(title=f"{self.source}, page {self.page_index + 1}")
            return
        import IPython.display

        IPython.display.display(self.draw())

    def _repr_png_(self) -> bytes | None:
        if self._origin is None:
            return None
        held = io.BytesIO()
        self.draw().save(held, format="PNG")
        return held.getvalue()


class Document(results.Document):
    """A document that was read; see :class:`nordocr.results.Document` for its fields."""

    pages: list[Page] = Field(default=[])  # type: ignore[assignment]

    @property
    def tables(self) -> list[Table]:
        """The tables of all pages."""
        return [table for page in self.pages for table in page.tables]

    @property
    def fields(self) -> list[results.PageField]:
        """The dates, amounts and numbers with check digits on all pages; ``docs/fields.md`` lists the kinds.

        They are found anew on pages that were read without ``fields``.
        """
        return [field for page in self.pages for field in (page.fields or find_fields(page))]

    def show(self) -> None:
        """Show the pages as :meth:`Page.draw` pictures them: below the cell of a notebook, else in a window.

        Raises:
            ValueError: As :meth:`Page.image`.
            NordocrError: As :meth:`Page.image`.
        """
        for page in self.pages:
            page.show()

    def save(
        self,
        path: StrPath,
        *,
        format: str | None = None,
        language: str | None = None,
        pdfa: bool = False,
        existing_text: ExistingText = "skip",
    ) -> list[Path]:
        """Write the document to a file, which appears under its name when it is whole.

        Args:
            path: The file. Its suffix says the format: ``.txt``, ``.json``, ``.jsonl``, ``.tsv``, ``.fields.tsv``,
                ``.hocr``, ``.alto.xml`` (or ``.xml``), ``.page.xml``, ``.md``, ``.csv``, ``.xlsx`` or ``.pdf``.
            format: The format's name where the suffix does not say it, as ``layout``.
            language: The text's language as a BCP 47 tag (``sv``), for the formats that name it.
            pdfa: Write PDF as PDF/A-2b.
            existing_text: What becomes of a PDF's pages that hold text: ``skip``, ``redo`` or ``force``; see
                ``docs/formats.md``.

        Returns:
            The files written: one, except PAGE of several pages, where each has its number before the suffix.

        Raises:
            UsageError: There is no such format or choice, or the suffix says none.
            OutputUnwritable: The file cannot be written.
            EngineUnavailable: The format needs a package that is not installed.
        """
        target = Path(path)
        name = format_of(target, format)
        with writing(name, target, self._about(language), PdfOptions(pdfa, existing_text)) as output:
            for page in self.pages:
                output.page(page, self._origin_of(page), page._number if page._origin else page.page_index)
            output.end(self)
        return output.paths

    def to(self, format: str, *, language: str | None = None) -> str:
        """Return the document in one of the text formats: text, layout, json, jsonl, tsv, hocr, alto, md, csv,
        fields.

        Raises:
            UsageError: There is no such format, or it is not one text.
        """
        if format not in FORMATS or format == "page":
            kinds = ", ".join(name for name in FORMATS if name != "page")
            raise UsageError(f"A document is no text in the format {format!r}; it is in {kinds}.")
        output = open_format(format, self._about(language))
        parts = [output.page(self._name_of(page), page) for page in self.pages]
        return "".join([*parts, output.end(self)])

    def to_json(self) -> str:
        """Return the result as JSON, as ``docs/result.schema.json`` describes it."""
        return self.to("json")

    def to_tsv(self) -> str:
        """Return Tesseract's table: a row for each page, block, paragraph, line and word."""
        return self.to("tsv")

    def to_hocr(self, *, language: str | None = None) -> str:
        """Return hOCR 1.2."""
        return self.to("hocr", language=language)

    def to_alto(self, *, language: str | None = None) -> str:
        """Return ALTO 4.4, all pages in one file."""
        return self.to("alto", language=language)

    def to_page(self, *, language: str | None = None) -> list[str]:
        """Return PAGE XML 2019-07-15, which holds one page a file: a text for each page."""
        output = open_format("page", self._about(language))
        return [output.page(self._name_of(page), page) for page in self.pages]

    def to_markdown(self) -> str:
        """Return Markdown: headings, paragraphs and tables."""
        return self.to("md")

    def _about(self, language: str | None) -> About:
        return About(self.engine, language)

    def _name_of(self, page: Page) -> str:
        return self._origin_of(page).name

    def _origin_of(self, page: Page) -> Origin:
        return page._origin or Origin(self.source or _UNKNOWN, Path(self.source))

    def _repr_html_(self) -> str:
        shown = []
        for page in self.pages:
            head = f"page {page.page_index + 1}, {len(page.lines)} lines, confidence {page.confidence:.2f}"
            shown.append(f"<h4>{head}</h4><pre>{html.escape(page.text)}</pre>")
        return f"<section><h3>{html.escape(self.source or _UNKNOWN)}</h3>{''.join(shown)}</section>"
