"""Tesseract on whole pages: its own layout analysis (page segmentation mode 3), through tesserocr."""

from __future__ import annotations

import itertools
import os
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordocr.charset import nfc
from nordocr.evaluate.documents.placed import PlacedLine
from nordocr.recognize.tesseract import find_tessdata
from nordocr.results import BBox

AUTO = 3
WIDE_GAP = 1.5
"""A gap between two words that is so many times as wide as the line's words are high ends a line of a table."""


@dataclass
class Word:
    """A word and its box's edges in pixels."""

    text: str
    left: int
    top: int
    right: int
    bottom: int


class TesseractPages:
    """Tesseract with the given languages, opened once."""

    def __init__(self, languages: str, tessdata: Path | None = None) -> None:
        import tesserocr

        self._levels, self._iterate = tesserocr.RIL, tesserocr.iterate_level
        folder = find_tessdata(tessdata, languages.split("+"))
        self._engine = tesserocr.PyTessBaseAPI(path=str(folder), lang=languages, oem=tesserocr.OEM.LSTM_ONLY, psm=AUTO)
        self._engine.SetVariable("debug_file", os.devnull)
        self.version = str(tesserocr.PyTessBaseAPI.Version())

    def close(self) -> None:
        self._engine.End()

    def read(self, gray: np.ndarray) -> list[list[Word]]:
        """The page's lines, each as its words; ``gray``: uint8 ``[H, W]``."""
        height, width = gray.shape
        self._engine.SetImageBytes(np.ascontiguousarray(gray).tobytes(), width, height, 1, width)
        lines: list[list[Word]] = []
        if not self._engine.Recognize():
            return lines
        iterator = self._engine.GetIterator()
        if iterator is None or iterator.Empty(self._levels.WORD):
            return lines
        for place in self._iterate(iterator, self._levels.WORD):
            try:
                text = nfc(place.GetUTF8Text(self._levels.WORD)).strip()
            except RuntimeError:  # tesserocr's word for "no text here"
                continue
            if place.IsAtBeginningOf(self._levels.TEXTLINE) or not lines:
                lines.append([])
            box = place.BoundingBox(self._levels.WORD)
            if text and box:
                lines[-1].append(Word(text, *(int(v) for v in box)))
        return [line for line in lines if line]


def whole(lines: list[list[Word]]) -> list[PlacedLine]:
    """The lines as Tesseract gives them."""
    return [placed(line) for line in lines]


def cut(lines: list[list[Word]]) -> list[PlacedLine]:
    """The lines cut at wide gaps, which is the setting that is fair to it on tables."""
    pieces: list[list[Word]] = []
    for line in lines:
        high = statistics.median(word.bottom - word.top for word in line)
        pieces.append([line[0]])
        for before, word in itertools.pairwise(line):
            if word.left - before.right > WIDE_GAP * high:
                pieces.append([])
            pieces[-1].append(word)
    return [placed(piece) for piece in pieces]


def placed(words: list[Word]) -> PlacedLine:
    left, top = min(word.left for word in words), min(word.top for word in words)
    right, bottom = max(word.right for word in words), max(word.bottom for word in words)
    box = BBox(x=left, y=top, width=right - left, height=bottom - top)
    return PlacedLine(" ".join(word.text for word in words), box)
