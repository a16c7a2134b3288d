"""Lines over which a stamp or a pen has gone are flagged, and no others."""

from __future__ import annotations

import pytest
from tests.detect.drawn import PROSE, Drawn

from nordocr.detect.base import Region
from nordocr.detect.morphology import MorphologyDetector
from nordocr.pipeline.boxes import line_of
from nordocr.recognize.base import LineText


def page() -> Drawn:
    drawn = Drawn()
    for number, line in enumerate(PROSE):
        drawn.put(100, 500 + 45 * number, line)
    drawn.put(100, 300, "Summa")
    drawn.put(700, 300, "8 745,00", right=True)
    drawn.put(100, 350, "Moms")
    drawn.put(700, 350, "1 749,00", right=True)
    return drawn


def overlapped(drawn: Drawn) -> list[Region]:
    return [region for region in MorphologyDetector().detect(drawn.bilevel()) if region.overlapped]


def test_a_clean_page_has_no_flags_not_even_beside_frames_brackets_and_walls() -> None:
    drawn = page()
    drawn.canvas.rectangle((60, 280, 760, 420), outline=0, width=3)
    drawn.canvas.line((500, 280, 500, 420), fill=0, width=3)
    drawn.put(900, 200, "}", 160)
    drawn.canvas.ellipse((900, 60, 1000, 160), outline=0, width=4)
    assert overlapped(drawn) == []


@pytest.mark.parametrize("kind", ["pen", "ring", "edge"])
def test_a_stroke_over_an_amount_is_told(kind: str) -> None:
    drawn = page()
    if kind == "pen":
        drawn.canvas.line((560, 250, 590, 380, 620, 240, 650, 330, 760, 310), fill=0, width=4)
    elif kind == "ring":
        drawn.canvas.ellipse((600, 190, 780, 322), outline=0, width=4)
    else:
        drawn.canvas.rectangle((560, 315, 860, 420), outline=0, width=4)
    found = overlapped(drawn)
    assert found
    for region in found:
        assert region.x > 400 and 280 < region.y < 400
    text = LineText("745,00", 0.9, flags=("lm",))
    assert line_of(found[0], text).flags == ["lm", "overlapped"]
