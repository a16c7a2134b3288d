"""Boxes to tick, put into the text of the lines in which they stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nordocr.detect.base import Region, Tick
from nordocr.results import BBox, Line, Word


def with_signs(line: Line, region: Region) -> Line:
    """Put the signs of a region's boxes into its line, each with its own word, confidence and box.

    Args:
        line: What was read in the region, without its boxes.
        region: The region.

    Returns:
        The line; the line itself where the region has no boxes.
    """
    for tick in region.ticks:
        line = _with_sign(line, tick)
    return line


def with_boxes(region: Region) -> Region:
    """Return a region whose crop shows the boxes of the line as well, for learning what is read from labels.

    Args:
        region: A line; one without boxes is returned as it is.
    """
    if not region.ticks:
        return region
    boxes = [region.bbox, region.tight]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    foreign = np.zeros((bottom - top, right - left), dtype=np.bool_)
    if region.foreign is not None:
        rows, columns = region.y - top, region.x - left
        foreign[rows : rows + region.height, columns : columns + region.width] = region.foreign
    for tick in region.ticks:
        x, y, width, height = tick.box
        reach = max(2, width // 4)  # a pen's mark reaches over its box
        rows_of = slice(max(0, y - top - reach), y - top + height + reach)
        foreign[rows_of, max(0, x - left - reach) : x - left + width + reach] = False
    high = max(region.line_height, float(bottom - top))
    return replace(
        region,
        x=left,
        y=top,
        width=right - left,
        height=bottom - top,
        line_height=high,
        foreign=foreign,
        word_ends=None,
    )


def _with_sign(line: Line, tick: Tick) -> Line:
    box = BBox(x=tick.box[0], y=tick.box[1], width=tick.box[2], height=tick.box[3])
    middle = box.x + box.width / 2
    text = line.text.strip()
    if not text:
        word = Word(text=tick.sign, confidence=tick.confidence, bbox=box)
        confidences = [tick.confidence] if line.char_confidences or not line.words else []
        return line.model_copy(
            update={
                "text": tick.sign,
                "confidence": tick.confidence,
                "words": [word],
                "char_confidences": confidences,
                "char_boxes": [],
                "flags": [],
            }
        )
    place = sum(word.bbox.x + word.bbox.width / 2 < middle for word in line.words)
    start = _start(line, place) if line.words else 0
    sign, gap = tick.sign, " "
    pieces = [sign, gap] if start < len(line.text) else [gap, sign]
    boxes = [box if piece == sign else _gap(line, box, place) for piece in pieces]
    words = [*line.words[:place], Word(text=sign, confidence=tick.confidence, bbox=box), *line.words[place:]]
    values = {"text": line.text[:start] + "".join(pieces) + line.text[start:], "words": words if line.words else []}
    update: dict[str, object] = dict(values)
    if len(line.char_confidences) == len(line.text):
        sure = [tick.confidence, tick.confidence]
        update["char_confidences"] = [*line.char_confidences[:start], *sure, *line.char_confidences[start:]]
    if len(line.char_boxes) == len(line.text):
        update["char_boxes"] = [*line.char_boxes[:start], *boxes, *line.char_boxes[start:]]
    return line.model_copy(update=update)


def _start(line: Line, place: int) -> int:
    """Where the word ``place`` begins in the line's text; its end where there are no more."""
    at = 0
    for number, word in enumerate(line.words):
        at = line.text.index(word.text, at)
        if number == place:
            return at
        at += len(word.text)
    return len(line.text)


def _gap(line: Line, box: BBox, place: int) -> BBox:
    """The white between a box and the word behind it, or before it where it is the last."""
    if place < len(line.words):
        right = line.words[place].bbox.x
        return box.model_copy(update={"x": box.x + box.width, "width": max(0, right - box.x - box.width)})
    if not line.words:
        return box.model_copy(update={"x": box.x + box.width, "width": 0})
    end = line.words[-1].bbox.x + line.words[-1].bbox.width
    return box.model_copy(update={"x": end, "width": max(0, box.x - end)})
