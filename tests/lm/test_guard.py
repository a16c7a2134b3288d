"""What the language model may change, and what it may not: one row a rule."""

from __future__ import annotations

import pytest

from nordocr.lm.guard import allowed, changed_words


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Akticbolaget", "Aktiebolaget"),
        ("Summa 1O0,00", "Summa 100,00"),
        ("Summa 168l84 kr", "Summa 168184 kr"),
        ("11. 1okakuuta 1897", "11. lokakuuta 1897"),
        ("1SK 40", "ISK 40"),
        ("254.282,5O", "254.282,50"),
        ("942 489.24", "942 489,24"),
        ("1862,.17 EUR", "1862,17 EUR"),
        ("22, 50", "22,50"),
        ("74:C", "74°C"),
        ("15,5", "15,5 %"),
        ("O %", "0 %"),
        ("Moms O % netto", "Moms 0 % netto"),
        ("l%", "1%"),
        ("kl, 23.30", "kl. 23.30"),
        ("4521,29", "4 521,29"),
        ("(5 1)", "(51)"),
        ("ord - ord", "ord – ord"),
        ("r och", "är och"),
        ("Reykjavik", "Reykjavík"),
        ("pá bordet", "på bordet"),
        ("ärende ar", "ärende är"),
        ("lägenhet pä", "lägenhet pa"),
    ],
)
def test_may(before: str, after: str) -> None:
    assert allowed(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Tu es mon univers , avec", "Tu es mon univers, avec"),
        ("him. “Here is", "him. Here is"),
        ("him. “Here is", "him. fHere is"),
        ("worry.”", "worry."),
        ("the «glen»", "the glen"),
        ("in the glen—so deep", "in the glen so deep"),
        ("ord – ord", "ord ord"),
        ("Est-ce vrai ?", "Est-ce vrai?"),
        ("Est-ce vrai?", "Est-ce vrai ?"),
        ("with anguish—and", "with anguish — and"),
        ("–Han sa", "– Han sa"),
        ("Lindén och", "Linden och"),
        ("ANDRÉ", "ANDRE"),
        ("mi fábrica", "mi fabrica"),
        ("Müller & C0", "Muller & Co"),
        ("voy á", "voy a"),
        ("Summa 138", "Summa 188"),
        ("Summa 138", "Summa 1388"),
        ("Summa 1388", "Summa 138"),
        ("Summa 0", "Summa O"),
        ("1", "I"),
        ("2O2A", "202A"),
        ("FI35", "F135"),
        ("F135", "FI35"),
        ("A17B", "A17C"),
        ("17b", "17h"),
        ("g97", "997"),
        ("–380", "-380"),
        ("100 — 200", "100 – 200"),
        ("belopp – 12", "belopp - 12"),
        ("364-059", "364 059"),
        ("5 –2", "5 2"),
        ("833432", "8 3 3 432"),
        ("560,000", "560,00 0"),
        ("1 000", "1000"),
        ("57/984", "57984"),
        ("873727", "87.3727"),
        ("458,525", "458, 525"),
        ("98.14 455.17 1863.47", "98.14 455.17 1863,47"),
        ("Summa ..... 5", "Summa .... 5"),
        ("________", "_______"),
        ("I......", "l......"),
        ("Summa O", "Summa 0"),
        ("O % O", "0 % 0"),
        ("S %", "8 %"),
        ("1500. —", "1500, —"),
        ("d’enfant", "d'enfant"),
        ("huvud-", "huvud"),
        ("huvud", "huvud-"),
    ],
)
def test_may_not(before: str, after: str) -> None:
    assert not allowed(before, after)


def test_the_words_that_differ() -> None:
    assert changed_words("ett två tre", "ett tva tre") == ("ett ", "två", "tva", " tre")
    assert changed_words("ett två", "ett tv å") == ("ett ", "två", "tv å", "")
    assert changed_words("aa b", "a b") == ("", "aa", "a", " b")
    assert changed_words("", "x") == ("", "", "x", "")
