"""LMDBs as OpenOCR and PARSeq write them."""

from __future__ import annotations

import pickle
from pathlib import Path

import lmdb
import numpy as np
import pytest

from nordocr.data.crops import decode_crop, encode_png
from nordocr.data.lmdb import LmdbLines, is_lmdb, write_lmdb
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable, OutputUnwritable


def image(width: int, height: int = 32, *, colour: bool = False) -> bytes:
    shape = (height, width, 3) if colour else (height, width)
    return encode_png(np.random.default_rng(width).integers(0, 256, shape, dtype=np.uint8))


def put(folder: Path, entries: dict[str, bytes]) -> Path:
    folder.mkdir()
    environment = lmdb.open(str(folder), map_size=1 << 20)
    with environment.begin(write=True) as transaction:
        for key, value in entries.items():
            transaction.put(key.encode(), value)
    environment.close()
    return folder


def test_what_was_written_is_read(tmp_path: Path) -> None:
    lines = [(image(40), "Å»“x”"), (image(64, 20, colour=True), "a b"), (image(8), " ")]
    assert write_lmdb(tmp_path / "set", iter(lines)) == 3
    held = LmdbLines(tmp_path / "set")
    assert len(held) == 3
    assert [(held.image(i), held.text(i)) for i in range(3)] == lines
    assert [held.size(i) for i in range(3)] == [(40, 32), (64, 20), (8, 32)]
    assert decode_crop(held.image(1), "x").shape == (20, 64, 3)
    again = pickle.loads(pickle.dumps(held))
    held.close()
    assert again.text(1) == "a b"
    again.close()


def test_the_keys_are_the_formats_own(tmp_path: Path) -> None:
    write_lmdb(tmp_path / "set", [(image(40), "å" + "\u0301x"), (image(8), "y")])
    environment = lmdb.open(str(tmp_path / "set"), readonly=True, lock=False)
    with environment.begin() as transaction:
        entries = {bytes(key).decode(): bytes(value) for key, value in transaction.cursor()}
    environment.close()
    assert set(entries) == {"num-samples", *(f"{k}-00000000{n}" for k in ("image", "label", "wh") for n in (1, 2))}
    assert entries["num-samples"] == b"2"
    assert entries["wh-000000001"] == b"40_32"
    assert entries["label-000000001"].decode() == "ǻx"


def test_it_grows_beyond_its_first_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordocr.data.lmdb._MAP_BYTES", 1 << 16)
    data = image(1000, 64)
    assert len(data) > 1 << 15
    assert write_lmdb(tmp_path / "set", [(data, str(n)) for n in range(20)]) == 20
    held = LmdbLines(tmp_path / "set")
    assert held.text(19) == "19"
    held.close()


def test_without_sizes_the_image_is_asked(tmp_path: Path) -> None:
    folder = put(tmp_path / "set", {"num-samples": b"1", "image-000000001": image(52), "label-000000001": b"x"})
    held = LmdbLines(folder)
    assert held.size(0) == (52, 32)
    held.close()


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    assert not is_lmdb(tmp_path)
    with pytest.raises(InputMissing, match=r"data\.mdb"):
        LmdbLines(tmp_path)
    with pytest.raises(DataInvalid, match="num-samples"):
        LmdbLines(put(tmp_path / "a", {"x": b"1"}))
    held = LmdbLines(put(tmp_path / "b", {"num-samples": b"2", "label-000000001": b"\xff"}))
    with pytest.raises(DataInvalid, match="image-000000002"):
        held.image(1)
    with pytest.raises(DataInvalid, match="not UTF-8"):
        held.text(0)
    held.close()
    with pytest.raises(InputUnreadable, match="Image 1 "):
        write_lmdb(tmp_path / "c", [(b"no image", "x")])
    with pytest.raises(DataInvalid, match="num-samples"):
        LmdbLines(tmp_path / "c")
    write_lmdb(tmp_path / "d", [(image(8), "x")])
    with pytest.raises(OutputUnwritable, match="already"):
        write_lmdb(tmp_path / "d", [])


@pytest.mark.parametrize("kept", [0.98, 0.5, 0.1])
def test_a_file_that_is_cut_off_is_refused_before_it_kills_the_process(tmp_path: Path, kept: float) -> None:
    """LMDB maps the file into memory: what lies beyond its end is SIGBUS."""
    write_lmdb(tmp_path / "set", [(image(900), f"line {i}") for i in range(40)])
    path = tmp_path / "set" / "data.mdb"
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * kept))
    with pytest.raises(DataInvalid, match=r"is cut off: data\.mdb has \d+ of \d+ bytes|cannot be opened"):
        LmdbLines(tmp_path / "set")


@pytest.mark.parametrize("count", [b"1000000000", b"9" * 5000, b"-1", "²".encode()])
def test_an_absurd_number_of_lines_is_refused(tmp_path: Path, count: bytes) -> None:
    with pytest.raises(DataInvalid, match="num-samples"):
        LmdbLines(put(tmp_path / "set", {"num-samples": count, "label-000000001": b"x"}))
