"""Which kind of searchable PDF a document becomes, and the sources of its pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nordocr.errors import (
    EngineUnavailable,
    InputMissing,
    InputUnreadable,
    NordocrError,
    OutputUnwritable,
    UsageError,
)
from nordocr.files import replacing
from nordocr.formats.about import About
from nordocr.formats.pdf.originals import Original, Originals, packed
from nordocr.formats.pdf.scans import ScanPdf
from nordocr.formats.pdf_options import PdfOptions
from nordocr.pages import MemoryImage, Origin
from nordocr.results import Document, Page

if TYPE_CHECKING:
    from nordocr.formats.pdf.overlay import OverlayPdf


@contextlib.contextmanager
def pdf_output(target: Path, about: About | None = None, options: PdfOptions | None = None) -> Iterator[PdfOutput]:
    """Open a searchable PDF for one document; it appears under its name at the end of the block.

    Args:
        target: The file.
        about: Who read, and in which language.
        options: PDF/A, and what becomes of pages that hold text already.

    Raises:
        OutputUnwritable: The file cannot be written, or is the source itself.
        EngineUnavailable: The source is a PDF, or PDF/A is asked for, and pikepdf is not installed.
        InputMissing: The source is no longer there.
        InputUnreadable: The source is no longer what was read.
    """
    with replacing(target) as partial, PdfOutput(target, partial, about or About(), options) as output:
        yield output


class PdfOutput:
    """One searchable PDF on its way; an :class:`nordocr.formats.writing.Output`.

    The first page decides: pages of a raster file or of memory become a new PDF, those of a PDF are laid into it.
    """

    def __init__(self, target: Path, partial: Path, about: About, options: PdfOptions | None = None) -> None:
        self.paths = [target]
        self._partial, self._about, self._options = partial, about, options or PdfOptions()
        self._stack = contextlib.ExitStack()
        self._title = ""
        self._scans: ScanPdf | None = None
        self._overlay: OverlayPdf | None = None
        self._origin: Origin | None = None
        self._originals: Originals | None = None
        self._opened = contextlib.ExitStack()

    def __enter__(self) -> PdfOutput:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()
        self._stack.close()

    def page(self, page: Page, origin: Origin, number: int) -> None:
        """Write a page; ``number`` is its number in ``origin``, from 0."""
        if origin is not self._origin:
            self._turn_to(origin)
        if self._overlay is not None:
            self._overlay.page(page, number)
            return
        assert self._scans is not None
        try:
            original = self._original(origin, number)
        except NordocrError:
            if not page.error:  # a page that could not be read keeps its place
                raise
            self._scans.empty_page()
            return
        self._scans.page(page, original)

    def end(self, document: Document) -> None:
        """Complete the file."""
        title = self._title or Path(document.source).stem
        if self._overlay is not None:
            self._overlay.end(self._partial, title)
        else:
            self._new().end(title)
        if self._options.pdfa:
            self.__exit__()  # Windows does not replace a file that is open
            _archive(self._partial, self._origin.name if self._origin is not None else title)

    def _turn_to(self, origin: Origin) -> None:
        """Open the source of the pages that come now."""
        first = self._origin is None
        self._opened.close()
        self._origin, self._originals = origin, None
        content = origin.content
        if isinstance(content, Path):
            if not content.is_file():
                raise InputMissing(f"There is no file {content} to take the pages of the PDF from.")
            if self.paths[0].exists() and content.samefile(self.paths[0]):
                raise OutputUnwritable(f"{content} would be replaced by its own searchable PDF; write it elsewhere.")
        if first:
            self._title = Path(origin.name).stem
        is_pdf = not isinstance(content, MemoryImage) and b"%PDF-" in _head(content)
        if not first and (is_pdf or self._overlay is not None):
            raise UsageError(f"{origin.name} and other documents cannot be joined to one PDF, because one is a PDF.")
        if is_pdf:
            self._overlay = self._open_overlay(origin)
            return
        self._new()
        if not isinstance(content, MemoryImage):
            try:
                source = self._opened.enter_context(origin.located())
                assert isinstance(source, Path)
                self._originals = self._opened.enter_context(Originals(source, origin.limits))
            except (OSError, SyntaxError, ValueError) as error:
                raise InputUnreadable(f"{origin.name} is not the image any more that was read.") from error

    def _open_overlay(self, origin: Origin) -> OverlayPdf:
        try:
            from nordocr.formats.pdf.overlay import OverlayPdf
        except ImportError as error:
            raise EngineUnavailable(f'Adding text to a PDF needs {error.name}: pip install "nordocr[pdf]".') from error
        source = self._stack.enter_context(origin.located())
        assert isinstance(source, Path)
        overlay = OverlayPdf(source, origin, self._about, self._options)
        self._stack.callback(overlay.close)
        return overlay

    def _new(self) -> ScanPdf:
        if self._scans is None:
            self._scans = ScanPdf(self._stack.enter_context(self._partial.open("wb")), self._about)
        return self._scans

    def _original(self, origin: Origin, number: int) -> Original:
        if isinstance(origin.content, MemoryImage):
            return packed(origin.content.pixels(origin.limits))
        assert self._originals is not None
        return self._originals.page(number)


def _archive(path: Path, name: str) -> None:
    try:
        from nordocr.formats.pdf.archive import make_pdfa
    except ImportError as error:
        raise EngineUnavailable(f'PDF/A needs {error.name}: pip install "nordocr[pdf]".') from error
    make_pdfa(path, name)


def _head(content: Path | bytes) -> bytes:
    if isinstance(content, bytes):
        return content[:1024]
    with content.open("rb") as file:
        return file.read(1024)
