"""``process`` and ``benchmark`` hand the same crops to a recogniser, byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.config import ReadingConfig
from nordocr.detect.orientation import Turn, turn
from nordocr.evaluate.documents import benchmark as module
from nordocr.pipeline.reader import Reader
from nordocr.recognize.base import Crop, LineText


class Recorder:
    """Keeps the crops of every call, and is surer of crops whose ink hangs low, as it does in upright text here."""

    name, model, model_sha256 = "recorder", "none", "00"

    def __init__(self) -> None:
        self.calls: list[list[Crop]] = []

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        self.calls.append([crop.copy() for crop in crops])
        return [LineText("text", self._sure(crop)) for crop in crops]

    def close(self) -> None:
        pass

    @staticmethod
    def _sure(crop: Crop) -> float:
        rows = (crop < 128).reshape(len(crop), -1).sum(axis=1)
        middle = float((rows * np.arange(len(rows))).sum() / max(1, rows.sum())) / len(rows)
        return min(max(0.5 + 10 * (middle - 0.5), 0.0), 1.0)


def page() -> np.ndarray:
    """Ten lines of running text on coloured paper."""
    image = Image.new("RGB", (900, 640), (235, 225, 190))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(24)
    for row in range(10):
        text = f"{row} Den ledande fabriken tillhandahåller bilder till handlare"
        draw.text((60, 30 + 58 * row), text, fill=(60, 20, 110), font=font)
    return np.asarray(image)


@pytest.mark.parametrize("lies", [0, 90, 180])
def test_crops_are_the_same_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lies: Turn) -> None:
    file = tmp_path / "page.png"
    Image.fromarray(turn(page(), lies)).save(file)
    config = ReadingConfig()
    reading = Recorder()
    with Reader(config, recognizer=reading) as reader:
        document = reader.document(file)
    opened: list[Recorder] = []

    def open_one(name: str, config: ReadingConfig, shared: bool = False) -> Recorder:
        opened.append(Recorder())
        return opened[-1]

    monkeypatch.setattr(module, "open_recognizer", open_one)
    _, documents = module.benchmark([file], {"a": "a", "b": "b"}, config)
    assert document.pages[0].rotation == (360 - lies) % 360 == documents["a"][0].pages[0].rotation
    # What decides which way up the page lies is read first, and not again.
    handed = [crop for call in reading.calls for crop in call]
    assert all(crop.ndim == 2 for crop in handed), "lines are read in gray"
    known = {(crop.shape, crop.tobytes()) for crop in handed}
    for recorder in opened[-2:]:
        assert len(recorder.calls) == 1
        assert len(recorder.calls[0]) == len(document.pages[0].lines) >= 10
        assert all((crop.shape, crop.tobytes()) in known for crop in recorder.calls[0])
    for name in "ab":
        kept = [line.bbox for line in documents[name][0].pages[0].lines]
        assert [line.bbox for line in document.pages[0].lines] == kept, "boxes are those of production"
