"""Pages made black and white by dither are read in gray; pages of type and noise stay as they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from tests.detect.drawn import PROSE, Drawn

from nordocr.config import ReadingConfig
from nordocr.pages import open_pages
from nordocr.pipeline.descreen import descreened
from nordocr.pipeline.reader import Reader

DEMO = Path(__file__).parents[2] / "src" / "nordocr" / "demo" / "nordic-report.tif"
BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])


def page_on_gray(lightest: int = 200) -> npt.NDArray[np.uint8]:
    """Lines of prose on paper that darkens to the right, gray uint8 ``[H, W]``."""
    page = Drawn()
    for number, line in enumerate(PROSE):
        page.put(150, 100 + 60 * number, line)
    gray = np.asarray(page.image.convert("L"))
    paper = np.linspace(lightest, lightest - 60, gray.shape[1])[None]
    return np.minimum(gray, paper).astype(np.uint8)


def diffused(gray: npt.NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(gray).convert("1")


def ordered(gray: npt.NDArray[np.uint8]) -> Image.Image:
    rows, columns = gray.shape
    limit = np.tile(16 * BAYER + 8, (-(-rows // 4), -(-columns // 4)))[:rows, :columns]
    return Image.fromarray(gray > limit)


@pytest.mark.parametrize("dither", [diffused, ordered])
def test_a_dithered_page_is_read_as_the_gray_one_that_it_was(dither, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "dithered.tif"
    dither(page_on_gray()).save(path, compression="group4", dpi=(200, 200))
    with Reader(ReadingConfig(threads=1)) as reader:
        page = reader.document(path).pages[0]
    assert [line.text for line in page.lines] == list(PROSE)
    assert not page.flags


@pytest.mark.parametrize("dither", [diffused, ordered])
@pytest.mark.parametrize("tone", [225, 170])
def test_dithered_tints_behind_lines_cost_no_letter(dither, tone: int, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    gray = page_on_gray(255 + 60).astype(np.int64)
    for top in range(85, 85 + 60 * len(PROSE), 120):
        gray[top : top + 56, 120:1150] = np.minimum(gray[top : top + 56, 120:1150], tone)
    path = tmp_path / "tinted.tif"
    dither(gray.astype(np.uint8)).save(path, compression="group4", dpi=(200, 200))
    with Reader(ReadingConfig(threads=1)) as reader:
        page = reader.document(path).pages[0]
    assert [line.text for line in page.lines] == list(PROSE)


def test_type_specks_and_gray_pages_stay_as_they_are() -> None:
    demo = next(iter(open_pages(DEMO))).image
    specks = demo.copy()
    specks[np.random.default_rng(5).random(demo.shape) < 0.04] ^= 255
    for image in (demo, specks, page_on_gray(), np.full((900, 700), 255, np.uint8), np.zeros((20, 20), np.uint8)):
        assert descreened(image) is image
