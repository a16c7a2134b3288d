"""Crops for people and the referee are of the right place, however the page lies in its file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr
from tests.evaluate.paper import write

from nordocr.config import ReadingConfig
from nordocr.detect.orientation import Turn, turn
from nordocr.errors import InputEncrypted
from nordocr.evaluate.compare.run import compare_files
from nordocr.evaluate.documents.frames import page_frame
from nordocr.evaluate.documents.material import MARGIN, collect
from nordocr.evaluate.documents.placed import Frame, PlacedLine, PlacedPage, turned_box
from nordocr.evaluate.documents.truth import place_results, read_reference
from nordocr.results import BBox

# An upright page with two lines: blocks of noise, so that no part of it looks like another.
HEIGHT, WIDTH = 300, 500
LINES = {"Summa": BBox(x=60, y=40, width=300, height=30), "Årets": BBox(x=100, y=200, width=120, height=24)}


def upright() -> np.ndarray:
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    dice = np.random.default_rng(4)
    for box in LINES.values():
        noise = np.where(dice.random((box.height, box.width)) < 0.4, 0, 255)
        page[box.y : box.y + box.height, box.x : box.x + box.width] = noise
    return page


def result(
    boxes: dict[str, BBox], size: tuple[int, int], rotation: int = 0, source: str = "scan.png"
) -> dict[str, Any]:
    lines = [{"text": text, "bbox": box.model_dump(), "confidence": 0.9} for text, box in boxes.items()]
    page = {"page_index": 0, "width": size[0], "height": size[1], "lines": lines} | (
        {"rotation": rotation} if rotation else {}
    )
    return {"source": source, "pages": [page], "engine": {"name": "x"}}


def pixels(png: bytes | None) -> np.ndarray:
    assert png is not None
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("L"))


def window(page: np.ndarray, box: BBox) -> np.ndarray:
    rows = slice(box.y - MARGIN, box.y + box.height + MARGIN)
    return page[rows, box.x - MARGIN : box.x + box.width + MARGIN]


def in_file(box: BBox, lies: Turn) -> BBox:
    """Where a box of the upright page lies in a file in which the page was turned clockwise by ``lies``."""
    return turned_box(box, lies // 90, WIDTH, HEIGHT)


@pytest.mark.parametrize("lies", [90, 180, 270])
def test_crops_are_upright_and_of_the_right_place(tmp_path: Path, lies: Turn) -> None:
    page = upright()
    laid = turn(page, lies)
    file = tmp_path / "scan.png"
    Image.fromarray(laid).save(file)
    back = (360 - lies) % 360
    # One engine turned the page before it read it; the other engine and the truth did not, and the truth is scaled.
    ours = write(tmp_path / "ours.json", result(LINES, (WIDTH, HEIGHT), back))
    size = laid.shape[1], laid.shape[0]
    flat = {text: in_file(box, lies) for text, box in LINES.items()}
    other = write(tmp_path / "other.json", result(flat, size))
    double = {text: BBox(x=2 * b.x, y=2 * b.y, width=2 * b.width, height=2 * b.height) for text, b in flat.items()}
    truth = write(tmp_path / "truth.json", result(double, (2 * size[0], 2 * size[1])))
    engines = {name: place_results(path, [file]) for name, path in (("other", other), ("ours", ours))}
    material = collect([file], engines, read_reference(truth, [file]))
    assert [r.reference for r in material.regions] == [r.texts["ours"] for r in material.regions] == list(LINES)
    assert [r.texts["other"] for r in material.regions] == list(LINES)
    for region, png in zip(material.regions, material.crops, strict=True):
        box = LINES[region.reference or ""]
        assert region.box == box
        assert (pixels(png) == window(page, box)).all()
    assert material.rotations() == {("scan.png", 0): back}
    assert len(material.notes) == 1 and "its places were scaled" in material.notes[0]


def test_a_turned_comparison_is_read_again_by_its_own_table(tmp_path: Path) -> None:
    file = tmp_path / "scan.png"
    Image.fromarray(turn(upright(), 90)).save(file)
    ours = write(tmp_path / "ours.json", result(LINES, (WIDTH, HEIGHT), 270))
    flat = {text: in_file(box, 90) for text, box in LINES.items()}
    truth = write(tmp_path / "truth.json", result(flat, (HEIGHT, WIDTH)))
    first, _ = compare_files([file], {"ours": ours}, tmp_path / "a", reference=truth, verified=truth)
    table = tmp_path / "a" / "reference.tsv"
    second, _ = compare_files([file], {"ours": ours}, tmp_path / "b", reference=table, verified=table)
    for found in (first, second):
        assert found.by_page[0].rotation == 270
        assert found.engines["ours"].metrics is not None and found.engines["ours"].metrics.exact == 1.0
        assert found.verified is not None and (found.verified.regions, found.verified.unmatched) == (2, 0)
    assert first.lines == second.lines


def test_a_row_with_another_rotation_is_left_out(tmp_path: Path) -> None:
    head = "page\tx\ty\twidth\theight\ttext\trotation\n"
    rows = "1\t1\t2\t3\t4\ta\t90\n1\t1\t2\t3\t4\tb\t180\n1\t1\t2\t3\t4\tc\t45\n"
    (tmp_path / "t.tsv").write_text(head + rows, encoding="utf-8")
    placed = read_reference(tmp_path / "t.tsv", [Path("scan.png")])
    assert [line.text for line in placed.pages[0, 0].lines] == ["a"] and placed.pages[0, 0].rotation == 90
    assert ["row 3" in placed.notes[0], "row 4" in placed.notes[1]] == [True, True]


def test_an_encrypted_pdf_is_opened_with_the_password(tmp_path: Path) -> None:
    from tests.pages.test_inputs import encrypted_pdf

    file = tmp_path / "locked.pdf"
    file.write_bytes(encrypted_pdf(b"smultron"))
    line = {"Summa": BBox(x=20, y=20, width=100, height=30)}
    placed = {"a": place_results(write(tmp_path / "a.json", result(line, (300, 300), source="locked.pdf")), [file])}
    with pytest.raises(InputEncrypted):
        collect([file], placed, None)
    material = collect([file], placed, None, ReadingConfig(pdf_password=SecretStr("smultron")))
    assert pixels(material.crops[0]).shape == (30 + 2 * MARGIN, 100 + 2 * MARGIN)


def test_a_corner_goes_where_the_pixels_go() -> None:
    page = np.zeros((40, 70), np.uint8)
    box = BBox(x=5, y=30, width=20, height=4)
    page[box.y : box.y + box.height, box.x : box.x + box.width] = 1
    for quarters in range(4):
        found = turned_box(box, quarters, 70, 40)
        ys, xs = np.nonzero(np.rot90(page, -quarters))
        assert (found.x, found.y) == (xs.min(), ys.min())
        assert (found.x + found.width, found.y + found.height) == (xs.max() + 1, ys.max() + 1)


def test_who_decides_on_the_frame() -> None:
    plain, sized = PlacedPage(0, []), PlacedPage(0, [], 100.0, 200.0)
    turned = PlacedPage(0, [PlacedLine("x", BBox(x=0, y=0, width=5, height=2))], 210.0, 90.0, 90)
    assert page_frame([None, plain], None) is None
    assert page_frame([plain, sized], None) == Frame(100, 200, 0)
    assert page_frame([sized, turned], None) == Frame(200, 100, 90)
    assert page_frame([plain, turned], None) == Frame(210, 90, 90)
    assert page_frame([sized, turned, PlacedPage(0, [], rotation=180)], (10, 20)) == Frame(20, 10, 90)
