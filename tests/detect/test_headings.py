"""Large and heavy type over small: neither may cost the other letters."""

from __future__ import annotations

import numpy as np
import pytest
from tests.detect.drawn import BODY, PROSE, SERIF, Drawn, check

from nordocr.detect.components import find_components, letter_height

HEADINGS = ("Balanse pr. 31.12", "Bruttoresultat", "RESERVER OG FOND", "Noter", "Pantsatte midler", "BRUNNDAMM")


@pytest.mark.parametrize("face", ["DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "DejaVuSerif-Bold.ttf"])
@pytest.mark.parametrize(
    ("dpi", "body", "heading", "threshold"), [(200, 22, 50, 220), (200, 26, 44, 110), (200, 28, 90, 110)]
)
def test_heavy_headings_and_the_small_type_below_them_are_whole(
    face: str, dpi: int, body: int, heading: int, threshold: int
) -> None:
    page = Drawn(dpi, (1300, 1350))
    for i, text in enumerate(HEADINGS):
        page.put(120, 60 + 215 * i, text, heading, face)
        page.put(120, 60 + 215 * i + 1.3 * heading + 20, PROSE[i % 4], body, BODY if i % 2 else SERIF)
    check(page, page.bilevel(threshold))


def test_specks_are_no_small_type() -> None:
    page = Drawn(200, (1300, 700))
    for i, text in enumerate((*PROSE, *PROSE)):
        page.put(100, 60 + 60 * i, text, 34)
    pixels = page.bilevel()
    usual = letter_height(find_components(pixels < 128))
    rng = np.random.default_rng(3)
    for y, x in zip(
        rng.integers(0, pixels.shape[0] - 9, 1500), rng.integers(0, pixels.shape[1] - 9, 1500), strict=True
    ):
        high = int(rng.integers(7, 9))
        pixels[y : y + high, x] = pixels[y + high // 2, x : x + 4] = 0
    assert letter_height(find_components(pixels < 128)) >= 0.8 * usual
