"""The one writer of a corrected document: an edit is on the disk before it is acknowledged."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from nordocr.correct.edits import Edit, applied
from nordocr.correct.files import (
    Record,
    corrected_path,
    journal_path,
    read_journal,
    read_snapshot,
    replayed,
    result_path,
)
from nordocr.correct.pages import CorrectedDocument, CorrectedPage, LineState, page_of_result
from nordocr.errors import InputMissing, OutputUnwritable
from nordocr.files import replacing
from nordocr.locks import locked_file
from nordocr.results import Document, LazyDocument

_FOLDED_AFTER: Final = 1_000
"""Edits after which the journal is written into the snapshot, so that it stays quick to read."""


class LineSummary(NamedTuple):
    """A line in short: ``least`` is the confidence of the character that the recogniser was least sure of."""

    id: str
    text: str
    state: LineState
    least: float


class Store:
    """A result and what people make of it. Any number of threads may use it; no second process can open it meanwhile.

    Use it as a context manager, or call :meth:`close`.

    Args:
        path: The result, ``NAME.json``, or one of the two files beside it.
        document: What the result holds; a long one may be checked page by page.

    Raises:
        DataInvalid: What was corrected before cannot be read.
        OutputUnwritable: Another process corrects the same result, or the folder cannot be written.
    """

    def __init__(self, path: Path, document: Document | LazyDocument) -> None:
        self.result = result_path(path)
        self.read = LazyDocument.of(document) if isinstance(document, Document) else document
        self._guard = threading.Lock()
        self._file = journal_path(path)
        self._broken = False
        with contextlib.ExitStack() as opening:
            self._journal = opening.enter_context(locked_file(self._file))
            journal = read_journal(self._file)
            held = replayed(read_snapshot(path), journal, self._file)
            self._empty = held is None
            held = held or CorrectedDocument(source=self.read.head.source, engine=self.read.head.engine)
            self._about = held.model_copy(update={"pages": []})
            self._pages = {page.page_index: page for page in held.pages}
            self._edits = held.edits
            self._made = {record.edit.id: record.number for record in journal.records}
            self._changed = dict.fromkeys(self._pages, 0)
            self._unfolded = len(journal.records)
            self._cut(journal.size)
            self._closing = opening.pop_all()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def edits(self) -> int:
        """The number of the last edit."""
        return self._edits

    def numbers(self) -> list[int]:
        """Return the numbers of the pages, those of the result and those on which people have worked."""
        return sorted({*self.read.numbers, *self._pages})

    def page(self, index: int) -> CorrectedPage:
        """Return a page as it is now.

        Raises:
            InputMissing: There is no such page.
        """
        held = self._pages.get(index)
        if held is not None:
            return held
        try:
            return page_of_result(self.read.page(index), self.read.head.engine.detector)
        except KeyError as error:
            raise InputMissing(f"{self.result.name} has no page {index + 1}.") from error

    def lines(self, index: int) -> list[LineSummary]:
        """Return what there is to search in a page, quickly: most pages of a long document are as they were read.

        Raises:
            InputMissing: There is no such page.
        """
        held = self._pages.get(index)
        if held is not None:
            return [
                LineSummary(line.id, line.text, line.state, min(line.char_confidences, default=line.confidence))
                for line in held.lines
            ]
        try:
            texts = self.read.texts(index)
        except KeyError as error:
            raise InputMissing(f"{self.result.name} has no page {index + 1}.") from error
        return [LineSummary(f"r{number}", text, "untouched", least) for number, (text, least) in enumerate(texts)]

    def changed_since(self, number: int) -> list[int]:
        """Return the pages that have been edited after the edit of this number."""
        with self._guard:
            return sorted(index for index, last in self._changed.items() if last > number)

    def apply(self, edit: Edit) -> CorrectedPage:
        """Make an edit; when this returns, it is on the disk. An edit that was made before is not made again.

        Returns:
            The page as it is then.

        Raises:
            Conflict: Somebody else has changed the same.
            UsageError: The edit makes no sense.
            InputMissing: There is no such page.
            OutputUnwritable: It cannot be written; nothing has changed.
        """
        with self._guard:
            before = self.page(edit.page_index)
            if edit.id in self._made:
                return before
            after = applied(before, edit)
            first = edit.page_index not in self._pages
            record = Record(
                number=self._edits + 1,
                edit=edit,
                page=before if first else None,
                source=self._about.source if first else "",
                engine=self._about.engine if first else None,
            )
            self._append(record.model_dump_json().encode("utf-8") + b"\n")
            self._edits += 1
            self._unfolded += 1
            self._empty = False
            self._pages[edit.page_index] = after
            self._made[edit.id] = self._edits
            self._changed[edit.page_index] = self._edits
            if self._unfolded >= _FOLDED_AFTER:
                with contextlib.suppress(OutputUnwritable):  # the edit is in the journal, and safe there
                    self._fold()
            return after

    def corrected(self) -> CorrectedDocument:
        """Return the document as it is now."""
        with self._guard:
            return self._snapshot()

    def fold(self) -> None:
        """Write the snapshot, and empty the journal.

        Raises:
            OutputUnwritable: It cannot be written; the journal then keeps the edits.
        """
        with self._guard:
            self._fold()

    def close(self) -> None:
        """Write the snapshot and let go of the files. Closing again does nothing."""
        with self._guard:
            if self._journal.closed:
                return
            try:
                if self._unfolded and not self._broken:
                    self._fold()
            finally:
                empty = not self._size and not self._broken
                if empty and os.name == "posix":  # while it is locked, so that nobody has just begun with it
                    self._file.unlink(missing_ok=True)
                self._closing.close()
                if empty and os.name != "posix":
                    with contextlib.suppress(OSError):
                        self._file.unlink(missing_ok=True)

    def _snapshot(self) -> CorrectedDocument:
        pages = [self._pages[index] for index in sorted(self._pages)]
        return self._about.model_copy(update={"pages": pages, "edits": self._edits})

    def _fold(self) -> None:
        if not self._empty:
            with replacing(corrected_path(self.result)) as partial, partial.open("wb") as file:
                file.write(self._snapshot().model_dump_json(indent=1).encode("utf-8") + b"\n")
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(self.result.parent)
        try:
            self._cut(0)
        except OSError as error:
            raise OutputUnwritable(f"{self._file} cannot be written: {error.strerror or error}.") from error
        self._unfolded = 0

    def _append(self, line: bytes) -> None:
        if self._broken:
            raise OutputUnwritable(f"{self._file} could not be written before; start anew to go on.")
        try:
            left = memoryview(line)
            while left:
                left = left[self._journal.write(left) or 0 :]
            os.fsync(self._journal.fileno())
        except OSError as error:
            try:
                self._cut(self._size)
            except OSError:
                self._broken = True  # what lies there now must not come before an edit that is acknowledged
            raise OutputUnwritable(f"{self._file} cannot be written: {error.strerror or error}.") from error
        self._size += len(line)

    def _cut(self, size: int) -> None:
        """Leave the first ``size`` bytes of the journal."""
        self._journal.truncate(size)
        self._journal.seek(size)
        os.fsync(self._journal.fileno())
        self._size = size


def _sync_folder(folder: Path) -> None:
    """Have the system write down the names in a folder; Windows does so by itself."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
