"""What is found on a page: by labels beside and above, by form, with boxes; and what is left alone."""

from __future__ import annotations

import pytest
from tests.formats.samples import line, page

from nordocr.fields import find_fields, with_fields
from nordocr.results import BBox, Line, Page, PageField, Word


def fields_of(*texts: str) -> list[PageField]:
    return find_fields(page(0, *(line(text, 100, 100 + 90 * number) for number, text in enumerate(texts))))


def told(*texts: str) -> list[tuple[str, str, bool | None]]:
    return [(field.kind, field.value, field.valid) for field in fields_of(*texts)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Org.nr 556036-0793", "se-orgnr", "556036-0793"),
        ("Organisationsnummer: 5560360793", "se-orgnr", "556036-0793"),
        ("Orgnr 811228-9874", "se-personnummer", "811228-9874"),
        ("Personnummer 19811228-9874", "se-personnummer", "19811228-9874"),
        ("Momsreg.nr SE556036079301", "se-vat", "SE556036079301"),
        ("Bankgiro: 5050-1055", "se-bankgiro", "5050-1055"),
        ("Pg 1 2 3 45-5", "se-plusgiro", "12345-5"),
        ("OCR-nummer 1234567897", "se-ocr", "1234567897"),
        ("Organisasjonsnummer 923 609 016", "no-orgnr", "923609016"),
        ("Org.nr. NO 923 609 016 MVA", "no-orgnr", "923609016"),
        ("KID: 1234567897", "no-kid", "1234567897"),
        ("KID-nummer 1234 56785", "no-kid", "123456785"),
        ("CVR-nr. 13 58 56 28", "dk-cvr", "13585628"),
        ("CVR DK-13585628", "dk-cvr", "13585628"),
        ("CPR-nr. 290296-1234", "dk-cpr", "290296-1234"),
        ("Y-tunnus: 0112038-9", "fi-ytunnus", "0112038-9"),
        ("Henkilötunnus 131052-308T", "fi-hetu", "131052-308T"),
        ("Viitenumero 1232", "fi-reference", "1232"),
        ("Viite RF18 5390 0754 7034", "rf-reference", "RF18539007547034"),
        ("Kennitala: 120174-3399", "is-kennitala", "120174-3399"),
        ("Kt. 1201743399", "is-kennitala", "120174-3399"),
        ("IBAN: GB82 WEST 1234 5698 7654 32", "iban", "GB82WEST12345698765432"),
        ("IBAN NO93 8601 1117 947", "iban", "NO9386011117947"),
        ("Förfallodatum 20241231", "date", "2024-12-31"),
    ],
)
def test_a_label_says_what_a_number_is(text: str, kind: str, value: str) -> None:
    assert told(text) == [(kind, value, True)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Org.nr 556036-0794", "se-orgnr", "556036-0794"),
        ("Bankgiro 505O-1055", "se-bankgiro", "505O-1055"),
        ("Bankgiro 50501-1055", "se-bankgiro", "50501-1055"),
        ("IBAN SE45 5000 0000 0583 9825 7467", "iban", "SE4550000000058398257467"),
        ("SE45 5000 0000 0583 9825 7467", "iban", "SE4550000000058398257467"),
        ("CVR-nr. 13 58 56 29", "dk-cvr", "13585629"),
        ("Y-tunnus 0112038-8", "fi-ytunnus", "0112038-8"),
        ("KID 12345678", "no-kid", "12345678"),
        ("IBAN-nr SEO7 9051 8492 4485 6139 2622", "iban", "SEO790518492448561392622"),
        ("IBAN 1S71 8427 1964 6801 6229 1598 42", "iban", "1S718427196468016229159842"),
        ("Momsreg.nr SES52677430101", "se-vat", "SES52677430101"),
        ("Y-tunnus: FII0846077", "fi-ytunnus", "FII0846077"),
    ],
)
def test_a_wrong_check_digit_is_told_and_not_mended(text: str, kind: str, value: str) -> None:
    assert told(text) == [(kind, value, False)]


@pytest.mark.parametrize(
    "text",
    [
        "556036-0793",  # the page is of no country
        "13 58 56 28",
        "Tlf. 13 58 56 28",
        "Artikel 1234567897",
        "5050-1055",
        "Bankgiro BOLIG",
        "KID Oslo",
        "Sida 1 av 2",
        "Ordernummer 20241231",
        "Fakturanr 923609016",
        "RF19 5390 0754 7034",
    ],
)
def test_what_nothing_tells_from_other_numbers_is_left_out(text: str) -> None:
    assert told(text) == []


def test_the_country_helps_where_there_is_no_label() -> None:
    assert told("Bankgiro", "", "", "Bolaget 556036-0793")[-1:] == [("se-orgnr", "556036-0793", True)]
    assert told("Y-tunnus", "", "", "Yhtiö 0112038-9")[-1:] == [("fi-ytunnus", "0112038-9", True)]
    assert told("Kennitala", "", "", "Jón 120174-3399")[-1:] == [("is-kennitala", "120174-3399", True)]
    assert told("CVR", "", "", "Jens 120174-3399") == []


def test_several_labels_in_a_line_each_have_their_own() -> None:
    assert told("Org.nr 556036-0793 Bankgiro 5050-1055 Datum 2024-01-31 Summa 12,50 kr") == [
        ("se-orgnr", "556036-0793", True),
        ("se-bankgiro", "5050-1055", True),
        ("date", "2024-01-31", True),
        ("amount", "12.50", None),
    ]


def test_a_value_stands_right_of_its_label_or_below_it() -> None:
    right = page(0, line("Bankgiro", 100, 100), line("5050-1055", 500, 104))
    below = page(0, line("Bankgiro", 100, 100), line("5050-1055", 110, 140))
    for made in (right, below):
        [field] = find_fields(made)
        assert (field.kind, field.line) == ("se-bankgiro", 1)
    far = page(0, line("Bankgiro", 100, 100), line("5050-1055", 110, 300))
    other = page(0, line("Bankgiro", 100, 100), line("5050-1055", 600, 140))
    assert find_fields(far) == []
    assert find_fields(other) == []


def test_heads_of_columns_have_their_values_below() -> None:
    heads, values = columns(100, "Bankgiro", "Plusgiro"), columns(140, "5050-1055", "12345-5")
    assert [(f.kind, f.value) for f in find_fields(page(0, heads, values))] == [
        ("se-bankgiro", "5050-1055"),
        ("se-plusgiro", "12345-5"),
    ]


def columns(y: int, *texts: str) -> Line:
    """One line whose words stand 300 px apart."""
    words = [
        Word(text=text, confidence=0.9, bbox=BBox(x=100 + 300 * n, y=y, width=15 * len(text), height=30))
        for n, text in enumerate(texts)
    ]
    box = BBox(x=100, y=y, width=300 * len(texts), height=30)
    return Line(text=" ".join(texts), confidence=0.9, bbox=box, words=words)


def test_numbers_do_not_reach_over_a_wide_gap() -> None:
    near = page(0, line("KID 1234567 897", 100, 100))
    assert [field.value for field in find_fields(near)] == ["1234567897"]
    apart = page(0, columns(100, "KID", "1234567897", "250"))
    assert [field.value for field in find_fields(apart)] == ["1234567897"]


def test_a_currency_heads_an_amount_on_its_right() -> None:
    made = page(0, line("Att betala SEK", 100, 100), line("1 234,50", 700, 100), line("99,00", 700, 200))
    assert [(f.kind, f.value, f.currency, f.line) for f in find_fields(made)] == [("amount", "1234.50", "SEK", 1)]


def test_a_field_has_the_boxes_of_its_words_or_characters() -> None:
    [field] = fields_of("Org.nr 556036-0793 AB")
    assert field.text == "556036-0793"
    assert field.bbox == BBox(x=205, y=100, width=165, height=30)
    assert field.boxes == [field.bbox]
    made = line("Bg 5050-1055", 100, 100)
    made.char_boxes = [BBox(x=100 + 15 * n, y=100, width=15, height=30) for n in range(len(made.text))]
    [field] = find_fields(page(3, made))
    assert field.boxes == made.char_boxes[3:]
    assert (field.page_index, field.line) == (3, 0)
    assert field.confidence == min(word.confidence for word in made.words[1:])


def test_json_has_fields_only_where_they_were_found() -> None:
    plain = page(0, line("Org.nr 556036-0793", 100, 100))
    assert "fields" not in plain.model_dump()
    [field] = with_fields(plain).model_dump()["fields"]
    assert field.keys() == {
        "kind", "text", "value", "valid", "check", "page_index", "line", "confidence", "bbox", "boxes",
    }  # fmt: skip
    assert Page.model_validate(with_fields(plain).model_dump()) == with_fields(plain)


def test_nothing_is_found_where_nothing_is() -> None:
    assert find_fields(page(0)) == []
    assert find_fields(page(0, line("", 0, 0))) == []
