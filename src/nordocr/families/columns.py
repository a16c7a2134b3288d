"""Families that read a line column by column and whose scores CTC turns into text."""

from __future__ import annotations

from typing import ClassVar, Final

from nordocr import ctc
from nordocr.ctc import Decoded
from nordocr.families.base import Counts, Family, Scores
from nordocr.linespec import LineSpec


class CtcFamily(Family):
    """One row of scores for every ``spec.stride`` columns, class 0 the blank."""

    decoder = "ctc"
    reading = "greedy CTC"
    first_class = "blank"
    columns = True

    def rows(self, spec: LineSpec, width: int) -> int:
        """Return T(width)."""
        return spec.time_steps(width)

    def rows_said(self, spec: LineSpec) -> str:
        """Return T as a formula."""
        return f"ceil(width / {spec.stride})"

    def learned_rows(self, spec: LineSpec, width: int, characters: int) -> int:
        """Return T(width): CTC sums over all alignments of the label with the line's own steps."""
        return spec.time_steps(width)

    def ceiling(self, spec: LineSpec) -> int:
        """Return the ladder's top."""
        return spec.ladder[-1]

    def room(self, spec: LineSpec, width: int) -> int:
        """Return T(width)."""
        return spec.time_steps(width)

    def needed(self, characters: Counts, repeats: Counts) -> Counts:
        """Return the characters, and a blank between equal neighbours."""
        return characters + repeats

    def decode(self, scores: Scores, spec: LineSpec, width: int, temperature: float = 1.0) -> Decoded:
        """Decode by :func:`nordocr.ctc.decode`."""
        return ctc.decode(scores, spec, width, temperature)


class Svtrv2(CtcFamily):
    """The first family."""

    name: ClassVar[str] = "svtrv2"
    title: ClassVar[str] = "SVTRv2 with an RCTC head"
    network: ClassVar[str] = "nordocr.model.svtr:SVTRv2"


SVTRV2: Final = Svtrv2()
