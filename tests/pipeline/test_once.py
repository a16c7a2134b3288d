"""Lines that decided which way up a page lies are not read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.detect.drawn import PROSE, Drawn

from nordocr.config import ReadingConfig
from nordocr.detect.orientation import Lie
from nordocr.pipeline import preparation
from nordocr.pipeline.reader import Reader
from nordocr.pipeline.upright import OnceRead
from nordocr.recognize.base import Crop, LineText


class Counting:
    """A recogniser that says how wide a crop is, and counts what it was asked."""

    name, model, model_sha256 = "counting", "", ""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        self.seen += [crop.tobytes() for crop in crops]
        return [LineText(f"width {crop.shape[1]}", 0.9) for crop in crops]

    def close(self) -> None:
        pass


def test_a_crop_is_read_once_and_results_keep_their_order() -> None:
    crops = [np.full((20, width), 200, np.uint8) for width in (30, 40, 50)]
    counting = Counting()
    once = OnceRead(counting)
    assert [text.text for text in once.read([crops[1]])] == ["width 40"]
    assert [text.text for text in once.read(crops)] == ["width 30", "width 40", "width 50"]
    assert len(counting.seen) == 3
    assert once.read([crops[1].copy()])[0].text == "width 40"  # another array is another crop
    once.forget()
    once.read(crops)
    assert len(counting.seen) == 7


def test_lines_of_an_unsure_page_are_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Drawn()
    for number, line in enumerate(PROSE):
        page.put(150, 100 + 45 * number, line)
    Image.fromarray(page.bilevel()).save(tmp_path / "page.png")
    monkeypatch.setattr(preparation, "page_lie", lambda image: Lie(0, sure=False))
    counting = Counting()
    with Reader(ReadingConfig(pages_ahead=0), counting) as reader:
        read = reader.document(tmp_path / "page.png").pages[0]
    assert len(read.lines) == len(PROSE)
    over = min(12, len(PROSE))
    assert len(counting.seen) == len(PROSE) + over
