"""One language as its country's documents write it: one YAML file a language, read by one typed loader.

The files lie in ``data/<code>.yaml``. Lists of phrases are text blocks, one entry a line; an entry given twice comes
twice as often. All wording is this project's own.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from importlib import resources
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from nordocr.errors import DataInvalid
from nordocr.invalid import first_fault
from nordocr.synth.corpora.config import LANGUAGES
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.dice import Weighted
from nordocr.yamlfile import load_yaml


def _lines(value: Any) -> Any:
    """Split a text block into its entries; leave anything else to the type check."""
    if not isinstance(value, str):
        return value
    return tuple(line for line in map(str.strip, value.splitlines()) if line)


def _pairs(value: Any) -> Any:
    """Read a text block of ``word replacement`` lines as a mapping."""
    if not isinstance(value, str):
        return value
    return dict(line.split() for line in value.splitlines() if line.strip())


Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]
"""Entries of a text block, one a line."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Dates(_Part):
    """How dates and times are written."""

    forms: tuple[str, ...]
    """Forms of a date. y: year of four digits, Y: of two; m, d: month and day as they are, M, D: of two digits;
    N: the month's name, n: its short name; DTH: an English ordinal."""
    day_point: bool = False
    """Whether the day before a month's name takes a point: ``3. mars``."""
    iso_periods: bool = False
    """Whether financial years are mostly written ``2023-01-01--2023-12-31``."""
    time_point: bool = False
    """Whether hours and minutes are often parted by a point."""
    clock: str = ""
    """The word before a time of day."""


class Law(_Part):
    """How sections of a law are cited."""

    chapter: str = ""
    """The word after a chapter's number, where laws have chapters."""
    case: str = ""
    """The ending of the section sign after a chapter."""
    clause: str = ""
    """The abbreviation of a clause within a section."""
    dashed: bool = False
    """Whether a section may be numbered ``5-12``."""
    joined_by: str = "-"
    """What may stand between the first and the last section of several."""


class Iban(_Part):
    """The national form of an IBAN (ISO 13616)."""

    country: str
    """Country code."""
    digits: int
    """Digits of the account."""
    banks: tuple[str, ...] = ()
    """Bank codes in letters that precede the digits, where the country has them."""


class Phone(_Part):
    """Telephone numbers, by patterns as in :mod:`nordocr.synth.corpora.patterns`."""

    prefix: str
    """The international prefix."""
    numbers: tuple[str, ...]
    """Patterns of domestic numbers."""
    groups: tuple[str, ...] = ()
    """Ways to group the digits of a number, as counts of digits (``2 2 2 2``); none: as the pattern says."""
    trunk_zero: bool = False
    """Whether a leading 0 goes where the international prefix stands."""


class Postcode(_Part):
    """Postcodes."""

    pattern: str
    """Pattern of the code."""
    prefix: str = ""
    """What may precede it."""
    prefixed: float = Field(default=0.0, ge=0.0, le=1.0)
    """Probability of the prefix."""


class Words(_Part):
    """What is taken from wordfreq, which lacks Faroese and Sámi."""

    source: str = ""
    """Language code of wordfreq's list; empty: this language's own."""
    most: int = Field(default=60_000, ge=1)
    """Words kept, the commonest first."""
    capitals: float = Field(default=0.05, ge=0.0, le=1.0)
    """Probability of a capital within a sentence."""
    replace: Annotated[dict[str, str], BeforeValidator(_pairs)] = Field(default_factory=dict)
    """Words of the list that this language writes otherwise: ``word replacement``, one pair a line."""


class Names(_Part):
    """Names of people, companies and hosts."""

    faker: str = ""
    """Faker's locale; empty where ``people`` holds the names."""
    people: Lines = ()
    """First and last names, for languages that Faker lacks."""
    companies: Lines
    """Names of companies with their legal form; ``{}`` stands for a surname."""
    street: str = "{street} {number}"
    """Order of street and number."""
    mailboxes: tuple[str, ...] = ()
    """Departments in e-mail addresses."""
    domains: tuple[str, ...]
    """Top-level domains."""
    host_ends: tuple[str, ...] = ("",)
    """What may follow a surname in a host's name."""


class Phrases(_Part):
    """What documents say; slots such as ``{amount}`` are those of :data:`~nordocr.synth.corpora.slots.SLOTS`."""

    months: Lines = ()
    months_short: Lines = ()
    months_in_date: Lines = ()
    """Names of months in the case that follows a day; none: as ``months``."""
    weekdays: Lines = ()
    places: Lines = ()
    streets: Lines = ()
    """Street names; none: Faker's."""
    units: Lines = ()
    """Units of quantities; invoices use the first four."""
    currencies: Lines = ()
    abbreviations: Lines = ()
    footers: Lines = ()
    """Feet of pages."""
    replies: Lines = ()
    """What a person who signs is."""
    short: Lines = ()
    """Texts of a word or two."""
    labels: Lines = ()
    """Labels of a table's rows."""
    headings: Lines = ()
    fields: Lines = ()
    """Fields of a form with their values."""
    sentences: Lines = ()


class StatementWording(_Part):
    """Rows of financial statements, each with its mark: see :mod:`nordocr.synth.pages.statements`."""

    income: Lines
    assets: Lines
    liabilities: Lines


class PageWording(_Part):
    """The fixed words of pages, by where they stand."""

    year_end: str = "31.12.{}"
    """The last day of a financial year as a column's head."""
    income: str
    balance: str
    note: str
    page: str
    thousands: str
    contents: str
    audit: str
    to_meeting: str
    minutes: str
    section: str
    """How minutes number an item, with ``{}`` for the number."""
    invoice: str
    items: tuple[str, str, str, str, str]
    """Heads of an invoice's columns: text, quantity, unit, price, amount."""
    totals: tuple[str, str, str]
    """Net sum, tax with its rate, what is to be paid."""
    slip: tuple[str, str, str, str, str, str, str]
    """Words of the payment slip: title, account, reference, payee, payer, amount, due date."""
    greeting: str
    closing: str
    form: str
    place_date: str
    signature: str
    goods: Lines
    stamps: Lines
    statements: StatementWording


class Locale(_Part):
    """All that the engine knows of one language."""

    language: str
    """Code of the language."""
    country: str
    """Code of the country whose identifiers are written (ISO 3166-1)."""
    decimal: str
    """The decimal sign."""
    thousands: dict[str, float]
    """What parts groups of three digits, with its relative weight."""
    colon_decimals: bool = False
    """Whether a colon may stand for the decimal sign."""
    law: Law = Law()
    dates: Dates
    iban: Iban
    phone: Phone
    postcode: Postcode
    words: Words | None = Words()
    """None for a language that wordfreq lacks."""
    names: Names | None = None
    """None for a language that has words and figures only."""
    phrases: Phrases
    pages: PageWording | None = None
    """None for a language that no pages are made in."""

    @cached_property
    def groups(self) -> Weighted[str]:
        """The choice of ``thousands``."""
        return Weighted.of(self.thousands)

    @property
    def complete(self) -> bool:
        """Whether figures can be written: there are a unit and a currency."""
        return bool(self.phrases.units and self.phrases.currencies)


@lru_cache(maxsize=len(LANGUAGES))
def read_locale(language: str) -> Locale:
    """Return the whole locale of ``language``, whatever charset it needs.

    Raises:
        DataInvalid: If the data file has an unknown key, lacks one, or a value of the wrong type.
    """
    text = (resources.files(__package__) / "data" / f"{language}.yaml").read_text(encoding="utf-8")
    return parse_locale(text, language)


def parse_locale(text: str, language: str) -> Locale:
    """Return the locale that the YAML ``text`` describes.

    Raises:
        DataInvalid: If ``text`` is not YAML, has an unknown key, lacks one, or a value of the wrong type.
    """
    try:
        return Locale.model_validate({"language": language, **load_yaml(text)})
    except yaml.YAMLError as error:
        raise DataInvalid(f"The data of language {language} is not YAML: {error}.") from error
    except ValidationError as error:
        raise DataInvalid(f"The data of language {language}: {first_fault(error)}.") from error


def load_locale(language: str, inside: Inside) -> Locale:
    """Return the locale of ``language`` without the phrases that lie outside the charset.

    Args:
        language: A code of :data:`~nordocr.synth.corpora.config.LANGUAGES`.
        inside: The charset's filter, which counts what is left out.
    """
    locale = read_locale(language)
    reason = f"{language} template entry outside the charset"
    phrases = {name: tuple(inside.keep(entries, reason)) for name, entries in locale.phrases}
    return locale.model_copy(update={"phrases": Phrases.model_validate(phrases)})
