"""Text of the extended charset: every character often enough, in the places where documents have it."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from nordocr.charset import NORDIC_EXT
from nordocr.synth.corpora import Text, TextConfig, TextMixture
from nordocr.synth.corpora.figures import NumberSource
from nordocr.synth.corpora.hard import SCARCE
from nordocr.synth.corpora.locales import read_locale
from nordocr.synth.dice import Dice


@pytest.fixture(scope="module")
def extended() -> list[Text]:
    mixture = TextMixture(TextConfig(), NORDIC_EXT)
    rng = np.random.default_rng(1)
    return [mixture.sample(rng) for _ in range(15_000)]


def test_every_character_of_the_extended_charset_is_expected_twenty_times_in_5000_lines(extended: list[Text]) -> None:
    counts = Counter("".join(text.text for text in extended))
    rare = {c: counts[c] / 3 for c in NORDIC_EXT.characters if counts[c] / 3 < 20}
    assert rare == {}


def test_a_text_holds_one_kind_of_the_signs_that_few_faces_draw(extended: list[Text]) -> None:
    several = [text for text in extended if len(SCARCE & set(text.text)) > 2]
    assert len(several) / len(extended) < 0.001, several[:5]


def test_signs_stand_where_documents_have_them(extended: list[Text]) -> None:
    text = "\n".join(text.text for text in extended)
    for pattern in (
        r"\d m²",
        r"\d½",
        r"^• \w",
        r"^[☐☒] \w",
        r"CO₂",
        r"\$ ?\d",
        r"€ ?\d",
        r"§ ?\d",
        r"\b0,00\b",
        r"\d µ",
    ):
        assert re.search(pattern, text, re.MULTILINE), pattern
    languages = {text.language for text in extended if text.source == "templates"}
    assert {"fo", "se"} <= languages
    names = " ".join(text.text for text in extended if text.source == "faker")
    assert re.search(r"\w+én\b", names) and len(re.findall(r"\w[áíóúý]\w", names)) > 50


def test_figures_of_zeros_come_as_often_as_told() -> None:
    locales = {"sv": read_locale("sv")}
    for share in (0.0, 1.0):
        source = NumberSource(locales, {}, share)
        dice = Dice(4)
        digits = ["".join(c for c in source.piece(dice, "sv", 1, 12) if c.isdigit()) for _ in range(600)]
        zeros = np.mean([text.count("0") / len(text) for text in digits if text])
        assert zeros > 0.6 if share else zeros < 0.25
