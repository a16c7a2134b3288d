"""Find for each line that was read the stretch of a page's text that stands on it.

A transcript of a page (a person's, a vision-language model's) seldom says where its lines are, may break them elsewhere
and may give columns in another order. Each line is therefore looked for by itself: the stretch with the fewest edits
anywhere in the text (P. H. Sellers, The theory and computation of evolutionary distances: pattern recognition, Journal
of Algorithms 1, 1980), long lines first, and what one line has taken no other can have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from nordocr.charset import nfc

_TAKEN: Final = "\0"
_COST: Final = np.int64(1) << np.int64(32)
_WHITESPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Match:
    """The text of one line.

    Attributes:
        text: A stretch of the transcript, whole words, NFC, single spaces.
        score: 1 minus the edits between what was read and ``text``, over the longer one's length; 0 to 1.
    """

    text: str
    score: float


def align(lines: Sequence[str], transcript: str) -> list[Match | None]:
    """Find the text of each line in a transcript.

    Args:
        lines: What was read, in any order.
        transcript: The text of the page, or of several pages among which this one is.

    Returns:
        A match for each line; None where nothing was read, or nothing of the transcript is left that resembles it.
    """
    text = _WHITESPACE.sub(" ", nfc(transcript)).strip()
    codes = np.array([ord(c) for c in text], dtype=np.int64)
    matches: list[Match | None] = [None] * len(lines)
    read = [_WHITESPACE.sub(" ", nfc(line)).strip() for line in lines]
    for number in sorted(range(len(lines)), key=lambda i: (-len(read[i]), i)):
        if not read[number] or not len(codes):
            continue
        start, end = _whole_words(read[number], text, *best_stretch(read[number], codes))
        found = text[start:end].strip()
        if not found or _TAKEN in found:
            continue
        edits = Levenshtein.distance(read[number], found)
        matches[number] = Match(found, max(0.0, 1.0 - edits / max(len(read[number]), len(found))))
        if 2 * edits < len(found):
            text = text[:start] + _TAKEN * (end - start) + text[end:]
            codes[start:end] = 0
    return matches


def best_stretch(line: str, codes: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Find the stretch of a text with the fewest edits to a line.

    Args:
        line: What was read.
        codes: Code points of the text, int64 ``[characters]``; 0 matches nothing.

    Returns:
        Start and end (exclusive). Of several equally good stretches the first, of these the shortest.
    """
    size = len(codes)
    steps = np.arange(size + 1, dtype=np.int64) * _COST
    # One number holds a cell's edits (high half) and, for the shortest stretch, how far from the end it began (low).
    row = size - np.arange(size + 1, dtype=np.int64)
    for character in line:
        following = row + _COST
        differs = np.where(codes == ord(character), np.int64(0), _COST)
        np.minimum(following[1:], row[:-1] + differs, out=following[1:])
        # A character of the text that was not read: the cheapest cell to the left and one edit a step.
        row = np.minimum.accumulate(following - steps) + steps
    edits = row // _COST
    end = int(np.argmin(edits))
    return size - int(row[end] - edits[end] * _COST), end


def _whole_words(line: str, text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch that ends at spaces on both sides, wider or narrower, whichever is nearer to what was read."""
    starts = {_before(text, start), _after(text, start)}
    ends = {_before(text, end), _after(text, end)}
    choices = [(s, e) for s in starts for e in ends if s < e] or [(start, end)]
    return min(choices, key=lambda c: (Levenshtein.distance(line, text[c[0] : c[1]].strip()), c))


def _before(text: str, place: int) -> int:
    """The nearest word bound at or before ``place``."""
    while 0 < place < len(text) and text[place - 1] not in (" ", _TAKEN) and text[place] != " ":
        place -= 1
    return place


def _after(text: str, place: int) -> int:
    """The nearest word bound at or after ``place``."""
    while 0 < place < len(text) and text[place - 1] not in (" ", _TAKEN) and text[place] != " ":
        place += 1
    return place
