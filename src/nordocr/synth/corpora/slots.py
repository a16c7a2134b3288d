"""Templates with slots: ``{amount}`` in a phrase becomes an amount, ``{name}`` a name, as the language writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nordocr.errors import DataInvalid
from nordocr.synth.corpora import dates, identifiers, numbers
from nordocr.synth.corpora.locales import Locale
from nordocr.synth.corpora.people import People
from nordocr.synth.dice import Dice

Slot = Callable[[Dice, Locale, People], str]
Template = tuple[str | Slot, ...]

_FOLD: Final = str.maketrans(
    {"å": "a", "ä": "a", "ö": "o", "ø": "o", "æ": "ae", "ð": "d", "þ": "th", "ü": "u", " ": "-"}
)
_MAILBOXES: Final = ("info", "post", "kontakt", "office", "mail", "order")


def host(dice: Dice, locale: Locale, people: People) -> str:
    """Return a domain name made from a surname: ``nordstrom.se``, ``berg-invest.no``."""
    names = people.form
    name = dice.pick(people.surnames).lower().translate(_FOLD).replace("'", "")
    extra = dice.pick(names.host_ends) if dice.chance(0.5) else ""
    return f"{name}{extra}.{dice.pick(names.domains)}"


def email(dice: Dice, locale: Locale, people: People) -> str:
    """Return an e-mail address of a person or a department."""
    if dice.chance(0.45):
        box = dice.pick((*_MAILBOXES, *people.form.mailboxes))
    else:
        parts = dice.pick(people.names).lower().translate(_FOLD).replace("'", "").replace(".", "").split("-")
        box = dice.pick((f"{parts[0]}.{parts[-1]}", f"{parts[0]}_{parts[-1]}", parts[0], f"{parts[0][:1]}{parts[-1]}"))
    return f"{box}@{host(dice, locale, people)}"


def url(dice: Dice, locale: Locale, people: People) -> str:
    """Return a web address, with or without scheme and path."""
    head = dice.pick(("www.", "www.", "https://www.", "http://www.", "https://", ""))
    path = dice.pick(("", "", "", "/", "/kontakt", "/no/om-oss", "/a-b_c", "/index.html", "/?id=27", "/~info"))
    return f"{head}{host(dice, locale, people)}{path}"


def initials(dice: Dice, locale: Locale, people: People) -> str:
    """Return a surname with initials: ``A. Lindqvist``, ``K.E. Berg``."""
    letters = "ABCDEFGHIJKLMNOPRSTUV"
    head = dice.pick((f"{dice.pick(letters)}.", f"{dice.pick(letters)}.{dice.pick(letters)}."))
    return f"{head} {dice.pick(people.surnames)}"


def _address(dice: Dice, locale: Locale, people: People) -> str:
    town = f"{identifiers.postcode(dice, locale)} {dice.pick(locale.phrases.places)}"
    return f"{people.street(dice, locale)}, {town}"


SLOTS: Final[dict[str, Slot]] = {
    "amount": lambda d, loc, p: numbers.plain(d, loc),
    "signed": lambda d, loc, p: numbers.amount(d, numbers.amount_style(d, loc), 0.35),
    "money": lambda d, loc, p: numbers.money(d, loc),
    "price": lambda d, loc, p: numbers.price(d, loc),
    "cur": lambda d, loc, p: d.pick(loc.phrases.currencies),
    "pct": lambda d, loc, p: numbers.percentage(d, loc),
    "qty": lambda d, loc, p: numbers.quantity(d, loc),
    "n": lambda d, loc, p: str(d.integer(1, 40)),
    "int": lambda d, loc, p: str(d.integer(1, 1200)),
    "page": lambda d, loc, p: str(d.integer(1, 96)),
    "section": lambda d, loc, p: numbers.section(d, loc),
    "code": lambda d, loc, p: numbers.code(d),
    "number": lambda d, loc, p: d.digits(d.integer(3, 10)),
    "year": lambda d, loc, p: str(dates.year(d)),
    "date": lambda d, loc, p: dates.date(d, loc),
    "longdate": lambda d, loc, p: dates.long_date(d, loc),
    "period": lambda d, loc, p: dates.period(d, loc),
    "time": lambda d, loc, p: dates.time(d, loc),
    "month": lambda d, loc, p: d.pick(loc.phrases.months) if loc.phrases.months else str(d.integer(1, 12)),
    "weekday": lambda d, loc, p: d.pick(loc.phrases.weekdays),
    "name": lambda d, loc, p: d.pick(p.names),
    "initials": initials,
    "surname": lambda d, loc, p: d.pick(p.surnames),
    "company": lambda d, loc, p: p.company(d),
    "place": lambda d, loc, p: d.pick(loc.phrases.places),
    "street": lambda d, loc, p: p.street(d, loc),
    "address": _address,
    "postcode": lambda d, loc, p: identifiers.postcode(d, loc),
    "phone": lambda d, loc, p: identifiers.phone(d, loc),
    "email": email,
    "url": url,
    "orgnr": lambda d, loc, p: identifiers.company_number(d, loc),
    "person": lambda d, loc, p: identifiers.person_number(d, loc),
    "vat": lambda d, loc, p: identifiers.vat_number(d, loc),
    "iban": lambda d, loc, p: identifiers.iban(d, loc),
    "account": lambda d, loc, p: identifiers.bank_account(d, loc),
    "ocr": lambda d, loc, p: identifiers.payment_reference(d, loc),
}
"""What each slot's name stands for."""

_SLOT = re.compile(r"\{([a-z]+)\}")


def compiled(phrase: str) -> Template:
    """Return ``phrase`` split into literals and slots.

    Raises:
        DataInvalid: If the phrase names an unknown slot.
    """
    parts: list[str | Slot] = []
    for place, part in enumerate(_SLOT.split(phrase)):
        if place % 2 == 0:
            if part:
                parts.append(part)
        elif part in SLOTS:
            parts.append(SLOTS[part])
        else:
            raise DataInvalid(f"Template {phrase!r} has an unknown slot {{{part}}}.")
    return tuple(parts)


def filled(template: Template, dice: Dice, locale: Locale, people: People) -> str:
    """Return the template's text with every slot drawn."""
    return "".join([part if isinstance(part, str) else part(dice, locale, people) for part in template])
