"""Labelled lines wherever they are kept, in a labels folder or an LMDB, and the way from one to the other.

A row of an LMDB has the image path ``FOLDER/image-000000001``, its key: there is no such file, and :func:`image_of`
knows what to do. ``LabelRow.row`` is the line's number, counted from 1.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from nordocr.charset import NORDIC_126, Charset
from nordocr.data.crops import crop_size
from nordocr.data.foreign import PADDLE, TEXT, foreign_table
from nordocr.data.labels import IMAGES, TABLE, LabelReport, LabelRow, Labels, Problem, read_labels, write_labels
from nordocr.data.lmdb import DATA_FILE, Line, LmdbLines, is_lmdb, write_lmdb
from nordocr.data.lmdb_index import open_index
from nordocr.data.sample import sample_by_document
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable, OutputUnwritable
from nordocr.files import read_regular


def read_lines(folder: Path, *, charset: Charset = NORDIC_126) -> Labels:
    """Read the labels of a labels folder, an LMDB, or another program; images are not opened.

    Args:
        folder: Any of these kinds of folder.
        charset: Characters outside it are counted and reported.

    Returns:
        The usable rows and a report.

    Raises:
        InputMissing: There are neither labels nor an LMDB.
        DataInvalid: The table or the LMDB as a whole is damaged.
    """
    if not is_lmdb(folder):
        return read_labels(folder, charset=charset)
    report = LabelReport(folder, table=DATA_FILE)
    rows = [lmdb_row(folder, number, text, source) for number, text, source, _ in stored_lines(folder, report, charset)]
    report.usable = len(rows)
    return Labels(folder, rows, report)


def stored_lines(
    folder: Path, report: LabelReport, charset: Charset = NORDIC_126
) -> Iterator[tuple[int, str, str | None, tuple[int, int]]]:
    """Yield the usable lines of an LMDB from its index: number counted from 1, text, document, width and height.

    Args:
        folder: The LMDB's folder.
        report: What is wrong with a line is added to it. Width and height are 0 where the image cannot be read.
        charset: Characters outside it are counted and reported.
    """
    index = open_index(folder)
    report.total = len(index)
    sizes = index.sizes.tolist()
    for place, labelled in enumerate(index.labelled.tolist()):
        number, key = place + 1, f"image-{place + 1:09d}"
        if not labelled:
            report.add(Problem.BAD_LABEL, number, key)
            continue
        text = index.text(place)
        outside = charset.outside(text)
        if not text.strip():
            report.add(Problem.EMPTY_TEXT, number, key)
        if outside:
            report.outside.update(outside)
            report.add(Problem.OUTSIDE_CHARSET, number, key, repr("".join(sorted(outside))))
        width, height = sizes[place]
        yield number, text, index.source(place), (width, height)


def sample_lines(folder: Path, limit: int | None, *, charset: Charset = NORDIC_126) -> list[LabelRow]:
    """Return a fixed sample of the usable lines by document, see :func:`~nordocr.data.sample.sample_by_document`.

    Args:
        folder: A labels folder or an LMDB.
        limit: Lines at most; None for all.
        charset: Characters outside it are counted where a table is read.

    Raises:
        InputMissing: There are neither labels nor an LMDB.
        DataInvalid: The table or the LMDB as a whole is damaged.
    """
    if not is_lmdb(folder):
        rows = read_lines(folder, charset=charset).rows
        return [rows[place] for place in sample_by_document([row.source for row in rows], limit)]
    index = open_index(folder)
    usable = np.flatnonzero(index.labelled).tolist()
    chosen = sample_by_document([index.source(number) for number in usable], limit)
    numbers = (usable[place] for place in chosen)
    return [lmdb_row(folder, number + 1, index.text(number), index.source(number)) for number in numbers]


def lmdb_row(folder: Path, number: int, text: str, source: str | None) -> LabelRow:
    """Return the row of line ``number``, counted from 1, of the LMDB ``folder``."""
    key = f"image-{number:09d}"
    return LabelRow(key, text, folder / key, number, source=source)


def is_lmdb_row(row: LabelRow) -> bool:
    """Tell whether a row's image is kept in an LMDB."""
    return row.image.name == f"image-{row.row:09d}" and is_lmdb(row.image.parent)


def image_of(row: LabelRow) -> bytes:
    """Return the bytes of a row's image file.

    Raises:
        InputUnreadable: It cannot be read.
    """
    if is_lmdb_row(row):
        try:
            return LmdbLines(row.image.parent).image(row.row - 1)
        except DataInvalid as error:
            raise InputUnreadable(str(error)) from error
    try:
        return read_regular(row.image)
    except OSError as error:
        raise InputUnreadable(f"{row.image} cannot be read: {error.strerror}.") from error


def size_of(row: LabelRow) -> tuple[int, int]:
    """Return (width, height) in pixels of a row's image without decoding it; :class:`InputUnreadable`."""
    if is_lmdb_row(row):
        try:
            return LmdbLines(row.image.parent).size(row.row - 1)
        except DataInvalid as error:
            raise InputUnreadable(str(error)) from error
    return crop_size(row.image, row.image)


def line_sources(folder: Path) -> Counter[str]:
    """Count the lines of each document of a labels folder or an LMDB; lines that name none count as ""."""
    if not is_lmdb(folder):
        return Counter(row.source or "" for row in read_lines(folder).rows)
    index = open_index(folder)
    counts = np.bincount(index.documents[index.labelled] + 1, minlength=len(index.names) + 1).tolist()
    return Counter({name: count for name, count in zip(["", *index.names], counts, strict=True) if count})


def to_lmdb(folder: Path, output: Path) -> LabelReport:
    """Write the usable lines of a labels folder as an LMDB: images, texts, sizes and documents.

    Args:
        folder: A labels folder. Its columns ``confidence``, ``width`` and ``page`` have no place in an LMDB.
        output: The LMDB's folder, which must not hold one.

    Returns:
        What was left out, and in ``usable`` how many lines were written.

    Raises:
        OutputUnwritable: ``output`` holds an LMDB or cannot be written.
        InputMissing: There is no labels folder.
    """
    labels = read_labels(folder)

    def usable() -> Iterator[Line]:
        for row in labels.rows:
            try:
                data = image_of(row)
                crop_size(data, row.image)
            except InputUnreadable:
                labels.report.add(Problem.UNREADABLE_IMAGE, row.row, row.filename)
                continue
            yield data, row.text, row.source

    labels.report.usable = write_lmdb(output, usable())
    return labels.report


def to_folder(folder: Path, output: Path) -> LabelReport:
    """Write the lines of an LMDB, of tesstrain or of PaddleOCR as a labels folder.

    Args:
        folder: The folder that holds them.
        output: The labels folder, which must have no table.

    Returns:
        What was left out, and in ``usable`` how many lines were written.

    Raises:
        OutputUnwritable: ``output`` has a table or cannot be written.
        InputMissing: There are no such lines.
    """
    if not is_lmdb(folder) and foreign_table(folder) is None:
        raise InputMissing(f"There is no LMDB in {folder} (no {DATA_FILE}), and no {TEXT} or {PADDLE}.txt.")
    if (output / TABLE).exists():
        raise OutputUnwritable(f"{output} holds labels already.")
    labels = read_lines(folder)
    labels.report.usable = len(copy_lines(labels.rows, output, labels.report))
    return labels.report


def copy_lines(rows: Sequence[LabelRow], output: Path, report: LabelReport) -> list[LabelRow]:
    """Write rows with their images as a labels folder.

    Args:
        rows: Rows of any kind.
        output: The labels folder; a table that is there is replaced.
        report: Images that cannot be read, and texts that a table cannot hold, are added to it and left out.

    Returns:
        The rows as they are in ``output``.

    Raises:
        OutputUnwritable: ``output`` cannot be written.
    """
    written: list[LabelRow] = []
    try:
        (output / IMAGES).mkdir(parents=True, exist_ok=True)
        for row in rows:
            if row.text.splitlines() not in ([], [row.text]) or "\t" in row.text:
                report.add(Problem.BAD_LABEL, row.row, row.filename, "a tab or line break")
                continue
            try:
                data = image_of(row)
                suffix = _suffix(data, row)
            except InputUnreadable:
                report.add(Problem.UNREADABLE_IMAGE, row.row, row.filename)
                continue
            name = f"{len(written) + 1:09d}{suffix}"
            (output / IMAGES / name).write_bytes(data)
            written.append(replace(row, filename=name, image=output / IMAGES / name, row=len(written) + 2))
    except OSError as error:
        raise OutputUnwritable(f"{output} cannot be written: {error.strerror}.") from error
    write_labels(output, written)
    return written


def _suffix(data: bytes, row: LabelRow) -> str:
    """The file name's ending for an image of this format."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return {"JPEG": ".jpg", "TIFF": ".tif"}.get(image.format or "", f".{(image.format or 'png').lower()}")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputUnreadable(f"{row.image} cannot be read as an image: {error}.") from error
