"""The result's JSON Schema is committed and current, and results obey it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from nordocr.results import BBox, Document, Engine, Line, Page, Word, json_schema

COMMITTED = Path(__file__).parents[2] / "docs" / "result.schema.json"


def test_the_committed_schema_is_current() -> None:
    """Write it anew with ``python -m nordocr.results > docs/result.schema.json``."""
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == json_schema()


def test_a_document_obeys_the_schema_and_survives_json() -> None:
    box = BBox(x=1, y=2, width=30, height=4)
    word = Word(text="Årets", confidence=0.5, bbox=box)
    line = Line(text="Årets", confidence=0.5, bbox=box, char_confidences=[0.5] * 5, words=[word], flags=["split"])
    page = Page(page_index=0, width=100, height=50, text="Årets", confidence=0.5, lines=[line])
    engine = Engine(name="nordocr", recognizer="onnx", detector="morphology", nordocr="0")
    document = Document(source="a.tif", pages=[page, page], timing={"total": 1.5}, engine=engine)
    jsonschema.validate(document.model_dump(), json.loads(COMMITTED.read_text(encoding="utf-8")))
    assert Document.model_validate_json(document.model_dump_json()) == document
    assert document.text == "Årets\fÅrets"
