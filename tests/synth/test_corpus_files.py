"""Corpus files: what is read, cut, counted and refused."""

from __future__ import annotations

import gzip
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from nordocr.charset import NORDIC_126
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable
from nordocr.synth.corpora import TextConfig, TextMixture


def _corpus(folder: Path, name: str, lines: list[str]) -> str:
    path = folder / name
    data = "\n".join(lines).encode("utf-8")
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return str(path)


def _only_sentences(language: str, *corpora: str, **more: int) -> TextMixture:
    config = TextConfig(shares={"sentences": 1}, languages={language: 1}, corpora=corpora, capitals=0, **more)
    return TextMixture(config, NORDIC_126)


@pytest.mark.parametrize("name", ["sv.txt", "sv-letters.txt.gz"])
def test_corpus_text_is_what_the_sentences_are_made_of(tmp_path: Path, name: str) -> None:
    corpus = _corpus(tmp_path, name, ["Bolagsstämman hölls i Gävle den tredje mars.", "", "Alla var nöjda med det."])
    built = _only_sentences("sv", corpus)
    known = {"Bolagsstämman", "hölls", "i", "Gävle", "den", "tredje", "mars.", "Alla", "var", "nöjda", "med", "det."}
    rng = np.random.default_rng(0)
    whole = 0
    for _ in range(300):
        words = built.sample(rng).text.split()
        inner = words[1:-1]
        assert set(inner) <= known, words
        whole += len(inner)
    assert whole > 500
    assert built.skipped["corpus line empty"] == 1


def test_outside_characters_cut_the_line_and_are_counted(tmp_path: Path) -> None:
    lines = ["Húsið stendur við fallegan veg og hefur lengi gert það", "Það er gott\u2026", "á í ó"]
    built = _only_sentences("is", _corpus(tmp_path, "is.txt", lines))
    assert built.skipped["character U+00FA ú"] == 1
    assert built.skipped["character U+2026 \u2026"] == 1
    assert built.skipped["character U+00E1 á"] == 1
    assert built.skipped["corpus line cut at characters outside the charset"] == 1
    assert built.skipped["corpus line outside the charset"] == 2
    rng = np.random.default_rng(0)
    texts = " ".join(built.sample(rng).text for _ in range(200))
    assert "stendur" in texts
    assert "H" not in texts
    assert "gott" not in texts


def test_decomposed_letters_are_read_as_nfc(tmp_path: Path) -> None:
    built = _only_sentences("sv", _corpus(tmp_path, "sv.txt", [unicodedata.normalize("NFD", "öäå öäå öäå öäå")]))
    assert not any("character" in reason or "corpus" in reason for reason in built.skipped)
    assert set(built.sample(np.random.default_rng(0)).text) <= set("öäå -")


@pytest.mark.parametrize("lines", [[], ["", "   "], ["á", "\u65e5\u672c"]])
def test_a_corpus_without_a_usable_line_is_an_error(tmp_path: Path, lines: list[str]) -> None:
    corpus = _corpus(tmp_path, "sv.txt", lines)
    with pytest.raises(DataInvalid, match=r"sv\.txt has no line inside"):
        _only_sentences("sv", corpus)


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"da\.txt\.gz"):
        _only_sentences("da", str(tmp_path / "da.txt.gz"))


def test_a_corpus_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "sv.txt"
    path.write_bytes("Första raden är bra.\nAndra också.\n".encode() + "Tredje är det inte: åäö\n".encode("latin-1"))
    with pytest.raises(DataInvalid, match=r"Line 3 of corpus .*sv\.txt is not UTF-8"):
        _only_sentences("sv", str(path))


def test_a_damaged_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sv.txt.gz"
    path.write_bytes(gzip.compress(b"En mening som klipps av. " * 500)[:60])
    with pytest.raises(InputUnreadable, match=r"sv\.txt\.gz"):
        _only_sentences("sv", str(path))


@pytest.mark.parametrize("name", ["corpus.txt", "svenska.txt", "xx.txt"])
def test_a_corpus_without_a_language_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataInvalid, match="language code"):
        _only_sentences("sv", _corpus(tmp_path, name, ["En mening utan språk."]))


def test_corpus_limits_and_unused_languages_are_counted(tmp_path: Path) -> None:
    many = _corpus(tmp_path, "sv.txt", ["En rad till för säkerhets skull."] * 9)
    other = _corpus(tmp_path, "da.txt", ["En linje, der ikke bruges."] * 2)
    built = _only_sentences("sv", many, other, max_corpus_lines=4)
    assert built.skipped["corpus sv.txt read no further than max_corpus_lines"] == 1
    assert built.skipped["corpus line of da, a language without a share"] == 2


def test_sentences_without_a_corpus_fall_back() -> None:
    built = _only_sentences("fr")
    rng = np.random.default_rng(0)
    assert all(built.sample(rng).source == "sentences" for _ in range(50))
