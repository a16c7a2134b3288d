"""The files of a corrected document: a snapshot, and the journal of the edits since, which is complete on its own.

Every line of the journal is one edit as JSON, numbered from 1. The first edit of a page carries the page as it was, so
that corrections outlive a result that is read anew. A last line that a killed writer left unfinished was never
acknowledged and is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from nordocr.correct.edits import Edit, applied
from nordocr.correct.pages import CorrectedDocument, CorrectedPage
from nordocr.errors import DataInvalid, InputMissing, NordocrError
from nordocr.invalid import first_fault
from nordocr.results import Engine
from nordocr.results.lines import STRICT

_SNAPSHOT: Final = ".corrected.json"
_JOURNAL: Final = ".corrected.journal"


class Record(BaseModel):
    """One line of the journal.

    Attributes:
        number: The edit's number in the document, from 1.
        edit: The edit.
        page: The page as it was before its first edit; None for later ones.
        source: The file that was read; with ``page`` only.
        engine: Who read it; with ``page`` only.
    """

    model_config = STRICT

    number: int = Field(ge=1)
    edit: Edit
    page: CorrectedPage | None = None
    source: str = ""
    engine: Engine | None = None

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value not in (None, "")}


@dataclass
class Journal:
    """What a journal holds: its records, and how many of its bytes they are."""

    records: list[Record]
    size: int


@dataclass(frozen=True)
class Corrected:
    """A corrected document and where it lies.

    Attributes:
        result: The result's file, ``NAME.json``; it need not be there any more.
        document: What people have made of it.
    """

    result: Path
    document: CorrectedDocument


def result_path(path: Path) -> Path:
    """Return ``NAME.json`` for itself, for ``NAME.corrected.json`` and for ``NAME.corrected.journal``."""
    for suffix in (_SNAPSHOT, _JOURNAL):
        if path.name.endswith(suffix):
            return path.with_name(f"{path.name.removesuffix(suffix)}.json")
    return path


def is_correction(path: Path) -> bool:
    """Decide by its name whether a file is ``NAME.corrected.json`` or ``NAME.corrected.journal``."""
    return path.name.endswith((_SNAPSHOT, _JOURNAL))


def corrected_path(path: Path) -> Path:
    """Return ``NAME.corrected.json`` for any of a result's files."""
    return _beside(path, _SNAPSHOT)


def journal_path(path: Path) -> Path:
    """Return ``NAME.corrected.journal`` for any of a result's files."""
    return _beside(path, _JOURNAL)


def _beside(path: Path, suffix: str) -> Path:
    result = result_path(path)
    return result.with_name(result.name.removesuffix(".json") + suffix)


def is_corrected(path: Path) -> bool:
    """Decide whether somebody has corrected the result that ``path`` is a file of."""
    return corrected_path(path).is_file() or journal_path(path).is_file()


def load_corrected(path: Path) -> Corrected:
    """Read what people have made of a result, edits that are only in the journal included.

    Args:
        path: Any of its files: ``NAME.json``, ``NAME.corrected.json`` or ``NAME.corrected.journal``.

    Raises:
        InputMissing: Nobody has corrected it.
        DataInvalid: A file is damaged or of another version.
    """
    snapshot = read_snapshot(path)
    journal = read_journal(journal_path(path))
    document = replayed(snapshot, journal, journal_path(path))
    if document is None:
        raise InputMissing(f"There is no {corrected_path(path)}: nobody has corrected it (nordocr view does).")
    return Corrected(result_path(path), document)


def read_snapshot(path: Path) -> CorrectedDocument | None:
    """Return what the file ``NAME.corrected.json`` holds, None where there is none.

    Raises:
        DataInvalid: It is damaged or of another version.
    """
    file = corrected_path(path)
    if not file.is_file():
        return None
    try:
        return CorrectedDocument.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise DataInvalid(f"{file} is no corrected document: {first_fault(error, 'the file')}.") from error
    except OSError as error:
        raise DataInvalid(f"{file} cannot be read: {error.strerror or error}.") from error


def read_journal(file: Path) -> Journal:
    """Return the finished records of a journal, none where there is no file.

    Raises:
        DataInvalid: A line before the last one is no record.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Journal([], 0)
    except OSError as error:
        raise DataInvalid(f"{file} cannot be read: {error.strerror or error}.") from error
    lines = data.split(b"\n")[:-1]
    journal = Journal([], 0)
    for number, line in enumerate(lines, start=1):
        try:
            record = Record.model_validate_json(line)
        except ValidationError as error:
            if number == len(lines):  # after a power cut blocks may be missing from what was written last
                break
            raise DataInvalid(f"Line {number} of {file} is no edit: {first_fault(error)}.") from error
        journal.records.append(record)
        journal.size += len(line) + 1
    return journal


def replayed(snapshot: CorrectedDocument | None, journal: Journal, file: Path) -> CorrectedDocument | None:
    """Return the snapshot with the journal's edits made, None where there is neither.

    Args:
        snapshot: What ``NAME.corrected.json`` holds; edits that are in it already are passed over.
        journal: The edits.
        file: The journal's file, for sentences.

    Raises:
        DataInvalid: The journal does not follow on the snapshot.
    """
    document = snapshot
    pages = {} if document is None else {page.page_index: page for page in document.pages}
    edits = 0 if document is None else document.edits
    for record in journal.records:
        if record.number <= edits:
            continue
        index = record.edit.page_index
        page = pages.get(index, record.page)
        if document is None and record.engine is not None:
            document = CorrectedDocument(source=record.source, engine=record.engine)
        if record.number != edits + 1 or page is None or document is None:
            raise DataInvalid(f"{file} lacks the edits before number {record.number}.")
        try:
            pages[index] = applied(page, record.edit)
        except NordocrError as error:
            raise DataInvalid(f"Edit {record.number} of {file} does not fit the page: {error}") from error
        edits = record.number
    if document is None:
        return None
    held = [pages[index] for index in sorted(pages)]
    return document.model_copy(update={"pages": held, "edits": edits})
