"""Page texts laid on the lines that were read: which stretch, how like, and a run that goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nordocr.config import ReadingConfig
from nordocr.data.align.pages import align_pages, page_texts
from nordocr.data.align.text import align, best_stretch
from nordocr.data.labels import read_labels
from nordocr.detect.base import PageArray, Region
from nordocr.errors import DataInvalid, InputMissing
from nordocr.pipeline.preparation import Preparation
from nordocr.recognize.base import Crop, LineText

TEXT = """Sagolunds Mekaniska Verkstad AB
Årsredovisning för räkenskapsåret 2024
Nettoomsättning 48 612 45 287
Bolaget tillverkar växlar, axlar och pumphus"""


def texts(lines: Sequence[str], transcript: str = TEXT) -> list[str | None]:
    return [match and match.text for match in align(lines, transcript)]


def test_misread_lines_get_the_words_of_the_text() -> None:
    read = ["Sagoiunds Mekanlska Verkstad AB", "Ársredovisning", "45 287", "48 6l2", "Nettoomsätning"]
    assert texts(read) == ["Sagolunds Mekaniska Verkstad AB", "Årsredovisning", "45 287", "48 612", "Nettoomsättning"]


def test_a_cell_is_found_whatever_the_order_and_the_text_s_own_line_breaks() -> None:
    assert texts(["växlar, axlar", "2024", "Verkstad AB Årsredovisning"]) == [
        "växlar, axlar",
        "2024",
        "Verkstad AB Årsredovisning",
    ]


def test_what_one_line_has_taken_no_other_can_have() -> None:
    found = align(["Summa 120", "Summa 120", "Summa 120"], "Summa 120\nSumma 120")
    assert [match and match.text for match in found[:2]] == ["Summa 120"] * 2
    assert found[2] is None or found[2].score < 0.5


def test_the_score_is_how_like_the_two_are() -> None:
    right, close, other = align(["Årsredovisning", "Nettoomsätning", "qqqq"], TEXT)
    assert right is not None and right.score == 1.0
    assert close is not None and close.score == pytest.approx(14 / 15)
    assert other is None or other.score < 0.5


def test_a_stretch_ends_at_words() -> None:
    assert texts(["ekaniska Verks"]) == ["Mekaniska Verkstad"]
    assert texts([""]) == [None]


def test_the_best_stretch_is_the_first_and_shortest_of_the_cheapest() -> None:
    codes = np.array([ord(c) for c in "xx abc yy abc"], dtype=np.int64)
    assert best_stretch("abc", codes) == (3, 6)
    assert best_stretch("abd", codes)[0] == 3


class OneLine:
    """A detector that finds two lines on every page."""

    name = "one"

    def detect(self, image: PageArray) -> list[Region]:
        return [Region(10, 10, 200, 20, 0.0, 20.0), Region(10, 40, 100, 20, 0.0, 20.0)]


class Says:
    """A recogniser that says the same on every page and counts the pages."""

    name, model, model_sha256 = "says", "none", "00"

    def __init__(self, *lines: str) -> None:
        self.lines, self.pages = lines, 0

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        self.pages += 1
        return [LineText(text, 0.9) for text in self.lines[: len(crops)]]

    def close(self) -> None:
        pass


def page(path: Path, pages: int = 1) -> Path:
    images = [Image.new("L", (240, 80), 255) for _ in range(pages)]
    for image in images:
        ImageDraw.Draw(image).text((12, 12), "Årsredovisning", fill=0)
    images[0].save(path, save_all=True, append_images=images[1:])
    return path


def run(files: list[Path], folder: Path, says: Says) -> object:
    preparation = Preparation(ReadingConfig(turn_pages=False, pages_ahead=0), OneLine())
    return align_pages(files, folder, folder / "out", preparation, says)


def test_documents_become_a_labels_folder_and_finished_ones_are_kept(tmp_path: Path) -> None:
    files = [page(tmp_path / "a.tif"), page(tmp_path / "b.tif", 2)]
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "b.txt").write_text(f"{TEXT}\f{TEXT}", encoding="utf-8")
    says = Says("Arsredovisning", "not there at all")
    found = run(files, tmp_path, says)
    assert (found.documents, found.unchanged, found.lines, found.left_out) == (2, 0, 3, 3)  # type: ignore[attr-defined]
    rows = read_labels(tmp_path / "out").rows
    assert [(row.text, row.source, row.page) for row in rows] == [
        ("Årsredovisning", "a", "1"),
        ("Årsredovisning", "b", "1"),
        ("Årsredovisning", "b", "2"),
    ]
    assert rows[0].confidence == pytest.approx(13 / 14, abs=1e-4)
    with Image.open(rows[0].image) as crop:
        assert crop.size == (200, 20)
    read = says.pages
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    again = run(files, tmp_path, says)
    assert again.unchanged == 1  # type: ignore[attr-defined]
    assert says.pages == read + 2
    # One text for both pages: the heading can be given once only.
    assert [row.source for row in read_labels(tmp_path / "out").rows] == ["a", "b"]
    assert json.loads((tmp_path / "out" / "parts" / "b.json").read_text(encoding="utf-8"))["left_out"] == 3


def test_a_document_without_a_text_fails_and_the_others_are_written(tmp_path: Path) -> None:
    files = [page(tmp_path / "a.tif"), page(tmp_path / "b.tif")]
    (tmp_path / "a-0001.txt").write_text(TEXT, encoding="utf-8")
    found = run(files, tmp_path, Says("Årsredovisning", ""))
    assert found.documents == 1 and isinstance(found.failures[0], InputMissing)  # type: ignore[attr-defined]
    assert "b.txt" in str(found.failures[0])  # type: ignore[attr-defined]


def test_two_files_of_one_name_and_no_line_at_all_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    files = [page(tmp_path / "a.tif"), page(tmp_path / "x" / "a.tif")]
    (tmp_path / "a.txt").write_text("nothing like it", encoding="utf-8")
    with pytest.raises(DataInvalid, match="'a'"):
        run(files, tmp_path, Says("Årsredovisning"))
    with pytest.raises(DataInvalid, match="resembles"):
        run(files[:1], tmp_path, Says("Årsredovisning", "2024"))


def test_a_text_that_is_not_split_by_pages_is_the_document_s(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ftwo\f", encoding="utf-8")
    assert page_texts(tmp_path / "a.tif", tmp_path, 2) == ["one", "two"]
    assert page_texts(tmp_path / "a.tif", tmp_path, 3) == ["one\ntwo"]
