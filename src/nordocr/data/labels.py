"""The labels folder: ``images/`` with line crops and ``labels.tsv`` with their texts.

The table is UTF-8 and NFC with a header row: ``filename``, ``text``, then optionally ``confidence``, ``source`` (the
document), ``width`` (pixels at height 32), ``page`` and ``who`` (the person who vouches for the text). There is no
quoting and no escaping, what Python's ``csv.QUOTE_NONE`` stands for: a tab ends a field and a newline ends a row,
always, so a quotation mark is a character like any other. Nothing wrong with a row is passed over in silence:
:class:`LabelReport` counts and names it.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nordocr.charset import NORDIC_126, Charset, nfc
from nordocr.data.foreign import PADDLE, TEXT, ForeignTable, foreign_table
from nordocr.data.problems import UNUSABLE as UNUSABLE
from nordocr.data.problems import Issue as Issue
from nordocr.data.problems import LabelReport as LabelReport
from nordocr.data.problems import Problem as Problem
from nordocr.errors import DataInvalid, InputMissing
from nordocr.files import write_whole

TABLE: Final = "labels.tsv"
IMAGES: Final = "images"
COLUMNS: Final = ("filename", "text", "confidence", "source", "width", "page", "who")
"""Columns in the order in which they are written; the first two are required."""


@dataclass(frozen=True)
class LabelRow:
    """One labelled line. ``row`` is its line number in the table (the header is 1), ``image`` its file's path.

    ``text`` is NFC. ``confidence`` in [0, 1]; ``width`` in pixels at height 32; None where the table does not say.
    """

    filename: str
    text: str
    image: Path
    row: int
    confidence: float | None = None
    source: str | None = None
    width: int | None = None
    page: str | None = None
    who: str | None = None


@dataclass(frozen=True)
class Labels:
    """A labels folder that was read: its usable rows in the table's order, and what was wrong with the table."""

    folder: Path
    rows: list[LabelRow]
    report: LabelReport


def read_labels(folder: Path, *, charset: Charset = NORDIC_126, strict: bool = False) -> Labels:
    """Read ``folder``'s table. With ``strict`` the first unusable row raises, else it is left out and reported.

    A folder without ``labels.tsv`` may hold labels of tesstrain or PaddleOCR (:mod:`nordocr.data.foreign`).
    Raises :class:`InputMissing` where folder or table is not there and :class:`DataInvalid` where the table is not
    UTF-8 or its header lacks ``filename`` or ``text``; the message names the row.
    """
    table = folder / TABLE
    if not table.is_file():
        foreign = foreign_table(folder)
        if foreign is None:
            raise InputMissing(f"There is no labels table {table}, and no {TEXT} or {PADDLE}.txt beside images.")
        return _read_foreign(folder, foreign, charset, strict)
    try:
        text = table.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise DataInvalid(f"Row {row} of {table} is not UTF-8: {error.reason}.") from error
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    lines = [line.removesuffix("\r") for line in lines]
    header = _header(lines[0] if lines else "", table)
    reader = _Reader(folder, header, charset)
    for number, line in enumerate(lines[1:], start=2):
        reader.take(number, line)
        if strict:
            _refuse(reader.report.issues, table)
    reader.report.usable = len(reader.rows)
    return Labels(folder, reader.rows, reader.report)


def _read_foreign(folder: Path, table: ForeignTable, charset: Charset, strict: bool) -> Labels:
    reader = _Reader(folder, [*COLUMNS[:2]], charset, table.base)
    reader.report.table = table.name
    for line in table.lines:
        reader.report.total += 1
        if line.text is None:
            reader.report.add(Problem.BAD_LABEL, line.number, line.filename, line.wrong)
        else:
            reader.keep(line.number, line.filename, {"text": line.text})
        if strict:
            _refuse(reader.report.issues, folder / table.name)
    reader.report.usable = len(reader.rows)
    return Labels(folder, reader.rows, reader.report)


def write_labels(folder: Path, rows: Iterable[LabelRow]) -> Path:
    """Write ``folder``'s table (not the images) and return its path. Optional columns appear where a row has a value.

    Texts are written in NFC. Raises :class:`DataInvalid`, naming the row, for a tab or line break in a field, an
    empty filename or one that was used before, and :class:`OutputUnwritable`. An existing table is replaced whole or
    not at all.
    """
    held = list(rows)
    table = folder / TABLE
    columns = [c for c in COLUMNS if c in COLUMNS[:2] or any(getattr(row, c) is not None for row in held)]
    lines, seen = ["\t".join(columns)], set()
    for number, row in enumerate(held, start=2):
        if not row.filename or row.filename in seen:
            raise DataInvalid(f"Row {number} for {table} has the filename {row.filename!r}, empty or used before.")
        seen.add(row.filename)
        fields = ["" if (v := getattr(row, c)) is None else str(v) for c in columns]
        for name, value in zip(columns, fields, strict=True):
            if "\t" in value or (value and value.splitlines() != [value]):
                raise DataInvalid(f"Row {number} ({row.filename}) for {table} has a tab or line break in its {name}.")
        lines.append("\t".join(nfc(value) if c == "text" else value for c, value in zip(columns, fields, strict=True)))
    return write_whole(table, "".join(f"{line}\n" for line in lines))


class _Reader:
    """Takes a table's rows one by one; keeps the usable ones and an issue for everything wrong."""

    def __init__(self, folder: Path, header: list[str], charset: Charset, images: Path | None = None) -> None:
        self.rows: list[LabelRow] = []
        self.report = LabelReport(folder, unknown_columns=tuple(c for c in header if c not in COLUMNS))
        self._images = images or folder / IMAGES
        self._header, self._charset = header, charset
        # One listing instead of a look at each file: labels come in the hundred thousands.
        self._present = {e.name for e in os.scandir(self._images) if e.is_file()} if self._images.is_dir() else set()
        self._seen: dict[str, int] = {}

    def take(self, number: int, line: str) -> None:
        self.report.total += 1
        fields = line.split("\t")
        name = dict(zip(self._header, fields, strict=False)).get("filename", "")
        if len(fields) != len(self._header):
            detail = f"{len(fields)} where the header has {len(self._header)}"
            self.report.add(Problem.COLUMN_COUNT, number, name, detail)
            return
        self.keep(number, name, dict(zip(self._header, fields, strict=True)))

    def keep(self, number: int, name: str, values: dict[str, str]) -> None:
        if self._has_image(number, name):
            self.rows.append(self._row(number, name, values))

    def _has_image(self, number: int, name: str) -> bool:
        parts = name.replace("\\", "/").split("/")
        if not name or name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            self.report.add(Problem.BAD_FILENAME, number, name)
        elif name in self._seen:
            self.report.add(Problem.DUPLICATE, number, name, f"in row {self._seen[name]}")
        elif name not in self._present and not (len(parts) > 1 and (self._images / name).is_file()):
            self._seen[name] = number
            self.report.add(Problem.MISSING_IMAGE, number, name)
        else:
            self._seen[name] = number
            return True
        return False

    def _row(self, number: int, name: str, values: dict[str, str]) -> LabelRow:
        given = values["text"]
        text = nfc(given)
        outside = self._charset.outside(text)
        if not text.strip():
            self.report.add(Problem.EMPTY_TEXT, number, name)
        if text != given:
            self.report.add(Problem.NOT_NFC, number, name)
        if outside:
            self.report.outside.update(outside)
            self.report.add(Problem.OUTSIDE_CHARSET, number, name, repr("".join(sorted(outside))))
        if len(text) > 3 and text[0] == text[-1] == '"' and '""' in text[1:-1]:
            self.report.add(Problem.LOOKS_QUOTED, number, name)
        confidence = self._number(number, name, values.get("confidence", ""), 1.0)
        width = self._number(number, name, values.get("width", ""), math.inf)
        return LabelRow(
            name,
            text,
            self._images / name,
            number,
            confidence,
            values.get("source") or None,
            None if width is None else round(width),
            values.get("page") or None,
            values.get("who") or None,
        )

    def _number(self, number: int, name: str, text: str, top: float) -> float | None:
        if not text.strip():
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and 0.0 <= value <= top:
            return value
        self.report.add(Problem.BAD_NUMBER, number, name, repr(text))
        return None


def _header(line: str, table: Path) -> list[str]:
    header = line.split("\t")
    for required in COLUMNS[:2]:
        if required not in header:
            raise DataInvalid(f"Row 1 of {table} is no header: it has no column {required!r}.")
    repeated = [c for c, n in Counter(header).items() if n > 1]
    if repeated:
        raise DataInvalid(f"Row 1 of {table} has the column {repeated[0]!r} more than once.")
    return header


def _refuse(issues: list[Issue], table: Path) -> None:
    for issue in issues[-1:]:
        if issue.problem in UNUSABLE:
            raise DataInvalid(f"{table}, {issue}.")
