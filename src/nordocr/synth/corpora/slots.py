"""Templates with slots: ``{amount}`` in a phrase becomes an amount, ``{name}`` a name, each in the language's form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nordocr.errors import DataInvalid
from nordocr.synth.corpora import dates, identifiers, numbers
from nordocr.synth.corpora.dice import Dice
from nordocr.synth.corpora.locales import Locale
from nordocr.synth.corpora.people import People

Slot = Callable[[Dice, Locale, People], str]
Template = tuple[str | Slot, ...]

_FOLD: Final = str.maketrans(
    {"å": "a", "ä": "a", "ö": "o", "ø": "o", "æ": "ae", "ð": "d", "þ": "th", "ü": "u", " ": "-"}
)
_BOXES: Final = {"sv": ("faktura", "ekonomi", "kundservice"), "nb": ("faktura", "firmapost"), "nn": ("faktura",
                 "postmottak"),
                 "da": ("bogholderi", "salg"), "fi": ("laskutus", "asiakaspalvelu", "myynti"),
                        "is": ("sala",)}  # fmt: skip
_DOMAINS: Final = {"sv": ("se", "com"), "nb": ("no", "com"), "nn": ("no",), "da": ("dk", "com"), "fi": ("fi", "com"),
                   "is": ("is",), "en": ("com", "co.uk", "org")}  # fmt: skip
_SCANDINAVIAN_ENDS: Final = ("", "-bygg", "-invest", "gruppen", "24")
_HOST_ENDS: Final = {"sv": _SCANDINAVIAN_ENDS, "nb": _SCANDINAVIAN_ENDS, "nn": ("-bygg", "24"), "da": ("-byg",
                     "gruppen", "24"),
                     "fi": ("-yhtiot", "rakennus", "24"), "is": ("hus", "-verk")}  # fmt: skip


def host(dice: Dice, locale: Locale, people: People) -> str:
    """A domain name made of a surname: ``nordstrom.se``, ``berg-invest.no``."""
    name = dice.pick(people.surnames).lower().translate(_FOLD).replace("'", "")
    extra = dice.pick(_HOST_ENDS.get(locale.language, ("",))) if dice.chance(0.5) else ""
    return f"{name}{extra}.{dice.pick(_DOMAINS[locale.language])}"


def email(dice: Dice, locale: Locale, people: People) -> str:
    """An e-mail address: a name's or a department's."""
    if dice.chance(0.45):
        box = dice.pick(("info", "post", "kontakt", "office", "mail", "order", *_BOXES.get(locale.language, ())))
    else:
        parts = dice.pick(people.names).lower().translate(_FOLD).replace("'", "").replace(".", "").split("-")
        box = dice.pick((f"{parts[0]}.{parts[-1]}", f"{parts[0]}_{parts[-1]}", parts[0], f"{parts[0][:1]}{parts[-1]}"))
    return f"{box}@{host(dice, locale, people)}"


def url(dice: Dice, locale: Locale, people: People) -> str:
    """A web address, with or without scheme and path."""
    head = dice.pick(("www.", "www.", "https://www.", "http://www.", "https://", ""))
    path = dice.pick(("", "", "", "/", "/kontakt", "/no/om-oss", "/a-b_c", "/index.html", "/?id=27", "/~info"))
    return f"{head}{host(dice, locale, people)}{path}"


def initials(dice: Dice, locale: Locale, people: People) -> str:
    """``A. Lindqvist``, ``K.E. Berg``."""
    letters = "ABCDEFGHIJKLMNOPRSTUV"
    head = dice.pick((f"{dice.pick(letters)}.", f"{dice.pick(letters)}.{dice.pick(letters)}."))
    return f"{head} {dice.pick(people.surnames)}"


def _address(dice: Dice, locale: Locale, people: People) -> str:
    language = locale.language
    town = f"{identifiers.postcode(dice, language)} {dice.pick(locale['places'])}"
    return f"{people.street(dice, language)}, {town}"


SLOTS: Final[dict[str, Slot]] = {
    "amount": lambda d, loc, p: numbers.plain(d, loc),
    "signed": lambda d, loc, p: numbers.amount(d, numbers.amount_style(d, loc), 0.35),
    "money": lambda d, loc, p: numbers.money(d, loc),
    "price": lambda d, loc, p: numbers.price(d, loc),
    "cur": lambda d, loc, p: d.pick(loc["currencies"]),
    "pct": lambda d, loc, p: numbers.percentage(d, loc),
    "qty": lambda d, loc, p: numbers.quantity(d, loc),
    "n": lambda d, loc, p: str(d.between(1, 40)),
    "int": lambda d, loc, p: str(d.between(1, 1200)),
    "page": lambda d, loc, p: str(d.between(1, 96)),
    "section": lambda d, loc, p: numbers.section(d, loc),
    "code": lambda d, loc, p: numbers.code(d),
    "number": lambda d, loc, p: d.digits(d.between(3, 10)),
    "year": lambda d, loc, p: str(dates.year(d)),
    "date": lambda d, loc, p: dates.date(d, loc),
    "longdate": lambda d, loc, p: dates.long_date(d, loc),
    "period": lambda d, loc, p: dates.period(d, loc),
    "time": lambda d, loc, p: dates.time(d, loc),
    "month": lambda d, loc, p: d.pick(loc["months"]) if loc["months"] else str(d.between(1, 12)),
    "weekday": lambda d, loc, p: d.pick(loc["weekdays"]),
    "name": lambda d, loc, p: d.pick(p.names),
    "initials": initials,
    "surname": lambda d, loc, p: d.pick(p.surnames),
    "company": lambda d, loc, p: p.company(d),
    "place": lambda d, loc, p: d.pick(loc["places"]),
    "street": lambda d, loc, p: p.street(d, loc.language),
    "address": _address,
    "postcode": lambda d, loc, p: identifiers.postcode(d, loc.language),
    "phone": lambda d, loc, p: identifiers.phone(d, loc.language),
    "email": email,
    "url": url,
    "orgnr": lambda d, loc, p: identifiers.company_number(d, loc.language),
    "person": lambda d, loc, p: identifiers.person_number(d, loc.language),
    "vat": lambda d, loc, p: identifiers.vat_number(d, loc.language),
    "iban": lambda d, loc, p: identifiers.iban(d, loc.language),
    "account": lambda d, loc, p: identifiers.bank_account(d, loc.language),
    "ocr": lambda d, loc, p: identifiers.payment_reference(d, loc.language),
}
"""What each slot's name stands for."""

_SLOT = re.compile(r"\{([a-z]+)\}")


def compiled(phrase: str) -> Template:
    """``phrase`` as literals and slots; :class:`DataInvalid` names a slot that there is not."""
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
    """The template with every slot drawn."""
    return "".join([part if isinstance(part, str) else part(dice, locale, people) for part in template])
