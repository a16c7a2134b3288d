"""The figures of one set of lines or one slice of it, as reports and JSON files hold them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from nordocr.evaluate.scoring.accept import AcceptCurve
from nordocr.evaluate.scoring.bootstrap import Interval, Unit
from nordocr.evaluate.scoring.confusion import Confusion, LetterScore


class OutsideCharset(BaseModel):
    """Characters of the references that the recogniser's charset lacks, so that it cannot read them.

    Attributes:
        charset: The charset's name.
        share: Their share of all characters of the references.
        lines: Lines with at least one of them: at least so many lines cannot be exact.
        characters: How often each occurs, most frequent first.
    """

    model_config = ConfigDict(extra="forbid")

    charset: str
    share: float
    lines: int
    characters: dict[str, int]


class Summary(BaseModel):
    """All figures of one set of lines. Rates are shares (0.01 is one per cent), None where they divide by zero.

    A rate of :data:`~nordocr.evaluate.scoring.rates.RATES` without a field of its own is held all the same, under its
    name; :meth:`rate` returns either.

    Attributes:
        lines: How many lines there are.
        exact: Share of lines read exactly.
        space_insensitive: Share of lines read exactly when spaces do not count.
        cer: ``edits`` / ``characters``.
        wer: ``word_edits`` / ``words``.
        edits: Character edits between the references and what was read.
        characters: Characters of the references.
        word_edits: Word edits.
        words: Words of the references.
        taxonomy: Lines by :class:`~nordocr.evaluate.scoring.taxonomy.ErrorClass`.
        intervals: 95 % bootstrap intervals of the rates.
        unit: What the bootstrap resampled.
        units: How many of them there are.
        confusions: The most frequent character confusions.
        nordic: Recall and precision of each Nordic letter that occurs.
        tables: Confusions among a/å/ä and o/ö/ø, capitals apart.
        outside_charset: Characters that the recogniser cannot read.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, float | None] = Field(init=False)

    lines: int
    exact: float | None
    space_insensitive: float | None
    cer: float | None
    wer: float | None
    edits: int
    characters: int
    word_edits: int
    words: int
    taxonomy: dict[str, int]
    intervals: dict[str, Interval]
    unit: Unit
    units: int
    confusions: list[Confusion]
    nordic: dict[str, LetterScore]
    tables: dict[str, dict[str, dict[str, int]]]
    outside_charset: OutsideCharset

    def rate(self, name: str) -> float | None:
        """Return the rate called ``name``, None where it divides by zero or is not held."""
        value: float | None = getattr(self, name, None)
        return value

    @property
    def failures(self) -> int:
        """Lines that were not read exactly."""
        return self.lines - self.taxonomy.get("exact", 0)


class Metrics(Summary):
    """A :class:`Summary` of all lines, and one of every slice.

    Attributes:
        by_width: By width in pixels at height 32, named by range ("257-512", "1793-"), in rising order.
        by_length: By length of the reference in characters, named in the same way.
        by_source: By document, where some line has one.
        accept: How many lines can be accepted unseen; None unless every line has a confidence.
    """

    by_width: dict[str, Summary] = {}
    by_length: dict[str, Summary] = {}
    by_source: dict[str, Summary] = {}
    accept: AcceptCurve | None = None

    def to_json(self) -> str:
        """Return the figures as indented JSON, keys in a fixed order."""
        return self.model_dump_json(indent=2)
