"""Pages askew: by how much, and where their lines lie on the page as it was."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image
from tests.detect.drawn import MONO, PROSE, SERIF, Drawn

from nordocr.detect.base import Region
from nordocr.detect.morphology import MorphologyDetector
from nordocr.detect.orientation import page_lie
from nordocr.detect.skew import on_page, straightened
from nordocr.pipeline.boxes import page_of
from nordocr.pipeline.preparation import Layout
from nordocr.recognize.base import LineText

ROWS = (("Kundfordringar", "12 500,00", "18 250,00"), ("Utgående moms", "2 500,00", "3 650,00"))


def sheet(kind: str) -> Drawn:
    page = Drawn(200, (1400, 1000))
    if kind == "prose":
        for i, text in enumerate((*PROSE, *PROSE)):
            page.put(180, 250 + 50 * i, text, 30, SERIF)
    else:
        for i, (label, first, second) in enumerate(ROWS * 5):
            for x, text in ((180, label), (800, first), (1150, second)):
                page.put(x, 250 + 48 * i, text, 26, MONO, right=x > 180)
    return page


@pytest.mark.parametrize("kind", ["prose", "table"])
@pytest.mark.parametrize("degrees", [-15, -6.3, 2.5, 10])
def test_lines_of_a_page_askew_are_found_and_placed_on_it(kind: str, degrees: float) -> None:
    page = sheet(kind)
    turned = page.image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    pixels = np.where(np.asarray(turned) < 140, 0, 255).astype(np.uint8)
    lie = page_lie(pixels)
    assert lie.turn == 0
    assert lie.skew == pytest.approx(degrees, abs=0.15)
    regions = MorphologyDetector().detect(straightened(pixels, lie.skew))
    assert len(regions) == len(page.boxes)
    size = (pixels.shape[1], pixels.shape[0])
    found = sorted(on_page(region.tight, lie.skew, size) for region in regions)
    for x, y, width, height in page.boxes:
        corners = np.array([(x, y), (x + width, y), (x, y + height), (x + width, y + height)]) - (700, 500)
        sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        where = corners @ np.array([[cosine, -sine], [sine, cosine]]) + (700, 500)
        true = (*where.min(axis=0), *where.max(axis=0))
        assert any(max(abs(a - b) for a, b in zip(true, (u, v, u + w, v + h), strict=True)) < 9 for u, v, w, h in found)


@pytest.mark.parametrize(("kind", "degrees"), [("prose", 0), ("table", 1.2), ("prose", 40)])
def test_a_page_that_is_nearly_level_or_in_no_way_level_is_left_as_it_is(kind: str, degrees: float) -> None:
    turned = sheet(kind).image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    assert page_lie(np.asarray(turned)).skew == 0


def test_results_are_placed_on_the_page_as_it_was() -> None:
    region = Region(300, 200, 400, 40, line_height=40)
    text = LineText("ett", 0.9, (0.9,) * 3, (), (), ((0.0, 0.3), (0.3, 0.6), (0.6, 1.0)))
    page = page_of(Layout(0, (1000, 800), [region], skew=10.0), [text], characters=True)
    [line] = page.lines
    box = (line.bbox.x, line.bbox.y, line.bbox.width, line.bbox.height)
    assert box == on_page(region.tight, 10.0, (1000, 800)) != region.tight
    first, *_, last = line.char_boxes
    assert last.y < first.y  # the line climbs
    assert page.model_dump()["skew"] == 10.0
    assert "skew" not in page_of(Layout(0, (1000, 800), [region]), [text]).model_dump()
