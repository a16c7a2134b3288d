"""Dates, periods and times in each country's forms."""

from __future__ import annotations

from typing import Final

from nordocr.synth.corpora.locales import Locale
from nordocr.synth.dice import Dice

_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PARTIAL: Final = ("d/m", "d.m.", "N y", "m/y", "M.y", "n y", "D.M", "N")
_ORDINALS: Final = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def year(dice: Dice) -> int:
    """Return a year: mostly of the last decades, sometimes as old as archives are."""
    roll = dice.unit()
    if roll < 0.75:
        return dice.integer(1990, 2026)
    return dice.integer(1945, 1989) if roll < 0.95 else dice.integer(1890, 1944)


def date(dice: Dice, locale: Locale, partial: float = 0.0) -> str:
    """Return a date that exists, in one of the language's forms.

    Args:
        dice: Where the draws come from.
        locale: The language.
        partial: Probability of a date without day or year.
    """
    form = dice.pick(_PARTIAL if dice.chance(partial) else locale.dates.forms)
    month = dice.integer(1, 12)
    day = dice.integer(1, _LENGTHS[month - 1])
    if "N" in form or "n" in form:
        phrases = locale.phrases
        in_date = phrases.months_in_date if "d" in form else ()
        names = (in_date or phrases.months) if "N" in form else phrases.months_short
        if not names:
            return f"{day}.{month}.{year(dice)}"
        name = dice.pick(names)
        # names may be fewer than twelve where some lie outside the charset: the 28th exists in every month
        return _filled(form, year(dice), month, min(day, 28), name)
    return _filled(form, year(dice), month, day, "")


def _filled(form: str, year_: int, month: int, day: int, name: str) -> str:
    parts = []
    if "DTH" in form:
        return f"{day}{_ORDINALS.get(day, 'th')} {name} {year_}"
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
    """Return a date with the month's name, as sentences and signatures hold it."""
    names = locale.phrases.months_in_date or locale.phrases.months
    if not names:
        return f"{dice.integer(1, 28)}.{dice.integer(1, 12)}.{year(dice)}"
    point = "." if locale.dates.day_point else ""
    return f"{dice.integer(1, 28)}{point} {dice.pick(names)} {year(dice)}"


def period(dice: Dice, locale: Locale) -> str:
    """Return a financial year or a span: ``2023-01-01--2023-12-31``, ``1.1.–31.12.2023``, ``2022/23``."""
    this = year(dice)
    dash = dice.pick(("-", "–", " - ", " – "))
    iso = (f"{this}-01-01{dash}{this}-12-31", f"{this}-01-01--{this}-12-31")
    dotted = (f"1.1.{this}{dash}31.12.{this}", f"1.1.{dash}31.12.{this}", f"01.01.{this}{dash}31.12.{this}")
    common = (f"{this}{dash}{this + 1}", f"{this}/{(this + 1) % 100:02d}", f"{this} {this - 1}", f"{this}/{this + 1}")
    if locale.dates.iso_periods:
        return dice.pick((*iso, *iso, *common))
    return dice.pick((*dotted, *dotted, iso[0], *common))


def time(dice: Dice, locale: Locale) -> str:
    """Return a time of day, sometimes with the language's word for the hour."""
    sign = "." if locale.dates.time_point and dice.chance(0.5) else ":"
    hour = dice.integer(0, 23)
    text = f"{hour:02d}{sign}{5 * dice.integer(0, 11):02d}"
    if dice.chance(0.2):
        text += f"{dice.pick(('-', '–'))}{min(hour + 2, 24):02d}{sign}00"
    word = locale.dates.clock
    return f"{word} {text}" if word and dice.chance(0.5) else text
