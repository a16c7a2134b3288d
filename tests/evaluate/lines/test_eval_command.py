from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from nordocr.cli.eval import evaluate
from nordocr.config import ReadingConfig
from nordocr.data.lines import to_lmdb
from nordocr.errors import DataInvalid, InputMissing, InputUnreadable, OutputUnwritable
from nordocr.evaluate.lines.predict import natural_width, read_crop
from nordocr.evaluate.lines.run import evaluate_sets, open_sets
from nordocr.recognize.base import Crop, LineText

# The texts that the fake engine reads, by the gray level that fills the crop.
READS = {10: "Årets resultat", 20: "Arets result", 30: 'x\t"<b>"', 40: "Summa", 50: ""}


class FakeRecognizer:
    name, model, model_sha256 = "fake", "levels", ""

    def __init__(self) -> None:
        self.closed = False

    def read(self, crops: Sequence[Crop]) -> list[LineText]:
        assert all(crop.dtype == np.uint8 for crop in crops)
        return [LineText(READS[int(crop.flat[0])], 0.9 if int(crop.flat[0]) == 10 else 0.4) for crop in crops]

    def close(self) -> None:
        self.closed = True


def make(folder: Path, lines: Sequence[tuple[int, str]], extra: str = "") -> Path:
    (folder / "images").mkdir(parents=True)
    table = "filename\ttext\tsource\n"
    for number, (level, text) in enumerate(lines):
        Image.fromarray(np.full((16, 40 * (number + 1)), level, dtype=np.uint8)).save(
            folder / "images" / f"{number}.png"
        )
        table += f"{number}.png\t{text}\tdoc{number % 2}\n"
    (folder / "labels.tsv").write_text(table + extra, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRecognizer:
    recognizer = FakeRecognizer()

    def opened(name: str, config: ReadingConfig) -> FakeRecognizer:
        assert (name, config.recognizer, config.model_fields_set) == ("fake", "fake", {"recognizer"})
        return recognizer

    monkeypatch.setattr("nordocr.recognize.registry.open_recognizer", opened)
    return recognizer


def run(*arguments: object) -> tuple[int, str, str, BaseException | None]:
    app = typer.Typer()
    app.command()(evaluate)
    result = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "120"})
    return result.exit_code, result.stdout, result.stderr, result.exception


def test_the_command_shows_and_writes_everything(tmp_path: Path, fake: FakeRecognizer) -> None:
    one = make(tmp_path / "one", [(10, "Årets resultat"), (20, "Årets resultat"), (30, 'x "<b>"')])
    two = make(tmp_path / "two", [(40, "Summa skulder"), (50, "Summa")], "gone.png\tx\tdoc\n0.png\tx\tdoc\n")
    out = tmp_path / "out"
    code, stdout, stderr, error = run("--model", "fake", "--data", one, "--data", f"{two}/", "--output", out)
    assert (code, error, fake.closed) == (0, None, True)
    assert all(word in stdout for word in ("one", "two", "all", "right_truncation", "CER", "own definition"))
    letters = next(line for line in stdout.splitlines() if line.split()[:1] == ["Å"])
    assert letters.split() == ["Å", "2", "50.0", "1", "100.0", "A", "1"]
    accepted = next(line for line in stdout.splitlines() if line.split()[:1] == ["99.9"])
    assert accepted.split() == ["99.9", "0.9000", "1", "20.0"]
    assert "image missing (left out): row 4 gone.png" in stderr and "used before" in stderr

    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert (found["lines"], found["exact"], found["taxonomy"]["right_truncation"]) == (5, 0.4, 2)
    assert found["sets"]["one"]["lines"] == 3 and found["sets"]["two"]["exact"] == 0.0
    assert found["engine"]["name"] == "fake" and found["engine"]["seconds"] >= 0
    assert found["labels"][1]["counts"] == {"image missing": 1, "filename used before": 1}
    assert found["accept"]["targets"]["0.999"]["threshold"] == 0.9
    assert set(found["by_source"]) == {"doc0", "doc1"} and set(found["by_width"]) == {"0-256"}

    with (out / "predictions.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows[0] == ["filename", "text", "prediction", "confidence", "class", "source", "page"]
    assert rows[1] == ["one/0.png", "Årets resultat", "Årets resultat", "0.9000", "exact", "doc0", ""]
    assert rows[3] == ["one/2.png", 'x "<b>"', 'x "<b>"', "0.4000", "exact", "doc0", ""]
    assert [row[4] for row in rows[1:]] == ["exact", "right_truncation", "exact", "right_truncation", "missed"]


def test_the_page_of_worst_lines_needs_no_network_and_escapes_what_was_read(
    tmp_path: Path, fake: FakeRecognizer
) -> None:
    data = make(tmp_path / "d", [(10, "Årets resultat"), (20, "Årets resultat"), (30, "other <i>")])
    assert run("--model", "fake", "--data", data, "--output", tmp_path / "out")[0] == 0
    page = (tmp_path / "out" / "worst.html").read_text(encoding="utf-8")
    assert page.count("<article>") == 2  # the exact line is not among the worst
    assert page.count('src="data:image/png;base64,') == 2
    assert not re.search(r"https?:|src=\"(?!data:)|<link|<script|@import|url\(", page)
    assert "<b>&quot;" not in page and "<i>" not in page and "&lt;" in page
    assert page.index("2.png") < page.index("1.png")  # most edits first
    assert "<del>Å</del>" in page and "<ins>A</ins>" in page


def test_one_set_keeps_its_filenames_and_a_limit_is_kept(tmp_path: Path, fake: FakeRecognizer) -> None:
    data = make(tmp_path / "d", [(10, "Årets resultat")] * 4)
    assert run("--recognizer", "fake", "--data", data, "--output", tmp_path / "o", "--limit", 2)[0] == 0
    rows = (tmp_path / "o" / "predictions.tsv").read_text(encoding="utf-8").splitlines()
    assert [row.split("\t")[0] for row in rows[1:]] == ["0.png", "1.png"]


def test_an_unreadable_image_is_counted_and_named(tmp_path: Path, fake: FakeRecognizer) -> None:
    data = make(tmp_path / "d", [(10, "Årets resultat"), (10, "Årets resultat")])
    (data / "images" / "1.png").write_bytes(b"no image")
    code, _, stderr, _ = run("--model", "fake", "--data", data, "--output", tmp_path / "o")
    assert code == 0 and "1 x image unreadable (left out): row 3 1.png" in stderr
    found = json.loads((tmp_path / "o" / "metrics.json").read_text(encoding="utf-8"))
    assert (found["lines"], found["labels"][0]["rows"], found["labels"][0]["usable"]) == (1, 2, 1)
    (data / "images" / "0.png").write_bytes(b"")
    error = run("--model", "fake", "--data", data, "--output", tmp_path / "o")[3]
    assert isinstance(error, DataInvalid) and "no image" in str(error)


def test_an_lmdb_is_read_as_its_folder_is(tmp_path: Path, fake: FakeRecognizer) -> None:
    data = make(tmp_path / "lines", [(10, "Årets resultat"), (20, "Årets resultat")])
    to_lmdb(data, tmp_path / "lmdb")
    found = []
    for name in ("lines", "lmdb"):
        code, _, _, error = run("--model", "fake", "--data", tmp_path / name, "--output", tmp_path / f"{name}-out")
        assert code == 0, error
        found.append(json.loads((tmp_path / f"{name}-out" / "metrics.json").read_text(encoding="utf-8")))
        assert (tmp_path / f"{name}-out" / "worst.html").is_file()
    assert found[0]["lines"] == found[1]["lines"] == 2
    assert [f["exact"] for f in found] == [0.5, 0.5]


def test_what_a_user_can_get_wrong(tmp_path: Path, fake: FakeRecognizer) -> None:
    empty = make(tmp_path / "empty", [], "gone.png\tx\td\n")
    error = run("--model", "fake", "--data", empty, "--output", tmp_path / "o")[3]
    assert isinstance(error, DataInvalid) and "gone.png" in str(error)
    error = run("--model", "fake", "--data", tmp_path / "nowhere", "--output", tmp_path / "o")[3]
    assert isinstance(error, InputMissing)
    data = make(tmp_path / "d", [(10, "x")])
    (tmp_path / "file").write_text("", encoding="utf-8")
    error = run("--model", "fake", "--data", data, "--output", tmp_path / "file")[3]
    assert isinstance(error, OutputUnwritable)
    assert run("--model", "fake", "--output", tmp_path / "o")[0] == 2


def test_two_folders_of_one_name_stay_apart(tmp_path: Path) -> None:
    folders = [make(tmp_path / part / "val", [(10, "Årets resultat")]) for part in ("a", "b")]
    result = evaluate_sets(FakeRecognizer(), open_sets(folders))
    assert list(result.sets) == ["val", "val (2)"] and result.total.lines == 2


def test_pictures_of_every_kind_become_gray_or_rgb(tmp_path: Path) -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(8, 32)
    colour = np.dstack([gray, gray[::-1], gray])
    clear = np.dstack([colour, np.zeros_like(gray)])
    pictures = {
        "gray.png": (Image.fromarray(gray), gray),
        "bilevel.tif": (Image.fromarray(gray > 127), (gray > 127).astype(np.uint8) * 255),
        "rgb.png": (Image.fromarray(colour), colour),
        "deep.png": (Image.fromarray(gray.astype(np.uint16) * 257), gray),
        "clear.png": (Image.fromarray(clear), np.full_like(colour, 255)),
    }
    for name, (picture, expected) in pictures.items():
        picture.save(tmp_path / name)
        assert np.array_equal(read_crop(tmp_path / name), expected), name
    (tmp_path / "broken.png").write_bytes((tmp_path / "gray.png").read_bytes()[:45])
    with pytest.raises(InputUnreadable, match=r"broken\.png"):
        read_crop(tmp_path / "broken.png")
    assert natural_width(np.zeros((64, 2000), dtype=np.uint8)) == 1000
