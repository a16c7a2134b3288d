"""Pages and documents: what is written as JSON."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from nordocr.results.fields import PageField
from nordocr.results.lines import STRICT, BBox, Line
from nordocr.results.tables import Table

SCHEMA_VERSION: Final = "1.2"
"""The version of the result's JSON, ``docs/result.schema.json``: 1.1 has tables, 1.2 lines that do not stand upright.

Results of 1.0 name no version.
"""


PageFlag = Literal["damaged", "unread", "doubtful", "unreadable", "turned", "skewed", "inverted"]


class Dropped(BaseModel):
    """A region that was left out of the page's lines, what was read in it, and why it is no line.

    ``reason``: ``empty`` (nothing was read), ``edge`` (the scanner's edge), ``scribble`` (a signature or dirt),
    ``unreadable`` (a long line that was all but guessed), ``handwriting`` (it looks written by hand and was not surely
    read), ``image`` (hardly a letter, in a photograph).
    """

    model_config = STRICT

    text: str
    confidence: float = Field(ge=0.0, le=1.0)
    bbox: BBox
    reason: Literal["empty", "edge", "scribble", "unreadable", "handwriting", "image"]


class Page(BaseModel):
    """One page. Keys that say nothing (``rotation`` 0, ``flags`` empty, ...) are left out of the JSON.

    Attributes:
        page_index: The page's number in its file, from 0.
        width: Width in pixels, of the page as it was turned; so are all boxes.
        height: Height in pixels, of the page as it was turned.
        text: The lines' texts in reading order.
        confidence: The lines' confidences, weighted by their length.
        rotation: Degrees clockwise by which the page was turned to stand upright before it was read.
        skew: Degrees by which its lines climb to the right, 0 where they are nearly level. Such a page is made straight
            before it is read; its boxes are upright ones on the page as it was.
        blank: The page shows no type, only paper, dirt, borders, holes or rules.
        flags: What a reader should know: ``damaged`` (it could not be decoded whole), ``unread`` (it is not blank, yet
            nothing was read on it), ``doubtful`` (its text is probably wrong, or a part of it was not read),
            ``unreadable`` (it could not be decoded at all: no size, no lines), ``turned``,
            ``skewed``, ``inverted`` (light on dark).
        missing: Share of the page that could not be decoded, as far as the decoder tells.
        error: Why the page is ``unreadable``.
        lines: The lines in reading order.
        tables: The tables, in the order of their lines.
        dropped: What was left out, where it was asked for.
        fields: Dates, amounts and numbers found on the page, where they were asked for.
    """

    model_config = STRICT

    page_index: int = Field(ge=0)
    width: int = Field(ge=0)
    height: int = Field(ge=0)
    text: str = ""
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    rotation: Literal[0, 90, 180, 270] = 0
    skew: float = 0.0
    blank: bool = False
    flags: list[PageFlag] = []
    missing: float = Field(default=0.0, ge=0.0, le=1.0)
    error: str = ""
    lines: list[Line] = []
    tables: list[Table] = []
    dropped: list[Dropped] = []
    fields: list[PageField] = []

    @model_serializer(mode="wrap")
    def _without_unturned(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        for name in ("rotation", "skew", "blank", "flags", "missing", "error", "tables", "dropped", "fields"):
            if not getattr(self, name):
                values.pop(name, None)
        return values


class Engine(BaseModel):
    """Which recogniser and detector read the document, and which model file, by name and checksum.

    ``languages``: the languages whose letters could be read, by their codes; none where all could.
    ``language_model``: the file's name and checksum, empty where there was none.
    """

    model_config = STRICT

    name: str
    recognizer: str
    detector: str
    model: str = ""
    model_sha256: str = ""
    languages: list[str] = []
    language_model: str = ""
    nordocr: str


class Document(BaseModel):
    """One input file.

    Attributes:
        source: The file, as it was named.
        pages: Its pages in order.
        timing: Seconds by stage.
        engine: Who read it.
        error: Why the pages end before the file does; left out of the JSON where they do not.
        schema_version: The version of the JSON's form; results older than 1.1 do not say it.
    """

    model_config = STRICT

    source: str = ""
    pages: list[Page] = []
    timing: dict[str, float] = {}
    engine: Engine
    error: str = ""
    schema_version: str = SCHEMA_VERSION

    @model_serializer(mode="wrap")
    def _without_error(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        if not self.error:
            values.pop("error", None)
        return values

    @property
    def text(self) -> str:
        """The pages' texts, form feeds between them, as ``pdftotext`` and Tesseract write them."""
        return "\f".join(page.text for page in self.pages)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the result file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "version": SCHEMA_VERSION}
    return {**head, **Document.model_json_schema()}
