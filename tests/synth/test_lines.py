"""The line engine as a whole: pure lines, the labels folder, the sheet."""

from __future__ import annotations

import hashlib
import multiprocessing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nordocr.charset import NORDIC_126, NORDIC_EXT, Charset
from nordocr.data.labels import read_labels
from nordocr.errors import ConfigInvalid, DataInvalid, InputMissing
from nordocr.synth.fonts import FontPool
from nordocr.synth.lines import LineSynth
from nordocr.synth.recipe import load_synth_recipe
from nordocr.synth.sheet import contact_sheet
from nordocr.synth.write import write_lines


def _has_fonts() -> bool:
    try:
        LineSynth(load_synth_recipe("scans").with_fonts(split="all"), 1).pool  # noqa: B018
    except DataInvalid:
        return False
    return True


pytestmark = pytest.mark.skipif(not _has_fonts(), reason="no usable font on this system")
# A machine with few families may hold out none, or all of a group; the engine itself does not depend on the split.
SCANS = load_synth_recipe("scans").with_fonts(split="all").with_text(max_chars=40)


def digest(synth: LineSynth, indices: list[int]) -> list[str]:
    made = [synth.make(index) for index in indices]
    return [hashlib.sha256(m.image.tobytes() + m.text.text.encode()).hexdigest() for m in made]


@pytest.fixture(scope="module")
def synth() -> LineSynth:
    return LineSynth(SCANS, 11)


def test_a_line_is_the_same_in_any_order_and_process(synth: LineSynth) -> None:
    forwards = digest(synth, [0, 1, 2, 3, 4, 5])
    assert digest(synth, [5, 3, 1])[::-1] == [forwards[1], forwards[3], forwards[5]]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(digest, (synth, [4, 0])) == [forwards[4], forwards[0]]
    assert len(set(forwards)) == 6
    assert digest(LineSynth(SCANS, 12), [0]) != forwards[:1]


def test_figures_are_set_in_fixed_pitch_as_often_as_told() -> None:
    shares = {"serif": 1.0, "monospace": 0.01, "typewriter": 0.01}
    base = SCANS.with_text(shares={"numbers": 1.0}).with_fonts(shares=shares)
    if not {"monospace", "typewriter"} & {face.group for face in LineSynth(base, 1).pool.faces}:
        pytest.skip("no monospaced font on this system")
    for told in (0.0, 1.0):
        synth = LineSynth(base.model_copy(update={"fixed_pitch_figures": told}), 1)
        groups = [synth.draw(np.random.default_rng(seed))[1].group for seed in range(60)]
        share = np.mean([group in ("monospace", "typewriter") for group in groups])
        assert share > 0.9 if told else share < 0.2


def test_every_line_is_a_gray_image_with_ink_and_a_label_inside_the_charset(synth: LineSynth) -> None:
    bilevel = 0
    for index in range(80):
        made = synth.make(index)
        assert made.image.dtype == np.uint8
        assert made.image.ndim == 2
        assert int(made.image.min()) < int(made.image.max())
        assert made.text.text
        assert not NORDIC_126.outside(made.text.text)
        if made.bilevel:
            assert set(np.unique(made.image)) <= {0, 255}
            bilevel += 1
    assert 0.35 < bilevel / 80 < 0.8


def test_the_folder_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    for workers in (0, 2):
        write_lines(tmp_path / str(workers), SCANS, seed=3, count=70, workers=workers)
    alone, shared = (read_labels(tmp_path / w) for w in ("0", "2"))
    assert alone.report.total == alone.report.usable == 70
    assert [(r.filename, r.text, r.source, r.width) for r in alone.rows] == [
        (r.filename, r.text, r.source, r.width) for r in shared.rows
    ]
    for one, other in zip(alone.rows, shared.rows, strict=True):
        assert one.image.read_bytes() == other.image.read_bytes()
    with Image.open(alone.rows[0].image) as image:
        made = LineSynth(SCANS, 3).make(0)
        assert np.array_equal(np.asarray(image.convert("L")), made.image)
        assert image.mode == ("1" if made.bilevel else "L")


def test_the_clean_recipe_is_clean() -> None:
    recipe = load_synth_recipe("first").with_fonts(split="all")
    synth = LineSynth(recipe, 1)
    assert len(synth.pool.faces) <= 40
    made = synth.make(0)
    assert made.tags == ()
    assert int(np.median(made.image)) == 255


def test_the_sheet_holds_every_line(synth: LineSynth) -> None:
    sheet = contact_sheet(synth, 5)
    assert sheet.shape[1] == 1400
    assert sheet.shape[0] > 5 * 20
    assert contact_sheet(synth, 5, as_seen=True).shape[0] <= 5 * (32 + 16 + 12)


def test_what_no_face_draws_is_not_drawn() -> None:
    synth = LineSynth(SCANS, 11)
    poor = [replace(face, covered=face.covered - {"e", "–"}) for face in synth.pool.faces]
    synth.__dict__["pool"] = FontPool(poor, synth.pool.shares)
    made = [synth.make(index).text.text for index in range(30)]
    assert not any("e" in text or "–" in text for text in made)
    synth.__dict__["pool"] = FontPool([replace(face, covered=frozenset("q")) for face in poor], synth.pool.shares)
    with pytest.raises(DataInvalid, match="No font"):
        [synth.make(index) for index in range(5)]


def test_a_text_outside_the_charset_is_no_line() -> None:
    with pytest.raises(DataInvalid, match="outside"):
        Charset("ascii", "ab").encode("abc")


def test_unknown_recipes_and_keys_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="nosuch"):
        load_synth_recipe("nosuch")
    bad = tmp_path / "bad.yaml"
    bad.write_text("text: {shapes: 1}\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match=r"text\.shapes"):
        load_synth_recipe(str(bad))
    bad.write_text("fonts: [\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="YAML"):
        load_synth_recipe(str(bad))


def test_lines_of_another_charset_hold_its_letters(tmp_path: Path) -> None:
    table = write_lines(tmp_path / "ext", load_synth_recipe("clean"), seed=3, count=120, charset=NORDIC_EXT)
    text = table.read_text(encoding="utf-8")
    assert set(text) & set("áéíóúýÁÉÍÓÚÝ")
    plain = write_lines(tmp_path / "126", load_synth_recipe("clean"), seed=3, count=120).read_text(encoding="utf-8")
    assert not set(plain) & set("áéíóúýÁÉÍÓÚÝ")
