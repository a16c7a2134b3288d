"""Data: labels in folders and LMDBs, and the documents that are compared on kept out of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nordocr.cli.app import main
from nordocr.data.crops import encode_png
from nordocr.data.labels import LabelRow, read_labels, write_labels
from nordocr.data.lmdb import LmdbLines, write_lmdb


def nordocr(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 0


def test_to_lmdb_and_to_folder_keep_text_and_document(tmp_path: Path) -> None:
    (tmp_path / "labels" / "images").mkdir(parents=True)
    image = tmp_path / "labels" / "images" / "1.png"
    image.write_bytes(encode_png(np.zeros((32, 64), np.uint8)))
    write_labels(tmp_path / "labels", [LabelRow("1.png", 'sa "Å"', image, 2, source="rapport-7")])
    nordocr("data", "to-lmdb", str(tmp_path / "labels"), str(tmp_path / "lmdb"))
    store = LmdbLines(tmp_path / "lmdb")
    assert (len(store), store.text(0), store.source(0)) == (1, 'sa "Å"', "rapport-7")
    nordocr("data", "to-folder", str(tmp_path / "lmdb"), str(tmp_path / "again"))
    assert [(row.text, row.source) for row in read_labels(tmp_path / "again").rows] == [('sa "Å"', "rapport-7")]
    store.close()


@pytest.mark.parametrize("verb", [["data", "stats"]])
def test_an_lmdb_goes_where_labels_go(tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: list[str]) -> None:
    write_lmdb(tmp_path / "lmdb", [(encode_png(np.zeros((32, 1500), np.uint8)), "a b", "d")] * 3)
    nordocr(*verb, str(tmp_path / "lmdb"))
    assert "proposed: max_width 1536" in capsys.readouterr().out
