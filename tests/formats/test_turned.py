"""Lines that do not stand upright: each format says so, and text lies on the page as the type does."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from lxml import etree
from tests.formats.samples import SAMPLES, TURNED, turned
from tests.formats.scans import drawn, one_strip
from tests.formats.test_pdf import POINTS, made
from tests.formats.test_xml import local, root, written

from nordocr.formats.ladder import baseline_points, words_of
from nordocr.formats.layout import layout_text

DOCUMENT = SAMPLES["turned"]


def elements(name: str, tag: str) -> list[etree._Element]:
    return [e for e in root(written(name, DOCUMENT)[0]).iter() if isinstance(e.tag, str) and local(e) == tag]


def test_hocr_says_the_angle_of_a_turned_line_instead_of_its_baseline() -> None:
    titles = [e.get("title", "") for e in elements("hocr", "span") if e.get("class") == "ocr_line"]
    assert "baseline" in titles[0] and "textangle" not in titles[0]
    assert [title.split("; ")[1] for title in titles[1:]] == ["textangle 90", "textangle 180", "textangle 270"]
    assert all("baseline" not in title and title.endswith("x_size 30") for title in titles[1:])


def test_alto_turns_the_block_against_the_clock_and_page_says_how_to_turn_it_back() -> None:
    assert [e.get("ROTATION") for e in elements("alto", "TextBlock")] == [None, "90", "180", "270"]
    assert [e.get("orientation") for e in elements("page", "TextRegion")] == [None, "90", "180", "-90"]


def test_the_baseline_of_a_turned_line_runs_where_its_letters_stand() -> None:
    upwards, over, downwards = TURNED.lines[1:]  # all have descenders or none
    (x0, y0), (x1, y1) = baseline_points(upwards)
    box = upwards.bbox
    assert x0 == x1 and box.x + box.width / 2 < x0 <= box.x + box.width and (y0, y1) == (box.y + box.height, box.y)
    (x0, y0), (x1, y1) = baseline_points(over)
    box = over.bbox
    assert y0 == y1 == box.y and (x0, x1) == (box.x + box.width, box.x)
    (x0, y0), (x1, y1) = baseline_points(downwards)
    box = downwards.bbox
    assert x0 == x1 and box.x < x0 < box.x + box.width / 2 and (y0, y1) == (box.y, box.y + box.height)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_words_told_from_the_text_share_a_turned_lines_box_in_its_direction(rotation: int) -> None:
    line = turned("ett två", 100, 100, rotation)  # type: ignore[arg-type]
    assert [word.bbox for word in words_of(line.model_copy(update={"words": []}))] == [w.bbox for w in line.words]


def test_the_layout_keeps_lines_on_their_side_out_of_its_rows() -> None:
    rows = layout_text(TURNED).splitlines()
    assert rows[0].strip() == "Summa skulder"
    assert rows[-2:] == ["Långfristiga lån hos bank", "ned längs ryggen"]


def test_the_text_of_a_searchable_pdf_lies_as_the_type_does(tmp_path: Path) -> None:
    searchable = made(tmp_path / "scan.pdf", one_strip(tmp_path / "scan.tif", drawn(TURNED)), TURNED)
    document = pypdfium2.PdfDocument(searchable)
    shown = document[0]
    text, top = shown.get_textpage(), shown.get_height()
    for line in TURNED.lines:
        for word in line.words:
            search = text.search(word.text, match_case=True)
            at = search.get_next()
            assert at is not None, word.text
            boxes = [text.get_charbox(number) for number in range(at[0], at[0] + at[1])]
            left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
            low, high = min(b[1] for b in boxes), max(b[3] for b in boxes)
            box = word.bbox
            expected = [POINTS * v for v in (box.x, box.y, box.x + box.width, box.y + box.height)]
            assert [left, top - high, right, top - low] == pytest.approx(expected, abs=1.5), word.text
            first, last = boxes[0], boxes[-1]
            if line.rotation == 90:
                assert first[1] < last[1]
            elif line.rotation == 270:
                assert first[1] > last[1]
            elif line.rotation == 180:
                assert first[0] > last[0]
            search.close()
    text.close()
    shown.close()
    document.close()
