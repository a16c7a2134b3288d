"""The configuration of a text mixture: shares of sources and languages, corpora, lengths."""

from __future__ import annotations

import itertools
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

SOURCES: Final = ("templates", "sentences", "words", "faker", "numbers", "random", "signs")
"""Names of all sources of text."""

LANGUAGES: Final = ("sv", "nb", "nn", "da", "fi", "is", "en", "fr", "de", "fo", "se")
"""Codes of all languages (ISO 639-1). French and German have no names, addresses or templates; Faroese (``fo``) and
Northern Sámi (``se``) have no word lists."""

DEFAULT_SHARES: Final = {
    "templates": 0.28,
    "sentences": 0.205,
    "words": 0.13,
    "faker": 0.09,
    "numbers": 0.14,
    "random": 0.09,
    "signs": 0.065,
}
DEFAULT_LANGUAGES: Final = {
    "sv": 0.325,
    "nb": 0.135,
    "nn": 0.05,
    "da": 0.145,
    "fi": 0.135,
    "is": 0.08,
    "en": 0.06,
    "fr": 0.02,
    "de": 0.02,
    "fo": 0.015,
    "se": 0.015,
}
DEFAULT_LENGTHS: Final = ((12, 0.25), (45, 0.45), (90, 0.22), (130, 0.08))


class TextConfig(BaseModel):
    """The text part of a recipe. Frozen; a value out of range or an unknown key is a ``ValidationError``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shares: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_SHARES))
    """Relative share of each source of :data:`SOURCES`; a source left out has none."""
    languages: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_LANGUAGES))
    """Relative share of each of :data:`LANGUAGES` within a source."""
    corpora: tuple[str, ...] = ()
    """Paths of UTF-8 text or ``.gz`` files, one sentence a line; their names begin with the language code, as in
    ``sv.txt.gz`` or ``nb-letters.txt``."""
    min_chars: int = Field(default=1, ge=1)
    """Shortest text in characters."""
    max_chars: int = Field(default=130, ge=1)
    """Longest text in characters. A lower value clips the bands of ``lengths``, which makes an easy curriculum."""
    lengths: tuple[tuple[int, float], ...] = DEFAULT_LENGTHS
    """Rising bands of lengths as (longest, share): a band reaches from the one before it and is about uniform."""
    max_corpus_lines: int = Field(default=200_000, ge=1)
    """Lines of each corpus file that are read and kept in memory."""
    zeros: float = Field(default=0.08, ge=0.0, le=1.0)
    """Share of figures that are mostly zeros: ``0,00``, ``100 000,00``, ``000120``."""
    capitals: float = Field(default=0.05, ge=0.0, le=1.0)
    """Share of words, sentences and templates that are set in capitals."""
    old_danish: float = Field(default=0.12, ge=0.0, le=1.0)
    """Share of Danish running text in the orthography before 1948: aa for å, nouns capitalised."""

    @field_validator("shares")
    @classmethod
    def _known_sources(cls, shares: dict[str, float]) -> dict[str, float]:
        return _checked(shares, SOURCES, "source")

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, languages: dict[str, float]) -> dict[str, float]:
        return _checked(languages, LANGUAGES, "language")

    @field_validator("lengths")
    @classmethod
    def _rising(cls, lengths: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        tops = [0, *(top for top, _ in lengths)]
        if any(a >= b for a, b in itertools.pairwise(tops)):
            raise ValueError("the lengths' upper bounds must rise from 1 on")
        if any(not 0 <= share < float("inf") for _, share in lengths) or not any(share for _, share in lengths):
            raise ValueError("the lengths' shares must be 0 or more, and one above 0")
        return lengths

    @model_validator(mode="after")
    def _bounds(self) -> TextConfig:
        if self.min_chars > self.max_chars:
            raise ValueError(f"min_chars {self.min_chars} is above max_chars {self.max_chars}")
        if not self.bands():
            raise ValueError("no band of lengths with a share lies within min_chars and max_chars")
        return self

    def bands(self) -> list[tuple[int, int, float]]:
        """Return (low, high, share) of each band of lengths, both ends included, clipped to the bounds."""
        bands = []
        low = 1
        for top, share in self.lengths:
            clipped = max(low, self.min_chars), min(top, self.max_chars)
            if share > 0 and clipped[0] <= clipped[1]:
                bands.append((*clipped, share))
            low = top + 1
        return bands


def _checked(table: dict[str, float], known: tuple[str, ...], what: str) -> dict[str, float]:
    for name, share in table.items():
        if name not in known:
            raise ValueError(f"unknown {what} {name!r}; there are {', '.join(known)}")
        if not 0 <= share < float("inf"):
            raise ValueError(f"the share of {what} {name!r} is {share}, not a number of 0 or more")
    if not any(table.values()):
        raise ValueError(f"no {what} has a share above 0")
    return table
