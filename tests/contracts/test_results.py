"""The result contract: the JSON that other systems read, its schema, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from nordocr.results import BBox, Document, Engine, Line, Page, Word, json_schema

ENGINE = Engine(name="nordocr", recognizer="onnx", detector="morphological", model="nano.onnx", nordocr="0.1.0")


def document() -> Document:
    line = Line(
        text="Årets resultat",
        confidence=0.75,
        bbox=BBox(x=10, y=20, width=300, height=32),
        char_confidences=[0.75] * 14,
        words=[
            Word(text="Årets", confidence=0.75, bbox=BBox(x=10, y=20, width=110, height=32)),
            Word(text="resultat", confidence=0.8, bbox=BBox(x=130, y=20, width=180, height=32)),
        ],
        flags=["squeezed"],
        block=2,
    )
    page = Page(page_index=0, width=1654, height=2339, text="Årets resultat", confidence=0.75, lines=[line])
    return Document(
        source="report.tif", pages=[page, Page(page_index=1, width=8, height=9)], timing={"detect": 0.5}, engine=ENGINE
    )


WRITTEN = {
    "source": "report.tif",
    "pages": [
        {
            "page_index": 0,
            "width": 1654,
            "height": 2339,
            "text": "Årets resultat",
            "confidence": 0.75,
            "lines": [
                {
                    "text": "Årets resultat",
                    "confidence": 0.75,
                    "bbox": {"x": 10, "y": 20, "width": 300, "height": 32},
                    "char_confidences": [0.75] * 14,
                    "words": [
                        {"text": "Årets", "confidence": 0.75, "bbox": {"x": 10, "y": 20, "width": 110, "height": 32}},
                        {
                            "text": "resultat",
                            "confidence": 0.8,
                            "bbox": {"x": 130, "y": 20, "width": 180, "height": 32},
                        },
                    ],
                    "flags": ["squeezed"],
                    "block": 2,
                }
            ],
        },
        {"page_index": 1, "width": 8, "height": 9, "text": "", "confidence": 0.0, "lines": []},
    ],
    "timing": {"detect": 0.5},
    "engine": {
        "name": "nordocr",
        "recognizer": "onnx",
        "detector": "morphological",
        "model": "nano.onnx",
        "model_sha256": "",
        "languages": [],
        "language_model": "",
        "nordocr": "0.1.0",
    },
    "schema_version": "1.2",
}


def test_the_json_is_exactly_this() -> None:
    assert json.loads(document().model_dump_json()) == WRITTEN


def test_the_json_is_read_back() -> None:
    assert Document.model_validate_json(document().model_dump_json()) == document()


def test_the_json_keeps_letters_as_letters() -> None:
    assert "Årets resultat" in document().model_dump_json()


def test_the_keys_of_the_contract_are_there() -> None:
    value = json.loads(document().model_dump_json())
    assert {"pages", "timing", "engine"} <= set(value)
    assert {"page_index", "width", "height", "text", "confidence", "lines"} <= set(value["pages"][0])
    line = value["pages"][0]["lines"][0]
    assert {"text", "confidence", "bbox", "char_confidences", "words"} <= set(line)
    assert set(line["bbox"]) == {"x", "y", "width", "height"}


def test_pages_are_joined_by_form_feeds() -> None:
    pages = [Page(page_index=i, width=1, height=1, text=text) for i, text in enumerate(["en\nto", "", "tre"])]
    assert Document(pages=pages, engine=ENGINE).text == "en\nto\f\ftre"


def test_two_results_do_not_share_their_lists() -> None:
    first, second = Page(page_index=0, width=1, height=1), Page(page_index=1, width=1, height=1)
    first.lines.append(Line(text="x", confidence=1.0, bbox=BBox(x=0, y=0, width=1, height=1)))
    assert second.lines == []


def change(path: list[Any], value: object) -> str:
    """The contract's JSON with one value changed, or added."""
    whole = json.loads(json.dumps(WRITTEN))
    at = whole
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(whole)


@pytest.mark.parametrize(
    "path_and_value",
    [
        (["extra"], 1),
        (["pages", 0, "dpi"], 300),
        (["pages", 0, "page_index"], -1),
        (["pages", 0, "confidence"], 1.5),
        (["pages", 0, "lines", 0, "confidence"], -0.1),
        (["pages", 0, "lines", 0, "bbox"], [10, 20, 300, 32]),
        (["pages", 0, "lines", 0, "bbox", "x"], -1),
        (["pages", 0, "lines", 0, "bbox", "width"], 10.5),
        (["pages", 0, "lines", 0, "text"], None),
        (["engine"], "onnx"),
    ],
    ids=lambda value: ".".join(map(str, value[0])),
)
def test_what_breaks_the_contract_is_refused_by_model_and_schema(path_and_value: tuple[list[Any], object]) -> None:
    text = change(*path_and_value)
    with pytest.raises(ValidationError):
        Document.model_validate_json(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(text), json_schema(), cls=jsonschema.Draft202012Validator)


def test_the_schema_accepts_what_is_written() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(WRITTEN, json_schema(), cls=jsonschema.Draft202012Validator)


def test_the_committed_schema_is_the_generated_one(repository: Path) -> None:
    committed = json.loads((repository / "docs" / "result.schema.json").read_text(encoding="utf-8"))
    assert committed == json_schema(), "renew it: python -m nordocr.results > docs/result.schema.json"
