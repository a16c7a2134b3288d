"""Lines with places on pages: the one shape that results of engines and page truth are brought to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from nordocr.detect.orientation import Turn
from nordocr.results import BBox

# Pixels; more than the largest page that is read has in one direction.
_FARTHEST: Final = 1e9


@dataclass(frozen=True)
class PlacedLine:
    """A text and where it stands.

    Attributes:
        text: The text.
        box: Its place, in pixels of the page.
        confidence: In [0, 1]; None if unknown.
    """

    text: str
    box: BBox
    confidence: float | None = None


@dataclass(frozen=True)
class Frame:
    """The coordinate system of a page's boxes.

    Attributes:
        width: Pixels of the page as it was turned.
        height: Pixels of the page as it was turned.
        rotation: Degrees clockwise by which the page in the file was turned.
    """

    width: int
    height: int
    rotation: Turn = 0


@dataclass(frozen=True)
class PlacedPage:
    """The lines of one page.

    Attributes:
        index: The page in its file, from 0.
        lines: Its lines.
        width: Width of the page in the boxes' own units; None if not said.
        height: Height of the page in the boxes' own units; None if not said.
        rotation: Degrees clockwise by which the page in the file was turned before the boxes were taken.
    """

    index: int
    lines: list[PlacedLine]
    width: float | None = None
    height: float | None = None
    rotation: Turn = 0

    def scaled(self, width: int, height: int) -> PlacedPage:
        """Return the page in pixels of an image of ``width`` x ``height``.

        The page itself is returned where the sizes agree or its size is not known.
        """
        if not self.width or not self.height or (self.width, self.height) == (width, height):
            return self
        across, down = width / self.width, height / self.height
        lines = [
            replace(
                line,
                box=BBox(
                    x=round(line.box.x * across),
                    y=round(line.box.y * down),
                    width=round(line.box.width * across),
                    height=round(line.box.height * down),
                ),
            )
            for line in self.lines
        ]
        return replace(self, lines=lines, width=float(width), height=float(height))

    def in_frame(self, frame: Frame) -> PlacedPage:
        """Return the page with its boxes in ``frame``: scaled to its size and turned as it is turned."""
        quarters = (frame.rotation - self.rotation) // 90 % 4
        on_side = quarters % 2 == 1
        own = (frame.height, frame.width) if on_side else (frame.width, frame.height)
        page = self.scaled(*own)
        if not quarters:
            return page
        lines = [replace(line, box=turned_box(line.box, quarters, *own)) for line in page.lines]
        return PlacedPage(self.index, lines, float(frame.width), float(frame.height), frame.rotation)


def turned_box(box: BBox, quarters: int, width: int, height: int) -> BBox:
    """Return where a box lies after its page has been turned.

    Args:
        box: A box on the page as it is.
        quarters: Quarter turns clockwise.
        width: The page's width before it is turned.
        height: The page's height before it is turned.
    """
    for _ in range(quarters % 4):
        # A point (x, y) goes to (height - y, x): the bottom edge becomes the left one.
        left = max(0, height - box.y - box.height)
        box = BBox(x=left, y=box.x, width=box.height, height=box.width)
        width, height = height, width
    return box


@dataclass
class Reading:
    """One document's lines.

    Attributes:
        source: The file that the document says it comes from; "" where it says none.
        pages: Its pages.
        engine: Who read it, as the result has it; empty for truth.
        timing: Seconds by stage, as the result has them; empty for truth.
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
    """Return a box in whole pixels; what lies left of or above the page is cut off.

    Raises:
        ValueError: A value is no number, or beyond every page.
    """
    if not all(abs(value) <= _FARTHEST for value in (x, y, width, height)):
        raise ValueError(f"a box at {x:g}, {y:g} of {width:g} x {height:g} lies on no page")
    left, top = max(0, round(x)), max(0, round(y))
    return BBox(x=left, y=top, width=max(0, round(x + width) - left), height=max(0, round(y + height) - top))
