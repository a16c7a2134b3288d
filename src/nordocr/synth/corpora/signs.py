"""The source "signs": signs and rare letters where documents have them: ``12 m²``, ``☐ Ja``, ``$ 52.00``."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Final

from pydantic import BaseModel, ConfigDict

from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import Lines, Locale
from nordocr.synth.corpora.patterns import drawn
from nordocr.synth.dice import Dice
from nordocr.yamlfile import load_yaml

_RARE_SHARE: Final = 0.85
"""Share of texts with a rare sign, where the charset has any."""
_GAPS: Final = (" ", " ", ", ", " / ", "; ", " - ")
_LONGEST_LABEL: Final = 24


class Signs(BaseModel):
    """Patterns by sign: ``{}`` is a label of the language, the rest as in :mod:`nordocr.synth.corpora.patterns`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rare: dict[str, Lines]
    """Signs that many faces lack; a text holds one kind of them."""
    common: dict[str, Lines]
    """Signs that most faces draw, often oddly."""


@lru_cache(maxsize=1)
def read_signs() -> Signs:
    """Return the patterns of the bundled file."""
    text = (resources.files(__package__) / "data" / "signs.yaml").read_text(encoding="utf-8")
    return Signs.model_validate(load_yaml(text))


class SignSource:
    """Texts built round one sign, repeated until they are long enough.

    Args:
        locales: The languages.
        inside: The charset's filter; patterns outside the charset are left out silently.
    """

    def __init__(self, locales: dict[str, Locale], inside: Inside) -> None:
        signs = read_signs()
        self._rare, self._common = (
            [
                kept
                for patterns in table.values()
                if (kept := [p for p in patterns if inside.holds(p.replace("{}", ""))])
            ]
            for table in (signs.rare, signs.common)
        )
        self._labels = {language: _labels(locale) for language, locale in locales.items()}
        self.languages = frozenset(language for language, labels in self._labels.items() if labels)

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return patterns of one sign, as many as ``low`` characters need."""
        rare = self._rare and (not self._common or dice.chance(_RARE_SHARE))
        patterns = dice.pick(self._rare if rare else self._common)
        target = dice.integer(low, high)
        gap = dice.pick(_GAPS)
        text = self._one(dice, language, patterns)
        while len(text) < target:
            text += gap + self._one(dice, language, patterns)
        return text

    def _one(self, dice: Dice, language: str, patterns: list[str]) -> str:
        text = drawn(dice, dice.pick(patterns))
        while "{}" in text:
            text = text.replace("{}", dice.pick(self._labels[language]), 1)
        return text


def _kept(patterns: tuple[str, ...], inside: Inside) -> list[str]:
    return [pattern for pattern in patterns if inside.holds(pattern.replace("{}", ""))]


def _labels(locale: Locale) -> tuple[str, ...]:
    """Return short labels of a language, or its units where it has none."""
    phrases = locale.phrases
    labels = [text for text in (*phrases.labels, *phrases.headings, *phrases.short) if "{" not in text]
    return tuple(text for text in labels if len(text) <= _LONGEST_LABEL) or phrases.units
