"""Random dates, amounts and numbers with right check digits, as invoices of five countries print them, with labels.

The check digits are worked out here by rules of their own, so that :mod:`nordocr.fields` is not judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nordocr.synth.corpora.identifiers import kennitala, luhn, modulus_11
from nordocr.synth.dice import Dice

HETU = "0123456789ABCDEFHJKLMNPRSTUVWXY"
MONTHS = {
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",
    "is": "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
}
CURRENCY = {"sv": "SEK", "nb": "NOK", "da": "DKK", "fi": "EUR", "is": "ISK"}


@dataclass(frozen=True)
class Number:
    """What stands on paper: its kind, what a reader of it should report, as it is printed, and its possible labels."""

    kind: str
    value: str
    printed: str
    labels: tuple[str, ...]


def checked(dice: Dice, count: int, weights: tuple[int, ...], first: str = "123456789") -> str:
    """Digits with a modulus-11 check digit behind them."""
    while True:
        digits = dice.pick(first) + dice.digits(count - 1)
        if check := modulus_11(digits, weights):
            return digits + check


def with_luhn(dice: Dice, count: int) -> str:
    digits = dice.pick("123456789") + dice.digits(count - 1)
    return digits + luhn(digits)


def birth(dice: Dice) -> tuple[int, int, int]:
    return dice.integer(1, 28), dice.integer(1, 12), dice.integer(40, 99)


def iban(dice: Dice, country: str, digits: int) -> Number:
    account = dice.digits(digits)
    spelt = "".join(str(int(char, 36)) for char in f"{account}{country}00")
    text = f"{country}{98 - int(spelt) % 97:02d}{account}"
    grouped = " ".join(text[at : at + 4] for at in range(0, len(text), 4))
    return Number("iban", text, text if dice.chance(0.25) else grouped, ("IBAN", "IBAN:", "IBAN-nr"))


def date(dice: Dice, language: str, labels: tuple[str, ...]) -> Number:
    day, month, year = dice.integer(1, 28), dice.integer(1, 12), dice.integer(1998, 2026)
    name = MONTHS[language].split()[month - 1]
    iso = f"{year}-{month:02d}-{day:02d}"
    point = "" if language in ("sv", "da") else "."
    forms = [f"{day}{point} {name} {year}"]
    forms += [iso, iso, f"{year}.{month:02d}.{day:02d}"] if language == "sv" else [f"{day:02d}.{month:02d}.{year}"] * 2
    forms += [f"{day}.{month}.{year}"] if language in ("fi", "nb", "is") else [f"{day}/{month} {year}"]
    return Number("date", iso, dice.pick(forms), labels)


def amount(dice: Dice, language: str, labels: tuple[str, ...]) -> Number:
    whole, cents = dice.integer(100, 250_000), dice.integer(0, 99)
    gap = dice.pick(" ." if language in ("da", "is", "nb") else "  ")
    grouped = f"{whole:,}".replace(",", gap)
    code = CURRENCY[language]
    body = f"{grouped},{cents:02d}"
    forms = [f"{code} {body}", f"{body} {code}", f"{body} {'€' if language == 'fi' else 'kr'}"]
    return Number("amount", f"{whole}.{cents:02d}", dice.pick(forms), labels)


def swedish(dice: Dice) -> list[Number]:
    company = dice.pick(("55", "71", "80", "96")) + dice.pick("23456789") + dice.digits(6)
    company += luhn(company)
    day, month, year = birth(dice)
    person = f"{year:02d}{month:02d}{day:02d}{dice.digits(3)}"
    person += luhn(person)
    century = dice.pick(("", "19"))
    bank, plus = with_luhn(dice, dice.pick((6, 7))), with_luhn(dice, dice.integer(3, 7))
    ocr = with_luhn(dice, dice.integer(5, 14))
    head = len(plus[:-1]) % 2
    pairs = [plus[:head]] * bool(head) + [plus[at : at + 2] for at in range(head, len(plus) - 1, 2)]
    return [
        Number(
            "se-orgnr",
            f"{company[:6]}-{company[6:]}",
            f"{company[:6]}-{company[6:]}",
            ("Org.nr", "Organisationsnummer:", "Orgnr:"),
        ),
        Number("se-vat", f"SE{company}01", f"SE{company}01", ("Momsreg.nr", "VAT-nr:", "Momsregistreringsnummer")),
        Number(
            "se-personnummer",
            f"{century}{person[:6]}-{person[6:]}",
            f"{century}{person[:6]}-{person[6:]}",
            ("Personnummer", "Personnr:"),
        ),
        Number("se-bankgiro", f"{bank[:-4]}-{bank[-4:]}", f"{bank[:-4]}-{bank[-4:]}", ("Bankgiro", "Bankgiro:", "Bg")),
        Number("se-plusgiro", f"{plus[:-1]}-{plus[-1]}", f"{' '.join(pairs)}-{plus[-1]}", ("Plusgiro", "Pg:")),
        Number("se-ocr", ocr, ocr, ("OCR-nummer:", "OCR", "OCR-nr")),
        iban(dice, "SE", 20),
    ]


def norwegian(dice: Dice) -> list[Number]:
    company = checked(dice, 8, (3, 2, 7, 6, 5, 4, 3, 2), "89")
    while True:
        day, month, year = birth(dice)
        person = f"{day:02d}{month:02d}{year:02d}{dice.integer(100, 499)}"
        first = modulus_11(person, (3, 7, 6, 1, 8, 9, 4, 5, 2))
        second = first and modulus_11(person + first, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
        if first and second:
            person += first + second
            break
    account = checked(dice, 10, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
    kid = with_luhn(dice, dice.integer(6, 15))
    grouped = f"{company[:3]} {company[3:6]} {company[6:]}"
    printed = dice.pick((company, grouped, f"NO {grouped} MVA", f"{grouped} MVA"))
    return [
        Number("no-orgnr", company, printed, ("Org.nr", "Organisasjonsnummer:", "Org.nr.:", "Foretaksregisteret")),
        Number("no-fodselsnummer", person, f"{person[:6]} {person[6:]}", ("Fødselsnummer", "Fødselsnr.:")),
        Number(
            "no-account", account, f"{account[:4]}.{account[4:6]}.{account[6:]}", ("Kontonr.", "Kontonummer:")
        ),
        Number("no-kid", kid, kid, ("KID", "KID:", "KID-nummer")),
        iban(dice, "NO", 11),
    ]  # fmt: skip


def danish(dice: Dice) -> list[Number]:
    company = checked(dice, 7, (2, 7, 6, 5, 4, 3, 2), "1234")
    day, month, year = birth(dice)
    person = f"{day:02d}{month:02d}{year:02d}-{dice.digits(4)}"
    grouped = f"{company[:2]} {company[2:4]} {company[4:6]} {company[6:]}"
    return [
        Number("dk-cvr", company, dice.pick((company, grouped, f"DK{company}")), ("CVR-nr.", "CVR nr.:", "CVR")),
        Number("dk-cpr", person, person, ("CPR-nr.", "CPR:")),
        iban(dice, "DK", 14),
    ]


def finnish(dice: Dice) -> list[Number]:
    company = checked(dice, 7, (7, 9, 10, 5, 8, 4, 2), "0123")
    day, month, year = birth(dice)
    digits = f"{day:02d}{month:02d}{year:02d}{dice.integer(2, 899):03d}"
    person = f"{digits[:6]}-{digits[6:]}{HETU[int(digits) % 31]}"
    reference = str(dice.integer(1, 9)) + dice.digits(dice.integer(4, 13))
    reference += str(-sum(int(d) * (7, 3, 1)[at % 3] for at, d in enumerate(reversed(reference))) % 10)
    value = f"{company[:7]}-{company[7:]}"
    return [
        Number("fi-ytunnus", value, dice.pick((value, value, f"FI{company}")), ("Y-tunnus", "Y-tunnus:", "LY-tunnus")),
        Number("fi-hetu", person, person, ("Henkilötunnus", "Henkilötunnus:", "Hetu")),
        Number("fi-reference", reference, reference, ("Viitenumero", "Viite:", "Viitenro")),
        iban(dice, "FI", 14),
    ]


def icelandic(dice: Dice) -> list[Number]:
    digits = kennitala(dice, company=dice.chance(0.6))
    value = f"{digits[:6]}-{digits[6:]}"
    printed = value if dice.chance(0.8) else digits
    return [Number("is-kennitala", value, printed, ("Kennitala", "Kt.", "Kennitala:")), iban(dice, "IS", 22)]


def payment_line(dice: Dice, language: str) -> Number | None:
    """The line for machines, where the country has one."""
    if language == "sv":
        reference, account = with_luhn(dice, dice.integer(7, 15)), with_luhn(dice, 7)
        amount = f"{dice.integer(100, 99_999)}{dice.digits(2)}"
        text = f"# {reference} # {amount[:-2]} {amount[-2:]} {luhn(amount)} > {account}#41#"
        return Number("se-ocr-line", text, text, ())
    if language == "da":
        reference = dice.digits(14)
        text = f"+71<{reference}{luhn(reference)}+{dice.digits(8)}<"
        return Number("dk-fik", text, text, ())
    return None


NUMBERS: dict[str, Callable[[Dice], list[Number]]] = {
    "sv": swedish, "nb": norwegian, "da": danish, "fi": finnish, "is": icelandic,
}  # fmt: skip
DATES = {
    "sv": (("Fakturadatum:", "Fakturadatum"), ("Förfallodatum:", "Förfallodag")),
    "nb": (("Fakturadato:", "Fakturadato"), ("Forfallsdato:", "Forfall")),
    "da": (("Fakturadato:", "Dato"), ("Betalingsdato:", "Forfaldsdato")),
    "fi": (("Laskun päivä:", "Päiväys"), ("Eräpäivä:", "Eräpäivä")),
    "is": (("Dagsetning:", "Dags."), ("Gjalddagi:", "Eindagi")),
}
TOTALS = {
    "sv": ("Att betala", "Summa att betala:"),
    "nb": ("Å betale", "Totalt:"),
    "da": ("I alt at betale", "Beløb:"),
    "fi": ("Maksettava", "Yhteensä:"),
    "is": ("Til greiðslu", "Samtals:"),
}
OTHERS = {
    "sv": ("Kundnummer", "Fakturanummer:", "Ordernr", "Telefon", "Artikelnr"),
    "nb": ("Kundenummer", "Fakturanr.:", "Ordrenr.", "Telefon", "Varenr."),
    "da": ("Kundenr.", "Fakturanr.:", "Ordrenr.", "Telefon", "Varenr."),
    "fi": ("Asiakasnumero", "Laskun numero:", "Tilausnumero", "Puhelin", "Tuotenro"),
    "is": ("Viðskiptamaður nr.", "Reikningur nr.:", "Pöntun", "Sími", "Vörunúmer"),
}
"""Labels of numbers that are no fields."""
