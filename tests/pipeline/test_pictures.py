"""Handwriting and photographs leave no garbage among the lines, and take no true line with them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.detect.drawn import PROSE, Drawn

from nordocr.detect.base import Region
from nordocr.detect.beside.pictures import in_pictures
from nordocr.detect.morphology import MorphologyDetector
from nordocr.pipeline.boxes import line_of, page_of
from nordocr.pipeline.junk import why_dropped
from nordocr.pipeline.preparation import Layout
from nordocr.recognize.base import LineText

TYPE = Region(100, 100, 300, 30, 0.0, 30.0)


def page() -> Drawn:
    drawn = Drawn()
    for number, line in enumerate(PROSE):
        drawn.put(100, 700 + 45 * number, line)
    return drawn


def scrawl(drawn: Drawn, x: float, y: float) -> None:
    """Two words of flat joined strokes with loops."""
    t = np.linspace(0, 1, 120)
    for start in (0.0, 130.0):
        xs = x + start + 110 * t + 6 * np.sin(40 * t)
        ys = y - 14 * np.abs(np.sin(14 * t)) - 22 * (t < 0.15) * np.sin(20 * t)
        drawn.canvas.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), fill=0, width=3)


def test_strokes_of_a_pen_look_written_and_type_does_not() -> None:
    drawn = page()
    scrawl(drawn, 200, 300)
    found = MorphologyDetector().detect(drawn.bilevel())
    looks = {region.looks for region in found if region.y > 650}
    assert looks == {"type"}
    assert all(region.looks == "written" for region in found if region.y < 400)


def test_what_looks_written_is_left_out_unless_it_is_surely_read() -> None:
    written = replace(TYPE, looks="written")
    for text, confidence, reason in (("hunplan", 0.41, "handwriting"), ("Anna Berg", 0.9, None)):
        assert why_dropped(written, line_of(written, LineText(text, confidence))) == reason
    assert why_dropped(TYPE, line_of(TYPE, LineText("hunplan med mera", 0.41))) is None


def test_specks_of_a_photograph_are_left_out_and_its_caption_is_kept() -> None:
    pictured = replace(TYPE, looks="pictured")
    texts = [LineText("..", 0.47), LineText("Vy över staden", 0.5), LineText("A", 0.95)]
    page = page_of(Layout(0, (800, 600), [pictured] * 3), texts, scribbles=False, dropped=True)
    assert [line.text for line in page.lines] == ["Vy över staden", "A"]
    assert [one.reason for one in page.dropped] == ["image"]


@pytest.mark.parametrize("tone", [120, 225])
def test_a_dark_gray_area_is_a_picture_and_a_light_shade_under_type_is_not(tone: int) -> None:
    drawn = page()
    gray = drawn.gray()
    rng = np.random.default_rng(1)
    shade = np.full((260, 420), tone, np.float32) + cv2.GaussianBlur(rng.normal(0, 60, (260, 420)), (0, 0), 12)
    gray[60:320, 300:720] = np.clip(shade, 0, 255).astype(np.uint8)
    inside, outside = Region(400, 150, 200, 30), Region(100, 700, 400, 30)
    assert in_pictures(gray, 15.0, 1.0, [inside, outside]) == [tone < 200, False]
    assert {region.looks for region in MorphologyDetector().detect(gray) if region.y > 650} == {"type"}
