"""A scan of two pages and a reader with the bundled model, opened once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr import Reader


def page_image(*texts: str, size: tuple[int, int] = (700, 300)) -> Image.Image:
    """A 1-bit page with one line of type for each text."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    for number, text in enumerate(texts):
        draw.text((40, 40 + 70 * number), text, fill=0, font=ImageFont.load_default(30))
    return image.convert("1", dither=Image.Dither.NONE)


@pytest.fixture(scope="session")
def first() -> Image.Image:
    return page_image("Summa 48 612 kr", "Datum 2024-12-31")


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory, first: Image.Image) -> Path:
    """A G4 TIFF of two pages."""
    path = tmp_path_factory.mktemp("scan") / "rapport å.tif"
    second = page_image("Till styrelsen")
    first.save(path, save_all=True, append_images=[second], compression="group4", dpi=(200, 200))
    return path


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader(threads=1, pages_ahead=0) as opened:
        yield opened
