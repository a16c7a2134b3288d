"""``nordocr data suggest``: look at lines, value them, choose a batch."""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from nordocr.config import settings
from nordocr.data.crops import decode_crop
from nordocr.data.foreign import foreign_table
from nordocr.data.labels import TABLE, LabelReport, LabelRow
from nordocr.data.lines import copy_lines, image_of
from nordocr.data.lmdb import is_lmdb
from nordocr.errors import DataInvalid, InputUnreadable, NordocrError, UsageError
from nordocr.pages.listing import page_files
from nordocr.pipeline.cutting import KnownPage, cut_again
from nordocr.pipeline.preparation import Preparation
from nordocr.recognize.base import Crop, Recognizer
from nordocr.results import Document, Page
from nordocr.tune.suggest.candidates import Candidate, Vector, from_results, name_of, read_results, rows_of
from nordocr.tune.suggest.choose import farthest_first
from nordocr.tune.suggest.features import FeatureReader, Seen
from nordocr.tune.suggest.value import Value, values

_log = logging.getLogger(__name__)

COLUMNS: Final = ("rank", "document", "page", "line", "filename", "score", "reasons", "text")
"""Columns of the table of lines."""

_TOGETHER: Final = 256
_UNLIKE: Final = 1.25
"""Distance, relative to the median line's, from which it is said that a line looks unlike the others."""

Seeing = Callable[[int], None]


@dataclass(frozen=True)
class Suggestion:
    """A line to correct.

    Attributes:
        rank: From 1.
        line: The line.
        score: What it is worth next to the lines before it.
        reasons: Why.
        row: Its row, where it comes from a folder of line images.
    """

    rank: int
    line: Candidate
    score: float
    reasons: tuple[str, ...]
    row: LabelRow | None = None


def is_lines(path: Path) -> bool:
    """Decide whether a path is a folder of labelled lines, not of results."""
    return path.is_dir() and ((path / TABLE).is_file() or is_lmdb(path) or foreign_table(path) is not None)


def suggest_lines(
    folders: Sequence[Path],
    count: int,
    reader: FeatureReader,
    *,
    other: Recognizer | None = None,
    known: Sequence[Path] = (),
    seeing: Seeing = lambda lines: None,
) -> tuple[list[Suggestion], list[Candidate]]:
    """Choose lines of folders of line images. Their texts, which may be empty, count for nothing.

    Args:
        folders: Labels folders or LMDBs.
        count: How many to choose.
        reader: Reads the lines.
        other: A second opinion.
        known: Labels folders of lines that are corrected already: what looks like them is worth less.
        seeing: Told the number of lines just read.

    Returns:
        The chosen lines and all of them.

    Raises:
        InputMissing: A folder is not there.
        DataInvalid: There is no line whose image can be read.
    """
    rows, candidates = list[LabelRow](), list[Candidate]()
    places: Counter[tuple[str, str | None]] = Counter()
    for row, crop, seen in _seen(rows_of(folders), reader, seeing):
        document = row.source or row.image.parent.parent.name
        places[document, row.page] += 1
        number = places[document, row.page]
        said = other.read([crop])[0].text if other is not None else None
        rows.append(row)
        candidates.append(_candidate(seen, document, row.page, number, row.filename, said))
    if not candidates:
        raise DataInvalid("There is no line whose image can be read.")
    vectors = [seen.vector for _, _, seen in _seen(rows_of(known), reader, seeing)]
    chosen = _chosen(candidates, count, vectors)
    return [replace(one, row=rows[place]) for place, one in chosen], candidates


def suggest_results(
    results: Sequence[Path],
    count: int,
    *,
    others: Sequence[Path] = (),
    scans: Sequence[Path] = (),
    reader: FeatureReader | None = None,
    seeing: Seeing = lambda lines: None,
) -> tuple[list[Suggestion], list[Candidate]]:
    """Choose lines of results of reading.

    Args:
        results: Result files, or folders of them.
        count: How many to choose.
        others: Results of another engine on the same documents.
        scans: Page files, or folders of them: with the images at hand, lines are chosen that do not look alike.
        reader: Says how lines look; needed with ``scans``.
        seeing: Told the number of lines just read.

    Returns:
        The chosen lines and all of them.

    Raises:
        InputMissing: A file is not there.
        InputUnreadable: A file is no result.
        DataInvalid: The results hold no line.
    """
    documents = read_results(results)
    candidates = list(from_results(documents, read_results(others)))
    if not candidates:
        raise DataInvalid("The results hold no line.")
    if scans and reader is not None:
        files = {file.stem: file for file in page_files(list(scans))}
        preparation = Preparation(settings(None, {}))
        looks = {
            key: vector
            for path, document in documents
            if name_of(path, document) in files
            for key, vector in _looks(
                name_of(path, document), files[name_of(path, document)], document, reader, preparation, seeing
            )
        }
        candidates = [replace(one, vector=looks.get((one.document, one.page or "", one.line))) for one in candidates]
    return [one for _, one in _chosen(candidates, count, ())], candidates


def table(suggestions: Sequence[Suggestion]) -> str:
    """Return the chosen lines as a table, tabs between fields, no quoting: a tab in a text becomes a space."""
    return _tabbed([COLUMNS, *(_fields(one) for one in suggestions)])


def as_json(suggestions: Sequence[Suggestion]) -> str:
    """Return the chosen lines as a JSON list of objects."""
    found: list[dict[str, Any]] = []
    for one in suggestions:
        values = dict(zip(COLUMNS, _fields(one), strict=True)) | {"reasons": list(one.reasons)}
        found.append(values | {"score": round(one.score, 4), "confidence": round(one.line.confidence, 4)})
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def documents_table(suggestions: Sequence[Suggestion], candidates: Sequence[Candidate]) -> str:
    """Return a table of the documents: those with the most suggested lines first, by their value."""
    lines, sure = Counter(one.document for one in candidates), defaultdict[str, float](float)
    for one in candidates:
        sure[one.document] += one.confidence
    wanted, worth = Counter(one.line.document for one in suggestions), defaultdict[str, float](float)
    for suggestion in suggestions:
        worth[suggestion.line.document] += suggestion.score
    order = sorted(lines, key=lambda name: (-worth[name], name))
    rows: list[tuple[object, ...]] = [("rank", "document", "suggested", "lines", "score", "confidence")]
    for rank, name in enumerate(order, start=1):
        rows.append((rank, name, wanted[name], lines[name], f"{worth[name]:.3f}", f"{sure[name] / lines[name]:.3f}"))
    return _tabbed(rows)


def write_chosen(suggestions: Sequence[Suggestion], output: Path) -> int:
    """Copy the chosen lines to a labels folder, with what was read as their texts, to be corrected there.

    Returns:
        How many there are.

    Raises:
        UsageError: The lines come from results, which hold no images.
        OutputUnwritable: The folder cannot be written.
    """
    rows = []
    for one in suggestions:
        if one.row is None:
            raise UsageError("Only lines of folders of line images can be copied.")
        text, sure = " ".join(one.line.text.split()), round(one.line.confidence, 4)
        rows.append(replace(one.row, text=text, confidence=sure, source=one.line.document))
    return len(copy_lines(rows, output, LabelReport(output)))


def _seen(rows: Sequence[LabelRow], reader: FeatureReader, seeing: Seeing) -> Iterator[tuple[LabelRow, Crop, Seen]]:
    """Rows with their images and what the reader sees in them; rows whose image cannot be read are left out."""
    for start in range(0, len(rows), _TOGETHER):
        held: list[tuple[LabelRow, Crop]] = []
        for row in rows[start : start + _TOGETHER]:
            try:
                held.append((row, decode_crop(image_of(row), row.image)))
            except InputUnreadable:
                continue
        for (row, crop), seen in zip(held, reader.read([crop for _, crop in held]), strict=True):
            yield row, crop, seen
        seeing(len(held))


def _candidate(seen: Seen, document: str, page: str | None, number: int, filename: str, other: str | None) -> Candidate:
    return Candidate(
        document, page, number, filename, seen.text, seen.confidence, seen.characters, seen.margin, other, seen.vector
    )


def _chosen(candidates: Sequence[Candidate], count: int, known: Sequence[Vector]) -> list[tuple[int, Suggestion]]:
    found: list[Value] = values(candidates)
    worth = [value.score for value in found]
    vectors = [one.vector for one in candidates]
    places = farthest_first(worth, vectors, count, known, [one.document for one in candidates])
    chosen = []
    for rank, (place, distance) in enumerate(places, start=1):
        reasons = found[place].reasons
        if distance >= _UNLIKE and vectors[place] is not None:
            reasons = (*reasons, "looks unlike the others")
        score = worth[place] * distance
        chosen.append((place, Suggestion(rank, candidates[place], score, reasons or ("the best of the rest",))))
    return chosen


def _tabbed(rows: Sequence[Sequence[object]]) -> str:
    return "".join("\t".join(" ".join(str(field).split()) for field in row) + "\n" for row in rows)


def _fields(one: Suggestion) -> tuple[object, ...]:
    line = one.line
    reasons = ", ".join(one.reasons)
    return one.rank, line.document, line.page or "", line.line, line.filename, f"{one.score:.3f}", reasons, line.text


def _looks(
    name: str, file: Path, document: Document, reader: FeatureReader, preparation: Preparation, seeing: Seeing
) -> Iterator[tuple[tuple[str, str, int], Vector]]:
    """How the lines of a document's pages look, by document, page and line; none where the file cannot be read."""
    pages = [_known(page) for page in document.pages if page.lines]
    wanted = frozenset((page.index, line) for page in pages for line in page.found)
    try:
        for cut in cut_again(preparation, file, pages, wanted):
            for line, seen in zip(cut.crops, reader.read([*cut.crops.values()]), strict=True):
                yield (name, str(cut.known.index + 1), int(line)), seen.vector
            seeing(len(cut.crops))
    except NordocrError as error:
        _log.warning("%s", error)


def _known(page: Page) -> KnownPage:
    boxes = {str(n): line.bbox for n, line in enumerate(page.lines, start=1)}
    found = {number: (box.x, box.y, box.width, box.height) for number, box in boxes.items()}
    turns = {str(n): line.rotation for n, line in enumerate(page.lines, start=1) if line.rotation}
    return KnownPage(page.page_index, page.rotation, page.skew, found, {}, turns=turns)
