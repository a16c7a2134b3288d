"""Edits: what one action of a person changes on a page, applied only where nobody else has changed the same."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from nordocr.correct.pages import CorrectedLine, CorrectedPage, LineState, LineText
from nordocr.errors import NordocrError, UsageError
from nordocr.results import BBox
from nordocr.results.lines import STRICT


class Change(BaseModel):
    """One line as it shall be.

    Attributes:
        id: Its name; one that the page does not have is a new line.
        expect: The revision that the person saw; 0 for a line that was never edited or is new.
        text: Its text.
        state: What the person says of it.
        bbox: Its box.
        moved: The box is a person's.
        read: What was read in it, with the two below: of lines that are new, or were read again. None: as it was.
        confidence: How sure the recogniser was of that.
        char_confidences: The same for each character of ``read``.
    """

    model_config = STRICT

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")
    expect: int = Field(default=0, ge=0)
    text: LineText
    state: LineState
    bbox: BBox
    moved: bool = False
    read: str | None = Field(default=None, max_length=2_000)
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    char_confidences: list[Annotated[float, Field(ge=0.0, le=1.0)]] = Field(default=[], max_length=2_000)


class Removal(BaseModel):
    """A line that shall go; ``expect``: the revision that the person saw."""

    model_config = STRICT

    id: str
    expect: int = Field(ge=0)


class Edit(BaseModel):
    """One action on one page: it is made whole or not at all.

    Attributes:
        id: Names the edit; one that was made already is not made again.
        kind: What it is called in the history.
        page_index: The page.
        put: Lines that are changed or new.
        remove: Lines that go.
        order: The names of all lines in their new order; None where no line is new, goes or changes its place.
        expect_order: The page's ``order`` that the person saw; with ``order`` only.
        who: Who does it.
        when: When, as ISO 8601 in UTC.
    """

    model_config = STRICT

    id: str = Field(min_length=1, max_length=64)
    kind: Literal["text", "state", "move", "split", "join", "draw", "remove", "order", "read", "undo", "redo"] = "text"
    page_index: int = Field(ge=0)
    put: list[Change] = Field(default=[], max_length=2_000)
    remove: list[Removal] = Field(default=[], max_length=2_000)
    order: list[str] | None = Field(default=None, max_length=20_000)
    expect_order: int | None = Field(default=None, ge=0)
    who: str = Field(default="", max_length=200)
    when: str = Field(default="", max_length=40)


class Conflict(NordocrError):
    """Somebody else has changed the same lines since the person saw them."""

    exit_code = 2


def applied(page: CorrectedPage, edit: Edit) -> CorrectedPage:
    """Return the page after an edit.

    Args:
        page: The page as it is.
        edit: The edit.

    Raises:
        Conflict: A line or the order is no longer what the person saw.
        UsageError: The edit makes no sense: a box outside the page, an order that lacks a line.
    """
    if edit.order is not None and edit.expect_order != page.order:
        raise Conflict("Somebody else has added, removed or reordered lines of this page.")
    lines = {line.id: line for line in page.lines}
    names = [change.id for change in edit.put] + [removal.id for removal in edit.remove]
    if len(set(names)) != len(names):
        raise UsageError("An edit names a line twice.")
    for removal in edit.remove:
        _require(lines.get(removal.id), removal.expect)
        del lines[removal.id]
    for change in edit.put:
        held = lines.get(change.id)
        if held is not None or edit.order is None:
            held = _require(held, change.expect)
        lines[change.id] = _changed(page, held, change, edit)
    if edit.order is None:
        if edit.remove:
            raise UsageError("An edit that removes lines gives the order of the others.")
        return page.model_copy(update={"lines": list(lines.values())})
    if sorted(edit.order) != sorted(lines):
        raise UsageError("The order lacks a line, or names one that is not there.")
    return page.model_copy(update={"lines": [lines[name] for name in edit.order], "order": page.order + 1})


def _require(held: CorrectedLine | None, expected: int) -> CorrectedLine:
    if held is None:
        raise Conflict("Somebody else has removed this line.")
    if held.revision != expected:
        raise Conflict("Somebody else has changed this line.")
    return held


def _changed(page: CorrectedPage, held: CorrectedLine | None, change: Change, edit: Edit) -> CorrectedLine:
    box = change.bbox
    if box.width < 1 or box.height < 1 or box.x + box.width > page.width or box.y + box.height > page.height:
        raise UsageError("A line's box lies on its page and has a width and a height.")
    known = change if held is None or change.read is not None else held
    return CorrectedLine(
        id=change.id,
        text=change.text,
        state=change.state,
        bbox=box,
        moved=change.moved,
        read=known.read or "",
        confidence=known.confidence,
        char_confidences=known.char_confidences,
        who=edit.who,
        when=edit.when,
        revision=change.expect + 1,
    )
