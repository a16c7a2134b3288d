"""The documents of the batch benchmark: G4 scans, each another file, and those that are broken or deadly."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from nordocr.config import ReadingConfig
from nordocr.detect.base import Detector, PageArray, Region
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Recognizer

CORRUPT = 10
DEADLY_WIDTH = 113


class Deadly:
    """A detector that ends its process on pages of one width."""

    def __init__(self, detector: Detector) -> None:
        self._detector, self.name = detector, detector.name

    def detect(self, image: PageArray) -> list[Region]:
        if image.shape[1] == DEADLY_WIDTH:
            os._exit(9)
        return self._detector.detect(image)


def open_deadly(config: ReadingConfig, recognizer: Recognizer) -> Reader:
    reader = Reader(config, recognizer)
    return Reader(config, recognizer, Deadly(reader.preparation.detector))


def write_pages(folder: Path, count: int, rows: int, different: int) -> None:
    """Write ``count`` documents to a folder, each the upper ``rows`` of a page; 0 for all of it.

    ``different`` pages are rendered; the others are these, moved down by 1, 2, 3 ... rows of pixels.
    """
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, "-m", "nordocr", "synth", "pages", made, "--count", str(min(count, different))]
        subprocess.run([*command, "--seed", "20", "--dpi", "200"], check=True, stdout=subprocess.DEVNULL)
        scans = [Image.open(p).convert("1") for p in sorted(Path(made).iterdir()) if p.suffix in {".png", ".tif"}]
    for number in range(count):
        scan = scans[number % len(scans)]
        moved = ImageChops.offset(scan, 0, number // len(scans))
        if rows:
            moved = moved.crop((0, 0, moved.width, rows))
        moved.save(folder / f"{number:06d}.tif", compression="group4", dpi=(200, 200))


def write_hostile(folder: Path) -> None:
    """Write ten corrupt files and one that kills its worker."""
    good = sorted(folder.glob("0*.tif"))[0].read_bytes()
    for number in range(CORRUPT):
        (folder / f"corrupt-{number}.tif").write_bytes(good[: 100 + 10 * number])
    Image.new("1", (DEADLY_WIDTH, 200), 1).save(folder / "deadly.tif", compression="group4")


def first_of(source: Path, count: int, folder: Path) -> Path:
    """Link ``count`` of the good documents, evenly spread, into a folder; all of them where ``count`` is 0."""
    good = sorted(source.glob("0*.tif"))
    folder.mkdir(parents=True, exist_ok=True)
    chosen = good if not count else [good[number * len(good) // count] for number in range(min(count, len(good)))]
    for path in chosen:
        os.link(path, folder / path.name)
    return folder
