"""Pages that lie on a side or upside down, and blank ones."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nordocr.config import ReadingConfig
from nordocr.detect.orientation import TURNS, Lie, Turn, is_blank, page_lie, turn
from nordocr.pages import PageImage, open_pages
from nordocr.pipeline import preparation
from nordocr.pipeline.reader import Reader
from nordocr.pipeline.upright import reads_better_turned
from nordocr.recognize.base import Crop, LineText


def demo() -> list[np.ndarray]:
    with resources.as_file(resources.files("nordocr") / "demo" / "nordic-report.tif") as path:
        return [page.image for page in open_pages(path)]


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_page_is_turned_back(degrees: Turn) -> None:
    for page in demo():
        laid = turn(page, degrees)
        back = page_lie(laid).turn
        assert (degrees + back) % 360 == 0
        assert (turn(laid, back) == page).all()


def test_pages_without_type_are_blank_and_left_as_they_lie() -> None:
    dirty = np.where(np.random.default_rng(0).random((1200, 900)) < 0.0005, 0, 255).astype(np.uint8)
    dirty[:, :12] = 0
    for page in (np.full((1200, 900), 255, np.uint8), np.zeros((1200, 900), np.uint8), dirty):
        assert is_blank(page)
        assert page_lie(page).turn == 0
    assert not any(is_blank(page) for page in demo())
    for shape in ((1, 1), (1, 4000), (4000, 1)):
        assert page_lie(np.full(shape, 255, np.uint8)).turn == 0


def test_other_angles_are_refused() -> None:
    with pytest.raises(ValueError, match="not 45"):
        turn(np.zeros((4, 4), np.uint8), 45)  # type: ignore[arg-type]


def test_a_reader_turns_pages_and_says_so(tmp_path: Path) -> None:
    page = demo()[0]
    laid = tmp_path / "laid.png"
    Image.fromarray(turn(page, 90)).save(laid)
    with Reader(ReadingConfig(recognizer="nano")) as reader:
        result = reader.document(laid).pages[0]
    assert (result.rotation, result.width, result.height) == (270, page.shape[1], page.shape[0])
    with Reader(ReadingConfig(recognizer="nano", turn_pages=False)) as reader:
        untouched = reader.document(laid).pages[0]
    assert (untouched.rotation, untouched.width) == (0, page.shape[0])
    assert "rotation" not in untouched.model_dump()


class Surer:
    """A recogniser that is surer of lines whose ink lies low in the crop."""

    name, model, model_sha256 = "surer", "", ""

    def __init__(self) -> None:
        self.seen = 0

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        self.seen += len(crops)
        low = [float((255 - crop[crop.shape[0] // 2 :].astype(float)).sum() / (255.0 * crop.size)) for crop in crops]
        return [LineText("x", 2 * share) for share in low]

    def close(self) -> None:
        pass


def test_a_reading_decides_which_way_up_a_line_is() -> None:
    low = np.full((20, 200), 255, np.uint8)
    low[12:18, 10:150] = 0
    assert not reads_better_turned(Surer(), [low] * 3)
    assert reads_better_turned(Surer(), [low[::-1]] * 3)
    assert not reads_better_turned(Surer(), [])
    many = Surer()
    reads_better_turned(many, [low] * 100)
    assert many.seen == 24


def test_a_page_whose_outlines_seem_upside_down_is_read_before_it_is_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fax of a face with low ascenders was turned over, and nothing on it was read."""
    page = demo()[0]
    for lie, laid, rotation in (
        (Lie(180, False), 0, 0),
        (Lie(0, False), 180, 180),
        (Lie(270, False), 90, 270),
        (Lie(90, False), 90, 270),
    ):
        monkeypatch.setattr(preparation, "page_lie", lambda _, lie=lie: lie)
        with Reader(ReadingConfig(recognizer="nano")) as reader:
            item = reader.preparation._prepare(PageImage(0, turn(page, laid)), False)  # type: ignore[arg-type]
            assert item.unsure is not None
            decided = reader.preparation._settled(item, item.unsure, reader.recognizer, {})
        assert decided.layout.rotation == rotation


def test_a_page_of_running_text_is_not_read_twice() -> None:
    assert all(page_lie(page).sure for page in demo())


def test_a_blank_page_is_said_to_be_blank(tmp_path: Path) -> None:
    Image.new("L", (900, 1200), 255).save(tmp_path / "blank.png")
    with Reader(ReadingConfig(recognizer="nano")) as reader:
        blank = reader.document(tmp_path / "blank.png").pages[0]
        Image.fromarray(demo()[0]).save(tmp_path / "full.png")
        full = reader.document(tmp_path / "full.png").pages[0]
    assert blank.blank
    assert blank.model_dump()["blank"] is True
    assert not full.blank
    assert "blank" not in full.model_dump()
    assert len({line.block for line in full.lines}) > 1
