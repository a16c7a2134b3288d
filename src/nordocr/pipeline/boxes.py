"""Regions and what was read in them to lines, words and characters with boxes in page pixels."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Final

from nordocr.detect.base import Region
from nordocr.detect.orientation import turn_box
from nordocr.detect.skew import on_page
from nordocr.pipeline.amounts import one_way
from nordocr.pipeline.doubt import LEAST_CONFIDENCE
from nordocr.pipeline.junk import surroundings, why_dropped
from nordocr.pipeline.placing import in_order
from nordocr.pipeline.preparation import Layout
from nordocr.pipeline.spaced import joined
from nordocr.pipeline.tabular import placed
from nordocr.pipeline.thousands import parted
from nordocr.pipeline.ticks import with_signs
from nordocr.recognize.base import LineText
from nordocr.results import BBox, Dropped, Line, Page, PageFlag, Word

_log = logging.getLogger(__name__)

DIGITS: Final = 4
"""Confidences are rounded to this many decimals: the rest is noise of the hardware."""


def page_of(
    layout: Layout,
    texts: Sequence[LineText],
    *,
    characters: bool = False,
    scribbles: bool = True,
    empty: bool = False,
    dropped: bool = False,
) -> Page:
    """Put a page's result together.

    Args:
        layout: Where its lines are.
        texts: What was read in each of them.
        characters: Give each character its box as well.
        scribbles: Keep what :func:`nordocr.pipeline.junk.why_dropped` says is no type.
        empty: Keep regions in which nothing was read; else they are stains that the detector took for lines.
        dropped: List what was left out, with the reason.

    Returns:
        The page, boxes in pixels of the page as it was turned, not as it was made straight.
    """
    kept: list[Line] = []
    where: list[Region] = []
    left_out: list[Dropped] = []
    pairs = list(zip(layout.regions, texts, strict=True))
    found = [with_signs(line_of(region, text, characters=characters), region) for region, text in pairs]
    found = parted(one_way(found))
    about = surroundings(layout.regions, found, layout.size[1])
    for region, line in zip(layout.regions, found, strict=True):
        reason = why_dropped(region, line, about)
        if reason is None or (empty if reason == "empty" else scribbles):
            kept.append(line)
            where.append(region)
            continue
        _log.debug("page %d: left out %r at %s: %s", layout.index + 1, line.text, region.tight, reason)
        left_out.append(Dropped(text=line.text, confidence=line.confidence, bbox=line.bbox, reason=reason))
    lines, tables = in_order(kept, where, layout.size)
    if layout.skew:
        tables = [placed(table, lambda box: _placed(box, layout)) for table in tables]
        lines = [_on_page(line, layout) for line in lines]
        left_out = [one.model_copy(update={"bbox": _placed(one.bbox, layout)}) for one in left_out]
    return Page(
        page_index=layout.index,
        width=layout.size[0],
        height=layout.size[1],
        text="\n".join(line.text for line in lines if line.text),
        confidence=page_confidence(lines),
        rotation=layout.rotation,
        skew=layout.skew,
        blank=layout.blank and not lines,
        flags=page_flags(layout, lines),
        missing=layout.missing,
        dropped=left_out if dropped else [],
        lines=lines,
        tables=tables,
    )


def _on_page(line: Line, layout: Layout) -> Line:
    """A line of the straightened page in pixels of the page as it was turned."""
    words = [word.model_copy(update={"bbox": _placed(word.bbox, layout)}) for word in line.words]
    boxes = [_placed(box, layout) for box in line.char_boxes]
    return line.model_copy(update={"bbox": _placed(line.bbox, layout), "words": words, "char_boxes": boxes})


def _placed(box: BBox, layout: Layout) -> BBox:
    x, y, width, height = on_page((box.x, box.y, box.width, box.height), layout.skew, layout.size)
    return BBox(x=x, y=y, width=width, height=height)


def page_flags(layout: Layout, lines: Sequence[Line]) -> list[PageFlag]:
    """Return what a reader should know about a page, and log it."""
    flags: list[PageFlag] = ["damaged"] if layout.damaged else []
    if not layout.blank and not any(line.text.strip() for line in lines):
        flags.append("unread")
    elif layout.unread_reverse or (lines and page_confidence(lines) < LEAST_CONFIDENCE):
        flags.append("doubtful")
    if layout.rotation:
        flags.append("turned")
    if layout.skew:
        flags.append("skewed")
    if layout.inverted:
        flags.append("inverted")
    if flags:
        _log.info("page %d: %s", layout.index + 1, ", ".join(flags))
    return flags


def line_of(region: Region, text: LineText, *, characters: bool = False) -> Line:
    """One line's result, in the pixels of the page that ``region`` lies on; its box is the extent of its ink."""
    tight = region.tight
    if region.word_ends is not None:
        text = joined(text, region.word_ends)
    return Line(
        text=text.text,
        confidence=rounded(text.confidence),
        bbox=BBox(x=tight[0], y=tight[1], width=tight[2], height=tight[3]),
        char_confidences=[rounded(value) for value in text.char_confidences],
        char_boxes=[part_of(region, *extent) for extent in text.char_extents] if characters else [],
        words=[
            Word(text=word.text, confidence=rounded(word.confidence), bbox=part_of(region, word.left, word.right))
            for word in text.words
        ],
        flags=[*text.flags, "overlapped"] if region.overlapped else list(text.flags),
        rotation=region.turn,
    )


def part_of(region: Region, left: float, right: float) -> BBox:
    """The box of a share of the line, following the line where it climbs; ``left`` and ``right`` in [0, 1].

    Shares are of the crop; the box stays within the line's own, which may be the narrower extent of its ink.
    """
    if region.turn:
        return _turned_part(region, left, right)
    first = min(math.floor(max(0.0, left) * region.width), region.width - 1)
    last = max(first + 1, math.ceil(min(1.0, right) * region.width))
    climb = math.tan(math.radians(region.angle))
    height = region.height if climb == 0 else min(region.height, math.ceil(region.line_height))
    middle = region.y + region.height / 2 - climb * ((first + last) / 2 - region.width / 2)
    top = min(max(region.y, round(middle - height / 2)), region.y + region.height - height)
    x, width = _within(region.x + first, last - first, region.tight[0], region.tight[2])
    y, height = _within(top, height, region.tight[1], region.tight[3])
    return BBox(x=x, y=y, width=width, height=height)


def _turned_part(region: Region, left: float, right: float) -> BBox:
    """The box of a share of a line that does not stand upright: found on the line as it is read, and turned back."""
    ink, size = region.tight, (region.width, region.height)
    own = turn_box((ink[0] - region.x, ink[1] - region.y, ink[2], ink[3]), region.turn, size)
    _, _, width, height = turn_box((0, 0, *size), region.turn, size)
    box = part_of(Region(0, 0, width, height, region.angle, region.line_height, ink=own), left, right)
    back = turn_box((box.x, box.y, box.width, box.height), 360 - region.turn, (width, height))
    return BBox(x=region.x + back[0], y=region.y + back[1], width=back[2], height=back[3])


def _within(start: int, length: int, low: int, room: int) -> tuple[int, int]:
    """The part of a stretch that lies in another, ``room`` pixels from ``low``; at least a pixel at its nearer end."""
    first = min(max(start, low), low + max(room, 1) - 1)
    return first, max(1, min(start + length, low + room) - first)


def page_confidence(lines: Sequence[Line]) -> float:
    """The lines' confidences, each weighted by its length; 0 for a page without text."""
    characters = sum(len(line.text) for line in lines)
    return rounded(sum(len(line.text) * line.confidence for line in lines) / characters) if characters else 0.0


def rounded(value: float) -> float:
    """A confidence within [0, 1] and with :data:`DIGITS` decimals."""
    return round(min(max(float(value), 0.0), 1.0), DIGITS)
