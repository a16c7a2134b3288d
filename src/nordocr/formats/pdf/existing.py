"""The text that a page of a PDF holds already: whether it shows or not, and the page without what does not show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pikepdf

_SHOWING: Final = frozenset(("Tj", "TJ", "'", '"'))
_PLACING: Final = frozenset(("Td", "TD", "Tm", "T*"))
_SETTING: Final = frozenset(("Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts"))
_INVISIBLE: Final = 3
# How deep forms within forms are searched for text.
_DEPTH: Final = 5


@dataclass(frozen=True)
class TextOf:
    """Whether a page holds text that shows, and text that does not."""

    visible: bool = False
    invisible: bool = False

    def __bool__(self) -> bool:
        return self.visible or self.invisible


def text_of(page: Any, depth: int = _DEPTH) -> TextOf:
    """Return what text a page, or a form on it, holds."""
    try:
        modes = {invisible for _, invisible in _with_mode(pikepdf.parse_content_stream(page)) if invisible is not None}
    except pikepdf.PdfError:  # a damaged content stream shows what it can, which is not asked here
        return TextOf()
    found = TextOf(False in modes, True in modes)
    for form in _forms(page) if depth else ():
        inner = text_of(form, depth - 1)
        found = TextOf(found.visible or inner.visible, found.invisible or inner.invisible)
    return found


def strip_invisible(pdf: pikepdf.Pdf, page: Any, depth: int = _DEPTH) -> None:
    """Remove the invisible text of a page, and of the forms on it; what is drawn stays."""
    if text_of(page, 0).invisible:
        content = pikepdf.unparse_content_stream([*_without_invisible(pikepdf.parse_content_stream(page))])
        if isinstance(page, pikepdf.Stream):
            page.write(content)
        else:
            page["/Contents"] = pikepdf.Stream(pdf, content)
    for form in _forms(page) if depth else ():
        strip_invisible(pdf, form, depth - 1)


def _forms(page: Any) -> list[Any]:
    objects = page.get("/Resources", {}).get("/XObject", {})
    return [item for item in objects.values() if item.get("/Subtype") == "/Form"]


def _with_mode(instructions: Any) -> Iterator[tuple[Any, bool | None]]:
    """Each instruction; of those that show text, whether it is invisible, else None."""
    invisible, saved = False, []
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "q":
            saved.append(invisible)
        elif operator == "Q" and saved:
            invisible = saved.pop()
        elif operator == "Tr" and instruction.operands:
            invisible = int(instruction.operands[0]) == _INVISIBLE
        yield instruction, invisible if operator in _SHOWING else None


def _without_invisible(instructions: Any) -> Iterator[Any]:
    """The instructions without those that show invisible text, and without text objects that then show nothing."""
    block: list[Any] | None = None
    shows = False
    for instruction, invisible in _with_mode(instructions):
        operator = str(instruction.operator)
        if operator == "BT":
            block, shows = [instruction], False
            continue
        if block is None:
            if not invisible:
                yield instruction
            continue
        if not invisible:
            block.append(instruction)
            shows = shows or invisible is False or operator not in _PLACING | _SETTING | {"ET"}
        elif operator in ("'", '"'):  # they go to the next line as well
            block.append(pikepdf.ContentStreamInstruction([], pikepdf.Operator("T*")))
        if operator == "ET":
            yield from block if shows else _settings(block)
            block = None
    yield from block or ()


def _settings(block: list[Any]) -> list[Any]:
    """What a text object that shows nothing leaves behind: the text state, which outlives it."""
    last = {str(instruction.operator): instruction for instruction in block}
    return [instruction for operator, instruction in last.items() if operator in _SETTING]
