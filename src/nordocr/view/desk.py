"""The documents that are open: what was read, what people have made of it, and the images of their pages."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from nordocr.config import ReadingConfig
from nordocr.correct import CorrectedPage, Store
from nordocr.correct.scan import find_scan
from nordocr.errors import InputMissing
from nordocr.pages import Origin
from nordocr.results import read_lazily
from nordocr.view.again import LineReader
from nordocr.view.images import Picture, Pictures


@dataclass(frozen=True)
class OpenDocument:
    """One document. ``origin`` is None where its scan is not found: its text can be corrected all the same."""

    name: str
    store: Store
    origin: Origin | None


class Desk:
    """Documents that were opened together. Use it as a context manager, or call :meth:`close`.

    Args:
        results: The results' files.
        config: Limits and password for the scans, and how a line is read again.
        images: A folder in which scans are looked for first.
        who: The name under which corrections are kept where a browser gives none.

    Raises:
        InputMissing: There is no such file.
        InputUnreadable: One is not a result.
        DataInvalid: What was corrected before cannot be read.
        OutputUnwritable: Another process corrects one of them, or its folder cannot be written.
    """

    def __init__(
        self, results: Sequence[Path], config: ReadingConfig, images: Path | None = None, who: str = ""
    ) -> None:
        self.who = who
        self.documents: list[OpenDocument] = []
        self._pictures = Pictures()
        with contextlib.ExitStack() as opening:
            for path in results:
                document = read_lazily(path)
                scan = find_scan(document.head.source, path, images)
                origin = None if scan is None else Origin(scan.name, scan, config.limits, config.password())
                store = opening.enter_context(Store(path, document))
                self.documents.append(OpenDocument(path.name.removesuffix(".json"), store, origin))
            self.reader = LineReader(config)
            opening.callback(self.reader.close)
            self._open = opening.pop_all()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write what was corrected into its snapshots and let go of the files."""
        self._open.close()

    def picture(self, number: int, index: int) -> Picture:
        """Return the image of a page, turned as it was read, as a browser shows it.

        Raises:
            InputMissing: The scan is not found, or has no such page.
            NordocrError: It cannot be read.
        """
        document = self.documents[number]
        page = document.store.page(index)
        if document.origin is None:
            raise InputMissing(f"The scan {document.store.read.head.source!r} is not found; --images names its folder.")
        return self._pictures.get((number, index), document.origin, index, page.rotation)

    def read_again(self, number: int, page: CorrectedPage, name: str) -> tuple[str, float, list[float]]:
        """Read a line in its box as it is now.

        Args:
            number: The document.
            page: The page with the line, which need not be kept yet.
            name: The line.

        Returns:
            Its text, confidence and the confidence of each character.

        Raises:
            InputMissing: The scan is not found.
            NordocrError: It cannot be read.
        """
        origin = self.documents[number].origin
        if origin is None:
            raise InputMissing("The scan is not found, so that nothing can be read in it.")
        return self.reader.read(origin, page, name)
