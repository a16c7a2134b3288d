"""The learned detector: from maps to cores, from cores and ink to lines, and what a model file must prove."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from PIL import Image, ImageDraw, ImageFont

from nordocr.detect.crop import cut
from nordocr.detect.dbnet.cores import find_cores
from nordocr.detect.dbnet.detector import DbNetDetector, lines_of
from nordocr.detect.dbnet.map import MapModel
from nordocr.detect.dbnet.spec import METADATA_KEY
from nordocr.detect.registry import bundled_detector, open_detector
from nordocr.detect.sheet import take_apart
from nordocr.errors import ModelInvalid, ModelMissing
from nordocr.recognize.bundled import bundled_model

Box = tuple[int, int, int, int]
ROWS = (
    ("Immateriella tillgangar", "1 234 567", "-98 765"),
    ("Byggnader och mark", "886 128", "14 311"),
    ("Inventarier, verktyg", "833 180", "21 043 416"),
    ("Summa tillgangar", "741 200", "3 030"),
    ("Kundfordringar", "38 263 100", "702 891"),
)


@pytest.fixture(scope="module")
def detector() -> DbNetDetector:
    return DbNetDetector(bundled_detector(), threads=1)


def table(scale: float) -> tuple[npt.NDArray[np.uint8], list[Box]]:
    """A 1-bit A4 page of ``scale`` x 300 dpi with a table, one of its rows light on dark, and the boxes of its ink."""
    page = Image.new("L", (round(2480 * scale), round(3508 * scale)), 255)
    canvas, font = ImageDraw.Draw(page), ImageFont.load_default(round(44 * scale))
    boxes = []
    for number, row in enumerate(ROWS * 3):
        y = round((400 + 90 * number) * scale)
        if number == 5:
            canvas.rectangle((round(200 * scale), y - round(14 * scale), round(2300 * scale), y + round(58 * scale)), 0)
        for x, text in zip((250, 1350, 1850), row, strict=True):
            at = (round(x * scale), y)
            canvas.text(at, text, fill=255 if number == 5 else 0, font=font)
            left, top, right, bottom = (int(v) for v in canvas.textbbox(at, text, font=font))
            boxes.append((left, top, right - left, bottom - top))
    return np.where(np.asarray(page) < 140, 0, 255).astype(np.uint8), boxes


def holds(outer: Box, inner: Box) -> bool:
    """Whether ``outer`` holds ``inner`` but for two pixels, and is not much larger."""
    x, y, w, h = inner
    inside = outer[0] <= x + 2 and outer[1] <= y + 2
    inside = inside and outer[0] + outer[2] >= x + w - 2 and outer[1] + outer[3] >= y + h - 2
    return inside and outer[2] <= w + 1.5 * h and outer[3] <= 2.4 * h


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_cells_of_a_table_are_lines_of_their_own_in_reading_order(detector: DbNetDetector, scale: float) -> None:
    image, boxes = table(scale)
    found = detector.detect(image)
    assert [region.bbox for region in found if not any(holds(region.bbox, box) for box in boxes)] == []
    assert len(found) == len(boxes)
    assert all(holds(region.bbox, box) for region, box in zip(found, boxes, strict=True))
    light = [region for region in found if region.inverted]
    assert len(light) == 3
    assert all(np.median(cut(image, region)) > 200 for region in light)


def test_blank_dark_and_tiny_pages_have_no_lines(detector: DbNetDetector) -> None:
    for page in (np.full((900, 700), 255, np.uint8), np.zeros((900, 700), np.uint8), np.full((1, 1), 255, np.uint8)):
        assert detector.detect(page) == []


def test_pages_of_odd_shapes_are_seen_with_bounded_work(detector: DbNetDetector) -> None:
    model = detector.model
    for shape in ((60_000, 40), (40, 60_000), (3508, 2480), (100, 100)):
        for letter in (0.0, 3.0, 25.0, 900.0):
            scale = model.scale(shape, letter)
            assert shape[0] * shape[1] * scale**2 <= 1.01 * 2.5 * 1280**2 / 2**0.5
            assert scale > 0


def test_cores_are_pieces_of_the_map_in_page_pixels() -> None:
    scores = np.zeros((50, 80), np.float32)
    scores[10:14, 5:45] = 0.9
    scores[10:14, 50:60] = 0.6
    scores[20:24, 5:45] = 0.35  # never certain
    scores[30, 30] = 1.0  # a speck
    cores = find_cores(scores, (200, 320))
    assert len(cores) == 2
    assert list(cores.left[1:]) == [20, 200]
    assert list(cores.right[1:]) == [180, 240]
    assert list(cores.top[1:]) == [40, 40]
    assert cores.labels[45, 100] == 1
    assert cores.labels[45, 190] == 0
    assert cores.certainty[1] == pytest.approx(0.9, abs=1e-6)


def test_ink_of_two_rows_that_touch_is_cut_between_them_and_a_row_of_dots_is_left_out() -> None:
    page = np.full((600, 900), 255, np.uint8)
    for x in range(100, 500, 40):
        page[100:130, x : x + 22] = page[160:190, x : x + 22] = 0
        page[106:124, x + 6 : x + 16] = page[166:184, x + 6 : x + 16] = 255
    page[120:170, 182:186] = 0  # joins the two rows
    for x in range(520, 800, 16):
        page[124:129, x : x + 5] = 0
    scores = np.zeros((300, 450), np.float32)
    scores[54:61, 48:245] = scores[84:91, 48:245] = 0.9
    sheet = take_apart(page)
    assert sheet is not None
    lines, bare = lines_of(sheet, find_cores(scores, page.shape))  # type: ignore[arg-type]
    assert bare == []
    assert len(lines) == 2
    for line, (top, bottom) in zip(lines, ((100, 145), (145, 190)), strict=True):
        members = line.members
        assert abs(int(sheet.components.top[members].min()) - top) <= 2
        assert abs(int(sheet.components.bottom[members].max()) - bottom) <= 2
        assert sheet.components.right[members].max() < 545


def test_what_is_no_detector_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no detector 'contour'"):
        open_detector("contour")
    with pytest.raises(ModelMissing, match="no detector model"):
        open_detector(str(tmp_path / "none.onnx"))
    with pytest.raises(ModelInvalid, match="not a detector"):
        MapModel(bundled_model("nano"))
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(bundled_detector().read_bytes()[:5000])
    with pytest.raises(ModelInvalid, match="can be opened"):
        MapModel(damaged)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [("{}", "long_side"), ("not json", "not valid"), ('{"kind": "recogniser"}', "kind"), (None, "gives float32")],
)
def test_a_spec_that_the_model_does_not_keep_is_refused(tmp_path: Path, said: str | None, sentence: str) -> None:
    model = onnx.load(str(bundled_detector()))
    [entry] = [entry for entry in model.metadata_props if entry.key == METADATA_KEY]
    entry.value = entry.value.replace('"stride":2', '"stride":4') if said is None else said
    onnx.save(model, str(tmp_path / "other.onnx"))
    with pytest.raises(ModelInvalid, match=sentence):
        MapModel(tmp_path / "other.onnx")
