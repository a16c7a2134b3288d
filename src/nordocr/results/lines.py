"""Lines and words of a page, and their boxes."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

STRICT: Final = ConfigDict(extra="forbid", protected_namespaces=())
"""What all parts of a result have in common: unknown keys are refused."""


class BBox(BaseModel):
    """An upright box: left edge ``x``, top edge ``y``, ``width``, ``height``, all in pixels."""

    model_config = STRICT

    x: int = Field(ge=0)
    y: int = Field(ge=0)
    width: int = Field(ge=0)
    height: int = Field(ge=0)


class Word(BaseModel):
    """A run of characters without a space."""

    model_config = STRICT

    text: str
    confidence: float = Field(ge=0.0, le=1.0)
    bbox: BBox


class Line(BaseModel):
    """One text line. ``char_confidences`` has one value a character of ``text``, or none where the engine gives none.

    ``char_boxes`` has one box a character; it is empty, and not written at all, where nobody asked for them or the
    engine gives none.

    ``flags`` says what a reader should know: ``squeezed`` (wider than the recogniser's ceiling), ``split`` (read in
    pieces), ``lm`` (the language model had a say), ``evened`` (a minus, a decimal comma or a point between thousands
    follows the page's other amounts), ``overlapped`` (a stamp or a pen has gone over it: letters may be lost or wrong).
    ``block``: the number, from 0 on each page, of the paragraph, heading or table that the line is
    part of.

    ``rotation``: degrees clockwise by which the line has to be turned to be read, 0 (and not written) for a line that
    stands upright on its page, 180 for one that stands upside down. Boxes are of the page all the same.
    """

    model_config = STRICT

    text: str
    confidence: float = Field(ge=0.0, le=1.0)
    bbox: BBox
    char_confidences: list[Annotated[float, Field(ge=0.0, le=1.0)]] = []
    char_boxes: list[BBox] = []
    words: list[Word] = []
    flags: list[str] = []
    block: int = Field(default=0, ge=0)
    rotation: Literal[0, 90, 180, 270] = 0

    @model_serializer(mode="wrap")
    def _without_unasked(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        values: dict[str, Any] = handler(self)
        if not self.char_boxes:
            values.pop("char_boxes", None)
        if not self.rotation:
            values.pop("rotation", None)
        return values
