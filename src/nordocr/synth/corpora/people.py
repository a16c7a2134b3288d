"""Names, companies and addresses of one country, drawn from Faker once, so that no sample waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nordocr.errors import DataInvalid, EngineUnavailable
from nordocr.synth.corpora import identifiers
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import Locale, Names
from nordocr.synth.dice import Dice

_SEED: Final = 20_240_131
_NAMES: Final = 1500
_STREETS: Final = 500
_SURNAMES: Final = 500
_TITLES: Final = ("Dr. ", "Prof. ", "Hr. ", "Fru ")


@dataclass(frozen=True)
class People:
    """Pools of one country. Every entry is inside the charset."""

    form: Names
    """How the language forms names of companies and hosts."""
    names: tuple[str, ...]
    surnames: tuple[str, ...]
    streets: tuple[str, ...]
    companies: tuple[str, ...]
    complete: bool
    """Whether every pool and the locale have an entry inside the charset: a small charset may leave none."""

    def company(self, dice: Dice) -> str:
        """Return a company's name with its legal form."""
        form = dice.pick(self.companies)
        if form.count("{}") == 2:
            form = form.replace("{}", dice.pick(self.surnames), 1)
        return form.replace("{}", dice.pick(self.surnames))

    def street(self, dice: Dice, locale: Locale) -> str:
        """Return a street with its number, in the country's order."""
        number = f"{dice.integer(1, 149)}{dice.pick((' ', '')) + dice.pick('ABCDEF') if dice.chance(0.2) else ''}"
        return self.form.street.format(street=dice.pick(self.streets), number=number)


def draw_people(locale: Locale, inside: Inside) -> People:
    """Return the names of ``locale``: the same for one version of Faker, whatever was drawn before.

    Args:
        locale: A language with names.
        inside: The charset's filter, which counts the names that are left out.

    Raises:
        EngineUnavailable: If Faker is not installed.
        DataInvalid: If the language has no names.
    """
    try:
        from faker import Faker
    except ImportError as error:
        raise EngineUnavailable("Names and addresses need Faker: pip install 'nordocr[train]'.") from error
    language, form = locale.language, locale.names
    if form is None:
        raise DataInvalid(f"The data of language {language} has no names.")
    reason = f"{language} name or address outside the charset"
    streets: list[str] = list(locale.phrases.streets)
    if form.faker:
        faker = Faker(form.faker)
        faker.seed_instance(_SEED)
        names = inside.keep((_untitled(faker.name()) for _ in range(_NAMES)), reason)
        surnames = inside.keep((faker.last_name() for _ in range(_SURNAMES)), reason)
        if not streets:
            streets = inside.keep((faker.street_name() for _ in range(_STREETS)), reason)
    else:
        names = inside.keep(form.people, reason)
        surnames = inside.keep((name.rsplit(" ", 1)[-1] for name in form.people), reason)
    companies = inside.keep(form.companies, f"{language} template entry outside the charset")
    complete = all(
        (names, surnames, streets, companies, locale.complete, locale.phrases.places, locale.phrases.weekdays)
    )
    return People(form, tuple(names), tuple(surnames), tuple(streets), tuple(companies), complete)


def _untitled(name: str) -> str:
    for title in _TITLES:
        name = name.removeprefix(title)
    return name


class FakerSource:
    """Names, companies, addresses, telephone numbers: the short texts of letterheads, forms and signatures."""

    def __init__(self, locales: dict[str, Locale], people: dict[str, People]) -> None:
        self.locales = locales
        self.people = people
        self.languages = frozenset(language for language in people if people[language].complete)

    def piece(self, dice: Dice, language: str, low: int, high: int) -> str:
        """Return one text; ``low`` and ``high`` (characters) only steer its kind."""
        people, locale = self.people[language], self.locales[language]
        kind = dice.integer(1, 5) if dice.integer(low, high) <= 12 else dice.integer(3, 14)
        if kind == 1:
            return dice.pick(people.surnames)
        if kind == 2:
            return dice.pick(dice.pick(people.names).split(" "))
        if kind in (3, 6, 7):
            return dice.pick(people.names)
        if kind == 4:
            return dice.pick(locale.phrases.places)
        if kind == 5:
            return identifiers.postcode(dice, locale)
        if kind in (8, 9):
            return people.company(dice)
        if kind == 10:
            return people.street(dice, locale)
        return self._block(dice, people, locale, kind)

    def _block(self, dice: Dice, people: People, locale: Locale, kind: int) -> str:
        town = f"{identifiers.postcode(dice, locale)} {dice.pick(locale.phrases.places)}"
        if kind == 11:
            return town
        street = people.street(dice, locale)
        if kind == 12:
            return f"{street}, {town}"
        if kind == 13:
            who = people.company(dice) if dice.chance(0.6) else dice.pick(people.names)
            return f"{who}, {street}, {town}"
        names = [dice.pick(people.names) for _ in range(dice.integer(2, 4))]
        return dice.pick((", ", " / ", " ", "; ")).join(names)
