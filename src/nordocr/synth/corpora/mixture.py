"""The weighted mixture: draw a source, a language and a length, then a text that fits and lies inside the charset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from nordocr.charset import Charset
from nordocr.errors import ConfigInvalid
from nordocr.synth.corpora.config import TextConfig
from nordocr.synth.corpora.figures import NumberSource
from nordocr.synth.corpora.files import language_of, read_corpus
from nordocr.synth.corpora.hard import RandomSource
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import load_locale
from nordocr.synth.corpora.people import FakerSource, People, draw_people
from nordocr.synth.corpora.sentences import SentenceSource
from nordocr.synth.corpora.shape import old_danish, tidy, window
from nordocr.synth.corpora.signs import SignSource
from nordocr.synth.corpora.templates import TemplateSource
from nordocr.synth.corpora.words import WordSource, load_words
from nordocr.synth.dice import Dice, Weighted

_DRAWS: Final = 5  # texts drawn for one that fits its band as it is, before one is lengthened or cut
_TRIES: Final = 20  # before a uniform random string stands in
_RUNNING: Final = ("templates", "sentences", "words")


@dataclass(frozen=True)
class Text:
    """One line's label: ``text`` in NFC, inside the charset, ends stripped; the names of its source and language."""

    text: str
    source: str
    language: str


class _Source(Protocol):
    @property
    def languages(self) -> frozenset[str] | None: ...

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str: ...


class TextMixture:
    """Texts for training lines. Construction reads corpora and word lists (seconds); a sample takes microseconds.

    The same configuration, charset, corpora and versions of wordfreq and Faker give the same texts in any process.

    Args:
        config: The text part of a recipe.
        charset: The characters that texts may hold.

    Raises:
        InputMissing: If a corpus does not exist.
        InputUnreadable: If a corpus cannot be read.
        DataInvalid: If a corpus is not UTF-8 or has no usable line.
        ConfigInvalid: If a source with a share has no text in any of the languages.
        EngineUnavailable: If wordfreq or Faker is needed and not installed.
    """

    def __init__(self, config: TextConfig, charset: Charset) -> None:
        self.config = config
        self.charset = charset
        self._inside = Inside(charset)
        self._built = self._build()
        shares = {name: share for name, share in config.shares.items() if share > 0}
        self._source = Weighted.of(shares)
        self._language = {name: self._languages_of(name) for name in shares}
        bands = config.bands()
        self._band = Weighted([(low, high) for low, high, _ in bands], [share for _, _, share in bands])
        self._stand_in = RandomSource(charset, self._inside)

    @property
    def skipped(self) -> Counter[str]:
        """A copy of the counts of what was refused at construction, by reason or by outside character."""
        return self._inside.skipped.copy()

    def sample(self, rng: np.random.Generator) -> Text:
        """Return one text, a pure function of the state of ``rng``, from which one 63-bit integer is drawn."""
        dice = Dice(int(rng.integers(0, 2**63)))
        name = self._source.pick(dice)
        language = self._language[name].pick(dice)
        low, high = self._band.pick(dice)
        for _ in range(_TRIES):
            text = self._fitted(dice, name, language, low, high)
            if self.config.min_chars <= len(text) <= high and self._inside.holds(text):
                return Text(text, name, language)
        text = tidy(self._stand_in.uniform(dice, high))
        return Text(text.ljust(self.config.min_chars, text[:1]), "random", language)

    def _fitted(self, dice: Dice, name: str, language: str, low: int, high: int) -> str:
        """A text of ``name`` that lies in the band, or one cut at word bounds to a length within it."""
        style = self._style(dice, name, language)
        source = self._built[name]
        text = ""
        for _ in range(_DRAWS):
            text = tidy(style(source.piece(dice, language, low, high)))
            if low <= len(text) <= high:
                return text
            if len(text) > high and name == "sentences":
                break
        target = dice.integer(low, high)
        while len(text) < target:
            text = f"{text} {tidy(style(source.piece(dice, language, low, high)))}".strip()
        return window(dice, text, target).strip()

    def _style(self, dice: Dice, name: str, language: str) -> Callable[[str], str]:
        """One style for the whole of a line, however many pieces it is joined from."""
        if name in _RUNNING and dice.chance(self.config.capitals):
            return str.upper
        if name in _RUNNING and language == "da" and dice.chance(self.config.old_danish):
            return partial(old_danish, dice)
        return str

    def _languages_of(self, name: str) -> Weighted[str]:
        offered = self._built[name].languages
        shares = {
            language: share
            for language, share in self.config.languages.items()
            if share > 0 and (offered is None or language in offered)
        }
        if not shares:
            raise ConfigInvalid(f"Source {name!r} has a share but no text in any of the languages that have one.")
        return Weighted.of(shares)

    def _build(self) -> dict[str, _Source]:
        config, inside = self.config, self._inside
        wanted = {name for name, share in config.shares.items() if share > 0}
        languages = [language for language, share in config.languages.items() if share > 0]
        locales = {language: load_locale(language, inside) for language in languages}
        corpora = self._corpora(languages)
        built: dict[str, _Source] = {"random": RandomSource(self.charset, inside)}
        people: dict[str, People] = {}
        if wanted & {"templates", "faker", "numbers"} or (wanted & {"sentences"} and set(languages) - set(corpora)):
            people = {lang: draw_people(locales[lang], inside) for lang in languages if locales[lang].names}
        templates = TemplateSource(locales, people)
        built |= {"templates": templates, "faker": FakerSource(locales, people)}
        built["numbers"] = NumberSource(locales, people, config.zeros)
        built["signs"] = SignSource(locales, inside)
        tabled = [lang for lang in languages if locales[lang].words and ("words" in wanted or lang not in corpora)]
        tables = {lang: load_words(locales[lang], inside) for lang in tabled} if wanted & {"words", "sentences"} else {}
        words = WordSource(tables, locales)
        built |= {"words": words, "sentences": SentenceSource(corpora, words, templates)}
        return built

    def _corpora(self, languages: list[str]) -> dict[str, list[str]]:
        corpora: dict[str, list[str]] = {}
        for name in self.config.corpora:
            path = Path(name)
            language = language_of(path)
            lines = read_corpus(path, self._inside, self.config.max_corpus_lines)
            if language in languages:
                corpora.setdefault(language, []).extend(lines)
            else:
                self._inside.skipped[f"corpus line of {language}, a language without a share"] += len(lines)
        return corpora
