"""Lines that could be corrected: from results of reading, or from folders of line images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from nordocr.correct.files import is_corrected, load_corrected, result_path
from nordocr.data.labels import LabelRow
from nordocr.data.lines import read_lines
from nordocr.errors import InputMissing, InputUnreadable
from nordocr.results import BBox, Document, Page

Vector = npt.NDArray[np.float32]

_SAME: Final = 0.5
"""Share of the smaller of two boxes that both cover, from which they are one line."""


@dataclass(frozen=True)
class Candidate:
    """A line that could be corrected.

    Attributes:
        document: The document that it comes from.
        page: Its page, counted from 1, or as the labels name it; None if unknown.
        line: Its number on the page, or in the folder, counted from 1.
        filename: The file of its image, "" where it is only a place on a page.
        text: What was read.
        confidence: The least certain character's probability, 0 to 1.
        characters: Each character's probability; empty if unknown.
        margin: Probability of the best class less that of the second, at the least certain character; None if unknown.
        other: What another engine read there; None where there is none.
        vector: How it looks to the recogniser, of length 1; None if unknown.
    """

    document: str
    page: str | None
    line: int
    filename: str
    text: str
    confidence: float
    characters: tuple[float, ...] = ()
    margin: float | None = None
    other: str | None = None
    vector: Vector | None = None


def read_results(paths: Sequence[Path]) -> list[tuple[Path, Document]]:
    """Read result files, each as JSON of one document; folders are searched for ``*.json``.

    Raises:
        InputMissing: There is no such file, or no result in a folder.
        InputUnreadable: A file that was named is no result.
    """
    found = []
    for path in paths:
        if path.is_dir():
            inside = [(file, _document(file)) for file in sorted(path.rglob("*.json")) if result_path(file) == file]
            held = [(file, document) for file, document in inside if document is not None]
            if not held:
                raise InputMissing(f"There is no result of nordocr in {path}.")
            found += held
            continue
        if not path.is_file():
            raise InputMissing(f"There is no result {path}.")
        document = _document(path)
        if document is None:
            raise InputUnreadable(f"{path} is not a result of nordocr.")
        found.append((path, document))
    return found


def from_results(
    results: Iterable[tuple[Path, Document]], others: Iterable[tuple[Path, Document]] = ()
) -> Iterator[Candidate]:
    """Yield the lines of results that nobody has corrected, confirmed or removed yet.

    Args:
        results: Documents with the files that they were read from.
        others: What another engine read in the same documents: lines are matched by their boxes.
    """
    second = {(name_of(path, document), page.page_index): page for path, document in others for page in document.pages}
    for path, document in results:
        name = name_of(path, document)
        worked_on = _untouched(path)
        for page in document.pages:
            against, untouched = second.get((name, page.page_index)), worked_on.get(page.page_index)
            for number, line in enumerate(page.lines, start=1):
                if untouched is not None and f"r{number - 1}" not in untouched:
                    continue
                yield Candidate(
                    name,
                    str(page.page_index + 1),
                    number,
                    "",
                    line.text,
                    line.confidence,
                    tuple(line.char_confidences),
                    other=None if against is None else _there(line.bbox, against),
                )


def name_of(path: Path, document: Document) -> str:
    """Return the name of a result's document: its scan's, without folder and suffix."""
    return Path(document.source).stem or path.stem


def rows_of(folders: Sequence[Path]) -> list[LabelRow]:
    """Return the lines of labels folders and LMDBs; lines without a document are of one named after the folder.

    Raises:
        InputMissing: There are no lines.
    """
    return [row for folder in folders for row in read_lines(folder).rows]


def _untouched(path: Path) -> dict[int, set[str]]:
    """The lines that nobody has touched, by the pages on which somebody has worked (:mod:`nordocr.correct`)."""
    if not is_corrected(path):
        return {}
    pages = load_corrected(path).document.pages
    return {page.page_index: {line.id for line in page.lines if line.state == "untouched"} for page in pages}


def _document(path: Path) -> Document | None:
    try:
        return Document.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError:
        return None


def _there(box: BBox, page: Page) -> str | None:
    """The text of the other engine's line that covers a box best; None where none covers it."""
    best, text = _SAME, None
    for line in page.lines:
        shared = _overlap(box, line.bbox)
        if shared >= best:
            best, text = shared, line.text
    return text


def _overlap(a: BBox, b: BBox) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    smaller = min(a.width * a.height, b.width * b.height)
    return max(0, width) * max(0, height) / smaller if smaller and width > 0 else 0.0
