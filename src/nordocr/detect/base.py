"""The one interface of every detector: a page in, line regions in reading order out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

PageArray = npt.NDArray[np.uint8]
"""A page: uint8 ``[H, W]`` gray or ``[H, W, 3]`` RGB, paper light."""

Mask = npt.NDArray[np.bool_]

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

Turn = Literal[0, 90, 180, 270]
"""Degrees clockwise."""

TURNS: Final[tuple[Turn, ...]] = (0, 90, 180, 270)


@dataclass(frozen=True)
class Tick:
    """A box to tick.

    Attributes:
        sign: What it shows, one of the three signs.
        box: x, y, width, height of the frame in pixels.
        confidence: How sure that is, in [0, 1].
    """

    sign: str
    box: Box
    confidence: float


@dataclass(frozen=True)
class Region:
    """One text line on the page, in page pixels.

    ``x``, ``y``, ``width``, ``height``: the upright box around it. ``angle``: degrees by which the line climbs to
    the right (0 for a level one). ``line_height``: its height in pixels across that slope.
    ``foreign``: bool ``[height, width]``, True where the box shows ink of other lines or of rules; None for nowhere.
    ``inverted``: the line is light on dark. ``ink``: the extent (x, y, width, height) of the line's own ink, None where
    the detector does not know it. ``edge``: the region lies at a side of the page where the scanner left a dark strip.
    ``word_ends``: for letters set apart, where words end, as shares of the width; None where letters stand as usual.
    ``turn``: degrees clockwise by which the line has to be turned to be read, 0 for a line that stands upright;
    ``angle``, ``line_height`` and ``word_ends`` are of the line as it is read. A detector says 90 for 270 as well.
    ``ticks``: the boxes to tick in the line, from left to right; they are within ``ink`` and painted over in the crop.
    ``overlapped``: a stamp or a pen has gone over the line. ``looks``: like type, like handwriting, or it lies in a
    photograph.
    """

    x: int
    y: int
    width: int
    height: int
    angle: float = 0.0
    line_height: float = 0.0
    foreign: Mask | None = None
    inverted: bool = False
    ink: tuple[int, int, int, int] | None = None
    edge: bool = False
    word_ends: tuple[float, ...] | None = None
    turn: Turn = 0
    ticks: tuple[Tick, ...] = ()
    overlapped: bool = False
    looks: Literal["type", "written", "pictured"] = "type"

    @property
    def bbox(self) -> tuple[int, int, int, int]:
        """``(x, y, width, height)`` in page pixels."""
        return self.x, self.y, self.width, self.height

    @property
    def tight(self) -> tuple[int, int, int, int]:
        """``(x, y, width, height)`` of the line's ink, or the whole box where that is not known."""
        return self.ink or self.bbox


class Detector(Protocol):
    """Finds the lines of a page. Opened once, used for many pages."""

    name: str
    """The detector's name as results report it, for example ``morphology``."""

    def detect(self, image: PageArray) -> list[Region]:
        """The lines of the page in reading order; a blank page gives an empty list.

        Behind them, with a ``turn``, what may be lines of type on its side; upright regions may lie on the same ink.
        """
        ...
