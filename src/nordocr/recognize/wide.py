"""Lines wider than the recogniser's ceiling: cut at a gap between words, read in pieces, joined again.

Cutting a line short loses text without a trace, and squeezing it narrows its glyphs below what the model has seen;
so a wide line is split where the paper shows through, and squeezed (and flagged) only where there is no gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from nordocr.ctc import WordSpan
from nordocr.linespec import LineSpec
from nordocr.recognize.base import Crop, LineText

# A word space is about a quarter of the type size and a crop about 1.4 times as high as its type; letter gaps lie
# well below this share of the crop's height.
_GAP_SHARE: Final = 0.14
# A column with this share of its pixels inked still counts as paper: specks and the tails of an underline.
_SPECK_SHARE: Final = 0.04
# Pieces are never narrower than this share of what is split: it keeps them few and the gaps central.
_MARGIN_SHARE: Final = 0.15


@dataclass(frozen=True)
class Piece:
    """Part of a crop.

    Attributes:
        pixels: The part's pixels.
        left: Its first column in the whole crop.
        right: The column after its last.
    """

    pixels: Crop
    left: int
    right: int


def split_wide(crop: Crop, spec: LineSpec, ceiling: int) -> list[Piece]:
    """Split a crop at gaps into pieces that are not too wide for the recogniser.

    Args:
        crop: The line.
        spec: The line contract.
        ceiling: The widest prepared line in pixels.

    Returns:
        Pieces from left to right; one if the line fits. A piece without a usable gap stays too wide and will be
        squeezed.
    """
    height, width = crop.shape[:2]
    if width * spec.height < (ceiling + spec.align) * height:
        return [Piece(crop, 0, width)]
    return [Piece(crop[:, a:b], a, b) for a, b in _cut(_paper_columns(crop), height, ceiling * height / spec.height)]


def join_pieces(pieces: Sequence[Piece], texts: Sequence[LineText]) -> LineText:
    """Join the texts of a line's pieces with spaces.

    A joining space has the lower confidence of the two pieces that it joins, and the place between them.

    Args:
        pieces: The pieces from left to right.
        texts: What was read in each.

    Returns:
        The line's text; extents are shares of the whole line, and its flags contain ``split`` for several pieces.
    """
    if len(pieces) == 1:
        return texts[0]
    width = pieces[-1].right - pieces[0].left
    read = [(p, t) for p, t in zip(pieces, texts, strict=True) if t.text]
    text, characters, words = "", list[float](), list[WordSpan]()
    extents: list[tuple[float, float]] = []
    before = 1.0
    for piece, part in read:
        share, start = (piece.right - piece.left) / width, piece.left / width
        own = [(start + left * share, start + right * share) for left, right in part.char_extents]
        if text:
            text += " "
            characters.append(min(before, part.confidence))
            if own and extents:
                extents.append((extents[-1][1], own[0][0]))
        text += part.text
        characters += part.char_confidences
        extents += own
        before = part.confidence
        words += [replace(w, left=start + w.left * share, right=start + w.right * share) for w in part.words]
    confidence = min((t.confidence for _, t in read), default=min(t.confidence for t in texts))
    flags = dict.fromkeys(["split", *(flag for t in texts for flag in t.flags)])
    if len(extents) != len(text):  # an engine that says nothing of characters
        extents = []
    return LineText(text, confidence, tuple(characters), tuple(words), tuple(flags), tuple(extents))


def _paper_columns(crop: Crop) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    gray = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 and crop.shape[2] == 3 else crop
    _, ink = cv2.threshold(gray.reshape(gray.shape[:2]), 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    paper: np.ndarray[tuple[int], np.dtype[np.bool_]] = ink.sum(axis=0) <= _SPECK_SHARE * crop.shape[0]
    return paper


def _cut(paper: np.ndarray[tuple[int], np.dtype[np.bool_]], height: int, limit: float) -> list[tuple[int, int]]:
    """Column ranges of the pieces: halve at the best gap until each fits ``limit`` or has none."""
    todo, done = [(0, len(paper))], []
    while todo:
        left, right = todo.pop()
        at = None if right - left <= limit else _best_gap(paper[left:right], height)
        if at is None:
            done.append((left, right))
        else:
            todo += [(left + at, right), (left, left + at)]
    return done


def _best_gap(paper: np.ndarray[tuple[int], np.dtype[np.bool_]], height: int) -> int | None:
    """Return the middle of the gap that is widest and most central, None if there is no usable gap."""
    width = len(paper)
    edges = np.flatnonzero(np.diff(paper.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    middles = (starts + ends) // 2
    margin = _MARGIN_SHARE * width
    usable = (ends - starts >= _GAP_SHARE * height) & (middles > margin) & (middles < width - margin)
    if not usable.any():
        return None
    # A gap of one line height more is worth a fifth of the width off centre.
    score = (ends - starts) / height * 0.2 - np.abs(middles - width / 2) / width
    return int(middles[usable][score[usable].argmax()])
