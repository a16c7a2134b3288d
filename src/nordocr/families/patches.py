"""Families whose encoder is a vision transformer: ViT with CTC, and PARSeq (Bautista and Atienza, ECCV 2022)."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from nordocr.ctc import Decoded, Span, probabilities_of
from nordocr.errors import ModelInvalid
from nordocr.families.base import Counts, Family, Scores
from nordocr.families.columns import CtcFamily
from nordocr.linespec import LineSpec

WIDEST: Final = 1024
"""Width in pixels of the widest input that a position embedding covers; wider lines are split at a gap."""

LONGEST: Final = 160
"""Characters of the longest text that PARSeq reads."""

END: Final = 0
"""The class that ends a text; where other families have their blank, so that charsets and heads are the same."""


class VitCtc(CtcFamily):
    """The encoder alone, patches 4 px wide, rows averaged: what many mean by a fast PARSeq."""

    name: ClassVar[str] = "vit-ctc"
    title: ClassVar[str] = "A vision transformer with a CTC head"
    network: ClassVar[str] = "nordocr.model.vit_ctc:ViTCTC"
    formats: ClassVar[frozenset[str]] = frozenset({"fp32", "fp16", "openvino"})

    def ceiling(self, spec: LineSpec) -> int:
        """Return the width of the position grid."""
        return min(WIDEST, spec.ladder[-1])


class Parseq(Family):
    """A text is read from left to right, character by character, then once again with both sides known."""

    name: ClassVar[str] = "parseq"
    title: ClassVar[str] = "PARSeq"
    decoder: ClassVar[str] = "autoregressive"
    reading: ClassVar[str] = "autoregressive, one refinement"
    first_class: ClassVar[str] = "end of text"
    network: ClassVar[str] = "nordocr.model.parseq:PARSeq"
    formats: ClassVar[frozenset[str]] = frozenset({"fp32"})
    columns: ClassVar[bool] = False

    def rows(self, spec: LineSpec, width: int) -> int:
        """Return the rows, the same for every width: one a character, and one for the end of the longest text."""
        return LONGEST + 1

    def rows_said(self, spec: LineSpec) -> str:
        """Return the rows."""
        return str(LONGEST + 1)

    def learned_rows(self, spec: LineSpec, width: int, characters: int) -> int:
        """Return the characters and the end."""
        return characters + 1

    def ceiling(self, spec: LineSpec) -> int:
        """Return the width of the position grid."""
        return min(WIDEST, spec.ladder[-1])

    def room(self, spec: LineSpec, width: int) -> int:
        """Return the characters of the longest text, however narrow the line is."""
        return LONGEST

    def needed(self, characters: Counts, repeats: Counts) -> Counts:
        """Return the characters."""
        return characters

    def decode(self, scores: Scores, spec: LineSpec, width: int, temperature: float = 1.0) -> Decoded:
        """Read up to the first row whose most probable class is the end.

        The network does not say where in the line a character is: character i of n is given the i-th of n equal shares
        of it. The confidence is the lowest of the characters', or for an empty text that of the end.
        """
        classes = spec.charset.num_classes
        if scores.ndim != 2 or not 1 <= scores.shape[0] <= LONGEST + 1 or scores.shape[1] != classes:
            raise ModelInvalid(
                f"The model gave scores of shape {scores.shape} where at most {LONGEST + 1} rows of {classes} classes "
                f"are wanted."
            )
        probabilities = probabilities_of(scores, spec, temperature)
        if not np.isfinite(probabilities).all():
            raise ModelInvalid(f"The model gave scores that are not numbers for a {width} px line.")
        best = probabilities.argmax(axis=-1)
        ends = np.flatnonzero(best == END)
        length = int(ends[0]) if len(ends) else len(best)
        sure = probabilities[np.arange(len(best)), best].tolist()
        spans = tuple(Span(spec.characters[best[i] - 1], i, i + 1, sure[i]) for i in range(length))
        confidence = min((span.probability for span in spans), default=sure[0])
        return Decoded("".join(span.char for span in spans), confidence, spans, max(1, length))


VIT_CTC: Final = VitCtc()
PARSEQ: Final = Parseq()
