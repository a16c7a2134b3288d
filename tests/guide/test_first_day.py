"""The first day: what an engineer meets before anything is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nordocr.cli.app import main
from nordocr.data.crops import encode_png
from nordocr.data.lmdb import LmdbLines, write_lmdb
from nordocr.data.lmdb_index import open_index
from nordocr.linespec import LineSpec


def test_models_list_works_outside_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NORDOCR_MODELS", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["models", "list"])
    assert ended.value.code == 0
    assert "nano  bundled" in capsys.readouterr().out


def test_an_lmdb_is_looked_through_once_a_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from nordocr.train.pool import PoolPart, open_pool

    monkeypatch.setenv("NORDOCR_CACHE", str(tmp_path / "cache"))
    image = encode_png(np.zeros((32, 64), np.uint8))
    write_lmdb(tmp_path / "lines", ((image, f"{number}", f"d{number % 9}") for number in range(900)))
    open_index(tmp_path / "lines")

    def never(*_: object) -> None:
        raise AssertionError("a line was looked up")

    for name in ("text", "image", "size", "source", "entries"):
        monkeypatch.setattr(LmdbLines, name, never)
    pool, held, _ = open_pool([PoolPart(tmp_path / "lines")], LineSpec(), seed=1, validation_share=0.7, held_limit=20)
    assert len(held) == 20 and 0 < len(pool) < 900
    LmdbLines(tmp_path / "lines").close()
