"""Which reading belongs to which input file, and where a reference can come from.

A reference is a file of :mod:`nordocr.evaluate.documents.readings` (JSON, ALTO, PAGE), a folder with one such file
a document (named like it), or a table: UTF-8, tab-separated, no quoting, a header with ``page`` (from 1), ``x``, ``y``,
``width``, ``height``, ``text`` and, where there are several documents, ``document``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nordocr.charset import nfc
from nordocr.detect.orientation import TURNS, Turn
from nordocr.errors import DataInvalid, InputMissing
from nordocr.evaluate.documents.placed import PlacedLine, PlacedPage, Reading, box_of
from nordocr.evaluate.documents.readings import read_readings

TABLE_COLUMNS: Final = ("document", "page", "x", "y", "width", "height", "text")
"""Columns of a table of lines, as it is written; ``document`` may be absent when it is read."""

ROTATION: Final = "rotation"
"""A further column: degrees clockwise by which the page was turned before the place was taken; absent for none."""

_SUFFIXES: Final = (".json", ".xml", ".alto.xml", ".page.xml", ".alto", ".jsonl")


@dataclass
class Placed:
    """Readings laid on the input files.

    Attributes:
        pages: Pages by (number of the input file, page index).
        notes: Sentences about what did not fit.
        timing: Seconds by stage over all readings of the file, as its results tell them.
    """

    pages: dict[tuple[int, int], PlacedPage] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    timing: dict[str, float] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        """How many lines there are on all pages."""
        return sum(len(page.lines) for page in self.pages.values())


def document_names(documents: Sequence[Path]) -> list[str]:
    """Return a short name for each input file: its file name, with its folder's where two have the same one."""
    plain = [path.name for path in documents]
    return [f"{p.parent.name}/{p.name}" if plain.count(p.name) > 1 else p.name for p in documents]


def place_results(path: Path, documents: Sequence[Path]) -> Placed:
    """Read an engine's result file and lay it on the input files.

    Raises:
        InputMissing: There is no such file.
        DataInvalid: It holds no lines.
    """
    return place_readings(read_readings(path), documents, path)


def read_reference(path: Path, documents: Sequence[Path]) -> Placed:
    """Read page truth for the input files from a file, a folder or a table.

    Raises:
        InputMissing: There is no such file.
        DataInvalid: It cannot be read, or nothing of it fits any input file.
    """
    if path.is_dir():
        placed = _folder(path, documents)
    elif path.suffix.lower() == ".tsv":
        placed = _table(path, documents)
    else:
        placed = place_readings(read_readings(path), documents, path)
    if not placed.lines:
        raise DataInvalid(" ".join([f"The reference {path} has no line for any of the pages.", *placed.notes[:3]]))
    return placed


def place_readings(readings: Sequence[Reading], documents: Sequence[Path], path: Path) -> Placed:
    """Lay the documents of a file on the input files; ``path`` names the file in sentences."""
    placed = Placed()
    for reading in readings:
        for stage, seconds in reading.timing.items():
            placed.timing[stage] = round(placed.timing.get(stage, 0.0) + seconds, 3)
        number = _document(reading, documents, alone=len(readings) == 1)
        if number is None:
            lines = sum(len(page.lines) for page in reading.pages)
            placed.notes.append(f"{path}: {reading.source!r} is none of the pages given; {lines} lines left out.")
            continue
        _add(placed, number, reading, path)
    return placed


def _document(reading: Reading, documents: Sequence[Path], *, alone: bool) -> int | None:
    """The input file that a reading is of: the one of its name, of its stem, or the only one there is."""
    name = reading.name
    for matches in (
        [i for i, d in enumerate(documents) if name == d.name and str(d) == reading.source],
        [i for i, d in enumerate(documents) if name == d.name],
        [i for i, d in enumerate(documents) if name and Path(name).stem == d.stem],
    ):
        if len(matches) == 1:
            return matches[0]
    return 0 if alone and len(documents) == 1 else None


def _add(placed: Placed, number: int, reading: Reading, path: Path) -> None:
    for page in reading.pages:
        key = (number, page.index)
        if key in placed.pages:
            placed.notes.append(f"{path}: page {page.index + 1} is there twice; the second is left out.")
            continue
        placed.pages[key] = page


def _folder(folder: Path, documents: Sequence[Path]) -> Placed:
    placed = Placed()
    for number, document in enumerate(documents):
        names = [name + suffix for name in (document.stem, document.name) for suffix in _SUFFIXES]
        found = [folder / name for name in names if (folder / name).is_file()]
        if not found:
            placed.notes.append(f"{folder} has no truth for {document.name} (looked for {document.stem}.json or .xml).")
            continue
        readings = read_readings(found[0])
        whole = Reading(document.name, [page for reading in readings for page in reading.pages])
        _add(placed, number, whole, found[0])
    return placed


def _table(path: Path, documents: Sequence[Path]) -> Placed:
    if not path.is_file():
        raise InputMissing(f"There is no file {path}.")
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip("\r")]
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path} is not UTF-8.") from error
    header = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in TABLE_COLUMNS[1:] if name not in header]
    if missing:
        raise DataInvalid(f"{path} lacks the column {missing[0]!r}; its header must have {', '.join(TABLE_COLUMNS)}.")
    lines: dict[tuple[int, int], list[PlacedLine]] = {}
    turns: dict[tuple[int, int], Turn] = {}
    placed = Placed()
    for number, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(header):
            placed.notes.append(f"{path}: row {number} has {len(cells)} fields, not {len(header)}; left out.")
            continue
        row = dict(zip(header, (cell.strip("\r") for cell in cells), strict=True))
        reading = Reading(row.get("document", ""), [])
        which = _document(reading, documents, alone=not reading.source)
        if which is None:
            placed.notes.append(f"{path}: row {number} is of {reading.source!r}, none of the pages given; left out.")
            continue
        try:
            page, rotation = int(row["page"]) - 1, int(row.get(ROTATION) or 0)
            box = box_of(*(float(row[k]) for k in ("x", "y", "width", "height")))
        except (ValueError, OverflowError):
            placed.notes.append(f"{path}: row {number} has a page or place that is no number; left out.")
            continue
        if rotation not in TURNS or turns.setdefault((which, page), TURNS[rotation // 90]) != rotation:
            placed.notes.append(f"{path}: row {number} has another {ROTATION} than its page; left out.")
            continue
        lines.setdefault((which, page), []).append(PlacedLine(nfc(row["text"]), box))
    placed.pages = {key: PlacedPage(key[1], held, rotation=turns[key]) for key, held in lines.items()}
    return placed
