"""Each language's data file and what is made of it: phrases, patterns, identifiers, dates."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.charset import NORDIC_126
from nordocr.errors import DataInvalid
from nordocr.synth.corpora import dates, identifiers
from nordocr.synth.corpora.config import LANGUAGES
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import load_locale, parse_locale, read_locale
from nordocr.synth.corpora.patterns import drawn, grouped_as
from nordocr.synth.corpora.slots import compiled
from nordocr.synth.dice import Dice

NORDIC = ("sv", "nb", "nn", "da", "fi", "is")


def test_each_language_has_enough_phrases_inside_the_charset() -> None:
    for language in NORDIC:
        locale = load_locale(language, Inside(NORDIC_126))
        enough = 40 if language != "is" else 20
        phrases = locale.phrases
        assert len(set(phrases.labels)) >= 60, language
        assert len(set(phrases.sentences)) >= enough, language
        for section in (phrases.labels, phrases.fields, phrases.sentences, phrases.footers, phrases.short):
            for phrase in section:
                compiled(phrase)


def test_unknown_slots_are_refused() -> None:
    with pytest.raises(DataInvalid, match="colour"):
        compiled("En {colour} bil")


def _luhn_valid(digits: str) -> bool:
    doubled = [int(c) * (1 + place % 2) for place, c in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def test_known_check_digits() -> None:
    assert identifiers.luhn("7992739871") == "3"
    assert identifiers.luhn("556036079") == "3"  # a well-known Swedish organisation number
    assert identifiers.modulus_11("12028", (6, 5, 4, 3, 2)) is not None


@given(st.integers(0, 2**40))
def test_identifiers_carry_valid_check_digits(seed: int) -> None:
    dice = Dice(seed)
    swedish = identifiers.company_number(dice, read_locale("sv")).replace("-", "")
    assert len(swedish) == 10
    assert _luhn_valid(swedish)
    norwegian = [int(c) for c in identifiers.company_digits(dice, read_locale("nb"))]
    assert sum(a * b for a, b in zip(norwegian, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    danish = [int(c) for c in identifiers.company_digits(dice, read_locale("da"))]
    assert sum(a * b for a, b in zip(danish, (2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    finnish = [int(c) for c in identifiers.company_digits(dice, read_locale("fi"))]
    assert sum(a * b for a, b in zip(finnish, (7, 9, 10, 5, 8, 4, 2, 1), strict=True)) % 11 == 0
    icelandic = [int(c) for c in identifiers.kennitala(dice, company=True)[:9]]
    assert sum(a * b for a, b in zip(icelandic, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    for language in ("sv", "nb", "da", "fi", "is", "de", "en"):
        iban = identifiers.iban(dice, read_locale(language)).replace(" ", "")
        assert int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


MINIMAL = """
country: SE
decimal: ","
thousands: {" ": 1}
dates: {forms: [y-M-D]}
iban: {country: SE, digits: 20}
phone: {prefix: "+46", numbers: ["08-###"]}
postcode: {pattern: "###"}
phrases:
  labels: |
    Kassa
    {n} kap. # 3
"""


def test_a_data_file_is_typed() -> None:
    locale = parse_locale(MINIMAL, "sv")
    assert locale.phrases.labels == ("Kassa", "{n} kap. # 3")
    assert locale.names is None and locale.pages is None and not locale.complete
    for bad, match in (
        (MINIMAL.replace("labels", "lables"), "phrases.lables"),
        (MINIMAL.replace("decimal", "#decimal"), "decimal"),
        (MINIMAL.replace("digits: 20", "digits: many"), "iban.digits"),
        (MINIMAL.replace('{" ": 1}', "{"), "not YAML"),
    ):
        with pytest.raises(DataInvalid, match=match):
            parse_locale(bad, "sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_file(language: str) -> None:
    locale = read_locale(language)
    assert locale.language == language
    assert locale.complete
    assert len(locale.phrases.months) == 12
    dice = Dice(3)
    for _ in range(200):
        assert re.search(r"\d|[a-z]", dates.date(dice, locale, 0.2))
        assert re.fullmatch(r"\+?[\d ()/-]+", identifiers.phone(dice, locale))
        assert re.fullmatch(r"([A-Z]+-)?[\d ]+", identifiers.postcode(dice, locale))


def test_patterns_are_drawn_place_by_place() -> None:
    dice = Dice(1)
    texts = [drawn(dice, "0<11-98>-## [AB]#/x") for _ in range(300)]
    assert all(re.fullmatch(r"0\d\d-\d\d [AB]\d/x", text) for text in texts)
    numbers = {int(text[1:3]) for text in texts}
    assert min(numbers) >= 11 and max(numbers) <= 98 and len(numbers) > 50
    assert {text[7] for text in texts} == {"A", "B"}
    assert grouped_as("12345678", "3 2 3") == "123 45 678"
