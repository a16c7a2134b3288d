"""Light ink, shaded and striped tables, dark heads, sheets on black: text in every tone that can be read is found."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from tests.detect.drawn import BODY, BOLD, PROSE, SERIF, Drawn, check

from nordocr.detect.ink import dark_on_light

ROWS = (
    ("1510", "Kundfordringar", "12 500,00", "18 250,00"),
    ("2611", "Utgående moms 25 %", "2 500,00", "3 650,00"),
    ("3041", "Försäljning tjänst", "10 000,00", "349,00"),
    ("6212", "Mobiltelefon", "349,00", "28 400,00"),
    ("7010", "Löner till tjänstemän", "28 400,00", "28 749,00"),
    ("1930", "Företagskonto", "28 749,00", "0,50"),
)


@pytest.mark.parametrize(
    ("dpi", "ink", "alone"),
    [(150, 110, False), (150, 187, True), (200, 136, True), (200, 160, False), (200, 200, False), (300, 200, True)],
)
def test_light_ink_on_clean_white_is_found(dpi: int, ink: int, alone: bool) -> None:
    page = Drawn(dpi)
    page.put(120, 70, "Norrlunds Redovisning AB", 40, BOLD, ink)
    for x, text in ((120, "Fakturanummer"), (500, "Fakturadatum"), (900, "Summa")):
        page.put(x, 160, text, 22, BODY, ink)
    if not alone:
        for i, text in enumerate(PROSE):
            page.put(120, 260 + 40 * i, text, 28, SERIF)
    page.put(120, 900, "Storgatan 4, 871 31 Norrlund, bankgiro 5050-1055", 22, BODY, ink)
    check(page, page.gray())


def shaded(dpi: int, head: int, stripe: int, rules: bool) -> Drawn:
    """A table with a dark or shaded head and every second row shaded, between two lines of prose."""
    page = Drawn(dpi, (1300, 700))
    page.put(120, 60, PROSE[0], 26, SERIF)
    page.fill(110, 140, 1060, 52, head)
    columns = (130, 330, 860, 1150)
    for column, (x, text) in enumerate(zip(columns, ("Konto", "Benämning", "Debet", "Kredit"), strict=True)):
        page.put(x, 150, text, 26, BODY, 255 if head < 150 else 0, right=column > 1)
    for i, row in enumerate(ROWS):
        if i % 2 == 0:
            page.fill(110, 192 + 52 * i, 1060, 52, stripe)
        for column, (x, text) in enumerate(zip(columns, row, strict=True)):
            page.put(x, 202 + 52 * i, text, 26, right=column > 1)
    if rules:
        for y in range(140, 140 + 52 * 8, 52):
            page.fill(110, y, 1060, 2, 0)
        for x in (110, 310, 650, 900, 1170):
            page.fill(x, 140, 2, 52 * 7, 0)
    page.put(120, 560, PROSE[1], 26, SERIF)
    return page


@pytest.mark.parametrize(("dpi", "noise", "rules"), [(200, 0, True), (200, 4, False), (300, 3, True)])
@pytest.mark.parametrize(("head", "stripe"), [(30, 238), (90, 204), (115, 255), (221, 170)])
def test_shaded_rows_and_dark_heads_keep_their_cells(
    dpi: int, noise: float, head: int, stripe: int, rules: bool
) -> None:
    page = shaded(dpi, head, stripe, rules)
    check(page, page.gray(noise, seed=head))


@pytest.mark.parametrize(
    ("angle", "bed", "noise", "place"), [(0, 0, 0, (150, 120)), (0, 35, 6, (40, 400)), (-2, 0, 6, (560, 30))]
)
def test_a_sheet_on_more_than_its_area_of_black_is_read(
    angle: float, bed: int, noise: float, place: tuple[int, int]
) -> None:
    sheet = Drawn(200, (760, 420))
    for i, text in enumerate(("Faktura 2024-0317", "Betalningsvillkor 30 dagar netto", "Att betala 15 600,63 kr")):
        sheet.put(60, 60 + 110 * i, text, 30)
    page = Image.new("L", (1400, 1000), bed)
    page.paste(sheet.image, place)
    pixels = np.asarray(page).astype(float) + np.random.default_rng(1).normal(0, noise, (1000, 1400))
    page = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    pixels = np.asarray(page.rotate(angle, Image.Resampling.BILINEAR, fillcolor=bed))
    assert np.median(dark_on_light(pixels)) > 200
    if angle == 0:
        sheet.boxes = [(x + place[0], y + place[1], width, height) for x, y, width, height in sheet.boxes]
        check(sheet, pixels)


def test_a_light_on_dark_page_is_inverted() -> None:
    page = Drawn(200, (1300, 500))
    for i, text in enumerate(PROSE):
        page.put(100, 60 + 80 * i, text, 34)
    assert (dark_on_light(255 - page.gray()) == page.gray()).all()
