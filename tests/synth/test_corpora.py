"""The text mixture: purity, charset, lengths, shares, coverage, corpora, check digits."""

from __future__ import annotations

import multiprocessing
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nordocr.charset import NORDIC_126, Charset
from nordocr.errors import ConfigInvalid
from nordocr.synth.corpora import Text, TextConfig, TextMixture
from nordocr.synth.corpora.config import DEFAULT_LANGUAGES, DEFAULT_SHARES
from nordocr.synth.corpora.shape import window
from nordocr.synth.dice import Dice

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


@given(st.text("abcdeåäö ", min_size=1, max_size=200), st.integers(1, 60), st.integers(0, 2**32))
def test_a_window_is_a_piece_of_the_text(raw: str, limit: int, seed: int) -> None:
    text = " ".join(raw.split()) or "a"
    piece = window(Dice(seed), text, limit)
    assert 1 <= len(piece) <= limit
    assert piece in text or piece.removesuffix("-") in text
    if len(text) <= limit:
        assert piece == text
