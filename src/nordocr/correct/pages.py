"""A corrected document, typed: its pages, their lines, and what a person has said of each line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from nordocr.charset import nfc
from nordocr.results import BBox, Engine, Page
from nordocr.results.lines import STRICT

SCHEMA_VERSION: Final = "1.0"
"""The version of ``NAME.corrected.json`` and of its journal."""

LineState = Literal["untouched", "seen", "corrected", "unreadable", "not_text"]
"""What a person has said of a line:

- ``untouched``: nothing; its text is what was read.
- ``seen``: its text is right as it was read.
- ``corrected``: its text is the person's.
- ``unreadable``: it is text that nobody can read.
- ``not_text``: it is no text: a stain, a signature, a drawing.
"""


def _one_line(text: str) -> str:
    if "\t" in text or (text and text.splitlines() != [text]):
        raise ValueError("a line's text has no tab and no line break")
    return nfc(text)


LineText = Annotated[str, AfterValidator(_one_line), Field(max_length=2_000)]
"""The text of a line, in NFC, without tabs and line breaks."""


class CorrectedLine(BaseModel):
    """One line of a page on which a person has worked. Keys that say nothing are left out of the JSON.

    Attributes:
        id: Names the line within its page for good: ``r7`` is line 7 of the result's page, counted from 0; other names
            are of lines that a person drew, or made by splitting and joining.
        text: Its text, in NFC.
        state: What a person has said of it.
        bbox: Its box in pixels of the page as it was turned, like those of results.
        moved: The box is a person's: moved, drawn, split or joined. Else it is the one that reading found.
        read: What the recogniser read; empty where it read nothing, as in a line that was drawn.
        confidence: How sure the recogniser was of ``read``.
        char_confidences: The same for each character of ``read``; empty where the engine gives none.
        who: Who said so last; empty where that is not known.
        when: When, as ISO 8601 in UTC; empty where that is not known.
        revision: How many edits the line has had.
        rotation: Degrees clockwise by which it has to be turned to be read, as in the result.
    """

    model_config = STRICT

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")
    text: LineText = ""
    state: LineState = "untouched"
    bbox: BBox
    moved: bool = False
    read: str = ""
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    char_confidences: list[Annotated[float, Field(ge=0.0, le=1.0)]] = []
    who: str = Field(default="", max_length=200)
    when: str = Field(default="", max_length=40)
    revision: int = Field(default=0, ge=0)
    rotation: Literal[0, 90, 180, 270] = 0

    @model_serializer(mode="wrap")
    def _without_silent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        for name in ("moved", "char_confidences", "who", "when", "revision", "rotation"):
            if not getattr(self, name):
                values.pop(name, None)
        return values

    @property
    def labelled(self) -> bool:
        """Whether a person has vouched for the line's text, so that it can be learnt from."""
        return self.state in ("seen", "corrected") and bool(self.text.strip())


class CorrectedPage(BaseModel):
    """One page on which a person has worked: all its lines, those that are still untouched included.

    Attributes:
        page_index: The page's number in its file, from 0.
        width: Width in pixels, of the page as it was turned.
        height: Height in pixels, of the page as it was turned.
        rotation: Degrees clockwise by which the page was turned before it was read.
        skew: Degrees by which its lines climb to the right, as in the result.
        detector: The detector that found its lines.
        order: How often lines were added, removed or put into another order.
        lines: Its lines in reading order.
    """

    model_config = STRICT

    page_index: int = Field(ge=0)
    width: int = Field(ge=0)
    height: int = Field(ge=0)
    rotation: Literal[0, 90, 180, 270] = 0
    skew: float = 0.0
    detector: str = ""
    order: int = Field(default=0, ge=0)
    lines: list[CorrectedLine] = []

    @property
    def text(self) -> str:
        """The texts of its lines, as pages of results have them; what is no text or unreadable is left out."""
        kept = [line.text for line in self.lines if line.state not in ("not_text", "unreadable")]
        return "\n".join(text for text in kept if text)


class CorrectedDocument(BaseModel):
    """What ``NAME.corrected.json`` holds.

    Attributes:
        format: Always ``nordocr-corrected``.
        schema_version: The version of this form.
        source: The file that was read, as the result names it.
        engine: Who read the result that was corrected first.
        edits: How many edits it holds.
        pages: The pages on which a person has worked, by their number; the others are as the result has them.
    """

    model_config = STRICT

    format: Literal["nordocr-corrected"] = "nordocr-corrected"
    schema_version: str = Field(default=SCHEMA_VERSION, pattern=r"^1\.\d+$")
    source: str = ""
    engine: Engine
    edits: int = Field(default=0, ge=0)
    pages: list[CorrectedPage] = []

    def labelled(self) -> Iterator[tuple[CorrectedPage, CorrectedLine]]:
        """Yield each line whose text a person has vouched for, with its page."""
        for page in self.pages:
            yield from ((page, line) for line in page.lines if line.labelled)


def page_of_result(page: Page, detector: str = "") -> CorrectedPage:
    """Return a result's page as one on which nobody has worked yet.

    Args:
        page: The page.
        detector: The detector that found its lines.
    """
    lines = [
        CorrectedLine(
            id=f"r{number}",
            text=" ".join(line.text.split()) if len(line.text.splitlines()) > 1 or "\t" in line.text else line.text,
            bbox=line.bbox,
            read=line.text,
            confidence=line.confidence,
            char_confidences=line.char_confidences,
            rotation=line.rotation,
        )
        for number, line in enumerate(page.lines)
    ]
    return CorrectedPage(
        page_index=page.page_index,
        width=page.width,
        height=page.height,
        rotation=page.rotation,
        skew=page.skew,
        detector=detector,
        lines=lines,
    )
