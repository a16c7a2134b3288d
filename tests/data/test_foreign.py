"""Labels of tesstrain and PaddleOCR, read wherever ours are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from nordocr.data.crops import encode_png
from nordocr.data.labels import Problem, read_labels
from nordocr.data.lines import to_folder, to_lmdb
from nordocr.data.lmdb import LmdbLines
from nordocr.data.stats import label_stats
from nordocr.errors import DataInvalid, InputMissing
from nordocr.linespec import LineSpec
from nordocr.train.fingerprint import lines_fingerprint
from nordocr.train.pool import PoolPart, open_pool

PNG = encode_png(np.full((40, 300), 255, np.uint8))


def tesstrain(folder: Path) -> Path:
    folder.mkdir()
    for name, text in {"b": "Årets resultat\n", "a.b": 'sade "nej"\r\n', "wide": "\ufeffSumma 12"}.items():
        (folder / f"{name}.gt.txt").write_bytes(text.encode())
    for name in ("b.tif", "a.b.png", "wide.bin.png"):
        (folder / name).write_bytes(PNG)
    return folder


def paddle(folder: Path, prefix: str = "crop_img/") -> Path:
    (folder / "crop_img").mkdir(parents=True)
    for name in ("x.jpg", "y.png"):
        (folder / "crop_img" / name).write_bytes(PNG)
    (folder / "rec_gt.txt").write_bytes(f"{prefix}x.jpg\tÅrets resultat\r\n\n{prefix}y.png\ta b\n".encode())
    return folder


def test_tesstrain(tmp_path: Path) -> None:
    labels = read_labels(tesstrain(tmp_path / "set"))
    found = [(row.filename, row.text) for row in labels.rows]
    assert found == [("a.b.png", 'sade "nej"'), ("b.tif", "Årets resultat"), ("wide.bin.png", "Summa 12")]
    assert labels.report.sentences() == [] and labels.report.usable == labels.report.total == 3
    assert all(row.image.is_file() for row in labels.rows)


@pytest.mark.parametrize("prefix", ["crop_img/", "set/crop_img/"])
def test_paddle_with_paths_from_its_folder_or_the_one_above(tmp_path: Path, prefix: str) -> None:
    labels = read_labels(paddle(tmp_path / "set", prefix))
    assert [(row.text, row.image.name, row.row) for row in labels.rows] == [
        ("Årets resultat", "x.jpg", 1),
        ("a b", "y.png", 3),
    ]
    assert all(row.image.is_file() for row in labels.rows)


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    folder = tesstrain(tmp_path / "set")
    (folder / "two.gt.txt").write_text("one\ntwo\n", encoding="utf-8")
    (folder / "latin.gt.txt").write_bytes("å\n".encode("latin-1"))
    (folder / "alone.gt.txt").write_text("no image\n", encoding="utf-8")
    (folder / "empty.gt.txt").write_text("\n", encoding="utf-8")
    for name in ("two.png", "latin.png", "empty.png"):
        (folder / name).write_bytes(PNG)
    report = read_labels(folder).report
    assert (report.count(Problem.BAD_LABEL), report.count(Problem.MISSING_IMAGE)) == (2, 1)
    assert report.count(Problem.EMPTY_TEXT) == 1 and (report.total, report.usable) == (7, 4)
    assert any("*.gt.txt: 2 x label missing or not UTF-8 (left out)" in sentence for sentence in report.sentences())
    with pytest.raises(DataInvalid, match="image missing"):
        read_labels(folder, strict=True)
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "rec_gt_train.txt").write_bytes(b"../x.png\ta\nno tab\nx.png\ta\tb\n\xff\tc\n/etc/passwd\td\n")
    report = read_labels(tmp_path / "rows").report
    assert (report.count(Problem.BAD_LABEL), report.count(Problem.BAD_FILENAME), report.usable) == (3, 2, 0)


def test_a_folder_without_any_labels_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"no labels table .*\.gt\.txt"):
        read_labels(tmp_path)


def test_every_reader_of_labels_reads_them(tmp_path: Path) -> None:
    tess, padd = tesstrain(tmp_path / "tess"), paddle(tmp_path / "paddle")
    assert label_stats(tess).lines == 3 and label_stats(padd).lines == 2
    assert to_lmdb(padd, tmp_path / "lmdb").usable == 2
    assert [LmdbLines(tmp_path / "lmdb").text(i) for i in range(2)] == ["Årets resultat", "a b"]
    LmdbLines(tmp_path / "lmdb").close()
    assert to_folder(tess, tmp_path / "ours").usable == 3
    assert [row.text for row in read_labels(tmp_path / "ours").rows] == [row.text for row in read_labels(tess).rows]
    with pytest.raises(InputMissing):
        to_folder(tmp_path / "ours" / "images", tmp_path / "again")
    _, _, report = open_pool([PoolPart(tess)], LineSpec(), seed=1)
    assert report.used == 3
    before = lines_fingerprint(tess)
    (tess / "b.gt.txt").write_text("another text", encoding="utf-8")
    assert lines_fingerprint(tess) != before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(60)
def test_a_pipe_among_the_images_is_no_image(tmp_path: Path) -> None:
    folder = tesstrain(tmp_path / "set")
    (folder / "b.tif").unlink()
    os.mkfifo(folder / "b.tif")
    assert [row.filename for row in read_labels(folder).rows] == ["a.b.png", "wide.bin.png"]
    (folder / "images").mkdir()
    os.mkfifo(folder / "images" / "p.png")
    (folder / "labels.tsv").write_text("filename\ttext\np.png\tx\n", encoding="utf-8")
    report = read_labels(folder).report
    assert report.count(Problem.MISSING_IMAGE) == 1 and report.usable == 0
