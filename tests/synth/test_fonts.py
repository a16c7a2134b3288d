"""Fonts are made here from the sans that Pillow carries, then spoilt in the ways that real fonts are."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTCollection, TTFont
from PIL import ImageFont
from pydantic import ValidationError
from tests.synth.made_fonts import base_font, fixed_pitch, point, same_glyph, save, spoilt

from nordocr.charset import NORDIC_126
from nordocr.errors import DataInvalid, InputMissing, OutputUnwritable
from nordocr.synth.fonts import DEFAULT_SHARES, GROUPS, Face, FontConfig, FontPool, load_pool, pack
from nordocr.synth.fonts import cache as cache_module
from nordocr.synth.fonts.names import design, held_out, normalised_family
from nordocr.synth.fonts.pool import _all_faces


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NORDOCR_CACHE", str(tmp_path / "cache"))
    _all_faces.cache_clear()
    yield
    _all_faces.cache_clear()


def load(*folders: Path, split: str = "all", **more) -> FontPool:
    _all_faces.cache_clear()
    return load_pool(FontConfig(folders=tuple(map(str, folders)), split=split, **more), NORDIC_126)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", "required characters missing"),
        ("notdef", "required characters missing"),
        ("blank", "required characters missing"),
        ("alike", "required characters drawn alike"),
        ("cyrillic", "another script in the place of åäö"),
        ("capitals", "small capitals for lower case"),
        ("symbol", "not a text face by its name"),
    ],
)
def test_a_face_that_does_not_draw_what_it_says_is_refused(tmp_path, kind, reason):
    save(base_font("Honest"), tmp_path / "fonts" / "good.ttf")
    save(spoilt(kind), tmp_path / "fonts" / "bad.ttf")
    pool = load(tmp_path / "fonts")
    assert [face.family for face in pool.faces] == ["honest"]
    assert pool.refused == {reason: 1}


def test_letters_in_the_wrong_places_are_refused(tmp_path):
    save(base_font("Honest"), tmp_path / "fonts" / "good.ttf")
    save(spoilt("shapes"), tmp_path / "fonts" / "bad.ttf")
    assert {face.family for face in load(tmp_path / "fonts").faces} == {"honest"}


def test_coverage_is_what_is_drawn_and_not_what_is_mapped(tmp_path):
    font = base_font("Honest")
    same_glyph(font, "–", "-")
    same_glyph(font, "×", "x")
    point(font, "þ", ".notdef")
    save(font, tmp_path / "fonts" / "a.ttf")
    (face,) = load(tmp_path / "fonts").faces
    assert {"-", "x", "Ð", "D", " ", "ø", "æ"} <= face.covered
    assert not {"–", "×", "þ", "€"} & face.covered
    assert face.covered <= set(NORDIC_126.characters)


def test_typewriters_may_share_a_key_and_lack_brackets_others_may_not(tmp_path):
    for family in ("Old Typewriter", "Plain"):
        font = base_font(family)
        same_glyph(font, "0", "O")
        for bracket in "()[]{}":
            same_glyph(font, bracket, "/")
        save(font, tmp_path / "fonts" / f"{family}.ttf")
    pool = load(tmp_path / "fonts")
    (face,) = pool.faces
    assert (face.family, face.group) == ("old typewriter", "typewriter")
    assert {"0", "O", "/"} <= face.covered and not set("()[]{}") & face.covered
    with pytest.raises(DataInvalid, match="No font"):
        pool.sample(np.random.default_rng(0), "(12)")


def test_groups(tmp_path):
    names = {
        "Plain Grotesk": ("Regular", "sans"),
        "Plain Grotesk B": ("Bold", "bold"),
        "Plain Grotesk BI": ("Bold Italic", "italic"),
        "Plain Grotesk Narrow": ("Regular", "condensed"),
        "Fine Garamond": ("Italic", "old"),
        "Some Courier": ("Bold", "typewriter"),
        "Some Courier I": ("Oblique", "italic"),
    }
    for i, (family, (style, _)) in enumerate(names.items()):
        save(base_font(family, style), tmp_path / "fonts" / f"{i}.ttf")
    mono = base_font("Ledger")
    fixed_pitch(mono)
    save(mono, tmp_path / "fonts" / "mono.ttf")
    groups = Counter(face.group for face in load(tmp_path / "fonts").faces)
    assert groups == Counter(group for _, group in names.values()) + Counter(["monospace"])


def test_damaged_files_are_counted_and_skipped(tmp_path):
    save(base_font("Honest"), tmp_path / "fonts" / "good.ttf")
    whole = (tmp_path / "fonts" / "good.ttf").read_bytes()
    (tmp_path / "fonts" / "cut.ttf").write_bytes(whole[: len(whole) // 3])
    (tmp_path / "fonts" / "noise.otf").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "fonts" / "empty.ttc").write_bytes(b"")
    pool = load(tmp_path / "fonts")
    assert len(pool.faces) == 1
    assert pool.refused == {"unreadable file": 3}


def test_order_does_not_depend_on_folder_or_file_name(tmp_path):
    fonts = [base_font("Alpha"), base_font("Beta"), base_font("Alpha", "Bold"), base_font("Gamma")]
    for i, font in enumerate(fonts):
        save(font, tmp_path / "one" / f"{i}.ttf")
        save(font, tmp_path / "two" / "below" / f"{9 - i}.ttf")
    first, second = load(tmp_path / "one"), load(tmp_path / "two")
    assert [(f.family, f.style) for f in first.faces] == [(f.family, f.style) for f in second.faces]
    both = load(tmp_path / "two", tmp_path / "one")
    assert len(both.faces) == 4 and both.refused == {"the same face in another file": 4}
    a, b = np.random.default_rng(5), np.random.default_rng(5)
    for text in ("Summa", "å", "x") * 20:
        left, right = first.sample(a, text), second.sample(b, text)
        assert (left.family, left.style) == (right.family, right.style)


def test_cache_is_used_noticed_when_stale_and_rebuilt_when_damaged(tmp_path, monkeypatch):
    path = tmp_path / "fonts" / "a.ttf"
    save(base_font("Alpha"), path)
    expected = load(tmp_path / "fonts").faces
    calls = []
    real = cache_module.verify_file
    monkeypatch.setattr(cache_module, "verify_file", lambda *given: calls.append(given) or real(*given))
    assert load(tmp_path / "fonts").faces == expected and not calls
    (store,) = (tmp_path / "cache").glob("fonts-*.json")
    for damage in ("{", "[]", '{"made_by": 3}'):
        store.write_text(damage, encoding="utf-8")
        calls.clear()
        assert load(tmp_path / "fonts").faces == expected and len(calls) == 1
    content = json.loads(store.read_text(encoding="utf-8"))
    content["files"][str(path.resolve())]["faces"] = [{"index": 0, "surprise": "x"}]
    store.write_text(json.dumps(content), encoding="utf-8")
    assert load(tmp_path / "fonts").faces == expected
    save(base_font("Beta longer name"), path)
    assert [face.family for face in load(tmp_path / "fonts").faces] == ["beta longer name"]


def faces(spec: dict[str, dict[str, int]], covered: str = "abc") -> list[Face]:
    return [
        Face(f"{family}{i}", 0, family, str(i), group, False, frozenset(covered))
        for group, families in spec.items()
        for family, count in families.items()
        for i in range(count)
    ]


def test_sampling_keeps_shares_and_big_families_do_not_dominate():
    pool = FontPool(faces({"serif": {"one": 1, "hundred": 100}, "typewriter": {"only": 3}}), DEFAULT_SHARES)
    rng = np.random.default_rng(1)
    drawn = Counter(pool.sample(rng, "a b").family for _ in range(6000))
    serif = DEFAULT_SHARES["serif"] / (DEFAULT_SHARES["serif"] + DEFAULT_SHARES["typewriter"])
    assert drawn["one"] / 6000 == pytest.approx(serif / 2, abs=0.03)
    assert drawn["hundred"] / 6000 == pytest.approx(serif / 2, abs=0.03)


def test_a_pool_of_few_families_says_so_and_says_where():
    many = {f"family {i}": 1 for i in range(4)}
    pool = FontPool(faces({"serif": many, "typewriter": {"freemono": 9}}), {"serif": 1, "typewriter": 1})
    (sentence,) = pool.shortages()
    assert "13 faces" in sentence and "typewriter 1." in sentence and "serif" not in sentence
    assert FontPool(faces({"serif": many}), {"serif": 1}).shortages() == []


def test_sampling_gives_only_faces_that_cover_the_text_and_always_draws_the_same_amount():
    pool = FontPool(
        [*faces({"serif": {"plain": 4}}), *faces({"bold": {"rich": 1}}, "abcþ")], {"serif": 1, "bold": 0.01}
    )
    rng = np.random.default_rng(2)
    assert {pool.sample(rng, "aþ b").family for _ in range(50)} == {"rich"}
    a, b = np.random.default_rng(3), np.random.default_rng(3)
    pool.sample(a, "þ"), pool.sample(b, "a")
    assert a.random() == b.random()
    with pytest.raises(DataInvalid, match="Ж"):
        pool.sample(rng, "aЖ")


def test_config_refuses_what_it_does_not_know():
    assert set(DEFAULT_SHARES) == set(GROUPS) and sum(DEFAULT_SHARES.values()) == pytest.approx(1)
    for wrong in ({"shares": {"gothic": 1.0}}, {"shares": {"serif": -1.0}}, {"shares": {"serif": 0.0}}, {"fonts": ()}):
        with pytest.raises(ValidationError):
            FontConfig(**wrong)
    with pytest.raises(InputMissing, match="nowhere"):
        load_pool(FontConfig(folders=("nowhere",)), NORDIC_126)


def test_an_empty_folder_is_an_error_that_names_it(tmp_path):
    with pytest.raises(DataInvalid, match="No usable all font"):
        load(tmp_path)


def test_hold_out_is_fixed_and_takes_every_cut_and_clone_of_a_design(tmp_path):
    assert normalised_family("EB Garamond 12") == normalised_family("EB Garamond") == "eb garamond"
    assert normalised_family("Lato Semibold") == "lato" and normalised_family("Medium") == "medium"
    assert design("tex gyre schola") == design("c059") and design("induni n") == "c059"
    assert held_out("c059") and held_out("tex gyre schola") and held_out("courier prime")
    assert not held_out("nimbus roman") and not held_out("gnutypewriter")
    out = sum(held_out(f"family {i}") for i in range(4000))
    assert 320 < out < 480
    for i, (family, style) in enumerate(
        [("Courier Prime", "Regular"), ("Courier Prime", "Bold"), ("Alpha", "Regular")]
    ):
        save(base_font(family, style), tmp_path / "fonts" / f"{i}.ttf")
    assert {f.family for f in load(tmp_path / "fonts", split="validation").faces} == {"courier prime"}
    assert {f.family for f in load(tmp_path / "fonts", split="train").faces} == {"alpha"}


def test_pack_round_trip_is_small_faithful_and_repeatable(tmp_path):
    save(base_font("Courier Prime"), tmp_path / "fonts" / "a.ttf")
    collection = TTCollection()
    collection.fonts = [base_font("Beta"), base_font("Beta", "Bold")]
    collection.save(tmp_path / "fonts" / "b.ttc")
    config = FontConfig(folders=(str(tmp_path / "fonts"),))
    report = pack(config, NORDIC_126, tmp_path / "out")
    again = pack(config, NORDIC_126, tmp_path / "again")
    assert report.faces == 3 and not report.refused and report.archive_bytes == again.archive_bytes
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    original, packed = load(tmp_path / "fonts"), load(tmp_path / "out")

    def told(pool: FontPool) -> list[tuple[object, ...]]:
        return [(f.family, f.style, f.group, f.held_out, f.covered) for f in pool.faces]

    assert told(original) == told(packed)
    for before, after in zip(original.faces, packed.faces, strict=True):
        text = "AVÅ To 123"
        old = ImageFont.truetype(before.path, 40, index=before.index)
        new = ImageFont.truetype(after.path, 40)
        assert new.getlength(text) == pytest.approx(old.getlength(text), rel=0.03)
        with TTFont(after.path) as font:
            assert "GPOS" in font and "gasp" not in font and "fpgm" not in font


def test_pack_replaces_an_earlier_pack_and_nothing_else(tmp_path):
    save(base_font("Alpha"), tmp_path / "fonts" / "a.ttf")
    pack(load(tmp_path / "fonts"), NORDIC_126, tmp_path / "out")
    save(base_font("Beta"), tmp_path / "fonts" / "a.ttf")
    pack(load(tmp_path / "fonts"), NORDIC_126, tmp_path / "out")
    assert [face.family for face in load(tmp_path / "out").faces] == ["beta"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(OutputUnwritable, match="mine"):
        pack(load(tmp_path / "fonts"), NORDIC_126, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text(encoding="utf-8") == "keep"
