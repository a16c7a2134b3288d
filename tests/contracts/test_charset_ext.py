"""The larger charset: nordic-126's classes first, and what training labels fold into it."""

from __future__ import annotations

import unicodedata

import pytest

from nordocr.charset import CHARSETS, NORDIC_126, NORDIC_EXT, fold_homoglyphs


def test_the_first_126_classes_are_nordic_126s_in_order() -> None:
    assert NORDIC_EXT.characters[:125] == NORDIC_126.characters
    assert [NORDIC_EXT.encode(c) for c in NORDIC_126.characters] == [[n] for n in range(1, 126)]
    assert NORDIC_EXT.num_classes == len(set(NORDIC_EXT.characters)) + 1 > 200
    assert CHARSETS == {"nordic-126": NORDIC_126, "nordic-ext": NORDIC_EXT}


@pytest.mark.parametrize(
    "text",
    [
        "Sjálfstæðisflokkurinn á Ísafirði, þýðing, nóvember, úrskurður, ÁÉÍÓÚÝ",
        "Føroya Løgting í Tórshavn",
        "Sámediggi Kárášjohka, čáhci, ŋ, đ, ŧ, ž",
        "Lindén, Norén, Linné, Müller, Straße, cœur, Błach, Łodka, Señor, Garçon",
        "½ l à 22,50 · 3 m² × 2 µm ≤ 5 ‰ „zitat“ → ☐ ☑ ☒ ✓ © ® ™ †",
    ],
)
def test_what_nordic_documents_hold_is_inside(text: str) -> None:
    assert not NORDIC_EXT.outside(text)
    assert NORDIC_126.outside(text)


def test_what_no_reader_can_tell_apart_is_one_class() -> None:
    text = "Se … sid. 5 −3 ‚a‘ Đ 10\u00a0000 ﬁn Αθ"
    assert fold_homoglyphs(text, NORDIC_EXT) == "Se ... sid. 5 –3 ,a‘ Ð 10 000 fin Aθ"
    assert fold_homoglyphs("é ½ –", NORDIC_EXT) == "é ½ –"
    assert fold_homoglyphs(text, NORDIC_126) == text  # that contract counts what lies outside


def test_folding_gives_characters_of_the_charset_in_nfc() -> None:
    for number in (*range(0x80, 0x250), *range(0x370, 0x460), *range(0x2000, 0x2800), *range(0xFB00, 0xFB05)):
        before = unicodedata.normalize("NFC", chr(number))
        after = fold_homoglyphs(before, NORDIC_EXT)
        if after != before:
            assert before not in NORDIC_EXT
            assert not NORDIC_EXT.outside(after), f"U+{number:04X}"
            assert unicodedata.normalize("NFC", after) == after
