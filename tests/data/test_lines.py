"""Lines in a folder or an LMDB, read alike, and the way from one to the other and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nordocr.cli.app import main
from nordocr.data.crops import encode_png
from nordocr.data.labels import LabelRow, Problem, read_labels, write_labels
from nordocr.data.lines import copy_lines, image_of, is_lmdb_row, line_sources, read_lines, size_of, to_folder, to_lmdb
from nordocr.data.lmdb import LmdbLines, write_lmdb
from nordocr.data.stats import label_stats
from nordocr.errors import InputMissing, InputUnreadable, OutputUnwritable

TEXTS = ["Å»“x”", "a b", 'he said "so"', "é ½"]
SOURCES = ["årsrapport.tif", None, "b", "b"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four lines, one of them a JPEG, and one whose image is damaged."""
    made = tmp_path / "folder"
    (made / "images").mkdir(parents=True)
    rows = []
    for number, (text, source) in enumerate(zip([*TEXTS, "gone"], [*SOURCES, "c"], strict=True)):
        pixels = np.full((20 + number, 60 + 10 * number), 40 * number, np.uint8)
        path = made / "images" / f"{number}.{'jpg' if number == 1 else 'png'}"
        Image.fromarray(pixels).save(path)
        rows.append(LabelRow(path.name, text, path, number + 2, source=source))
    (made / "images" / "4.png").write_bytes(b"no image")
    write_labels(made, rows)
    return made


def test_a_folder_goes_to_an_lmdb_and_back_unchanged(folder: Path, tmp_path: Path) -> None:
    report = to_lmdb(folder, tmp_path / "lmdb")
    assert (report.usable, report.count(Problem.UNREADABLE_IMAGE)) == (4, 1)
    store = LmdbLines(tmp_path / "lmdb")
    assert [store.text(i) for i in range(4)] == TEXTS
    assert [store.source(i) for i in range(4)] == SOURCES
    store.close()
    back = to_folder(tmp_path / "lmdb", tmp_path / "back")
    rows, before = read_labels(tmp_path / "back").rows, read_labels(folder).rows[:4]
    assert back.usable == 4
    assert [(row.text, row.source) for row in rows] == [(row.text, row.source) for row in before]
    assert [row.image.read_bytes() for row in rows] == [row.image.read_bytes() for row in before]
    assert [row.image.suffix for row in rows] == [".png", ".jpg", ".png", ".png"]


def test_both_kinds_are_read_alike(folder: Path, tmp_path: Path) -> None:
    to_lmdb(folder, tmp_path / "lmdb")
    plain, held = read_lines(folder).rows[:4], read_lines(tmp_path / "lmdb").rows
    assert [(r.text, r.source) for r in held] == [(r.text, r.source) for r in plain]
    assert [image_of(row) for row in held] == [image_of(row) for row in plain]
    assert (
        [size_of(row) for row in held] == [size_of(row) for row in plain] == [(60 + 10 * n, 20 + n) for n in range(4)]
    )
    assert [is_lmdb_row(row) for row in (*held, *plain)] == [True] * 4 + [False] * 4
    assert line_sources(tmp_path / "lmdb") == {"årsrapport.tif": 1, "": 1, "b": 2}
    one, two = label_stats(folder), label_stats(tmp_path / "lmdb")
    assert (one.lines, one.lengths, one.widths, one.sources) == (two.lines, two.lengths, two.widths, two.sources)
    assert one.outside == two.outside == {"é": 1, "½": 1}
    assert two.report.sentences()[0].startswith(f"{tmp_path / 'lmdb' / 'data.mdb'}: 1 x characters outside")


def test_damaged_lines_of_an_lmdb_are_named(tmp_path: Path) -> None:
    import lmdb

    image = encode_png(np.zeros((32, 40), np.uint8))
    write_lmdb(tmp_path / "lmdb", [(image, "a"), (image, "b"), (image, "c\td")])
    environment = lmdb.open(str(tmp_path / "lmdb"))
    with environment.begin(write=True) as transaction:
        transaction.put(b"label-000000001", b"\xff")
        transaction.delete(b"image-000000002")
    environment.close()
    labels = read_lines(tmp_path / "lmdb")
    assert [row.text for row in labels.rows] == ["b", "c\td"]
    assert (labels.report.total, labels.report.usable, labels.report.count(Problem.BAD_LABEL)) == (3, 2, 1)
    with pytest.raises(InputUnreadable, match="image-000000002"):
        image_of(labels.rows[0])
    copied = copy_lines(labels.rows, tmp_path / "copy", labels.report)
    assert copied == []
    assert (labels.report.count(Problem.UNREADABLE_IMAGE), labels.report.count(Problem.BAD_LABEL)) == (1, 2)


def test_nothing_is_overwritten_and_nothing_made_of_nothing(folder: Path, tmp_path: Path) -> None:
    to_lmdb(folder, tmp_path / "lmdb")
    with pytest.raises(OutputUnwritable, match="holds an LMDB already"):
        to_lmdb(folder, tmp_path / "lmdb")
    with pytest.raises(OutputUnwritable, match="holds labels already"):
        to_folder(tmp_path / "lmdb", folder)
    with pytest.raises(InputMissing, match="no LMDB"):
        to_folder(folder, tmp_path / "x")
    with pytest.raises(InputMissing, match="no labels table"):
        to_lmdb(tmp_path / "lmdb", tmp_path / "y")
    assert not (tmp_path / "x").exists() and not (tmp_path / "y").exists()


def test_the_command_line_converts_and_counts(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str | Path) -> tuple[str, str]:
        with pytest.raises(SystemExit) as left:
            main(["data", *map(str, words)])
        assert left.value.code == 0
        said = capsys.readouterr()
        return said.out, said.err

    out, err = run("to-lmdb", folder, tmp_path / "lmdb")
    assert out == f"{tmp_path / 'lmdb'}: 4 lines\n" and "image unreadable (left out): row 6 4.png" in err
    out, _ = run("to-folder", tmp_path / "lmdb", tmp_path / "back")
    assert out == f"{tmp_path / 'back'}: 4 lines\n"
    out, _ = run("stats", tmp_path / "lmdb")
    assert "4 lines" in out and "årsrapport.tif" in out and "proposed: max_width" in out
