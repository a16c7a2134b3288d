"""The source "templates": what business documents say, composed from each language's phrases and slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nordocr.synth.corpora import numbers
from nordocr.synth.corpora.locales import Locale
from nordocr.synth.corpora.people import People
from nordocr.synth.corpora.shape import capitalised
from nordocr.synth.corpora.slots import Template, compiled, filled
from nordocr.synth.dice import Dice, Weighted

_SHORT: Final = Weighted(("label", "short", "footer", "enumerated", "upper"), (0.50, 0.24, 0.08, 0.06, 0.12))
_MIDDLE: Final = Weighted(
    ("label", "row", "field", "heading", "sentence", "leaders", "footer", "enumerated", "signature"),
    (0.18, 0.23, 0.17, 0.09, 0.13, 0.07, 0.05, 0.05, 0.03),
)
_LONG: Final = Weighted(
    ("sentence", "row", "fields", "leaders", "enumerated", "footer"), (0.54, 0.17, 0.11, 0.10, 0.05, 0.03)
)
_LEADERS: Final = (".", ".", ".", ".", ".", ". ", "_", "-", " .")
_SHORT_LABEL: Final = 12


@dataclass(frozen=True)
class _Phrases:
    """One language's phrases, compiled."""

    labels: tuple[Template, ...]
    short_labels: tuple[str, ...]
    headings: tuple[str, ...]
    fields: tuple[Template, ...]
    sentences: tuple[Template, ...]
    footers: tuple[Template, ...]
    short: tuple[Template, ...]

    @property
    def complete(self) -> bool:
        """Whether there is a phrase of each kind: a small charset may leave none."""
        return all((self.labels, self.headings, self.fields, self.sentences, self.footers, self.short))


def _compile(locale: Locale) -> _Phrases:
    plain = [label for label in (*locale.phrases.labels, *locale.phrases.headings) if "{" not in label]
    headings = (*locale.phrases.headings, *(label for label in plain if len(label) < 30))
    return _Phrases(
        labels=tuple(map(compiled, locale.phrases.labels)),
        short_labels=tuple(label for label in plain if len(label) <= _SHORT_LABEL),
        headings=tuple(heading for heading in headings if "{" not in heading),
        fields=tuple(map(compiled, locale.phrases.fields)),
        sentences=tuple(map(compiled, locale.phrases.sentences)),
        footers=tuple(map(compiled, locale.phrases.footers)),
        short=tuple(map(compiled, locale.phrases.short)),
    )


class TemplateSource:
    """Labels, rows of a table, fields of a form, headings, running text, leaders, footers and signatures."""

    def __init__(self, locales: dict[str, Locale], people: dict[str, People]) -> None:
        self.locales = locales
        self.people = people
        phrases = {language: _compile(locales[language]) for language in people if people[language].complete}
        self._phrases = {language: found for language, found in phrases.items() if found.complete}
        self.languages = frozenset(self._phrases)

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return one text whose kind suits ``low`` to ``high`` characters; the mixture cuts or lengthens it."""
        locale, people, phrases = self.locales[language], self.people[language], self._phrases[language]
        aim = dice.integer(low, high)
        short = aim <= _SHORT_LABEL
        kind = (_SHORT if short else _MIDDLE if aim <= 45 else _LONG).pick(dice)
        if kind == "label":
            if short and phrases.short_labels:
                return dice.pick(phrases.short_labels) + (":" if dice.chance(0.1) else "")
            return filled(dice.pick(phrases.labels), dice, locale, people) + (":" if dice.chance(0.08) else "")
        if kind == "row":
            return self._row(dice, language, aim)
        if kind == "leaders":
            return self._leaders(dice, language, max(aim, 16))
        if kind in ("heading", "upper"):
            heading = dice.pick(phrases.short_labels if short and phrases.short_labels else phrases.headings)
            return heading.upper() if kind == "upper" or dice.chance(0.6) else heading
        if kind == "enumerated":
            body = phrases.short_labels if short and phrases.short_labels else phrases.headings
            if aim > 45:
                return f"{numbers.enumeration(dice)} {self.sentence(dice, language)}"
            return f"{numbers.enumeration(dice)} {dice.pick(body)}"
        if kind == "fields":
            return " ".join(filled(dice.pick(phrases.fields), dice, locale, people) for _ in range(dice.integer(2, 3)))
        if kind == "signature":
            return self._signature(dice, locale, people)
        if kind == "sentence":
            return self.sentence(dice, language)
        group = {"field": phrases.fields, "footer": phrases.footers, "short": phrases.short}[kind]
        return filled(dice.pick(group), dice, locale, people)

    def sentence(self, dice: Dice, language: str) -> str:
        """Return one sentence of a report, letter, contract or form."""
        phrase = dice.pick(self._phrases[language].sentences)
        text = filled(phrase, dice, self.locales[language], self.people[language])
        return capitalised(text)

    def _row(self, dice: Dice, language: str, length: int) -> str:
        """A table's row: perhaps a number, a label, perhaps a note's number, amounts until ``length`` is reached."""
        locale = self.locales[language]
        label = filled(dice.pick(self._phrases[language].labels), dice, locale, self.people[language])
        if dice.chance(0.10):
            label = f"{dice.integer(1000, 8999)} {label}"
        if dice.chance(0.18):
            label = f"{label} {dice.integer(1, 38)}{dice.pick((',' + str(dice.integer(1, 38)), '', '', '.1'))}"
        if dice.chance(0.08):
            label += dice.pick((":", " =", " kr", " ..", " ....", " -"))
        style = numbers.amount_style(dice, locale)
        row = f"{label} {numbers.amount(dice, style)}"
        columns = 1
        while len(row) + 8 < length and columns < 6:
            row += " " + (numbers.percentage(dice, locale, 0.2) if dice.chance(0.04) else numbers.amount(dice, style))
            columns += 1
        if dice.chance(0.06):
            row += f" {dice.pick(locale.phrases.currencies)}"
        return row

    def _leaders(self, dice: Dice, language: str, length: int) -> str:
        """A line of a contents table: a heading, dot leaders, a page."""
        head = dice.pick(self._phrases[language].headings)
        if dice.chance(0.2):
            head = f"{numbers.enumeration(dice)} {head}"
        tail = str(dice.integer(1, 120)) if dice.chance(0.85) else numbers.plain(dice, self.locales[language])
        unit = dice.pick(_LEADERS)
        room = max(length - len(head) - len(tail) - 2, 3)
        leader = (unit * room)[:room].strip()
        gap = " " if dice.chance(0.75) else ""
        return f"{head}{gap}{leader}{gap}{tail}"

    def _signature(self, dice: Dice, locale: Locale, people: People) -> str:
        name = dice.pick(people.names)
        roll = dice.unit()
        if roll < 0.4 and locale.phrases.replies:
            return f"{name}{dice.pick((', ', ' ', ' – ', ' / '))}{dice.pick(locale.phrases.replies)}"
        if roll < 0.7:
            return f"{name} {dice.pick(people.names)}"
        return f"{dice.pick(('', '______________ ', '.............. ', '/ '))}{name}"
