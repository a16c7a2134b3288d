"""Lines whose letters are set apart, put together to the words that they are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from nordocr.ctc import WordSpan
from nordocr.recognize.base import LineText


def joined(text: LineText, ends: Sequence[float]) -> LineText:
    """Leave out the spaces that were read between letters set apart.

    Args:
        text: What was read, its words with their places.
        ends: Where words end, as shares of the line's width.

    Returns:
        The text with a space at each of ``ends`` only; the text itself where the engine gives no words.
    """
    if not text.words:
        return text
    kept: list[int] = []
    words: list[WordSpan] = []
    place = 0
    for before, word in itertools.pairwise([None, *text.words]):
        assert word is not None
        start = text.text.index(word.text, place)
        if before is not None and not _is_end(before, word, ends):
            last = words.pop()
            low = min(last.confidence, word.confidence)
            words.append(WordSpan(last.text + word.text, low, last.left, word.right))
        else:
            kept += [start - 1] if before is not None else []
            words.append(word)
        place = start + len(word.text)
        kept += range(start, place)
    if len(kept) == len(text.text):
        return text

    whole = len(text.text)
    return replace(
        text,
        text=" ".join(word.text for word in words),
        words=tuple(words),
        char_confidences=tuple(text.char_confidences[i] for i in kept if len(text.char_confidences) == whole),
        char_extents=tuple(text.char_extents[i] for i in kept if len(text.char_extents) == whole),
    )


def _is_end(before: WordSpan, word: WordSpan, ends: Sequence[float]) -> bool:
    """Whether a word ends between two runs of letters."""
    return any((before.left + before.right) / 2 < end < (word.left + word.right) / 2 for end in ends)
