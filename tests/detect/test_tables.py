"""White-on-black bands, cells, boxes to tick, and rows of dots."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nordocr.detect.base import Region
from nordocr.detect.crop import cut
from nordocr.detect.morphology import MorphologyDetector

DETECTOR = MorphologyDetector()


def sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (1600, 900), 255)
    return image, ImageDraw.Draw(image)


def write(canvas: ImageDraw.ImageDraw, x: int, y: int, text: str, tone: int = 0, size: int = 40) -> None:
    canvas.text((x, y), text, fill=tone, font=ImageFont.load_default(size))


def detect(image: Image.Image) -> tuple[np.ndarray, list[Region]]:
    page = np.where(np.asarray(image) < 128, 0, 255).astype(np.uint8)
    return page, DETECTOR.detect(page)


def test_light_type_on_a_band_is_found_and_cut_dark_on_light() -> None:
    image, canvas = sheet()
    canvas.rectangle((150, 100, 1450, 180), fill=0)
    write(canvas, 180, 115, "Noter till bokslutet", 255)
    for i in range(5):
        write(canvas, 180, 230 + 70 * i, "Rorelsens intakter under aret")
    page, regions = detect(image)
    assert [region.inverted for region in regions] == [True] + [False] * 5
    crop = cut(page, regions[0])
    assert (crop < 128).mean() < 0.4
    assert (crop[:2] == 255).all()
    assert (crop[-2:] == 255).all()


def test_the_dark_head_of_a_table_is_found_though_it_hangs_together_with_the_rules() -> None:
    image, canvas = sheet()
    canvas.rectangle((150, 100, 1450, 180), fill=0)
    for x, text in ((180, "Benamning"), (720, "Antal"), (1120, "Belopp")):
        write(canvas, x, 115, text, 255)
        for i in range(4):
            write(canvas, x, 200 + 80 * i, "35 152,50")
    for x in (150, 700, 1100, 1450):
        canvas.line((x, 100, x, 500), fill=0, width=3)
    for i in range(5):
        canvas.line((150, 180 + 80 * i, 1450, 180 + 80 * i), fill=0, width=3)
    page, regions = detect(image)
    assert len(regions) == 15
    assert [region.inverted for region in regions] == [True] * 3 + [False] * 12
    for region in regions[:3]:
        crop = cut(page, region)
        assert (crop < 128).mean() < 0.4
        assert (crop[:, :2] == 255).all()


def test_an_upright_rule_parts_cells_however_near() -> None:
    image, canvas = sheet()
    for i in range(4):
        y = 200 + 70 * i
        write(canvas, 200, y, "229857")
        write(canvas, 380, y, "246574")
        canvas.line((358, y - 15, 358, y + 60), fill=0, width=3)
    _, regions = detect(image)
    assert len(regions) == 8
    assert all(region.tight[0] + region.tight[2] < 358 or region.tight[0] > 358 for region in regions)


def test_a_box_to_tick_is_no_letter() -> None:
    image, canvas = sheet()
    for i in range(5):
        y = 200 + 70 * i
        canvas.rectangle((200, y + 5, 236, y + 41), outline=0, width=3)
        write(canvas, 260, y, "Styrelsen foreslar utdelning")
    _, regions = detect(image)
    assert len(regions) == 5
    assert all(region.x > 240 for region in regions)
    assert [[tick.sign for tick in region.ticks] for region in regions] == [["☐"]] * 5


def dotted(last: str) -> list[Region]:
    image, canvas = sheet()
    for i in range(5):
        y = 200 + 70 * i
        write(canvas, 200, y, "Balansrakning")
        for x in range(500, 1200, 18):
            canvas.ellipse((x, y + 34, x + 5, y + 39), fill=0)
        write(canvas, 1210 if last == "near" else 1400, y, f"1{i}")
    return detect(image)[1]


def test_dots_that_lead_to_a_page_number_make_one_line_and_others_none() -> None:
    near, far = dotted("near"), dotted("far")
    assert len(near) == 5
    assert all(region.tight[2] > 1000 for region in near)
    assert len(far) == 10
    assert all(region.tight[2] < 320 for region in far)


def test_the_tight_box_is_the_ink() -> None:
    image, canvas = sheet()
    for i in range(4):
        write(canvas, 200, 200 + 90 * i, "hamnen")
    page, regions = detect(image)
    for region in regions:
        x, y, w, h = region.tight
        rows, columns = np.nonzero(page[region.y : region.y + region.height, region.x : region.x + region.width] == 0)
        assert (x, y) == (region.x + columns.min(), region.y + rows.min())
        assert (w, h) == (np.ptp(columns) + 1, np.ptp(rows) + 1)


def test_small_print_under_large_type_keeps_its_small_letters() -> None:
    image, canvas = sheet()
    for i in range(7):
        write(canvas, 150, 60 + 60 * i, "Sum varige driftsmidler 255 841", size=44)
    small = [
        "1) Utsatt skattefordel balansert i den grad det er sannsynlig",
        "ledd nr. 5. Sammenligning for alle er ikke",
    ]
    for i, text in enumerate(small):
        write(canvas, 150, 520 + 28 * i, text, size=20)
    page, regions = detect(image)
    assert len(regions) == 9
    for region, top in zip(regions[-2:], (520, 548), strict=True):
        line = slice(top + 5, top + 20)
        crop = cut(page, region)
        inside = crop[line.start - region.y : line.stop - region.y]
        assert (inside < 128).sum() == (page[line] < 128).sum()


def test_a_rule_under_a_tables_last_row_keeps_prose_below_from_joining_its_figures() -> None:
    image, canvas = sheet()
    for i in range(6):
        for x in (650, 860, 1070):
            write(canvas, x, 60 + 60 * i, f"37{i} 43{i}")
        write(canvas, 150, 60 + 60 * i, "Sum eiendeler")
    canvas.line((150, 412, 1250, 412), fill=0, width=3)
    for i in range(4):
        write(canvas, 150, 425 + 55 * i, "Utsatt skattefordel er balansert i den grad det er sannsynlig")
    _, regions = detect(image)
    assert len(regions) == 6 * 4 + 4


def test_a_dithered_picture_has_no_lines_and_takes_none_from_the_text_beside_it() -> None:
    slope = np.clip(np.linspace(90, 170, 600)[None, :] + np.linspace(-20, 20, 400)[:, None], 0, 255)
    picture = Image.fromarray(slope.astype(np.uint8)).convert("1").convert("L")
    image, canvas = sheet()
    for i in range(7):
        write(canvas, 60, 60 + 60 * i, "Driften gikk stort sett som planlagt")
    write(canvas, 850, 490, "Kaia sett fra sor")
    image.paste(picture, (850, 60))
    _, regions = detect(image)
    assert len(regions) == 8
    assert all(region.x + region.width < 850 or region.y > 460 for region in regions)
