"""The language model and its file: probabilities worked out by hand, sums of 1, damage found."""

from __future__ import annotations

import hashlib
import json
import math
import tracemalloc
import zlib
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
    whole, cut = written(tmp_path, words, 5, 60_000), written(tmp_path, words, 5, 780)
    assert (tmp_path / "small.lm").stat().st_size <= 780
    assert len(cut.keys) < len(whole.keys)
    for context in (" ", "a", "ab", "gå", "hör"):
        assert after(cut, context).sum() == pytest.approx(1, abs=0.04)
    with pytest.raises(DataInvalid, match="cannot hold all pairs"):
        written(tmp_path, words, 5, 500)


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


def test_a_file_of_version_1_is_read_as_before(tmp_path: Path) -> None:
    """The same model with its arrays as they are, put together here."""
    data = build_model([Source(["Årets resultat 12", "Summa 1 000"], 1.0, "x")], NORDIC_126, 4, 60_000)
    _, first, body = data.split(b"\n", 2)
    header = json.loads(first)
    arrays, at = [], 0
    for size in header.pop("packed"):
        arrays.append(zlib.decompress(body[at : at + size]))
        at += size
    whole = b"".join(arrays)
    assert len(whole) == 2 * (header["inner"] + header["nodes"])
    header["sha256"] = hashlib.sha256(whole).hexdigest()
    old, new = tmp_path / "old.lm", tmp_path / "new.lm"
    old.write_bytes(b"nordocr-lm 1\n" + json.dumps(header).encode() + b"\n" + whole)
    new.write_bytes(data)
    assert old.stat().st_size > new.stat().st_size
    for text in ("Årets resultat", "Summa 99", "xyz"):
        assert load_model(old).score(text) == load_model(new).score(text)


@pytest.mark.parametrize("change", ["longer", "shorter", "lengths", "not deflated"])
def test_arrays_of_other_lengths_than_said_are_refused(tmp_path: Path, change: str) -> None:
    """With a checksum that fits, as a stranger would write it; a stream may not unpack to more than is said."""
    magic, first, body = build_model([Source(["ab"], 1.0, "x")], NORDIC_126, 2, 60_000).split(b"\n", 2)
    header = json.loads(first)
    if change == "lengths":
        header["packed"][1] += 1
    else:
        size = header["packed"][-1]
        array = zlib.decompress(body[-size:])
        array = array + bytes(50_000_000) if change == "longer" else array[:-1]
        packed = array if change == "not deflated" else zlib.compress(array)
        body = body[:-size] + packed
        header["packed"][-1] = len(packed)
    header["sha256"] = hashlib.sha256(body).hexdigest()
    path = tmp_path / "x.lm"
    path.write_bytes(b"\n".join([magic, json.dumps(header).encode(), body]))
    tracemalloc.start()
    with pytest.raises(ModelInvalid, match="does not fit together"):
        load_model(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_none_is_no_model(bundled: LanguageModel) -> None:
    assert open_language_model("none") is None
    opened = open_language_model("nordic")
    assert opened is not None
    assert opened.sha256 == bundled.sha256
