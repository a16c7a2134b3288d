"""What a page's result says of a page that was not read as a page should be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.config import ReadingConfig
from nordocr.detect.base import PageArray, Region
from nordocr.pipeline.preparation import _half_more
from nordocr.pipeline.reader import read_document
from nordocr.recognize.base import Crop, LineText
from nordocr.results import Page

CASE = Path(__file__).parents[1] / "pages" / "cases" / "g4-corrupt-middle.tif"


class Reads:
    name, model, model_sha256 = "fake", "none", ""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, crops: list[Crop]) -> list[LineText]:
        return [LineText(self.text, 0.9)] * len(crops)

    def close(self) -> None:
        """Nothing is held."""


class Finds:
    name = "fake"

    def __init__(self, count: int) -> None:
        self.count = count

    def detect(self, image: PageArray) -> list[Region]:
        return [Region(10, 10 + 40 * i, 300, 30) for i in range(self.count)]


def read(path: Path, lines: int, text: str = "Summa") -> Page:
    [page] = read_document(path, ReadingConfig(), Reads(text), Finds(lines)).pages  # type: ignore[arg-type]
    return page


@pytest.fixture
def typed(tmp_path: Path) -> Path:
    image = Image.new("L", (600, 400), 255)
    for row in range(5):
        ImageDraw.Draw(image).text((20, 20 + 60 * row), "Resultat före skatt", fill=0, font=ImageFont.load_default(32))
    image.save(tmp_path / "typed.png")
    return tmp_path / "typed.png"


def test_a_damaged_page_says_so_and_how_much_is_missing() -> None:
    page = read(CASE, 2)
    assert (page.flags, page.missing) == (["damaged"], 0.5)
    assert json.loads(page.model_dump_json())["flags"] == ["damaged"]


def test_a_damaged_page_without_lines_is_not_blank() -> None:
    page = read(CASE, 0)
    assert (page.flags, page.blank) == (["damaged", "unread"], False)


@pytest.mark.parametrize(("lines", "text"), [(0, ""), (3, " ")])
def test_type_on_which_nothing_was_read_is_said(
    typed: Path, lines: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", logger="nordocr"):
        page = read(typed, lines, text)
    assert (page.flags, page.blank, page.text) == (["unread"], False, "")
    assert caplog.messages == [f"Page 1 of {typed} is not blank, yet nothing was read on it."]


def test_a_page_that_was_read_and_a_blank_one_say_nothing(typed: Path, tmp_path: Path) -> None:
    assert read(typed, 3).flags == []
    Image.fromarray(np.full((400, 600), 255, np.uint8)).save(tmp_path / "paper.png")
    page = read(tmp_path / "paper.png", 0)
    assert (page.flags, page.blank) == ([], True)
    assert set(json.loads(page.model_dump_json())) >= {"blank", "lines"}
    assert not {"flags", "missing"} & set(json.loads(page.model_dump_json()))


def test_a_page_that_is_turned_once_more_is_turned_by_half_a_turn() -> None:
    assert [_half_more(turn) for turn in (0, 90, 180, 270)] == [180, 270, 0, 90]
