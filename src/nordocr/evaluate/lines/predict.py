"""Reading a labels folder with a recogniser: what stands in the table beside what the engine says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nordocr.data.crops import decode_crop
from nordocr.data.labels import LabelRow, Labels, Problem
from nordocr.errors import InputUnreadable
from nordocr.evaluate.scoring.table import Pair
from nordocr.evaluate.scoring.taxonomy import ErrorClass, classify
from nordocr.linespec import LineSpec
from nordocr.recognize.base import Crop, Recognizer

CHUNK: Final = 512
"""Crops handed to the recogniser at once: enough for it to fill batches of one width, little enough for memory."""

_HEIGHT: Final = LineSpec().height


@dataclass(frozen=True)
class Prediction:
    """One line read: its row, the engine's text and confidence, its class, and its width in pixels at height 32."""

    row: LabelRow
    text: str
    confidence: float
    error_class: ErrorClass
    width: int

    @property
    def pair(self) -> Pair:
        """The line as the metrics take it. Without a document of its own a line counts for none."""
        return Pair(self.row.text, self.text, self.width, self.row.source, self.row.page, self.confidence)


def read_crop(path: Path) -> Crop:
    """The image of a line: uint8 ``[H, W]`` gray, or ``[H, W, 3]`` RGB where the file holds colour.

    Transparency is laid on white paper, 16-bit gray is brought to 8. Raises :class:`InputUnreadable`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputUnreadable(f"{path} cannot be read as an image: {error}.") from error
    return decode_crop(data, path)


def predict(
    recognizer: Recognizer,
    labels: Labels,
    *,
    limit: int | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> list[Prediction]:
    """Read the folder's lines (the first ``limit``), in the table's order.

    Images that cannot be read are left out and added to ``labels.report``. ``on_progress`` is told the number of rows
    just finished.
    """
    predictions: list[Prediction] = []
    rows = labels.rows if limit is None else labels.rows[:limit]
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        held = list(_crops(chunk, labels))
        texts = recognizer.read([crop for _, crop in held])
        for (row, crop), line in zip(held, texts, strict=True):
            kind = classify(row.text, line.text)
            predictions.append(Prediction(row, line.text, line.confidence, kind, natural_width(crop)))
        if on_progress is not None:
            on_progress(len(chunk))
    return predictions


def natural_width(crop: Crop) -> int:
    """The crop's width in pixels once it is 32 high, before any rounding to a multiple or limit: what slices go by."""
    height, width = int(crop.shape[0]), int(crop.shape[1])
    return round(width * _HEIGHT / height)


def _crops(rows: list[LabelRow], labels: Labels) -> Iterator[tuple[LabelRow, Crop]]:
    for row in rows:
        try:
            yield row, read_crop(row.image)
        except InputUnreadable as error:
            labels.report.usable -= 1
            labels.report.add(Problem.UNREADABLE_IMAGE, row.row, row.filename, str(error.__cause__))
