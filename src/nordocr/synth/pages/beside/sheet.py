"""One page's share of what stands beside its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nordocr.synth.dice import Dice
from nordocr.synth.pages.beside.pictures import picture
from nordocr.synth.pages.beside.strokes import handwriting, over_amount
from nordocr.synth.pages.beside.ticks import tick_boxes
from nordocr.synth.pages.beside.turned import turned_heads, turned_note, upside_down
from nordocr.synth.pages.recipe import BesideConfig
from nordocr.synth.pages.sheet import Sheet
from nordocr.synth.pages.writer import Writer

_KINDS: Final[dict[str, Callable[[Sheet, Dice, Writer], bool]]] = {
    "tick_boxes": tick_boxes,
    "turned_heads": turned_heads,
    "turned_notes": turned_note,
    "upside_down": upside_down,
    "pictures": picture,
    "handwriting": handwriting,
    "over_amounts": over_amount,
}


def decorate(sheet: Sheet, dice: Dice, writer: Writer, config: BesideConfig) -> tuple[str, ...]:
    """Place on a sheet what ``dice`` and ``config`` give it, and return the tags of what found room."""
    shares = config.model_dump()
    tags = []
    for name, place in _KINDS.items():
        if shares[name] and dice.chance(shares[name]) and place(sheet, dice, writer):
            tags.append(name.replace("_", "-"))
    return tuple(tags)
