"""Amounts, percentages, quantities, references to laws and other figures as business documents print them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nordocr.synth.corpora.locales import Locale
from nordocr.synth.dice import Dice, Weighted

_DIGITS: Final = Weighted((1, 2, 3, 4, 5, 6, 7, 8, 9, 10), (3, 6, 12, 16, 19, 18, 13, 8, 4, 1))
_NEGATIVE: Final = Weighted(("-{}", "- {}", "–{}", "– {}", "—{}", "({})", "{}-", "{} -"), (40, 6, 22, 6, 2, 18, 5, 1))
_PRICE_ENDS: Final = Weighted((",-", ":-", ".-", ",–", " kr", ":00", ",00"), (20, 26, 3, 5, 16, 15, 15))


@dataclass(frozen=True)
class AmountStyle:
    """How the amounts of one table are written.

    Attributes:
        group: What parts groups of three digits.
        decimal: The decimal sign.
        decimals: Number of decimals, 0 or 2.
        negative: Form of an amount below zero, with ``{}`` for its digits.
        digits: Rough number of digits before the decimal sign.
    """

    group: str
    decimal: str
    decimals: int
    negative: str
    digits: int


def amount_style(dice: Dice, locale: Locale, decimals: float = 0.25) -> AmountStyle:
    """Return a style as the language writes amounts; ``decimals`` is the probability of two decimals."""
    group = locale.groups.pick(dice)
    decimal = locale.decimal
    if dice.chance(0.08):
        decimal = ":" if locale.colon_decimals and dice.chance(0.4) else "."
    if decimal == group:
        decimal = "," if group == "." else "."
    return AmountStyle(group, decimal, 2 if dice.chance(decimals) else 0, _NEGATIVE.pick(dice), _DIGITS.pick(dice))


def grouped(digits: str, group: str) -> str:
    """Return ``digits`` parted by ``group`` into threes from the right."""
    head = len(digits) % 3 or 3
    return group.join([digits[:head], *(digits[i : i + 3] for i in range(head, len(digits), 3))])


def integer(dice: Dice, count: int) -> str:
    """Return a positive integer of ``count`` digits, a round one in one case of five."""
    text = str(dice.integer(1, 9)) + (dice.digits(count - 1) if count > 1 else "")
    if count > 3 and dice.chance(0.2):
        kept = dice.integer(1, count - 2)
        text = text[:kept] + "0" * (count - kept)
    return text


def amount(dice: Dice, style: AmountStyle, negative: float = 0.22) -> str:
    """Return an amount in ``style``, rarely a bare dash or zero.

    Args:
        dice: Where the draws come from.
        style: How the table writes amounts.
        negative: Probability of an amount below zero.
    """
    if negative > 0.1 and dice.chance(0.04):
        return dice.pick(("0", "-", "–", "0", "—"))
    count = style.digits + dice.pick((-2, -1, -1, 0, 0, 0, 0, 1))
    text = grouped(integer(dice, max(count, 1)), style.group)
    if style.decimals:
        text += style.decimal + dice.digits(style.decimals)
    return style.negative.replace("{}", text) if dice.chance(negative) else text


def money(dice: Dice, locale: Locale) -> str:
    """Return an amount with its currency before or after it, as running text has it."""
    text = amount(dice, amount_style(dice, locale, 0.3), 0.06)
    currency = dice.pick(locale.phrases.currencies)
    return f"{currency} {text}" if dice.chance(0.2) else f"{text} {currency}"


def plain(dice: Dice, locale: Locale) -> str:
    """Return a positive amount without decimals or currency."""
    return amount(dice, amount_style(dice, locale, 0.0), 0.0)


def price(dice: Dice, locale: Locale) -> str:
    """Return a price: ``125,00``, ``1 250:-``, ``75,-``, ``99:50``."""
    text = grouped(str(dice.integer(1, 9)) + dice.digits(dice.integer(0, 4)), locale.groups.pick(dice))
    if dice.chance(0.55):
        return text + (":" if dice.chance(0.1) else locale.decimal) + dice.digits(2)
    return text + _PRICE_ENDS.pick(dice)


def zeros(dice: Dice, locale: Locale, length: int) -> str:
    """Return ``length`` characters or more of figures that are mostly zeros: ``0,00``, ``100 000,00``, ``000120``."""
    style = amount_style(dice, locale)
    group, point = style.group, style.decimal
    texts: list[str] = []
    count = 0
    while not texts or count < length:
        head = dice.pick("123456789") + "0" * dice.integer(0, 8)
        text = dice.pick((
            f"0{point}00", f"0{point}00", f"0{point}0", "0", "00", f"{dice.pick('123456789')}{point}00",
            grouped(head, group), grouped(head, group) + f"{point}00", "0" * dice.integer(2, 5) + dice.digits(2),
            f"{head}-{dice.pick('0123')}0{dice.pick('05')}", f"0{point}00 %", f"0{point}0{dice.digits(1)}",
            f"20{dice.digits(1)}0-{dice.pick(('10', '01', '08'))}-{dice.pick(('10', '20', '30', '01'))}",
        ))  # fmt: skip
        texts.append(text)
        count += len(text) + 1
    return " ".join(texts)


def percentage(dice: Dice, locale: Locale, signed: float = 0.0) -> str:
    """Return a percentage: ``12 %``, ``12,5 %``, ``3,1%``; ``signed`` is the probability of a sign before it."""
    text = str(dice.integer(0, 100))
    if dice.chance(0.6):
        text += locale.decimal + dice.digits(dice.integer(1, 2))
    sign = dice.pick(("-", "–", "+", "± ", "±")) if dice.chance(signed) else ""
    return f"{sign}{text}{' %' if dice.chance(0.7) else '%'}"


def quantity(dice: Dice, locale: Locale) -> str:
    """Return a number with a unit: ``12 st``, ``40 × 60 cm``, ``12 ± 0,5 mm``, ``-18 °C``, ``45°``."""
    kind = dice.integer(1, 12)
    first = str(dice.integer(1, 2500))
    if kind == 1:
        cross = dice.pick(("×", " × ", "x", " x "))
        return f"{first}{cross}{dice.integer(1, 2500)}{dice.pick((' mm', ' cm', ' m', 'mm', ''))}"
    if kind == 2:
        return f"{dice.pick(('', '-', '–', '+', '±', '± '))}{dice.integer(0, 95)}{dice.pick((' °C', '°C', '°', ' °'))}"
    if kind == 3:
        return (
            f"{first} ± {dice.integer(1, 25)}{locale.decimal}{dice.digits(1)} {dice.pick(('mm', 'kg', 'g', '%', 'mg'))}"
        )
    if dice.chance(0.3):
        first += locale.decimal + dice.digits(dice.integer(1, 3))
    return f"{first} {dice.pick(locale.phrases.units)}"


def section(dice: Dice, locale: Locale) -> str:
    """Return a reference to a law: ``7 kap. 12 §``, ``§ 3``, ``§§ 4–6``, ``12 a §``."""
    number = dice.integer(1, 60)
    letter = f" {dice.pick('abcdef')}" if dice.chance(0.15) else ""
    law = locale.law
    if law.chapter and dice.chance(0.75):
        head = f"{dice.integer(1, 40)} {law.chapter} " if dice.chance(0.6) else ""
        tail = f" {dice.integer(1, 4)} {law.clause}" if law.clause and dice.chance(0.15) else ""
        return f"{head}{number}{letter} §{law.case if head else ''}{tail}"
    if dice.chance(0.15):
        return f"§§ {number}{dice.pick(('-', '–', law.joined_by))}{number + 3}"
    if law.dashed and dice.chance(0.5):
        return f"§ {dice.integer(1, 21)}-{dice.integer(1, 19)}"
    return f"§ {number}{letter}"


def enumeration(dice: Dice) -> str:
    """Return the mark of a list's item: ``1.``, ``1.1``, ``a)``, ``(iv)``, ``-``, ``–``, ``*``."""
    number = dice.integer(1, 24)
    forms = (
        f"{number}.",
        f"{number}",
        f"{number})",
        f"{dice.integer(1, 9)}.{dice.integer(1, 12)}",
        f"{dice.integer(1, 9)}.{dice.integer(1, 9)}.{dice.integer(1, 9)}",
        f"{dice.pick('abcdefgh')})",
        f"{dice.pick('ABCDEFGH')}.",
        f"({dice.pick(('i', 'ii', 'iii', 'iv', 'v', 'vi'))})",
        "-",
        "–",
        "*",
        "»",
        f"({number})",
        f"{dice.pick(('I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X'))}.",
    )
    return dice.pick(forms)


def code(dice: Dice) -> str:
    """Return an article number, reference, policy or case number in one of many shapes."""
    shape = dice.pick(
        (
            "A-######",
            "AA######",
            "####-###",
            "###.###.###",
            "AA-##-####",
            "######",
            "##/####",
            "####/##",
            "A##.##",
            "#-####",
            "A#A#A#",
            "####-##-A",
            "AAA ###",
            "#######-#",
            "##-####-##",
            "##.##.##",
            "A/###/##",
            "AAAA####",
            "(####)",
            "Nr ####",
        )
    )
    return "".join(
        dice.digits(1) if c == "#" else dice.pick("ABCDEFGHIJKLMNOPRSTUVXYZ") if c == "A" else c for c in shape
    )
