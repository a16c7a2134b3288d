"""Read a labels folder with a recogniser and score what it read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nordocr.data.crops import decode_crop
from nordocr.data.labels import LabelRow, Labels, Problem
from nordocr.data.lines import image_of, is_lmdb_row
from nordocr.errors import InputUnreadable
from nordocr.evaluate.scoring.table import Pair, ScoredTable
from nordocr.evaluate.scoring.taxonomy import ErrorClass
from nordocr.files import read_regular
from nordocr.linespec import LineSpec
from nordocr.recognize.base import Crop, LineText, Recognizer

CHUNK: Final = 512
"""Crops handed to the recogniser at once: enough for it to fill batches of one width, little enough for memory."""

_HEIGHT: Final = LineSpec().height


@dataclass(frozen=True)
class Prediction:
    """One line that was read.

    Attributes:
        row: Its row of the labels.
        text: What was read.
        confidence: In [0, 1].
        error_class: How the text compares with the label.
        width: Pixels at a height of 32.
    """

    row: LabelRow
    text: str
    confidence: float
    error_class: ErrorClass
    width: int

    @property
    def pair(self) -> Pair:
        """The line as the metrics take it."""
        return _pair(self.row, self.text, self.width, self.confidence)


@dataclass(frozen=True)
class PredictedSet:
    """The lines of a labels folder and how they compare with their labels.

    Attributes:
        lines: The lines.
        table: The same lines, scored.
    """

    lines: list[Prediction]
    table: ScoredTable


def read_crop(path: Path) -> Crop:
    """Read the image of a line.

    Returns:
        uint8 ``[H, W]`` gray, or ``[H, W, 3]`` RGB where the file holds colour. Transparency is laid on white paper,
        16-bit gray is reduced to 8.

    Raises:
        InputUnreadable: The file cannot be read as an image.
    """
    try:
        data = read_regular(path)
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read as an image: {error}.") from error
    return decode_crop(data, path)


def crop_of(row: LabelRow) -> Crop:
    """Read the image of a labelled line, from a file or an LMDB, as :func:`read_crop` does."""
    return decode_crop(image_of(row), row.image) if is_lmdb_row(row) else read_crop(row.image)


def predict(
    recognizer: Recognizer,
    labels: Labels,
    *,
    limit: int | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> PredictedSet:
    """Read a folder's lines, in the order of its labels.

    Args:
        recognizer: Reads the lines.
        labels: The folder; images that cannot be read are left out and added to its report.
        limit: Read only so many lines; None for all.
        on_progress: Told the number of rows just finished.
    """
    read: list[tuple[LabelRow, LineText, int]] = []
    rows = labels.rows if limit is None else labels.rows[:limit]
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        held = list(_crops(chunk, labels))
        texts = recognizer.read([crop for _, crop in held])
        for (row, crop), line in zip(held, texts, strict=True):
            read.append((row, line, natural_width(crop)))
        if on_progress is not None:
            on_progress(len(chunk))
    table = ScoredTable(_pair(row, line.text, width, line.confidence) for row, line, width in read)
    lines = [
        Prediction(row, line.text, line.confidence, kind, width)
        for (row, line, width), kind in zip(read, table.classes, strict=True)
    ]
    return PredictedSet(lines, table)


def natural_width(crop: Crop) -> int:
    """Return a crop's width in pixels at a height of 32, before any rounding to a multiple or limit."""
    height, width = int(crop.shape[0]), int(crop.shape[1])
    return round(width * _HEIGHT / height)


def _pair(row: LabelRow, text: str, width: int, confidence: float) -> Pair:
    return Pair(row.text, text, width, row.source, row.page, confidence)


def _crops(rows: list[LabelRow], labels: Labels) -> Iterator[tuple[LabelRow, Crop]]:
    for row in rows:
        try:
            yield row, crop_of(row)
        except InputUnreadable as error:
            labels.report.usable -= 1
            labels.report.add(Problem.UNREADABLE_IMAGE, row.row, row.filename, str(error.__cause__))
