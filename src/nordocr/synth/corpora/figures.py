"""The source "numbers": amounts, dates, identifiers, codes and other figures, alone or in rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nordocr.synth.corpora import dates, identifiers, numbers
from nordocr.synth.corpora.locales import Locale
from nordocr.synth.corpora.people import People
from nordocr.synth.corpora.slots import email, url
from nordocr.synth.dice import Dice, Weighted

_Figure = Callable[[Dice, Locale], str]

_KINDS: Final[Weighted[_Figure]] = Weighted(
    (
        lambda d, loc: numbers.amount(d, numbers.amount_style(d, loc)),
        numbers.money,
        numbers.price,
        lambda d, loc: numbers.percentage(d, loc, 0.2),
        numbers.quantity,
        numbers.section,
        lambda d, loc: numbers.code(d),
        lambda d, loc: numbers.enumeration(d),
        lambda d, loc: str(dates.year(d)),
        lambda d, loc: dates.date(d, loc, 0.12),
        dates.period,
        dates.time,
        identifiers.company_number,
        identifiers.vat_number,
        identifiers.person_number,
        identifiers.iban,
        identifiers.bank_account,
        identifiers.payment_reference,
        identifiers.phone,
        lambda d, loc: d.digits(d.integer(1, 12)),
    ),
    (30, 9, 8, 6, 7, 4, 5, 3, 4, 12, 4, 3, 5, 3, 2, 3, 4, 4, 5, 4),
)


class NumberSource:
    """Figures as each language writes them; e-mail and web addresses where the language has names.

    Args:
        locales: The languages.
        people: Names by language.
        zeros: Share of texts whose figures are mostly zeros.
    """

    def __init__(self, locales: dict[str, Locale], people: dict[str, People], zeros: float = 0.0) -> None:
        self.locales = locales
        self.people = people
        self.zeros = zeros
        self.languages = frozenset(language for language, locale in locales.items() if locale.complete)

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return a single figure, or for longer texts a row of amounts, dates or mixed figures."""
        locale = self.locales[language]
        people = self.people.get(language)
        if people and people.complete and high > 12 and dice.chance(0.07):
            return (email if dice.chance(0.6) else url)(dice, locale, people)
        if self.zeros and dice.chance(self.zeros):
            return numbers.zeros(dice, locale, dice.integer(low, high))
        text = _KINDS.pick(dice)(dice, locale)
        target = dice.integer(low, high)
        if target <= 12 or (target <= 45 and dice.chance(0.65)):
            return text
        if dice.chance(0.6):
            style = numbers.amount_style(dice, locale)
            text = text if dice.chance(0.3) else numbers.amount(dice, style)
            while len(text) < target:
                text += " " + numbers.amount(dice, style)
            return text
        gap = dice.pick((" ", " ", ", ", " / ", " - "))
        while len(text) < target:
            text += gap + _KINDS.pick(dice)(dice, locale)
        return text
