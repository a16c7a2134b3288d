"""Lines of results cut out once more: the same pixels as reading has, also where a person has drawn the box."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from nordocr.config import ReadingConfig
from nordocr.detect.base import PageArray, Region
from nordocr.detect.skew import on_page, on_straight
from nordocr.pipeline.boxes import page_of
from nordocr.pipeline.cutting import CutPage, KnownPage, cut_again
from nordocr.pipeline.given import Outline, regions_in
from nordocr.pipeline.preparation import Preparation, PreparedPage
from nordocr.recognize.base import Crop, LineText
from nordocr.results import Page


def nothing_read(crops: list[Crop]) -> list[LineText]:
    return [LineText("x", 0.5, (0.5,), (), ()) for _ in crops]


class Sure:
    """A recogniser that reads each crop better as it is."""

    def read(self, crops: list[Crop]) -> list[LineText]:
        return nothing_read(crops)


@pytest.fixture(scope="module")
def scan() -> PageArray:
    path = str(resources.files("nordocr") / "demo" / "nordic-report.tif")
    with Image.open(path) as image:
        page = next(iter(ImageSequence.Iterator(image))).convert("L")
    return np.array(page, dtype=np.uint8)[:1000]


def prepared(scan: PageArray, folder: Path) -> tuple[Path, PreparedPage, Page]:
    path = folder / "scan.png"
    Image.fromarray(scan).save(path)
    page = next(Preparation(ReadingConfig()).pages(path, Sure()))  # type: ignore[arg-type]
    return path, page, page_of(page.layout, nothing_read(page.crops))


def again(path: Path, page: Page, moved: dict[str, Outline] | None = None) -> CutPage:
    boxes = {f"r{n}": (b.x, b.y, b.width, b.height) for n, b in enumerate(line.bbox for line in page.lines)}
    given = moved or {}
    found = {name: box for name, box in boxes.items() if name not in given}
    known = KnownPage(page.page_index, page.rotation, page.skew, found, given)
    wanted = frozenset((known.index, name) for name in [*found, *given])
    (cut,) = cut_again(Preparation(ReadingConfig()), path, [known], wanted)
    return cut


def in_result_order(page: Page, prepared: PreparedPage) -> list[Crop]:
    """The crops of reading in the order of the result's lines, which tables may change."""
    size, skew = prepared.layout.size, page.skew
    boxes = [on_page(r.tight, skew, size) if skew else r.tight for r in prepared.layout.regions]
    by_box = dict(zip(boxes, prepared.crops, strict=True))
    assert len(by_box) == len(boxes)
    return [by_box[line.bbox.x, line.bbox.y, line.bbox.width, line.bbox.height] for line in page.lines]


@pytest.mark.parametrize("change", ["as it is", "askew", "turned", "inverted"])
def test_crops_are_those_of_reading(scan: PageArray, tmp_path: Path, change: str) -> None:
    height, width = scan.shape
    if change == "askew":
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 3.5, 1.0)
        scan = np.asarray(cv2.warpAffine(scan, matrix, (width, height), borderValue=(255.0,)), dtype=np.uint8)
    scan = {"turned": np.ascontiguousarray(np.rot90(scan)), "inverted": 255 - scan}.get(change, scan)
    path, page, result = prepared(scan, tmp_path)
    assert (result.skew != 0, result.rotation != 0) == (change == "askew", change == "turned")
    cut = again(path, result)
    assert len(cut.crops) == len(page.crops) > 12 and not cut.strays
    for number, crop in enumerate(in_result_order(result, page)):
        np.testing.assert_array_equal(cut.crops[f"r{number}"], crop)


def test_a_box_of_a_person_around_the_same_ink_gives_the_same_crop(scan: PageArray, tmp_path: Path) -> None:
    path, page, result = prepared(scan, tmp_path)
    boxes = {
        f"r{n}": Outline((b.x - 2, b.y - 2, b.width + 4, b.height + 4))
        for n, b in enumerate(line.bbox for line in result.lines)
    }
    cut = again(path, result, boxes)
    same = [np.array_equal(cut.crops[f"r{n}"], crop) for n, crop in enumerate(in_result_order(result, page))]
    assert sum(same) >= 0.9 * len(same)


def test_a_line_that_is_not_found_any_more_is_cut_like_a_given_one(scan: PageArray, tmp_path: Path) -> None:
    path, page, result = prepared(scan, tmp_path)
    box = result.lines[3].bbox
    half = result.lines[3].model_copy(update={"bbox": box.model_copy(update={"width": box.width // 2})})
    changed = result.model_copy(update={"lines": [*result.lines[:3], half, *result.lines[4:]]})
    cut = again(path, changed)
    assert cut.strays == ["r3"]
    whole = in_result_order(result, page)[3]
    assert 0.3 * whole.shape[1] < cut.crops["r3"].shape[1] < 0.7 * whole.shape[1]
    assert abs(cut.crops["r3"].shape[0] - whole.shape[0]) < 0.3 * whole.shape[0]


@pytest.mark.parametrize("degrees", [-12.0, 3.3])
def test_a_box_goes_to_the_straight_page_and_back(degrees: float) -> None:
    for box in ((700, 900, 600, 30), (1000, 300, 40, 30)):
        there = on_page(box, degrees, (2400, 3200))
        np.testing.assert_allclose(on_straight(there, degrees, (2400, 3200)), box, atol=3)


def page_with(text: str, *places: tuple[int, int]) -> PageArray:
    image = np.full((400, 900), 255, dtype=np.uint8)
    for x, y in places:
        cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    return image


def test_ink_of_a_neighbour_is_painted_over_and_a_polygon_says_whose_ink_it_is() -> None:
    image = page_with("Vinterhamn 1923", (40, 100), (40, 135))
    upper = np.array([(30, 60), (420, 60), (420, 102), (30, 102)], dtype=np.float64)
    lower = np.array([(30, 103), (420, 103), (420, 145), (30, 145)], dtype=np.float64)
    outlines = [Outline((30, 60, 390, 45), upper), Outline((30, 100, 390, 45), lower)]
    first, second = regions_in(image, outlines)
    assert first.foreign is not None and second.foreign is not None
    assert first.ink is not None and first.ink[1] + first.ink[3] < second.tight[1] + second.tight[3]
    # Nothing of a polygon: it is cut as it was drawn, white outside.
    empty = Outline((500, 200, 100, 100), np.array([(500, 200), (600, 200), (500, 300)], dtype=np.float64))
    (region,) = regions_in(image, [empty])
    assert region.bbox == (500, 200, 100, 100) and region.foreign is not None
    assert region.foreign[90, 90] and not region.foreign[10, 10]


def test_a_page_without_type_and_a_blob_are_cut_as_they_were_drawn() -> None:
    paper = np.full((300, 300), 255, dtype=np.uint8)
    assert regions_in(paper, [Outline((10, 20, 100, 30))]) == [Region(10, 20, 100, 30, 0.0, 30.0)]
    image = page_with("Vinterhamn 1923", (40, 100), (40, 300))
    for x in range(60, 320, 20):  # as in handwriting, the letters of the lower line hang together
        cv2.line(image, (x, 299), (x + 25, 288), 0, 4)
    for box in ((260, 268, 80, 40), (300, 268, 40, 40)):  # with the middle of what hangs together, and without
        (region,) = regions_in(image, [Outline(box)])
        assert region.bbox == box


def test_pages_of_a_file_come_in_its_order(scan: PageArray, tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    pages = [Image.fromarray(scan[:500]), Image.fromarray(scan[500:1000])]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    preparation = Preparation(ReadingConfig(turn_pages=False))
    known = [KnownPage(i, 0, 0.0, {}, {"n": Outline((0, 0, 60 - 10 * i, 40))}) for i in (1, 0)]
    cut = list(cut_again(preparation, path, known, frozenset({(0, "n"), (1, "n")})))
    assert [page.known.index for page in cut] == [0, 1]
    assert [page.known.index for page in cut_again(preparation, path, known, frozenset({(1, "n")}))] == [1]
