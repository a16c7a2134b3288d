"""Dates, periods and times in each country's forms."""

from __future__ import annotations

from typing import Final

from nordocr.synth.corpora.dice import Dice
from nordocr.synth.corpora.locales import Locale

_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# y: four digits, Y: two, m and d without leading zero, M and D with it, N: month's name, n: its short name
_FORMS: Final[dict[str, tuple[str, ...]]] = {
    "sv": (
        "y-M-D",
        "y-M-D",
        "y-M-D",
        "Y-M-D",
        "YMD",
        "yMD",
        "d N y",
        "d N y",
        "den d N y",
        "d/m y",
        "d/m-Y",
        "D.M.y",
        "d n y",
        "Y M D",
    ),
    "nb": ("D.M.y", "D.M.y", "d.m.y", "D.M.Y", "d. N y", "d. N y", "d/m-Y", "d/m y", "y-M-D", "d. n. y", "D/M/y"),
    "da": ("D.M.y", "D-M-y", "D-M-y", "D.M.Y", "d. N y", "d. N y", "den d. N y", "d/m y", "d/m-Y", "D/M/y", "y-M-D"),
    "fi": ("D.M.y", "d.m.y", "d.m.y", "d.m.Y", "d. N y", "d. N y", "y-M-D", "D/M/y"),
    "is": ("D.M.y", "d.m.y", "D.M.Y", "d. N y", "d. N y", "y-M-D", "D-M-y"),
    "en": ("d N y", "N d, y", "D/M/y", "M/D/y", "y-M-D", "d n y", "DTH N y"),
    "fr": ("D/M/y", "d N y", "D.M.y", "d/m/Y"),
    "de": ("D.M.y", "d. N y", "D.M.Y", "d.m.y"),
}
_FORMS["nn"] = _FORMS["nb"]
_PARTIAL: Final = ("d/m", "d.m.", "N y", "m/y", "M.y", "n y", "D.M", "N")


def year(dice: Dice) -> int:
    """A year: mostly of the last decades, some of the archives'."""
    roll = dice.roll()
    if roll < 0.75:
        return dice.between(1990, 2026)
    return dice.between(1945, 1989) if roll < 0.95 else dice.between(1890, 1944)


def date(dice: Dice, locale: Locale, partial: float = 0.0) -> str:
    """A date that exists, in one of the language's forms; without day or year as likely as ``partial``."""
    form = dice.pick(_PARTIAL if dice.chance(partial) else _FORMS[locale.language])
    month = dice.between(1, 12)
    day = dice.between(1, _LENGTHS[month - 1])
    if "N" in form or "n" in form:
        in_date = locale["months_in_date"] if "d" in form else ()
        names = (in_date or locale["months"]) if "N" in form else locale["months_short"]
        if not names:
            return f"{day}.{month}.{year(dice)}"
        name = dice.pick(names)
        # names may be fewer than twelve where some lie outside the charset: the 28th exists in every month
        return _filled(form, year(dice), month, min(day, 28), name)
    return _filled(form, year(dice), month, day, "")


def _filled(form: str, year_: int, month: int, day: int, name: str) -> str:
    parts = []
    if "DTH" in form:
        suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")
        return f"{day}{suffix} {name} {year_}"
    if form.startswith("den "):
        parts.append("den ")
        form = form[4:]
    values = {
        "y": str(year_),
        "Y": f"{year_ % 100:02d}",
        "m": str(month),
        "M": f"{month:02d}",
        "d": str(day),
        "D": f"{day:02d}",
        "N": name,
        "n": name,
    }
    parts.extend(values.get(c, c) for c in form)
    return "".join(parts)


def long_date(dice: Dice, locale: Locale) -> str:
    """A date with the month's name, as sentences and signatures hold it."""
    names = locale["months_in_date"] or locale["months"]
    if not names:
        return f"{dice.between(1, 28)}.{dice.between(1, 12)}.{year(dice)}"
    point = "" if locale.language in ("sv", "en", "fr") else "."
    return f"{dice.between(1, 28)}{point} {dice.pick(names)} {year(dice)}"


def period(dice: Dice, locale: Locale) -> str:
    """A financial year or a span: ``2023-01-01--2023-12-31``, ``1.1.–31.12.2023``, ``2022/23``."""
    this = year(dice)
    dash = dice.pick(("-", "–", " - ", " – "))
    iso = (f"{this}-01-01{dash}{this}-12-31", f"{this}-01-01--{this}-12-31")
    dotted = (f"1.1.{this}{dash}31.12.{this}", f"1.1.{dash}31.12.{this}", f"01.01.{this}{dash}31.12.{this}")
    common = (f"{this}{dash}{this + 1}", f"{this}/{(this + 1) % 100:02d}", f"{this} {this - 1}", f"{this}/{this + 1}")
    if locale.language == "sv":
        return dice.pick((*iso, *iso, *common))
    return dice.pick((*dotted, *dotted, iso[0], *common))


def time(dice: Dice, locale: Locale) -> str:
    """A time of day, with the language's word for the hour now and then."""
    sign = "." if locale.language in ("fi", "da", "sv", "nb", "nn") and dice.chance(0.5) else ":"
    hour = dice.between(0, 23)
    text = f"{hour:02d}{sign}{5 * dice.between(0, 11):02d}"
    if dice.chance(0.2):
        text += f"{dice.pick(('-', '–'))}{min(hour + 2, 24):02d}{sign}00"
    word = {"sv": "kl.", "nb": "kl.", "nn": "kl.", "da": "kl.", "fi": "klo", "is": "kl."}.get(locale.language, "")
    return f"{word} {text}" if word and dice.chance(0.5) else text
