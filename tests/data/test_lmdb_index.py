"""The index of an LMDB: it says what the LMDB says, is made once, and is shared without pickling lines."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path

import lmdb
import numpy as np
import pytest

from nordocr.charset import NORDIC_EXT
from nordocr.data import lmdb_index
from nordocr.data.crops import encode_png
from nordocr.data.lmdb import LmdbLines, write_lmdb
from nordocr.data.lmdb_index import open_index
from nordocr.data.pool_lines import StoredLines
from nordocr.data.sample import sample_by_document
from nordocr.data.usable import EMPTY, OUTSIDE, TOO_LONG, UNLABELLED, UNREADABLE, usable_lines
from nordocr.linespec import LineSpec

TEXTS = ["Å»“x”", "a b", "", "é ½", "aaa", "e" + "\u0301", "…", " "]
WIDTHS = [64, 40, 40, 64, 16, 40, 16, 40]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NORDOCR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def written(folder: Path, drop: tuple[str, ...] = (), put: dict[str, bytes] | None = None) -> Path:
    """Eight lines of three documents; some keys taken away, others put in."""
    lines = [
        (encode_png(np.zeros((32, width), np.uint8)), text, f"doc{n % 3}" if n != 1 else None)
        for n, (text, width) in enumerate(zip(TEXTS, WIDTHS, strict=True))
    ]
    write_lmdb(folder, lines)
    environment = lmdb.open(str(folder), map_size=1 << 26)
    with environment.begin(write=True) as transaction:
        for key in drop:
            assert transaction.delete(key.encode())
        for key, value in (put or {}).items():
            transaction.put(key.encode(), value)
    environment.close()
    return folder


@pytest.mark.parametrize(
    ("drop", "put"),
    [
        ((), {}),
        (("wh-000000002", "label-000000004"), {}),
        (("label-000000001",), {"label-0000000011": b"odd"}),  # as many keys as lines, and one of them not a line's
        (("image-000000003", "wh-000000003"), {"wh-000000005": b"0_x", "label-000000008": b"\xff"}),
    ],
)
def test_the_index_says_what_the_lmdb_says(tmp_path: Path, drop: tuple[str, ...], put: dict[str, bytes]) -> None:
    store = LmdbLines(written(tmp_path / "set", drop, put))
    index = open_index(tmp_path / "set")
    assert len(index) == len(store) == 8
    for number in range(8):
        gone = f"label-{number + 1:09d}" in drop or put.get(f"label-{number + 1:09d}") is not None
        assert bool(index.labelled[number]) is not gone
        assert index.text(number) == ("" if gone else store.text(number))
        assert index.source(number) == store.source(number)
        unreadable = f"image-{number + 1:09d}" in drop
        assert tuple(index.sizes[number]) == ((0, 0) if unreadable else store.size(number))
    store.close()


@pytest.mark.parametrize("extended", [False, True])
def test_usable_lines_are_those_that_one_by_one_would_be(tmp_path: Path, extended: bool) -> None:
    spec = LineSpec(charset_name=NORDIC_EXT.name, characters=NORDIC_EXT.characters) if extended else LineSpec()
    drop, put = ("label-000000002",), {"image-000000001": b"x", "wh-000000001": b""}
    index = open_index(written(tmp_path / "set", drop, put))
    found = usable_lines(index, spec, np.arange(8))
    # "aaa" needs five steps and has four; "..." for an ellipsis too.
    wanted = {UNLABELLED: [1], UNREADABLE: [0], EMPTY: [2, 7], TOO_LONG: [4, 6] if extended else [4]}
    wanted |= {} if extended else {OUTSIDE: [3, 5, 6]}
    assert {reason: numbers.tolist() for reason, numbers in found.left_out.items()} == wanted
    assert found.lines.tolist() == ([3, 5] if extended else [])
    assert found.outside == ({} if extended else {"é": 2, "½": 1, "…": 1})
    index.store.close()


def test_an_index_is_made_once_and_anew_when_the_lmdb_changes(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    make = lmdb_index._make
    monkeypatch.setattr(lmdb_index, "_make", lambda store, held: (made.append(held), make(store, held)))
    folder = written(tmp_path / "set")
    several = [threading.Thread(target=open_index, args=(folder,)) for _ in range(4)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert len(made) == 1
    LmdbLines(folder).close()
    environment = lmdb.open(str(folder), map_size=1 << 26)
    with environment.begin(write=True) as transaction:
        transaction.put(b"label-000000002", b"changed")
    environment.close()
    assert open_index(folder).text(1) == "changed" and len(made) == 2
    assert len(list((cache / "lmdb").iterdir())) == 1  # the earlier state's index is gone
    LmdbLines(folder).close()


def test_a_lock_that_was_left_behind_does_not_stop_anybody(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "set")
    monkeypatch.setattr(lmdb_index, "_STALE", -1.0)
    (cache / "lmdb").mkdir(parents=True)
    (cache / "lmdb" / f"{lmdb_index._name(folder)}.lock").mkdir()
    assert len(open_index(folder)) == 8
    LmdbLines(folder).close()


def test_lines_travel_to_workers_as_paths(tmp_path: Path) -> None:
    image = encode_png(np.zeros((32, 64), np.uint8))
    write_lmdb(tmp_path / "set", ((image, f"line {number}", "d") for number in range(3000)))
    index = open_index(tmp_path / "set")
    lines = StoredLines.of(index, np.arange(0, 3000, 2), LineSpec().charset)
    sent = pickle.dumps(lines)
    assert len(sent) < 3000
    again = pickle.loads(sent)
    assert (len(again), again.text(7), again.read(7).shape) == (1500, "line 14", (32, 64))
    index.store.close()


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("NORDOCR_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert open_index(written(tmp_path / "set")).text(1) == "a b"
    assert (tmp_path / "nordocr-cache").is_dir()
    LmdbLines(tmp_path / "set").close()


def test_a_sample_lets_every_document_speak_and_does_not_depend_on_the_order() -> None:
    documents = ["a"] * 50 + ["b"] * 3 + ["c"] * 20 + [None, None]
    assert sample_by_document(documents, None) == sample_by_document(documents, 75) == list(range(75))
    chosen = sample_by_document(documents, 15)
    assert len(chosen) == 15 and chosen == sorted(set(chosen)) == sample_by_document(documents, 15)
    counts = {name: sum(documents[place] == name for place in chosen) for name in ("a", "b", "c", None)}
    assert counts == {"a": 5, "b": 3, "c": 5, None: 2}
    assert [place for place in chosen if documents[place] == "a"] != list(range(5))  # not the first ones
    # Another document changes nothing about which lines of the others come first.
    more = sample_by_document([*documents, *(["d"] * 30)], 19)
    assert {place for place in more if place < 53} <= set(sample_by_document(documents, 19))
    assert len(sample_by_document(["a", "b", "c"], 2)) == 2
