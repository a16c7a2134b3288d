"""A finished page and its truth: text lines with ink boxes, kinds and reading order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class PageLine:
    """One text line: what a detector is to find as one region (a cell of a table is a line of its own).

    ``bbox``: (x, y, width, height) of the line's ink in page pixels, after skew and before degrading. ``kind``:
    heading, paragraph, label, figure, note, leader, header, footer, address, field, value, stamp, margin or option.
    ``order``: place in reading order from 0. ``rotation``: degrees clockwise by which it has to be turned to be read;
    ``flags``: as in results.
    """

    text: str
    bbox: tuple[int, int, int, int]
    kind: str
    order: int
    rotation: int = 0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageCell:
    """One cell that is not empty: its first column, how many it spans, and its lines' numbers on the page."""

    column: int
    colspan: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class PageTable:
    """One table: how many of its rows are heads of the columns, its columns, and the cells of each row."""

    header_rows: int
    columns: int
    rows: tuple[tuple[PageCell, ...], ...]


@dataclass(frozen=True)
class SynthPage:
    """One page. ``image``: uint8 ``[H, W]`` gray, or 0 and 255 only where ``bilevel``; ``dpi`` dots an inch.

    ``kind``: what sort of document (see :data:`~nordocr.synth.pages.recipe.KINDS`); ``tags``: how it was made.
    ``tables``: its tables of figures; ``skew``: degrees by which its lines climb to the right.
    """

    image: UInt8Array
    dpi: int
    language: str
    kind: str
    lines: tuple[PageLine, ...]
    tags: tuple[str, ...]
    tables: tuple[PageTable, ...] = ()
    skew: float = 0.0

    @property
    def bilevel(self) -> bool:
        """Whether the page is 1-bit."""
        return "1-bit" in self.tags
