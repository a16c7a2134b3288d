"""The language model and its file: probabilities worked out by hand, sums of 1, damage found."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nordocr.charset import NORDIC_126, NORDIC_EXT
from nordocr.errors import DataInvalid, ModelInvalid, ModelMissing
from nordocr.lm.file import bundled_file, load_model, open_language_model
from nordocr.lm.model import ALIKE, QUANTUM, LanguageModel
from nordocr.synth.lm.build import build_model
from nordocr.synth.lm.material import Source

HALF = QUANTUM / 2 + 1e-6
SYMBOLS = len({ALIKE.get(c, c) for c in NORDIC_126.characters}) + 1  # there is one for all other characters


def written(tmp_path: Path, texts: list[str], order: int = 2, size: int = 60_000) -> LanguageModel:
    path = tmp_path / "small.lm"
    path.write_bytes(build_model([Source(texts, 1.0, "by hand")], NORDIC_126, order, size))
    return load_model(path)


@pytest.fixture(scope="module")
def bundled() -> LanguageModel:
    return load_model(bundled_file())


def after(model: LanguageModel, context: str) -> np.ndarray:
    """Probabilities of every symbol after ``context``."""
    count = len(model.symbols) + 1
    nodes = np.repeat(model.start(context)[None], count, axis=0)
    return np.exp(model.extend(nodes, np.arange(count, dtype=np.uint8))[0].astype(np.float64))


def test_probabilities_by_hand(tmp_path: Path) -> None:
    """Of " ab ": space twice, a and b once; three kinds among four symbols seen."""
    model = written(tmp_path, ["ab"])
    b = (1 + 3 / SYMBOLS) / (4 + 3)
    b_after_a = (1 + 1 * b) / (1 + 1)
    assert math.log(after(model, "ba")[model.encode("b")[0]]) == pytest.approx(math.log(b_after_a), abs=HALF)
    # Nothing but b followed a, so all that is left of 1 is shared by the rest as their own probabilities are.
    a = b
    left = (1 - b_after_a) / (1 - b)
    assert math.log(after(model, "ba")[model.encode("a")[0]]) == pytest.approx(math.log(left * a), abs=2 * HALF)


def test_digits_are_one_class(bundled: LanguageModel) -> None:
    assert len(set(bundled.encode("0123456789").tolist())) == 1
    assert bundled.score("Summa 1 234,50") == bundled.score("Summa 9 876,13")


def test_texts_of_the_languages_are_likelier_than_what_scans_make_of_them(bundled: LanguageModel) -> None:
    pairs = [("Aktiebolaget", "Akticbolaget"), ("årets resultat", "arets resu1tat"), ("100,00 kr", "1O0,00 kr")]
    for right, wrong in pairs:
        assert bundled.score(right) > bundled.score(wrong) + 3


@pytest.mark.parametrize("context", ["", " ", "Årsredovis", "kr 12", "ð", "qx", "☐"])
def test_probabilities_sum_to_one(bundled: LanguageModel, context: str) -> None:
    assert after(bundled, context).sum() == pytest.approx(1, abs=0.04)


def test_a_state_is_all_that_a_text_leaves_behind(bundled: LanguageModel) -> None:
    """Scored one symbol after the other, and each anew from the five symbols before it: the same."""
    text = " Bolagets säte är i Malmö."
    anew = sum(
        math.log(after(bundled, text[max(0, i - 5) : i])[bundled.encode(text[i])[0]]) for i in range(6, len(text))
    )
    before, whole = bundled.score(text[1:6]), bundled.score(text[1:])
    assert whole - before == pytest.approx(anew, abs=1e-3)


def test_an_unknown_character_has_a_floor(bundled: LanguageModel) -> None:
    assert bundled.encode("字")[0] == len(bundled.symbols)
    assert -40 < bundled.score("字") < bundled.score("e")


def test_the_bundled_file_knows_both_charsets_says_what_it_is_and_is_small(bundled: LanguageModel) -> None:
    assert bundled_file().stat().st_size <= 4_000_000
    for character in NORDIC_EXT.characters:
        assert bundled.encode(character)[0] < len(bundled.symbols)
    assert len(bundled.made_of) >= 8
    assert any("corpus sv.txt.gz" in sentence for sentence in bundled.made_of)


def test_the_same_sources_give_the_same_bytes() -> None:
    sources = [Source(["Årets resultat 12", "Summa 1 000"], 2.0, "one"), Source(["ab"], 1.0, "two")]
    assert build_model(sources, NORDIC_126, 4, 60_000) == build_model(sources, NORDIC_126, 4, 60_000)


def test_a_size_is_kept_and_the_rest_still_sums_to_one(tmp_path: Path) -> None:
    words = [f"{a}{b}{c}" for a in "abcdefgh" for b in "åäöaeiou" for c in "lmnrst"]
    whole, cut = written(tmp_path, words, 5, 60_000), written(tmp_path, words, 5, 12_000)
    assert (tmp_path / "small.lm").stat().st_size <= 12_000
    assert len(cut.keys) < len(whole.keys)
    for context in (" ", "a", "ab", "gå", "hör"):
        assert after(cut, context).sum() == pytest.approx(1, abs=0.04)
    with pytest.raises(DataInvalid, match="cannot hold all pairs"):
        written(tmp_path, words, 5, 8_100)


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    data = bytearray(build_model([Source(["ab"], 1.0, "x")], NORDIC_126, 2, 60_000))
    path = tmp_path / "x.lm"
    with pytest.raises(ModelMissing, match=r"no language model .*x\.lm"):
        load_model(path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelInvalid, match="is not a language model"):
        load_model(path)
    path.write_bytes(data[:-1])
    with pytest.raises(ModelInvalid, match="damaged"):
        load_model(path)
    data[-3] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelInvalid, match="damaged"):
        load_model(path)


def test_none_is_no_model(bundled: LanguageModel) -> None:
    assert open_language_model("none") is None
    opened = open_language_model("nordic")
    assert opened is not None
    assert opened.sha256 == bundled.sha256
