"""Languages and the language model as options: what is understood, refused, and on by default."""

from __future__ import annotations

import string
import sys
import types
from pathlib import Path

import pytest

from nordocr.charset import LANGUAGES, NORDIC_126, NORDIC_EXT, Charset, unused_classes
from nordocr.config import ReadingConfig, parse_config, settings
from nordocr.errors import ConfigInvalid, ModelMissing, UsageError
from nordocr.recognize.engine import LineRecognizer
from nordocr.recognize.registry import open_recognizer


def masked(languages: tuple[str, ...], charset: Charset) -> set[str]:
    return {charset.characters[kind - 1] for kind in unused_classes(charset, languages)}


def test_a_swedish_page_has_no_eth_and_no_accented_o() -> None:
    assert masked(("sv",), NORDIC_126) == set("ØÆÐÞøæðþ")
    assert {"ð", "Ð", "ó", "Ó", "á", "ŋ", "ø", "ß", "ł"} <= masked(("sv",), NORDIC_EXT)
    assert masked(("is",), NORDIC_126) == set("ÅÄØÜåäøü")


@pytest.mark.parametrize("charset", [NORDIC_126, NORDIC_EXT], ids=lambda c: c.name)
def test_only_letters_are_masked_and_never_a_to_z(charset: Charset) -> None:
    everyones = set(string.ascii_letters + string.digits + string.punctuation + " §°€£«»–—‘’“”±×²³µªº™•½")
    for language in LANGUAGES:
        assert not masked((language,), charset) & everyones
    assert unused_classes(charset, ()) == []
    assert masked(("sv", "da"), charset) == masked(("sv",), charset) & masked(("da",), charset)


def test_every_language_has_its_letters() -> None:
    """Spelt out by hand where an alphabet is taught."""
    alphabets = {"sv": "åäö", "da": "æøå", "nb": "æøå", "nn": "æøå", "fi": "åäö", "is": "áðéíóúýþæö", "fo": "áðíóúýæø",
                 "se": "áčđŋšŧž", "de": "äöüß", "fr": "éàçêôœ", "es": "ñáéíóú", "en": ""}  # fmt: skip
    for language, letters in alphabets.items():
        away = masked((language,), NORDIC_EXT)
        assert not away & set(letters), language
        assert not away & {c.upper() for c in letters}, language


def test_languages_are_said_in_three_ways() -> None:
    assert parse_config({"lang": "sv, en"}, "x").lang == ("sv", "en")
    assert parse_config({"lang": ["SV", "sv", "da"]}, "x").lang == ("sv", "da")
    assert parse_config({"lang": "all"}, "x").lang == ()
    assert ReadingConfig().lang == ()
    with pytest.raises(ConfigInvalid, match=r"has 'sv,xx' for 'lang': .*no language 'xx', only all, sv, nb"):
        parse_config({"lang": "sv,xx"}, "The command line")
    with pytest.raises(ConfigInvalid, match="'lang'"):
        parse_config({"lang": 7}, "x")


def test_yaml_may_say_norwegian(tmp_path: Path) -> None:
    file = tmp_path / "n.yaml"
    file.write_text("lang: [sv, no]\n", encoding="utf-8")
    assert settings(file, {}).lang == ("sv", "no")


def test_tesseract_refuses_what_it_does_not_obey(monkeypatch: pytest.MonkeyPatch) -> None:
    double = types.ModuleType("nordocr.recognize.tesseract")
    opened = types.SimpleNamespace(from_config=lambda *_: "opened")
    double.TesseractRecognizer = opened  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nordocr.recognize.tesseract", double)
    with pytest.raises(UsageError, match="tesseract does not support lang"):
        open_recognizer("tesseract", ReadingConfig(lang=("sv",)))
    with pytest.raises(UsageError, match="tesseract does not support lm"):
        open_recognizer("tesseract", ReadingConfig(lm="none"))
    assert open_recognizer("tesseract", ReadingConfig()) == "opened"


def test_reading_has_the_language_model_unless_told_otherwise(tmp_path: Path) -> None:
    def opened(**keys: object) -> LineRecognizer:
        engine = open_recognizer("nano", ReadingConfig.model_validate({"threads": 1, "engine": "onnx"} | keys))
        assert isinstance(engine, LineRecognizer)
        engine.close()
        return engine

    assert opened().language_model.startswith("nordic.lm ")
    assert opened(lm="none").language_model == ""
    assert opened(lang="sv,en").languages == ("sv", "en")
    with pytest.raises(ModelMissing, match="no language model"):
        opened(lm=str(tmp_path / "away.lm"))
