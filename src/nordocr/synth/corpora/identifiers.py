"""Numbers that identify companies, accounts and payments, with check digits that are right.

Sources: Luhn (ISO/IEC 7812-1) for Swedish organisation, bankgiro, plusgiro and OCR numbers and Danish FIK references;
modulus 11 with the weights that Brønnøysundregistrene, Erhvervsstyrelsen, PRH and Þjóðskrá publish; ISO 13616 for IBAN;
7-3-1 for Finnish reference numbers. The numbers are drawn at random: that one belongs to somebody is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nordocr.synth.corpora.dice import Dice

_NORWEGIAN: Final = (3, 2, 7, 6, 5, 4, 3, 2)
_NORWEGIAN_ACCOUNT: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_DANISH: Final = (2, 7, 6, 5, 4, 3, 2)
_FINNISH: Final = (7, 9, 10, 5, 8, 4, 2)
_IBAN: Final = {"sv": ("SE", 20), "nb": ("NO", 11), "nn": ("NO", 11), "da": ("DK", 14), "fi": ("FI", 14),
                "is": ("IS", 22),
                "de": ("DE", 18), "fr": ("FR", 23), "en": ("IE", 14)}  # fmt: skip


def luhn(digits: str) -> str:
    """The check digit that follows ``digits``."""
    total = 0
    for place, c in enumerate(reversed(digits)):
        value = int(c) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def modulus_11(digits: str, weights: Sequence[int]) -> str | None:
    """The check digit by weighted modulus 11; None where it would be 10, which no register gives out."""
    check = -sum(int(c) * w for c, w in zip(digits, weights, strict=True)) % 11
    return None if check == 10 else str(check)


def _with_check(dice: Dice, first: str, count: int, weights: Sequence[int]) -> str:
    while True:
        digits = dice.pick(first) + dice.digits(count - 1)
        check = modulus_11(digits, weights)
        if check is not None:
            return digits + check


def company_digits(dice: Dice, language: str) -> str:
    """The bare digits of an organisation number: 10 in Sweden and Iceland, 9 in Norway, 8 in Denmark and Finland."""
    if language in ("nb", "nn"):
        return _with_check(dice, "89", 8, _NORWEGIAN)
    if language == "da":
        return _with_check(dice, "123456789"[:4], 7, _DANISH)
    if language == "fi":
        return _with_check(dice, "0123", 7, _FINNISH)
    if language == "is":
        return kennitala(dice, company=True)
    digits = dice.pick(("55", "55", "55", "71", "76", "80", "96", "21")) + dice.pick("23456789") + dice.digits(6)
    return digits + luhn(digits)


def kennitala(dice: Dice, *, company: bool) -> str:
    """Ten digits of an Icelandic kennitala: day (40 added for companies), month, year, two digits, check, century."""
    while True:
        day = dice.between(1, 28) + (40 if company else 0)
        digits = f"{day:02d}{dice.between(1, 12):02d}{dice.digits(2)}{dice.between(20, 99)}"
        check = modulus_11(digits, _NORWEGIAN)
        if check is not None:
            return digits + check + dice.pick("90")


def company_number(dice: Dice, language: str) -> str:
    """An organisation number, CVR, Y-tunnus or kennitala as the country writes it."""
    digits = company_digits(dice, language)
    if language in ("nb", "nn"):
        return digits if dice.chance(0.3) else f"{digits[:3]} {digits[3:6]} {digits[6:]}"
    if language == "da":
        return digits if dice.chance(0.6) else f"{digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}"
    if language == "fi":
        return f"{digits[:7]}-{digits[7]}"
    return digits if dice.chance(0.05) else f"{digits[:6]}-{digits[6:]}"


def vat_number(dice: Dice, language: str) -> str:
    """A VAT number: ``SE556677889901``, ``NO 987 654 325 MVA``, ``DK12345674``, in Iceland a short VSK number."""
    digits = company_digits(dice, language)
    space = " " if dice.chance(0.3) else ""
    if language in ("nb", "nn"):
        return f"NO {digits[:3]} {digits[3:6]} {digits[6:]} MVA" if dice.chance(0.6) else f"{digits}MVA"
    if language == "da":
        return f"DK{space or '-' * dice.between(0, 1)}{digits}"
    if language == "fi":
        return f"FI{space}{digits}"
    if language == "is":
        return str(dice.between(10_000, 149_999))
    if language == "de":
        return f"DE{space}{dice.digits(9)}"
    return f"SE{space}{digits}01"


def person_number(dice: Dice, language: str) -> str:
    """A person's number in the country's form; only the Swedish and Icelandic ones carry check digits."""
    birth = f"{dice.between(20, 99)}{dice.between(1, 12):02d}{dice.between(1, 28):02d}"
    day_first = birth[4:] + birth[2:4] + birth[:2]
    if language == "sv":
        digits = birth + dice.digits(3)
        return f"{'19' if dice.chance(0.3) else ''}{birth}-{digits[6:]}{luhn(digits)}"
    if language == "is":
        digits = kennitala(dice, company=False)
        return f"{digits[:6]}-{digits[6:]}"
    if language == "fi":
        return f"{day_first}-{dice.digits(3)}{dice.pick('0123456789ABCDEFHJKLMNPRSTUVWXY')}"
    if language == "da":
        return f"{day_first}-{dice.digits(4)}"
    return f"{day_first} {dice.digits(5)}"


def iban(dice: Dice, language: str) -> str:
    """A valid IBAN, in groups of four or in one."""
    country, length = _IBAN[language]
    account = dice.pick(("AIBK", "BOFI", "CITI")) + dice.digits(length) if country == "IE" else dice.digits(length)
    value = "".join(str(int(c, 36)) for c in f"{account}{country}00")
    text = f"{country}{98 - int(value) % 97:02d}{account}"
    if dice.chance(0.25):
        return text
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def bank_account(dice: Dice, language: str) -> str:
    """A domestic account: bankgiro or plusgiro, kontonummer, reg.nr. and konto, an Icelandic bank number."""
    if language in ("nb", "nn"):
        digits = _with_check(dice, "123456789", 10, _NORWEGIAN_ACCOUNT)
        return f"{digits[:4]}{dice.pick('. ')}{digits[4:6]}{dice.pick('. ')}{digits[6:]}"
    if language == "da":
        return f"{dice.digits(4)}{dice.pick((' ', '-', ' - '))}{dice.digits(dice.between(7, 10))}"
    if language == "is":
        return f"{dice.digits(4)}-{dice.pick(('26', '05', '13', '15'))}-{dice.digits(6)}"
    if language == "fi":
        return f"{dice.digits(6)}-{dice.digits(dice.between(2, 8))}"
    if dice.chance(0.55):
        digits = str(dice.between(1, 9)) + dice.digits(dice.between(5, 6))
        digits += luhn(digits)
        return f"{digits[:-4]}-{digits[-4:]}"
    digits = str(dice.between(1, 9)) + dice.digits(dice.between(2, 6))
    body, check = digits, luhn(digits)
    head = len(body) % 2
    pairs = [body[:head]] if head else []
    pairs += [body[i : i + 2] for i in range(head, len(body), 2)]
    return f"{' '.join(pairs)}-{check}"


def payment_reference(dice: Dice, language: str) -> str:
    """An OCR number, KID, FIK line or viitenumero with its check digit."""
    digits = str(dice.between(1, 9)) + dice.digits(dice.between(4, 13))
    if language == "fi":
        total = sum(int(c) * (7, 3, 1)[i % 3] for i, c in enumerate(reversed(digits)))
        text = digits + str(-total % 10)
        if dice.chance(0.5):
            return text
        head = len(text) % 5
        return " ".join(part for part in (text[:head], *(text[i : i + 5] for i in range(head, len(text), 5))) if part)
    if language == "da" and dice.chance(0.7):
        body = dice.digits(14)
        return f"+71<{body}{luhn(body)}+{dice.digits(8)}<"
    text = digits + luhn(digits)
    if language == "sv" and dice.chance(0.25):
        giro = dice.digits(7)
        return f"{text} # {dice.between(1, 99999)} {dice.digits(2)} {dice.between(0, 9)} > {giro}{luhn(giro)}#41#"
    return text


def phone(dice: Dice, language: str) -> str:
    """A telephone number as the country groups it."""
    prefix = {
        "sv": "+46",
        "nb": "+47",
        "nn": "+47",
        "da": "+45",
        "fi": "+358",
        "is": "+354",
        "en": "+44",
        "de": "+49",
        "fr": "+33",
    }
    d = dice.digits
    if language in ("nb", "nn", "da"):
        text = dice.pick("23456789") + d(7)
        text = dice.pick((f"{text[:2]} {text[2:4]} {text[4:6]} {text[6:]}", f"{text[:3]} {text[3:5]} {text[5:]}", text))
    elif language == "is":
        text = f"{dice.pick('45678')}{d(2)}{dice.pick(' -')}{d(4)}"
    elif language == "fi":
        text = dice.pick(
            (f"0{dice.between(40, 50)} {d(3)} {d(4)}", f"09 {d(3)} {d(3)}", f"(0{dice.between(2, 9)}) {d(3)} {d(4)}")
        )
    elif language == "sv":
        text = dice.pick((f"08-{d(3)} {d(2)} {d(2)}", f"070-{d(3)} {d(2)} {d(2)}",
                          f"0{dice.between(11, 98)}-{d(2)} {d(2)} {d(2)}",
                          f"0{dice.between(120, 981)}-{d(3)} {d(2)}", f"08/{d(2)} {d(2)} {d(2)}"))  # fmt: skip
    else:
        text = f"0{d(2)} {d(3)} {d(4)}"
    if dice.chance(0.25):
        return f"{prefix[language]} {text.removeprefix('0') if language in ('sv', 'fi') else text}"
    return text


def postcode(dice: Dice, language: str) -> str:
    """A postcode in the country's form."""
    if language == "sv":
        return f"{'S-' if dice.chance(0.08) else ''}{dice.between(100, 984)} {dice.digits(2)}"
    if language in ("fi", "de", "fr"):
        return f"{dice.digits(4)}{dice.pick('0005')}"
    if language == "is":
        return str(dice.between(101, 902))
    prefix = {"da": "DK-", "nb": "N-", "nn": "N-"}.get(language, "")
    return f"{prefix if dice.chance(0.1) else ''}{dice.digits(4)}"
