"""Pages whose text is probably wrong, or lacks a part, say so: in their flags and on standard error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.config import ReadingConfig
from nordocr.detect.base import Region
from nordocr.pipeline.doubt import LEAST_CONFIDENCE, has_unread_reverse, is_paper
from nordocr.pipeline.reader import read_document
from nordocr.recognize.base import Crop, LineText
from nordocr.results import Page

Gray = npt.NDArray[np.uint8]


class Sure:
    name, model, model_sha256 = "fake", "none", ""

    def __init__(self, *confidences: float) -> None:
        self.confidences = confidences

    def read(self, crops: list[Crop]) -> list[LineText]:
        return [
            LineText("Resultat före skatt 284 500, varav skulder 312", self.confidences[i % len(self.confidences)])
            for i in range(len(crops))
        ]

    def close(self) -> None:
        """Nothing is held."""


class Finds:
    name = "fake"

    def __init__(self, top: int, bottom: int) -> None:
        self.rows = range(top, bottom, 60)

    def detect(self, _: Gray) -> list[Region]:
        return [Region(20, y, 900, 40) for y in self.rows]


def page(lines: int = 20) -> Gray:
    image = Image.new("L", (1000, 60 * lines), 255)
    for row in range(lines):
        text = f"Resultat före skatt {row} 284 500, varav skulder 312"
        ImageDraw.Draw(image).text((20, 60 * row), text, fill=0, font=ImageFont.load_default(34))
    return np.asarray(image)


def read(image: Gray, tmp_path: Path, sure: Sure, finds: Finds) -> Page:
    Image.fromarray(image).save(tmp_path / "page.png")
    config = ReadingConfig(turn_pages=False)
    [result] = read_document(tmp_path / "page.png", config, sure, finds).pages  # type: ignore[arg-type]
    return result


@pytest.mark.parametrize(
    ("confidences", "doubtful"),
    [((0.2,), True), ((LEAST_CONFIDENCE - 0.01,), True), ((LEAST_CONFIDENCE,), False), ((0.95, 0.1), False)],
)
def test_a_page_that_was_read_with_little_confidence(
    tmp_path: Path, confidences: tuple[float, ...], doubtful: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", logger="nordocr"):
        result = read(page(), tmp_path, Sure(*confidences), Finds(0, 1200))
    assert result.flags == (["doubtful"] if doubtful else [])
    said = f"is doubtful: what was read on it is probably wrong (confidence {confidences[0]:.2f})."
    assert [message.endswith(said) for message in caplog.messages] == [True] * doubtful


def test_a_half_that_is_white_on_black_and_was_not_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    image = page().copy()
    image[600:] = 255 - image[600:]
    with caplog.at_level("WARNING", logger="nordocr"):
        result = read(image, tmp_path, Sure(0.95), Finds(0, 600))
    assert result.flags == ["doubtful"] and result.confidence == 0.95
    assert caplog.messages[0].endswith("page.png is doubtful: a dark part of it holds light type that was not read.")
    assert read(image, tmp_path, Sure(0.95), Finds(0, 1200)).flags == []  # read as well: nothing is lost


def test_dark_parts_without_type_are_no_loss() -> None:
    image = page().copy()
    assert not has_unread_reverse(image, [])  # dark type on light paper
    image[:, :300] = 0  # the scanner's bed
    assert not has_unread_reverse(image, [])
    dice = np.random.default_rng(1)
    image[:, :300] = np.where(dice.random((1200, 300)) < 0.01, 255, 0)  # with dust on it
    assert not has_unread_reverse(image, [])
    image = 255 - page()
    assert has_unread_reverse(image, [])
    assert not has_unread_reverse(image[:20, :20], [])


def test_only_paper_is_blank(tmp_path: Path) -> None:
    """Stripes as a broken PNG leaves them, a black page, a picture: nothing was read, and that is said."""
    paper = np.random.default_rng(1).integers(225, 250, (700, 500), np.uint8)
    bordered = paper.copy()
    bordered[:, :30] = bordered[-40:] = 0
    bordered[300:310, 100:400] = 0
    stripes, picture = page(30).copy(), np.full((700, 500), 128, np.uint8)
    for top in range(0, 1800, 60):
        stripes[top + 20 : top + 52] = 0
    picture[:, 440:] = 250
    assert is_paper(paper) and is_paper(bordered) and is_paper(paper - 110)
    for image in (stripes, np.zeros_like(paper), picture):
        assert not is_paper(image)
        result = read(image, tmp_path, Sure(0.9), Finds(0, 0))
        assert (result.flags[0], result.blank) == ("unread", False)
    assert read(bordered, tmp_path, Sure(0.9), Finds(0, 0)).blank
