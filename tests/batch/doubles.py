"""A recogniser that knows no letters and a detector that obeys the page's width: processes import them by name."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nordocr.batch.tasks import WorkerSettings
from nordocr.config import ReadingConfig
from nordocr.detect.base import PageArray, Region
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Crop, LineText, Recognizer

DEADLY, SLOW, BRIEF = 113, 114, 115
"""Widths in pixels of pages that kill their worker, take a minute, take a fifth of a second."""


class Ruler:
    """Reads in each line how wide and dark it is."""

    name, model, model_sha256 = "ruler", "ruler", ""

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        return [LineText(f"{crop.shape[1]} {int(crop.sum()) % 10007}", 0.9) for crop in crops]

    def close(self) -> None:
        pass


class Obedient:
    """Finds one line, the whole page, and does to its process what the page's width says."""

    name = "obedient"

    def detect(self, image: PageArray) -> list[Region]:
        height, width = image.shape[:2]
        if width == DEADLY:
            os._exit(9)
        if width in {SLOW, BRIEF}:
            time.sleep(60 if width == SLOW else 0.2)
        return [Region(0, 0, width, height)]


def open_ruler(config: ReadingConfig) -> Recognizer:
    return Ruler()


def open_obedient(config: ReadingConfig, recognizer: Recognizer) -> Reader:
    return Reader(config, recognizer, Obedient())


def settings(**further: object) -> WorkerSettings:
    config = ReadingConfig(pages_ahead=0, turn_pages=False, threads=1, drop_scribbles=False)
    doubles = {"open_recognizer": open_ruler, "open_reader": open_obedient}
    return WorkerSettings(config, **{**doubles, **further})  # type: ignore[arg-type]


def page(path: Path, width: int = 200, shade: int = 0, pages: int = 1) -> Path:
    """Write an image of ``width`` x 20 pixels: white, with a bar of the given shade."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((20, width), 255, np.uint8)
    pixels[8:12, 10:90] = shade
    image = Image.fromarray(pixels)
    if pages > 1:
        image.save(path, save_all=True, append_images=[image] * (pages - 1))
    else:
        image.save(path)
    return path
