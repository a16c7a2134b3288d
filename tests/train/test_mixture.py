"""Mixtures, pools of labelled lines, and the split by document."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.charset import NORDIC_EXT
from nordocr.data.crops import encode_png
from nordocr.data.labels import LabelRow, write_labels
from nordocr.data.lmdb import write_lmdb
from nordocr.data.pool_lines import StoredLines
from nordocr.data.split import in_validation
from nordocr.errors import ConfigInvalid, DataInvalid
from nordocr.linespec import LineSpec
from nordocr.train.mixture import Mixture, shares
from nordocr.train.pool import LabelledLines, PoolPart, open_pool, reframed


class Named:
    def __init__(self, name: str) -> None:
        self.name = name

    def line(self, index: int) -> tuple[npt.NDArray[np.uint8], str]:
        return np.zeros((1, 1), np.uint8), f"{self.name}{index}"


@given(st.lists(st.floats(0.2, 5), min_size=1, max_size=4), st.integers(64, 200))
def test_shares_are_whole_near_their_weights_and_sum(weights: list[float], period: int) -> None:
    counts = shares(weights, period)
    assert sum(counts) == period
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count - period * weight / sum(weights)) < 1


def test_every_source_sees_its_own_lines_once_and_in_exact_shares() -> None:
    mixture = Mixture([Named("a"), Named("b")], [3, 1], seed=5, period=8)
    texts = [mixture.line(i)[1] for i in range(80)]
    assert sorted(texts) == sorted([f"a{i}" for i in range(60)] + [f"b{i}" for i in range(20)])
    assert {Counter(t[0] for t in texts[i : i + 8])["a"] for i in range(0, 80, 8)} == {6}
    assert [t[0] for t in texts[:8]] != [t[0] for t in texts[8:16]]


def test_a_line_depends_on_seed_and_index_alone() -> None:
    mixture = Mixture([Named("a"), Named("b")], [1, 1], seed=5, period=8)
    texts = [mixture.line(i)[1] for i in range(40)]
    again = pickle.loads(pickle.dumps(mixture))
    assert [again.line(i)[1] for i in reversed(range(40))] == texts[::-1]
    assert [Mixture([Named("a"), Named("b")], [1, 1], 6, 8).line(i)[1] for i in range(40)] != texts


def test_a_weight_too_small_for_one_line_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="Entry 1"):
        shares([1000, 1], 100)


def texts_of(pool: LabelledLines) -> list[str]:
    """The usable lines' labels, in the order of the folders."""
    return [part.text(number) for part, number in map(pool.place, range(pool.starts[-1]))]


def write_folder(folder: Path, lines: list[tuple[str, str | None, int]]) -> Path:
    """Lines of (text, document, width) with images 32 px high."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for number, (text, source, width) in enumerate(lines):
        name = f"{number}.png"
        (folder / "images" / name).write_bytes(encode_png(np.full((32, width), number, np.uint8)))
        rows.append(LabelRow(name, text, folder / "images" / name, number, source=source))
    write_labels(folder, rows)
    return folder


def test_verified_lines_come_four_times_an_epoch(tmp_path: Path) -> None:
    write_folder(tmp_path / "auto", [("ab", "d", 64), ("cd", "d", 64)])
    write_lmdb(tmp_path / "verified", [(encode_png(np.zeros((32, 64), np.uint8)), "ef")])
    parts = [PoolPart(tmp_path / "auto"), PoolPart(tmp_path / "verified", 4)]
    pool, held, report = open_pool(parts, LineSpec(), seed=1)
    epochs = [[pool.line(i)[1] for i in range(e * 6, e * 6 + 6)] for e in range(5)]
    assert all(Counter(epoch) == {"ab": 1, "cd": 1, "ef": 4} for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert (held, report.used) == ([], 3)
    again = pickle.loads(pickle.dumps(pool))
    assert [again.line(i)[1] for i in range(29, -1, -1)] == [t for epoch in epochs for t in epoch][::-1]


def test_what_cannot_be_trained_on_is_counted_and_named(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "set",
        [("good", "d", 64), ("café", "d", 64), ("much too long", "d", 16), ("aaa", "d", 16), (" ", "d", 8)],
    )
    (folder / "images" / "0.png").rename(folder / "images" / "x.png")
    (folder / "images" / "0.png").write_bytes(b"no image")
    write_folder(tmp_path / "more", [("fine", "d", 64)])
    pool, _, report = open_pool([PoolPart(folder), PoolPart(tmp_path / "more")], LineSpec(), seed=1)
    assert texts_of(pool) == ["fine"]
    assert {reason: len(names) for reason, names in report.left_out.items()} == {
        "image cannot be read": 1,
        "characters outside the charset": 1,
        "label too long for the line's width": 2,
        "empty text": 1,
    }
    assert report.outside == {"é": 1}
    assert any("2 labelled lines left out, label too long" in s and "set/2.png" in s for s in report.sentences())
    with pytest.raises(DataInvalid, match="No labelled line"):
        open_pool([PoolPart(folder)], LineSpec(), seed=1)


def test_documents_are_split_whole_and_for_good(tmp_path: Path) -> None:
    lines = [("ab", f"doc{n % 40}", 64) for n in range(120)]
    pool, held, report = open_pool(
        [PoolPart(write_folder(tmp_path / "set", lines))], LineSpec(), seed=1, validation_share=0.3
    )
    out = {row.source for row in held}
    assert len(held) == 3 * len(out)
    assert 5 <= len(out) <= 20
    assert pool.starts[-1] == 120 - len(held) == report.used
    assert out == {f"doc{n}" for n in range(40) if in_validation(f"doc{n}", 0.3)}


def test_lines_without_a_document_are_never_held_out(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", [("ab", None, 64)] * 30)
    pool, held, report = open_pool([PoolPart(folder)], LineSpec(), seed=1, validation_share=0.9)
    assert (pool.starts[-1], held, report.documentless) == (30, [], 30)


@given(st.text(max_size=30), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_only_adds_documents(source: str, one: float, two: float) -> None:
    if in_validation(source, min(one, two)):
        assert in_validation(source, max(one, two))


def test_augmented_lines_keep_their_text_and_are_the_same_each_time(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", [("ab", "d", 96)])
    plain, _, _ = open_pool([PoolPart(folder)], LineSpec(), seed=1)
    pool, _, _ = open_pool([PoolPart(folder)], LineSpec(), seed=1, augment=1.0)
    first, text = pool.line(3)
    assert text == "ab"
    assert np.array_equal(first, pool.line(3)[0])
    assert any(not np.array_equal(pool.line(i)[0], plain.line(i)[0]) for i in range(4))


def test_documents_of_an_lmdb_are_held_out_by_their_source(tmp_path: Path) -> None:
    image = encode_png(np.zeros((32, 64), np.uint8))
    sources = [f"doc{n % 40}" if n else None for n in range(120)]
    write_lmdb(tmp_path / "set", [(image, "ab", source) for source in sources])
    pool, held, report = open_pool([PoolPart(tmp_path / "set")], LineSpec(), seed=1, validation_share=0.3)
    out = {f"doc{n}" for n in range(40) if in_validation(f"doc{n}", 0.3)}
    assert {row.source for row in held} == out
    assert len(held) == sum(source in out for source in sources)
    assert (pool.starts[-1], report.documentless) == (120 - len(held), 1)
    (stored,) = pool.parts
    assert isinstance(stored, StoredLines)
    assert not [number for number in stored.numbers.tolist() if sources[number] in out]
    whole, none, _ = open_pool([PoolPart(tmp_path / "set")], LineSpec(), seed=1)
    assert (whole.starts[-1], none) == (120, [])


def test_a_reframed_crop_keeps_its_middle_and_continues_its_edges() -> None:
    image = np.full((100, 50), 200, np.uint8)
    image[:10], image[-10:], image[40:60, 5:45] = 190, 210, 0
    heights = []
    for seed in range(200):
        found = reframed(image, np.random.default_rng(seed))
        heights.append(len(found))
        assert found.shape[1] == 50 and found.dtype == np.uint8 and found.flags.c_contiguous
        assert (found == 0).sum() == 20 * 40  # no ink is cut, none is made
        above, below = int((found[:, 0] == 190).sum()), int((found[:, 0] == 210).sum())
        assert set(np.unique(found)) == {0, 190, 200, 210}  # what is added has the tone of the row that it continues
        assert len(found) == above + below + 80
        assert 10 - 6 <= above <= 10 + 18 and 10 - 6 <= below <= 10 + 18
    assert min(heights) < 98 and max(heights) > 125
    colour = np.repeat(image[..., None], 3, axis=2)
    assert np.array_equal(reframed(colour, np.random.default_rng(3))[..., 1], reframed(image, np.random.default_rng(3)))


def test_the_share_of_reframed_lines_is_the_recipes(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", [("ab", "d", 64)] * 4)
    parts = [PoolPart(folder)]
    heights = {}
    for share in (0.0, 0.5, 1.0):
        pool, _, _ = open_pool(parts, LineSpec(), seed=1, reframe=share)
        heights[share] = [pool.line(i)[0].shape[0] for i in range(200)]
        assert [pool.line(i)[0].shape[0] for i in range(199, -1, -1)] == heights[share][::-1]
    changed = {share: sum(height != 32 for height in found) for share, found in heights.items()}
    assert changed[0.0] == 0
    assert 0.3 * changed[1.0] < changed[0.5] < 0.7 * changed[1.0]
    assert changed[1.0] > 120


def test_labels_are_folded_into_the_larger_charset_only(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "set", [("a…b", "d", 96), ("Đ1", "d", 64), ("é", "d", 64), ("ab", "d", 64)])
    ext = LineSpec(charset_name=NORDIC_EXT.name, characters=NORDIC_EXT.characters)
    pool, _, report = open_pool([PoolPart(folder)], ext, seed=1)
    assert texts_of(pool) == ["a...b", "Ð1", "é", "ab"]
    assert not report.outside
    pool, _, report = open_pool([PoolPart(folder)], LineSpec(), seed=1)
    assert texts_of(pool) == ["ab"]
    assert report.outside == {"…": 1, "Đ": 1, "é": 1}
