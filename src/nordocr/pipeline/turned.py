"""Lines that do not stand upright: which of those that a detector proposes are lines, and which way up they are.

Type on its side is proposed by how its letters stand, and then read both ways. Type upside down looks like any other
line; it is read so as to make no sense, and makes sense the other way up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from nordocr.detect.base import Region, Turn
from nordocr.recognize.base import Crop, LineText, Recognizer

# A line on its side is read at least so surely, with so many letters and figures.
_SURE: Final = 0.6
_FEWEST: Final = 3
# A line is turned upside down where it was read less surely than this, and is read so surely, and so much more surely,
# the other way up, with so many letters.
_DOUBTED: Final = 0.5
_SURE_TURNED: Final = 0.75
_GAIN: Final = 0.35
_LETTERS: Final = 4
# So many of the widest lines of a page are read twice. A line next to one that was turned, within so many heights, is
# turned where it only reads better so.
_MOST: Final = 12
_BESIDE: Final = 1.5


def turned_apart(
    recognizer: Recognizer, regions: Sequence[Region], crops: Sequence[Crop]
) -> tuple[list[Region], list[Crop]]:
    """Decide which of a page's regions are lines on their side, by reading them both ways.

    Args:
        recognizer: Reads them, and the upright regions that lie on the same ink.
        regions: The page's regions; those that may be on their side have a turn.
        crops: Their crops.

    Returns:
        The regions and their crops: of type on its side or of upright lines on the same ink what reads as type, each
        turned the way that it is read.
    """
    proposed = [number for number, region in enumerate(regions) if region.turn]
    if not proposed:
        return list(regions), list(crops)
    rivals = {number: _within(regions, number) for number in proposed}
    others = sorted({other for held in rivals.values() for other in held})
    ways = [crop for number in proposed for crop in (crops[number], _over(crops[number]))]
    texts = recognizer.read([*ways, *(crops[other] for other in others)])
    read = dict(zip(others, texts[len(ways) :], strict=True))
    kept: dict[int, Turn] = {}
    beaten: set[int] = set()
    for place, number in enumerate(proposed):
        first, second = texts[2 * place], texts[2 * place + 1]
        best, way = (first, 90) if first.confidence >= second.confidence else (second, 270)
        if _letters(best) < _FEWEST or best.confidence < max(_SURE, _sureness([read[o] for o in rivals[number]])):
            continue
        kept[number] = 90 if way == 90 else 270
        beaten.update(rivals[number])
    chosen = [n for n, region in enumerate(regions) if (n in kept if region.turn else n not in beaten)]
    return (
        [replace(regions[n], turn=kept.get(n, 0)) for n in chosen],
        [_over(crops[n]) if kept.get(n) == 270 else crops[n] for n in chosen],
    )


def turned_over(
    recognizer: Recognizer, regions: Sequence[Region], crops: Sequence[Crop], texts: Sequence[LineText]
) -> tuple[list[Region], list[LineText]]:
    """Read lines that made no sense upside down, and turn those that do so.

    Args:
        recognizer: Reads them.
        regions: A page's lines.
        crops: Their crops.
        texts: What was read in them.

    Returns:
        The lines, and what they say.
    """
    found, said = list(regions), list(texts)
    asked = [n for n, region in enumerate(regions) if not region.turn and _is_doubted(texts[n])]
    asked = sorted(asked, key=lambda n: -crops[n].shape[1] / crops[n].shape[0])[:_MOST]
    for n, text in zip(asked, recognizer.read([_over(crops[n]) for n in asked]) if asked else [], strict=True):
        if _is_better(texts[n], text):
            found[n], said[n] = _turned(regions[n]), text
    over = [found[n] for n in asked if found[n].turn]
    near = [n for n, region in enumerate(found) if over and not region.turn and _is_beside(region, over)]
    for n, text in zip(near, recognizer.read([_over(crops[n]) for n in near]) if near else [], strict=True):
        if text.confidence > texts[n].confidence and text.text.strip():
            found[n], said[n] = _turned(regions[n]), text
    return found, said


def _is_doubted(text: LineText) -> bool:
    return text.confidence < _DOUBTED and len(text.text.strip()) >= _LETTERS


def _is_better(before: LineText, after: LineText) -> bool:
    gain = after.confidence - before.confidence
    return after.confidence >= _SURE_TURNED and gain >= _GAIN and _letters(after) >= _LETTERS


def _is_beside(region: Region, turned: Sequence[Region]) -> bool:
    """Whether a line stands right above, below or beside one of those that were turned."""
    x, y, width, height = region.tight
    for other in turned:
        left, top, wide, high = other.tight
        reach = _BESIDE * min(height, high)
        if x < left + wide + reach and left < x + width + reach and y < top + high + reach and top < y + height + reach:
            return True
    return False


def _turned(region: Region) -> Region:
    ends = None if region.word_ends is None else tuple(1.0 - end for end in reversed(region.word_ends))
    return replace(region, turn=180, word_ends=ends)


def _within(regions: Sequence[Region], number: int) -> list[int]:
    """The upright regions whose ink has its middle in that of the line ``number``."""
    x, y, width, height = regions[number].tight
    found = []
    for other, region in enumerate(regions):
        left, top, wide, high = region.tight
        inside = x <= left + wide / 2 <= x + width and y <= top + high / 2 <= y + height
        if inside and not region.turn:
            found.append(other)
    return found


def _sureness(texts: Sequence[LineText]) -> float:
    """How surely upright regions were read, by their characters; 0 for none."""
    count = sum(len(text.text) for text in texts)
    return sum(len(text.text) * text.confidence for text in texts) / count if count else 0.0


def _letters(text: LineText) -> int:
    return sum(c.isalnum() for c in text.text)


def _over(crop: Crop) -> Crop:
    return np.ascontiguousarray(crop[::-1, ::-1])
