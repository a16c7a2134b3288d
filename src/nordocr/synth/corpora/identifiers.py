"""Numbers that identify companies, people, accounts and payments, with valid check digits.

Sources: Luhn (ISO/IEC 7812-1) for Swedish organisation, bankgiro, plusgiro and OCR numbers and Danish FIK references;
modulus 11 with the weights that Brønnøysundregistrene, Erhvervsstyrelsen, PRH and Þjóðskrá publish; ISO 13616 for IBAN;
7-3-1 for Finnish reference numbers. The numbers are drawn at random: if one belongs to somebody, that is chance.
Countries outside the Nordic ones have Swedish company numbers, as branches have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nordocr.synth.corpora.locales import Locale
from nordocr.synth.corpora.patterns import drawn, grouped_as
from nordocr.synth.dice import Dice

_NORWEGIAN: Final = (3, 2, 7, 6, 5, 4, 3, 2)
_NORWEGIAN_ACCOUNT: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DANISH: Final = (2, 7, 6, 5, 4, 3, 2)
_FINNISH: Final = (7, 9, 10, 5, 8, 4, 2)


def luhn(digits: str) -> str:
    """Return the Luhn check digit that follows ``digits``."""
    total = 0
    for place, c in enumerate(reversed(digits)):
        value = int(c) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def modulus_11(digits: str, weights: Sequence[int]) -> str | None:
    """Return the check digit by weighted modulus 11, or None where it would be 10, which no register gives out."""
    check = -sum(int(c) * w for c, w in zip(digits, weights, strict=True)) % 11
    return None if check == 10 else str(check)


def _with_check(dice: Dice, first: str, count: int, weights: Sequence[int]) -> str:
    while True:
        digits = dice.pick(first) + dice.digits(count - 1)
        check = modulus_11(digits, weights)
        if check is not None:
            return digits + check


def company_digits(dice: Dice, locale: Locale) -> str:
    """Return the bare digits of an organisation number: 10 in Sweden and Iceland, 9 in Norway, else 8."""
    if locale.country == "NO":
        return _with_check(dice, "89", 8, _NORWEGIAN)
    if locale.country in ("DK", "FO"):
        return _with_check(dice, "123456789"[:4], 7, _DANISH)
    if locale.country == "FI":
        return _with_check(dice, "0123", 7, _FINNISH)
    if locale.country == "IS":
        return kennitala(dice, company=True)
    digits = dice.pick(("55", "55", "55", "71", "76", "80", "96", "21")) + dice.pick("23456789") + dice.digits(6)
    return digits + luhn(digits)


def kennitala(dice: Dice, *, company: bool) -> str:
    """Return the ten digits of an Icelandic kennitala; a company's has 40 added to the day."""
    while True:
        day = dice.integer(1, 28) + (40 if company else 0)
        digits = f"{day:02d}{dice.integer(1, 12):02d}{dice.digits(2)}{dice.integer(20, 99)}"
        check = modulus_11(digits, _NORWEGIAN)
        if check is not None:
            return digits + check + dice.pick("90")


def company_number(dice: Dice, locale: Locale) -> str:
    """Return an organisation number, CVR number, Y-tunnus or kennitala as the country writes it."""
    digits = company_digits(dice, locale)
    if locale.country == "NO":
        return digits if dice.chance(0.3) else f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    if locale.country in ("DK", "FO"):
        return digits if dice.chance(0.6) else f"{digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}"
    if locale.country == "FI":
        return f"{digits[:7]}-{digits[7]}"
    return digits if dice.chance(0.05) else f"{digits[:6]}-{digits[6:]}"


def vat_number(dice: Dice, locale: Locale) -> str:
    """Return a VAT number: ``SE556677889901``, ``NO 987 654 325 MVA``, ``DK12345674``, an Icelandic VSK number."""
    digits = company_digits(dice, locale)
    space = " " if dice.chance(0.3) else ""
    if locale.country == "NO":
        return f"NO {digits[:3]} {digits[3:6]} {digits[6:]} MVA" if dice.chance(0.6) else f"{digits}MVA"
    if locale.country in ("DK", "FO"):
        return f"DK{space or '-' * dice.integer(0, 1)}{digits}"
    if locale.country == "FI":
        return f"FI{space}{digits}"
    if locale.country == "IS":
        return str(dice.integer(10_000, 149_999))
    if locale.country == "DE":
        return f"DE{space}{dice.digits(9)}"
    return f"SE{space}{digits}01"


def person_number(dice: Dice, locale: Locale) -> str:
    """Return a personal identity number; only the Swedish and Icelandic ones carry valid check digits."""
    birth = f"{dice.integer(20, 99)}{dice.integer(1, 12):02d}{dice.integer(1, 28):02d}"
    day_first = birth[4:] + birth[2:4] + birth[:2]
    if locale.country == "SE":
        digits = birth + dice.digits(3)
        return f"{'19' if dice.chance(0.3) else ''}{birth}-{digits[6:]}{luhn(digits)}"
    if locale.country == "IS":
        digits = kennitala(dice, company=False)
        return f"{digits[:6]}-{digits[6:]}"
    if locale.country == "FI":
        return f"{day_first}-{dice.digits(3)}{dice.pick('0123456789ABCDEFHJKLMNPRSTUVWXY')}"
    if locale.country in ("DK", "FO"):
        return f"{day_first}-{dice.digits(4)}"
    return f"{day_first} {dice.digits(5)}"


def iban(dice: Dice, locale: Locale) -> str:
    """Return a valid IBAN, in groups of four or unbroken."""
    form = locale.iban
    account = (dice.pick(form.banks) if form.banks else "") + dice.digits(form.digits)
    value = "".join(str(int(c, 36)) for c in f"{account}{form.country}00")
    text = f"{form.country}{98 - int(value) % 97:02d}{account}"
    if dice.chance(0.25):
        return text
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def bank_account(dice: Dice, locale: Locale) -> str:
    """Return a domestic account number in the country's form: bankgiro, plusgiro, kontonummer and the like."""
    if locale.country == "NO":
        digits = _with_check(dice, "123456789", 10, _NORWEGIAN_ACCOUNT)
        return f"{digits[:4]}{dice.pick('. ')}{digits[4:6]}{dice.pick('. ')}{digits[6:]}"
    if locale.country in ("DK", "FO"):
        return f"{dice.digits(4)}{dice.pick((' ', '-', ' - '))}{dice.digits(dice.integer(7, 10))}"
    if locale.country == "IS":
        return f"{dice.digits(4)}-{dice.pick(('26', '05', '13', '15'))}-{dice.digits(6)}"
    if locale.country == "FI":
        return f"{dice.digits(6)}-{dice.digits(dice.integer(2, 8))}"
    if dice.chance(0.55):
        digits = str(dice.integer(1, 9)) + dice.digits(dice.integer(5, 6))
        digits += luhn(digits)
        return f"{digits[:-4]}-{digits[-4:]}"
    digits = str(dice.integer(1, 9)) + dice.digits(dice.integer(2, 6))
    body, check = digits, luhn(digits)
    head = len(body) % 2
    pairs = [body[:head]] if head else []
    pairs += [body[i : i + 2] for i in range(head, len(body), 2)]
    return f"{' '.join(pairs)}-{check}"


def payment_reference(dice: Dice, locale: Locale) -> str:
    """Return an OCR number, KID, FIK line or viitenumero with its check digit."""
    digits = str(dice.integer(1, 9)) + dice.digits(dice.integer(4, 13))
    if locale.country == "FI":
        total = sum(int(c) * (7, 3, 1)[i % 3] for i, c in enumerate(reversed(digits)))
        text = digits + str(-total % 10)
        if dice.chance(0.5):
            return text
        head = len(text) % 5
        return " ".join(part for part in (text[:head], *(text[i : i + 5] for i in range(head, len(text), 5))) if part)
    if locale.country in ("DK", "FO") and dice.chance(0.7):
        body = dice.digits(14)
        return f"+71<{body}{luhn(body)}+{dice.digits(8)}<"
    text = digits + luhn(digits)
    if locale.country == "SE" and dice.chance(0.25):
        giro = dice.digits(7)
        return f"{text} # {dice.integer(1, 99999)} {dice.digits(2)} {dice.integer(0, 9)} > {giro}{luhn(giro)}#41#"
    return text


def phone(dice: Dice, locale: Locale) -> str:
    """Return a telephone number as the country groups it."""
    form = locale.phone
    texts = [drawn(dice, pattern) for pattern in form.numbers]
    text = dice.pick(texts) if len(texts) > 1 else texts[0]
    if form.groups:
        text = grouped_as(text, dice.pick(form.groups))
    if dice.chance(0.25):
        return f"{form.prefix} {text.removeprefix('0') if form.trunk_zero else text}"
    return text


def postcode(dice: Dice, locale: Locale) -> str:
    """Return a postcode in the country's form."""
    form = locale.postcode
    prefix = form.prefix if form.prefixed and dice.chance(form.prefixed) else ""
    return prefix + drawn(dice, form.pattern)
