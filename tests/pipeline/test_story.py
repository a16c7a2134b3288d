"""What ``--log-level debug`` tells of a page, and that it configures no other library's loggers."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.cli.console import configure_logging
from nordocr.config import ReadingConfig
from nordocr.detect.base import PageArray, Region
from nordocr.errors import UsageError
from nordocr.pipeline.reader import read_document
from nordocr.recognize.base import Crop, LineText


class Reads:
    name, model, model_sha256 = "fake", "none", ""

    def read(self, crops: list[Crop]) -> list[LineText]:
        texts = [LineText("Summa", 0.9), LineText(" ", 0.8), LineText("~", 0.25)]
        return (texts * 2)[: len(crops)]

    def close(self) -> None:
        """Nothing is held."""


class Finds:
    name = "fake"

    def detect(self, image: PageArray) -> list[Region]:
        return [Region(10, 10 + 60 * i, 300, 30) for i in range(3)]


@pytest.fixture
def loggers() -> Iterator[logging.Logger]:
    logger = logging.getLogger("nordocr")
    before = logger.level, logger.propagate, [*logger.handlers]
    yield logger
    logger.level, logger.propagate, logger.handlers = before


def test_debug_tells_the_story_of_a_page(
    tmp_path: Path, loggers: logging.Logger, capsys: pytest.CaptureFixture
) -> None:
    image = Image.new("L", (500, 400), 255)
    font = ImageFont.load_default(30)
    for row in range(3):
        ImageDraw.Draw(image).text((20, 20 + 60 * row), "Resultat före skatt och lika", fill=0, font=font)
    image.convert("1").save(tmp_path / "a.tif", compression="group4", dpi=(200, 200))
    configure_logging("debug")
    read_document(tmp_path / "a.tif", ReadingConfig(pages_ahead=0), Reads(), Finds())  # type: ignore[arg-type]
    said = [line.removeprefix("nordocr: ") for line in capsys.readouterr().err.splitlines()]
    wanted = [
        r"nordocr\.pages\.raster: page 1: decoded from TIFF \(group4, mode 1\), 500 x 400 px, 200\.0 dpi, in [\d.]+ s",
        r"nordocr\.pipeline\.preparation: page 1: 3 lines found by fake in \d\.\d\d s",
        r"nordocr\.pipeline\.reader: page 1: 3 lines read in \d\.\d\d s, least confidence 0\.25",
        r"nordocr\.pipeline\.boxes: page 1: left out ' ' at \(10, 70, 300, 30\): empty",
        r"nordocr\.pipeline\.boxes: page 1: left out '~' at \(10, 130, 300, 30\): scribble",
    ]
    assert len(said) == len(wanted), said
    assert all(re.fullmatch(pattern, line) for pattern, line in zip(wanted, said, strict=True)), said


def test_a_page_on_its_side_is_said_to_be_turned(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    image = Image.new("L", (900, 700), 255)
    font = ImageFont.load_default(34)
    for row in range(12):
        ImageDraw.Draw(image).text(
            (40, 20 + 55 * row), "Resultat före skatt och bokslutsdispositioner", fill=0, font=font
        )
    Image.fromarray(np.rot90(np.asarray(image))).save(tmp_path / "side.png")
    with caplog.at_level("DEBUG", logger="nordocr"):
        read_document(tmp_path / "side.png", ReadingConfig(), Reads(), Finds())  # type: ignore[arg-type]
    assert "page 1: turned by 90 degrees" in caplog.messages


def test_levels_are_for_our_own_loggers_only(loggers: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.level, [*root.handlers]
    configure_logging("info")
    configure_logging("info")
    logging.getLogger("PIL.Image").debug("of another")
    logging.getLogger("nordocr.pages").info("told once")
    logging.getLogger("nordocr.pages").debug("not told")
    assert (root.level, root.handlers) == before
    assert capsys.readouterr().err == "nordocr: told once\n"
    with pytest.raises(UsageError, match="no log level 'loud'"):
        configure_logging("loud")
