"""What a document can be made into, and what a notebook shows of it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nordocr import Document, Page, Reader, results
from nordocr.errors import UsageError


@pytest.fixture(scope="module")
def document(reader: Reader, scan: Path) -> Document:
    return reader.read(scan)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.txt", "Summa"),
        ("a.json", '{\n "source"'),
        ("a.jsonl", '{"source"'),
        ("a.tsv", "level\tpage_num"),
        ("a.hocr", "<?xml"),
        ("a.xml", "<?xml"),
        ("a.alto.xml", "<?xml"),
        ("a.md", "Summa"),
    ],
)
def test_the_suffix_says_the_format(document: Document, tmp_path: Path, name: str, begins: str) -> None:
    assert document.save(tmp_path / name) == [tmp_path / name]
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_a_format_that_the_suffix_does_not_say(document: Document, tmp_path: Path) -> None:
    document.save(tmp_path / "a.txt", format="layout")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == document.to("layout")
    with pytest.raises(UsageError, match="says no format"):
        document.save(tmp_path / "a.doc")
    with pytest.raises(UsageError, match="no format 'word'"):
        document.save(tmp_path / "a.doc", format="word")
    with pytest.raises(UsageError, match="is no text in the format 'page'"):
        document.to("page")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_json_is_the_contracts(document: Document) -> None:
    read = results.Document.model_validate_json(document.to_json())
    assert read.model_dump() == document.model_dump()
    assert Document.model_fields.keys() == results.Document.model_fields.keys()


def test_page_xml_is_a_file_a_page(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    texts = document.to_page()
    assert len(texts) == 2
    written = document.save(tmp_path / "a.page.xml")
    assert [path.name for path in written] == ["a-0001.page.xml", "a-0002.page.xml"]
    assert [path.read_text(encoding="utf-8") for path in written] == texts
    alone = document.model_copy(update={"pages": document.pages[1:]})
    assert alone.save(tmp_path / "b.page.xml") == [tmp_path / "b.page.xml"]


def test_a_language_is_named_where_it_is_given(document: Document) -> None:
    for text in (document.to_hocr(language="sv"), document.to_alto(language="sv")):
        assert re.search(r'(lang|LANG)="sv"', text)
    assert 'primaryLanguage="Swedish"' in document.to_page(language="sv")[0]
    for text in (document.to_hocr(), document.to_alto(), document.to_page()[0]):
        assert "lang" not in text.lower()


def test_notebooks_show_the_page_and_the_text(document: Document) -> None:
    page = document.pages[1]
    png = page._repr_png_()
    assert png is not None
    with Image.open(io.BytesIO(png)) as shown:
        assert shown.size == (2 * page.width + 16, page.height)
        assert np.array_equal(np.asarray(shown), np.asarray(page.draw()))
    html = document.model_copy(update={"source": "<a>"})._repr_html_()
    assert "Till styrelsen" in html
    assert "&lt;a&gt;" in html
    assert "page 2, 1 lines" in html


def test_a_page_turned_for_reading_is_drawn_turned(document: Document, first: Image.Image) -> None:
    turned = document.pages[0].model_copy(update={"rotation": 90, "width": 300, "height": 700})
    clockwise = np.rot90(np.asarray(first.convert("L")), -1)
    assert np.array_equal(turned.image(), clockwise)
    assert turned.draw().size == (2 * 300 + 16, 700)


def test_a_page_of_no_reader_knows_no_image() -> None:
    page = Page(page_index=0, width=9, height=9)
    assert page._repr_png_() is None
    with pytest.raises(ValueError, match="not made by a Reader"):
        page.draw()
