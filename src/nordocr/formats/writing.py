"""Results to files, page by page: one object a file, whatever the format."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

from nordocr.errors import UsageError
from nordocr.files import whole_file, write_whole
from nordocr.formats import BINARY, FORMATS, NAMES, About, Format, open_format
from nordocr.formats.pdf_options import PdfOptions
from nordocr.pages import Origin
from nordocr.results import Document, Page

SUFFIXES: Final = {
    ".txt": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".tsv": "tsv",
    ".fields.tsv": "fields",
    ".hocr": "hocr",
    ".alto.xml": "alto",
    ".page.xml": "page",
    ".xml": "alto",
    ".md": "md",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".pdf": "pdf",
}
"""The format that a file's suffix stands for; of those that a name ends in, the longest counts."""


class Output(Protocol):
    """One document on its way into a file."""

    paths: list[Path]
    """The files written, once :meth:`end` has been called and the block is left."""

    def page(self, page: Page, origin: Origin, number: int) -> None:
        """Write a page.

        Args:
            page: What was read.
            origin: Where the page came from.
            number: Its number there, from 0.
        """
        ...

    def end(self, document: Document) -> None:
        """Write what follows the pages; ``document`` need not hold them any more."""
        ...


def suffix_of(name: str) -> str:
    """Return the suffix, with its dot, of the files that hold a format."""
    return BINARY.get(name) or FORMATS[name]().suffix


def format_of(path: Path, name: str | None = None) -> str:
    """Return the format to write to a file.

    Args:
        path: The file.
        name: The format's name, where that was said.

    Raises:
        UsageError: There is no such format, or the file's suffix says none.
    """
    if name is not None:
        if name not in NAMES:
            raise UsageError(f"There is no format {name!r}; the formats are {', '.join(NAMES)}.")
        return name
    found = [suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)]
    if not found:
        raise UsageError(f"The suffix of {path} says no format; it is one of {', '.join(SUFFIXES)}.")
    return SUFFIXES[max(found, key=len)]


@contextlib.contextmanager
def writing(name: str, target: Path, about: About | None = None, pdf: PdfOptions | None = None) -> Iterator[Output]:
    """Open a file for one document; it appears under its name at the end of the block, and not after a failure.

    Args:
        name: The format, one of :data:`nordocr.formats.NAMES`.
        target: The file.
        about: What the file says of itself.
        pdf: What can be chosen about a searchable PDF; other formats take no notice.

    Raises:
        OutputUnwritable: The file cannot be written.
        EngineUnavailable: The format needs a package that is not installed.
        NordocrError: A searchable PDF's source cannot be opened again.
    """
    if name == "page":
        yield _PageFiles(target, about)
        return
    if name == "pdf":
        from nordocr.formats.pdf import pdf_output

        with pdf_output(target, about, pdf) as searchable:
            yield searchable
        return
    if name == "xlsx":
        from nordocr.formats.xlsx import xlsx_output

        with xlsx_output(target) as workbook:
            yield workbook
        return
    with whole_file(target) as file:
        yield TextOutput(open_format(name, about), file.write, target)


class TextOutput:
    """An :class:`Output` of text.

    Args:
        text: The format.
        write: Takes each piece of text.
        path: The file that the text goes to, if it is one.
    """

    def __init__(self, text: Format, write: Callable[[str], object], path: Path | None = None) -> None:
        self.paths = [path] if path is not None else []
        self._format, self._write = text, write

    def page(self, page: Page, origin: Origin, number: int) -> None:
        """Write a page."""
        self._write(self._format.page(origin.name, page))

    def end(self, document: Document) -> None:
        """Write what follows the pages."""
        self._write(self._format.end(document))


class _PageFiles:
    """PAGE: one page a file. A document of one page has the target's name, others a number before the suffix."""

    def __init__(self, target: Path, about: About | None) -> None:
        self.paths: list[Path] = []
        self._target = target
        self._format = open_format("page", about)
        self._first: tuple[Path, str] | None = None

    def page(self, page: Page, origin: Origin, number: int) -> None:
        held = self._numbered(page.page_index), self._format.page(origin.name, page)
        if not self.paths and self._first is None:
            self._first = held
            return
        if self._first is not None:
            self.paths.append(write_whole(*self._first))
            self._first = None
        self.paths.append(write_whole(*held))

    def end(self, document: Document) -> None:
        if self._first is not None:
            self.paths.append(write_whole(self._target, self._first[1]))

    def _numbered(self, index: int) -> Path:
        name = self._target.name
        suffix = next((s for s in (".page.xml", ".xml") if name.lower().endswith(s)), self._target.suffix)
        stem = name[: len(name) - len(suffix)] if suffix else name
        return self._target.with_name(f"{stem}-{index + 1:04d}{suffix}")
