"""What a page says: one language's names, figures, fields and sentences, consistent within the page."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from nordocr.charset import Charset
from nordocr.errors import DataInvalid
from nordocr.synth.corpora import numbers
from nordocr.synth.corpora.files import language_of, read_corpus
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import Locale, PageWording, load_locale, read_locale
from nordocr.synth.corpora.numbers import AmountStyle
from nordocr.synth.corpora.people import People, draw_people
from nordocr.synth.corpora.slots import compiled, filled
from nordocr.synth.corpora.templates import TemplateSource
from nordocr.synth.dice import Dice
from nordocr.synth.pages.recipe import PageText


def page_wording(language: str) -> PageWording:
    """Return the fixed words of pages in ``language``.

    Raises:
        DataInvalid: If the language's data file has none.
    """
    wording = read_locale(language).pages
    if wording is None:
        raise DataInvalid(f"The data of language {language} has no wording of pages.")
    return wording


class Library:
    """The text of every language that a recipe names, each read when first needed.

    Args:
        config: The text part of a page recipe.
        charset: The characters that pages may hold.
    """

    def __init__(self, config: PageText, charset: Charset) -> None:
        self.config, self.charset = config, charset
        self.inside = Inside(charset)
        self._sources: dict[str, tuple[Locale, People, TemplateSource]] = {}

    def source(self, language: str) -> tuple[Locale, People, TemplateSource]:
        """Return locale, names and templates of ``language``.

        Raises:
            DataInvalid: If the charset lacks characters of the pages' wording, or leaves no text for a page.
        """
        if language not in self._sources:
            self._check(language)
            locale = load_locale(language, self.inside)
            people = draw_people(locale, self.inside)
            templates = TemplateSource({language: locale}, {language: people})
            if language not in templates.languages:
                raise DataInvalid(f"Charset {self.charset.name!r} leaves no text in {language!r} for a page.")
            self._sources[language] = locale, people, templates
        return self._sources[language]

    @cached_property
    def corpora(self) -> dict[str, list[str]]:
        """Sentences of the recipe's corpora by language."""
        found: dict[str, list[str]] = {}
        for name in self.config.corpora:
            path = Path(name)
            lines = read_corpus(path, self.inside, self.config.max_corpus_lines)
            found.setdefault(language_of(path), []).extend(lines)
        return found

    def _check(self, language: str) -> None:
        wording = page_wording(language)
        texts = [*wording.model_dump(exclude={"statements"}).values(), *wording.statements.model_dump().values()]
        lacking = self.charset.outside("".join("".join(text) for text in texts))
        if lacking:
            raise DataInvalid(f"Charset {self.charset.name!r} lacks {''.join(sorted(lacking))!r}, which pages need.")


class Writer:
    """Writes one page: names, figures, fields and sentences of one language, consistent within the page.

    Texts are inside the charset and hold nothing but what the page's faces draw.

    Args:
        library: The texts.
        language: The page's language.
        rng: Everything is drawn from one seed taken from it.
        covered: The characters that the page's faces draw.
    """

    def __init__(self, library: Library, language: str, rng: np.random.Generator, covered: frozenset[str]) -> None:
        self.stock, self.language, self._covered = library, language, covered
        self.locale, self.people, self._templates = library.source(language)
        self.dice = Dice(int(rng.integers(0, 2**63)))
        self.words = page_wording(language)
        dice = self.dice
        self.style: AmountStyle = numbers.amount_style(dice, self.locale, 0.0)
        if not self.holds(self.style.negative.replace("{}", "")):
            self.style = replace(self.style, negative="-{}")
        self.year = dice.integer(1996, 2025) if dice.chance(0.85) else dice.integer(1955, 1995)
        self.company = self.people.company(dice)
        self.orgnr = self.fill("{orgnr}")
        self.town = dice.pick(self.locale.phrases.places)
        self._zero = dice.pick([sign for sign in ("-", "–", "0") if self.holds(sign)])

    def holds(self, text: str) -> bool:
        """Return whether ``text`` can be written on this page; an empty one can."""
        return not text or (self.stock.inside.holds(text) and self._covered.issuperset(text))

    def fill(self, phrase: str) -> str:
        """Return ``phrase`` with its slots filled, drawn anew where it lies outside the charset, at last empty."""
        template = compiled(phrase)
        for _ in range(12):
            text = " ".join(filled(template, self.dice, self.locale, self.people).split())
            if text and self.holds(text):
                return text
        return ""

    def sentence(self) -> str:
        """Return one sentence."""
        for _ in range(12):
            text = " ".join(self._templates.sentence(self.dice, self.language).split())
            if text and self.holds(text):
                return text
        return self.dice.pick(self.people.names)

    def paragraph(self, sentences: int) -> str:
        """Return so many sentences: consecutive ones of a corpus, or templates'."""
        lines = self.stock.corpora.get(self.language)
        if lines and self.dice.chance(self.stock.config.corpus_share):
            start = self.dice.integer(0, max(len(lines) - sentences, 0))
            text = " ".join(lines[start : start + sentences])
            if self.holds(text):
                return text
        return " ".join(self.sentence() for _ in range(sentences))

    def heading(self) -> str:
        """Return a heading of a report."""
        return self.dice.pick([text for text in self.locale.phrases.headings if "{" not in text and self.holds(text)])

    def label(self) -> str:
        """Return a row's label."""
        return self.fill(self.dice.pick(self.locale.phrases.labels))

    def field(self) -> tuple[str, str]:
        """Return a form's label and value: ``("Förfallodatum", "2024-03-31")``."""
        phrases = [phrase for phrase in self.locale.phrases.fields if "{" in phrase and phrase[0] != "{"]
        phrase = self.dice.pick(phrases)
        name, _, rest = phrase.partition("{")
        return name.strip(" :"), self.fill("{" + rest)

    def goods(self) -> str:
        """Return the name of something that is sold."""
        return self.dice.pick([text for text in self.words.goods if self.holds(text)])

    def role(self) -> str:
        """Return the role of a person who signs."""
        return self.dice.pick(self.locale.phrases.replies) if self.locale.phrases.replies else self.town

    def address(self) -> list[str]:
        """Return the lines of an address without a name: street, postcode and town."""
        return [self.people.street(self.dice, self.locale), f"{self.fill('{postcode}')} {self.town}"]

    def money(self, value: int, decimals: int = 0) -> str:
        """Return ``value`` (hundredths where ``decimals`` is 2) as all amounts of this page are written."""
        if value == 0 and not decimals:
            return self._zero
        digits = str(abs(value)).zfill(decimals + 1)
        whole = numbers.grouped(digits[: len(digits) - decimals], self.style.group)
        tail = f"{self.style.decimal}{digits[len(digits) - decimals :]}" if decimals else ""
        return self.style.negative.replace("{}", whole + tail) if value < 0 else whole + tail
