"""What the XML formats share: elements by lxml, and text that XML 1.0 allows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from nordocr.formats.about import About
from nordocr.results import BBox

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'

# What XML 1.0 (5th edition, 2.2) allows is all but these.
_FORBIDDEN: Final = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

Value = str | int | float | None


class XmlFormat:
    """A :class:`nordocr.formats.base.Format` that can say who read, and in which language.

    Args:
        about: What the file says of itself.
    """

    def __init__(self, about: About | None = None) -> None:
        self.about = about or About()


def clean(text: str) -> str:
    """Return text that XML 1.0 can hold: each character that it forbids becomes U+FFFD, the replacement character."""
    return _FORBIDDEN.sub("\ufffd", text)


def element(name: str, attributes: Mapping[str, Value], *children: etree._Element, text: str = "") -> etree._Element:
    """Return an element; attributes that are None are left out."""
    made = etree.Element(name, {key: clean(str(value)) for key, value in attributes.items() if value is not None})
    if text:
        made.text = clean(text)
    made.extend(children)
    return made


def written(root: etree._Element, depth: int = 0) -> str:
    """Return an element as text, indented by one space a level and beginning ``depth`` levels down."""
    etree.indent(root, " ", level=depth)
    return " " * depth + etree.tostring(root, encoding="unicode").rstrip() + "\n"


def place(box: BBox) -> dict[str, Value]:
    """Return a box as ALTO's attributes."""
    return {"HPOS": box.x, "VPOS": box.y, "WIDTH": box.width, "HEIGHT": box.height}


def share(value: float) -> str:
    """Return a confidence as a decimal number without needless zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
