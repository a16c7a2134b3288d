"""What reading one line costs in processor time: framing and language model on and off, beside Tesseract and PP-OCR.

    PYTHONPATH=benchmarks python benchmarks/lines/cost.py --real ../shared/real --lines 60 --rounds 3

takes lines evenly from the real sets and lets every way of reading take turns over all of them with one thread, after a
round that does not count. Processor time, unlike the clock of ``recognize.py``, means the same on a machine that others
use as well; a row has the median of the rounds and the best. rapidocr runs in an environment of its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from machine import hardware, revision
from nordocr.config import ReadingConfig
from nordocr.evaluate.lines.predict import read_crop
from nordocr.evaluate.lines.run import open_sets
from nordocr.recognize.engine import LineRecognizer
from nordocr.recognize.registry import open_recognizer
from nordocr.recognize.tesseract import TesseractRecognizer
from recognize import Peer, prepare_peer, versions

HERE = Path(__file__).resolve().parent
SETS = ("danish-typewritten", "english-typewritten", "english-print", "french-typewritten")
COLUMNS = (
    *("way", "lines", "rounds", "ms_a_line", "best_ms_a_line", "of_everything"),
    *("versions", "hardware", "date", "revision"),
)


class Ours:
    """The bundled recogniser, its framing and its language model on or off."""

    def __init__(self, crops: list[np.ndarray], *, framed: bool, model: bool) -> None:
        opened = open_recognizer(ReadingConfig().recognizer, ReadingConfig(threads=1, lm="nordic" if model else "none"))
        assert isinstance(opened, LineRecognizer)
        if not framed:
            opened.spec = opened.spec.model_copy(update={"framing": "whole", "version": 2})
        self.recognizer, self.crops = opened, crops

    def round(self) -> float:
        started = time.process_time()
        self.recognizer.read(self.crops)
        return time.process_time() - started


class Tesseract:
    """Tesseract with one language, which is what it is fastest with."""

    def __init__(self, crops: list[np.ndarray]) -> None:
        self.recognizer, self.crops = TesseractRecognizer("dan", threads=1), crops

    def round(self) -> float:
        started = time.process_time()
        self.recognizer.read(self.crops)
        return time.process_time() - started


class PpOcr:
    """PP-OCRv6 small, each line alone through its public call or in its own batches of six."""

    def __init__(self, folder: Path, venv: Path, *, batch: bool) -> None:
        self.peer = Peer(folder, venv, 1, batch=batch, processor=True)

    def round(self) -> float:
        return self.peer.round()[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, required=True, help="folder that holds the real sets")
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rapidocr-venv", type=Path, default=Path(tempfile.gettempdir()) / "nordocr-rapidocr")
    parser.add_argument("--output", type=Path, default=HERE / "cost.csv")
    options = parser.parse_args()
    crops = crops_of(options.real, options.lines)
    prepare_peer(options.rapidocr_venv)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number, crop in enumerate(crops):
            cv2.imwrite(str(folder / f"{number:05d}.png"), crop)
        ways: dict[str, Ours | Tesseract | PpOcr] = {
            "nano, everything on": Ours(crops, framed=True, model=True),
            "nano without its language model": Ours(crops, framed=True, model=False),
            "nano without framing": Ours(crops, framed=False, model=True),
            "nano without both": Ours(crops, framed=False, model=False),
            "tesseract": Tesseract(crops),
            "PP-OCRv6 small, one line at a time": PpOcr(folder, options.rapidocr_venv, batch=False),
            "PP-OCRv6 small, its batches of six": PpOcr(folder, options.rapidocr_venv, batch=True),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(options.rounds + 1):
            for name, way in ways.items():
                spent = way.round()
                if number:
                    seconds[name].append(spent)
            print({name: round(1e3 * s[-1] / len(crops), 1) for name, s in seconds.items() if s}, flush=True)
        for way in ways.values():
            if isinstance(way, PpOcr):
                way.peer.close()
    whole = statistics.median(seconds["nano, everything on"])
    about = {"versions": versions(), "hardware": hardware(), "revision": revision()}
    about |= {"date": datetime.datetime.now(datetime.UTC).date().isoformat()}
    with options.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name, times in seconds.items():
            row = {"way": name, "lines": len(crops), "rounds": options.rounds}
            row |= {"ms_a_line": f"{1e3 * statistics.median(times) / len(crops):.2f}"}
            row |= {"best_ms_a_line": f"{1e3 * min(times) / len(crops):.2f}"}
            writer.writerow(row | {"of_everything": f"{statistics.median(times) / whole:.2f}"} | about)
    return 0


def crops_of(real: Path, count: int) -> list[np.ndarray]:
    """Gray crops, ``count`` in all, evenly from each set in proportion to its size."""
    paths = [row.image for name in SETS for row in open_sets([real / name])[name].rows]
    chosen = [paths[int(i)] for i in np.linspace(0, len(paths) - 1, count)]
    crops = [read_crop(path) for path in chosen]
    return [crop if crop.ndim == 2 else cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops]


if __name__ == "__main__":
    sys.exit(main())
