"""Results as text, JSON and JSON lines."""

from __future__ import annotations

import json

import pytest

from nordocr.formats import FORMATS
from nordocr.results import BBox, Document, Engine, Line, Page

ENGINE = Engine(name="nordocr", recognizer="onnx", detector="morphology", nordocr="0")


def page(index: int, text: str) -> Page:
    box = BBox(x=0, y=0, width=9, height=9)
    lines = [Line(text=part, confidence=1.0, bbox=box) for part in text.splitlines()]
    return Page(page_index=index, width=10, height=10, text=text, lines=lines)


PAGES = [page(0, "Årets\nresultat"), page(1, ""), page(2, "Smør")]
DOCUMENT = Document(source="å.tif", pages=PAGES, engine=ENGINE)


def written(name: str) -> tuple[list[str], str]:
    output = FORMATS[name]()
    return [output.page("å.tif", p) for p in PAGES], output.end(DOCUMENT)


def test_text_streams_pages_with_form_feeds_between() -> None:
    chunks, end = written("text")
    assert chunks == ["Årets\nresultat\n", "\f", "\fSmør\n"]
    assert end == ""


def test_json_is_one_document_in_utf8() -> None:
    chunks, end = written("json")
    assert "".join(chunks) + end == json.dumps(DOCUMENT.model_dump(), ensure_ascii=False, indent=1) + "\n"
    assert "Årets" in chunks[0]


@pytest.mark.parametrize("pages", [[], PAGES[:1]])
def test_json_of_few_pages_is_written_as_if_at_once(pages: list[Page]) -> None:
    output = FORMATS["json"]()
    document = Document(source='"å".tif', pages=pages, timing={"total": 1.5}, engine=ENGINE)
    text = "".join(output.page('"å".tif', p) for p in pages) + output.end(document.model_copy(update={"pages": []}))
    assert Document.model_validate_json(text) == document


def test_json_lines_are_one_page_each() -> None:
    chunks, end = written("jsonl")
    assert end == ""
    for chunk, expected in zip(chunks, PAGES, strict=True):
        assert chunk.count("\n") == 1
        values = json.loads(chunk)
        assert values.pop("source") == "å.tif"
        assert Page.model_validate(values) == expected


@pytest.mark.parametrize("name", FORMATS)
def test_an_object_serves_one_document_and_the_next_begins_anew(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert written(name) == written(name)
