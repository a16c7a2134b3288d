"""The text mixture: purity, charset, lengths, shares, coverage, corpora, check digits."""

from __future__ import annotations

import gzip
import multiprocessing
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nordocr.charset import NORDIC_126, Charset
from nordocr.errors import ConfigInvalid, DataInvalid, InputMissing, InputUnreadable
from nordocr.synth.corpora import Text, TextConfig, TextMixture, identifiers
from nordocr.synth.corpora.config import DEFAULT_LANGUAGES, DEFAULT_SHARES
from nordocr.synth.corpora.dice import Dice
from nordocr.synth.corpora.inside import Inside
from nordocr.synth.corpora.locales import load_locale, read_sections
from nordocr.synth.corpora.shape import window
from nordocr.synth.corpora.slots import compiled

NORDIC = ("sv", "nb", "nn", "da", "fi", "is")


@pytest.fixture(scope="module")
def mixture() -> TextMixture:
    return TextMixture(TextConfig(), NORDIC_126)


@pytest.fixture(scope="module")
def samples(mixture: TextMixture) -> list[Text]:
    rng = np.random.default_rng(11)
    return [mixture.sample(rng) for _ in range(16_000)]


def _first(seed: int, count: int) -> list[str]:
    rng = np.random.default_rng(seed)
    built = TextMixture(TextConfig(), NORDIC_126)
    return [built.sample(rng).text for _ in range(count)]


def test_same_state_same_text_in_any_object_order_and_process(mixture: TextMixture) -> None:
    rngs = [np.random.default_rng((5, i)) for i in range(300)]
    texts = [mixture.sample(rng) for rng in rngs]
    backwards = [mixture.sample(np.random.default_rng((5, i))) for i in reversed(range(300))]
    assert texts == backwards[::-1]
    assert len({text.text for text in texts}) > 250
    here = [mixture.sample(rng).text for rng in [np.random.default_rng(7)] for _ in range(200)]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_first, (7, 200)) == here


def test_every_text_is_clean_and_inside_the_charset(samples: list[Text]) -> None:
    for sample in samples:
        text = sample.text
        assert 1 <= len(text) <= 130
        assert text == text.strip()
        assert "  " not in text
        assert unicodedata.is_normalized("NFC", text)
        assert not NORDIC_126.outside(text), text


def test_shares_of_sources_and_languages_are_as_told(samples: list[Text]) -> None:
    sources = Counter(sample.source for sample in samples)
    for source, share in DEFAULT_SHARES.items():
        assert sources[source] / len(samples) == pytest.approx(share, abs=0.015)
    languages = Counter(sample.language for sample in samples)
    for language, share in DEFAULT_LANGUAGES.items():
        assert languages[language] / len(samples) == pytest.approx(share, abs=0.025)


def test_shares_given_are_the_only_sources() -> None:
    built = TextMixture(TextConfig(shares={"numbers": 3, "random": 1, "words": 0}, languages={"da": 1}), NORDIC_126)
    rng = np.random.default_rng(0)
    drawn = Counter((s.source, s.language) for s in (built.sample(rng) for _ in range(4000)))
    assert set(drawn) == {("numbers", "da"), ("random", "da")}
    assert drawn["numbers", "da"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_lengths_follow_the_default_bands(samples: list[Text]) -> None:
    lengths = np.array([len(sample.text) for sample in samples])
    bands = ((1, 12, 0.25), (13, 45, 0.45), (46, 90, 0.22), (91, 130, 0.08))
    for low, high, share in bands:
        assert ((lengths >= low) & (lengths <= high)).mean() == pytest.approx(share, abs=0.03)
    assert lengths.min() == 1
    assert lengths.max() == 130


def test_every_character_is_in_any_two_thousand_samples(mixture: TextMixture) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        counts = Counter("".join(mixture.sample(rng).text for _ in range(2000)))
        assert min(counts[c] for c in NORDIC_126.characters) >= 5, f"seed {seed}"


def test_hard_pairs_are_more_frequent_than_plain_characters_in_random_text(samples: list[Text]) -> None:
    counts = Counter("".join(sample.text for sample in samples if sample.source == "random"))
    plain = np.mean([counts[c] for c in "cfhjkwzFHJKWQ"])  # in uniform text as often as the others, in few sets or none
    for c in "aåäAÅÄoöøOÖØdðDÐpþPÞ0O1lIrnm.,;’–—-":
        assert counts[c] > 1.2 * plain, c


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 130), st.integers(0, 130), st.integers(0, 2**32))
def test_bounds_hold_for_any_min_and_max(mixture: TextMixture, low: int, room: int, seed: int) -> None:
    config = TextConfig(min_chars=low, max_chars=min(low + room, 130))
    bounded = TextMixture.__new__(TextMixture)
    bounded.__dict__.update(mixture.__dict__)
    bounded.config = config
    bounded._band = type(mixture._band)([b[:2] for b in config.bands()], [b[2] for b in config.bands()])
    rng = np.random.default_rng(seed)
    for _ in range(20):
        text = bounded.sample(rng).text
        assert low <= len(text) <= config.max_chars
        assert text == text.strip()
        assert "  " not in text


def test_lower_max_chars_is_a_curriculum() -> None:
    built = TextMixture(TextConfig(max_chars=32, languages={"sv": 1}), NORDIC_126)
    rng = np.random.default_rng(1)
    lengths = [len(built.sample(rng).text) for _ in range(1000)]
    assert max(lengths) <= 32
    assert 0.5 < np.mean([length > 12 for length in lengths]) < 0.8


def test_a_smaller_charset_is_never_left() -> None:
    small = Charset("small", "".join(c for c in NORDIC_126.characters if c not in "äÄ–—€§±"))
    built = TextMixture(TextConfig(languages={"sv": 1}), small)
    rng = np.random.default_rng(2)
    drawn = [built.sample(rng) for _ in range(1000)]
    assert all(not small.outside(sample.text) for sample in drawn)
    assert {sample.source for sample in drawn} == set(DEFAULT_SHARES)
    assert built.skipped["sv template entry outside the charset"] > 50


def test_a_charset_that_leaves_a_source_nothing_is_an_error() -> None:
    capitals = Charset("capitals", "0123456789ABCDEFGHIJKLMNOPRSTUVWXYZ .,-")
    with pytest.raises(ConfigInvalid, match="templates"):
        TextMixture(TextConfig(), capitals)


def test_nothing_shared_changes_by_sampling(mixture: TextMixture) -> None:
    before = mixture.skipped
    mixture.skipped["mine"] += 1
    mixture.sample(np.random.default_rng(0))
    assert mixture.skipped == before
    assert before["is name or address outside the charset"] > 0


# ---- corpora


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


def test_pre_reform_danish_has_no_ring_a_from_running_text() -> None:
    config = TextConfig(shares={"templates": 1}, languages={"da": 1}, old_danish=1.0, capitals=0)
    built = TextMixture(config, NORDIC_126)
    rng = np.random.default_rng(0)
    texts = [built.sample(rng).text for _ in range(300)]
    assert not any("å" in text for text in texts)
    assert any("aa" in text for text in texts)


# ---- config


@pytest.mark.parametrize(
    "bad",
    [
        {"share": {}}, {"shares": {"poems": 1}}, {"shares": {"words": 0}}, {"shares": {"words": -1}},
        {"languages": {"xx": 1}}, {"lengths": ((12, 0.5), (12, 0.5))}, {"lengths": ()},
        {"min_chars": 9, "max_chars": 8}, {"min_chars": 131}, {"max_chars": 0},
    ],
)  # fmt: skip
def test_config_refuses(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TextConfig.model_validate(bad)


def test_a_source_without_a_language_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="faker"):
        TextMixture(TextConfig(shares={"faker": 1}, languages={"de": 1}), NORDIC_126)


# ---- parts


def test_each_language_has_enough_phrases_inside_the_charset() -> None:
    for language in NORDIC:
        locale = load_locale(language, Inside(NORDIC_126))
        enough = 40 if language != "is" else 20
        assert len(set(locale["labels"])) >= 60, language
        assert len(set(locale["sentences"])) >= enough, language
        for section in ("labels", "fields", "sentences", "footers", "short"):
            for phrase in locale[section]:
                compiled(phrase)


def test_unknown_slots_and_sections_are_refused() -> None:
    with pytest.raises(DataInvalid, match="colour"):
        compiled("En {colour} bil")
    with pytest.raises(DataInvalid, match="Line 2"):
        read_sections("[labels]\n[lables]\n", "sv.txt")


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
    swedish = identifiers.company_number(dice, "sv").replace("-", "")
    assert len(swedish) == 10
    assert _luhn_valid(swedish)
    norwegian = [int(c) for c in identifiers.company_digits(dice, "nb")]
    assert sum(a * b for a, b in zip(norwegian, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    danish = [int(c) for c in identifiers.company_digits(dice, "da")]
    assert sum(a * b for a, b in zip(danish, (2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    finnish = [int(c) for c in identifiers.company_digits(dice, "fi")]
    assert sum(a * b for a, b in zip(finnish, (7, 9, 10, 5, 8, 4, 2, 1), strict=True)) % 11 == 0
    icelandic = [int(c) for c in identifiers.kennitala(dice, company=True)[:9]]
    assert sum(a * b for a, b in zip(icelandic, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
    for language in ("sv", "nb", "da", "fi", "is", "de"):
        iban = identifiers.iban(dice, language).replace(" ", "")
        assert int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


@given(st.text("abcdeåäö ", min_size=1, max_size=200), st.integers(1, 60), st.integers(0, 2**32))
def test_a_window_is_a_piece_of_the_text(raw: str, limit: int, seed: int) -> None:
    text = " ".join(raw.split()) or "a"
    piece = window(Dice(seed), text, limit)
    assert 1 <= len(piece) <= limit
    assert piece in text or piece.removesuffix("-") in text
    if len(text) <= limit:
        assert piece == text
