"""Lines with places on pages: the one shape that results of engines and page truth are brought to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nordocr.results import BBox


@dataclass(frozen=True)
class PlacedLine:
    """A text and where it stands, in pixels of the page; ``confidence`` in [0, 1] where it is known."""

    text: str
    box: BBox
    confidence: float | None = None


@dataclass(frozen=True)
class PlacedPage:
    """Lines of page ``index`` (from 0); ``width`` and ``height`` in the boxes' own units, None where not said."""

    index: int
    lines: list[PlacedLine]
    width: float | None = None
    height: float | None = None

    def scaled(self, width: int, height: int) -> PlacedPage:
        """The page in pixels of an image of ``width`` x ``height``; itself where the sizes agree or are not said."""
        if not self.width or not self.height or (self.width, self.height) == (width, height):
            return self
        across, down = width / self.width, height / self.height
        lines = [
            PlacedLine(
                line.text,
                BBox(
                    x=round(line.box.x * across),
                    y=round(line.box.y * down),
                    width=round(line.box.width * across),
                    height=round(line.box.height * down),
                ),
                line.confidence,
            )
            for line in self.lines
        ]
        return PlacedPage(self.index, lines, float(width), float(height))


@dataclass
class Reading:
    """One document's lines. ``source``: the file that the document says it came from, "" where it says none.

    ``engine`` and ``timing`` as the result has them, empty for truth.
    """

    source: str
    pages: list[PlacedPage]
    engine: dict[str, Any] = field(default_factory=dict)
    timing: dict[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file name of ``source``, whichever system's separators it has."""
        return self.source.replace("\\", "/").rsplit("/", 1)[-1]


def box_of(x: float, y: float, width: float, height: float) -> BBox:
    """A box in whole pixels; what lies left of or above the page is cut off."""
    left, top = max(0, round(x)), max(0, round(y))
    return BBox(x=left, y=top, width=max(0, round(x + width) - left), height=max(0, round(y + height) - top))
