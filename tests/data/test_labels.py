from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordocr.data.labels import COLUMNS, TABLE, LabelRow, Problem, read_labels, write_labels
from nordocr.errors import DataInvalid, InputMissing, OutputUnwritable


def make(folder: Path, table: str | bytes, images: tuple[str, ...] = ("a.png", "b.png", "c.png")) -> Path:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for name in images:
        (folder / "images" / name).write_bytes(b"")
    (folder / TABLE).write_bytes(table if isinstance(table, bytes) else table.encode("utf-8"))
    return folder


def test_rows_and_optional_columns(tmp_path: Path) -> None:
    table = "filename\ttext\tconfidence\tsource\twidth\tpage\na.png\tÅ b\t0.5\tdoc\t120\tp1\nb.png\tc\t\t\t\t\n"
    labels = read_labels(make(tmp_path, table))
    image = tmp_path / "images" / "a.png"
    assert labels.rows[0] == LabelRow("a.png", "Å b", image, 2, 0.5, "doc", 120, "p1")
    second = labels.rows[1]
    assert (second.confidence, second.source, second.width, second.page) == (None, None, None, None)
    assert (labels.report.total, labels.report.usable, labels.report.sentences()) == (2, 2, [])


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    labels = read_labels(make(tmp_path, "source\ttext\tnote\tfilename\nd\tx\tsomething\ta.png\n"))
    assert (labels.rows[0].filename, labels.rows[0].text, labels.rows[0].source) == ("a.png", "x", "d")
    assert labels.report.unknown_columns == ("note",)
    assert "'note' is not known" in labels.report.sentences()[0]


def test_quotes_are_characters(tmp_path: Path) -> None:
    # A default csv reader makes one row of the first two.
    table = 'filename\ttext\na.png\t"open\nb.png\t"shut"\nc.png\t"He said ""no"""\n'
    labels = read_labels(make(tmp_path, table))
    assert [row.text for row in labels.rows] == ['"open', '"shut"', '"He said ""no"""']
    assert [(i.problem, i.row) for i in labels.report.issues] == [(Problem.LOOKS_QUOTED, 4)]


def test_only_newlines_end_rows_and_windows_endings_and_a_byte_order_mark_are_taken(tmp_path: Path) -> None:
    table = "\ufefffilename\ttext\r\na.png\tx\u2028y\x0bz\r\nb.png\tlast"
    labels = read_labels(make(tmp_path, table))
    assert [row.text for row in labels.rows] == ["x\u2028y\x0bz", "last"]


def test_everything_wrong_is_counted_and_named(tmp_path: Path) -> None:
    table = (
        "filename\ttext\tconfidence\n"
        "a.png\tfirst\t1\n"
        "a.png\tsecond\t1\n"  # row 3: duplicate
        "gone.png\tx\t1\n"  # row 4: no image
        "b.png\ta\ttab\t1\n"  # row 5: a tab in the text
        "\n"  # row 6: nothing
        "../b.png\tx\t1\n"  # row 7: outside the folder
        "b.png\tA\u030a café\tsure\n"  # row 8: not NFC, é, no number
        "c.png\t \t2\n"  # row 9: empty, not within [0, 1]
        "gone.png\ty\t1\n"  # row 10: duplicate of a row without an image
    )
    labels = read_labels(make(tmp_path, table))
    assert [(row.filename, row.text, row.row) for row in labels.rows] == [
        ("a.png", "first", 2),
        ("b.png", "Å café", 8),
        ("c.png", " ", 9),
    ]
    found = {(issue.problem, issue.row) for issue in labels.report.issues}
    assert found == {
        (Problem.DUPLICATE, 3),
        (Problem.MISSING_IMAGE, 4),
        (Problem.COLUMN_COUNT, 5),
        (Problem.COLUMN_COUNT, 6),
        (Problem.BAD_FILENAME, 7),
        (Problem.NOT_NFC, 8),
        (Problem.OUTSIDE_CHARSET, 8),
        (Problem.BAD_NUMBER, 8),
        (Problem.EMPTY_TEXT, 9),
        (Problem.BAD_NUMBER, 9),
        (Problem.DUPLICATE, 10),
    }
    report = labels.report
    assert (report.total, report.usable, report.outside) == (9, 3, {"é": 1})
    assert report.count(Problem.DUPLICATE) == 2
    text = "\n".join(report.sentences())
    for part in (
        "2 x filename used before (left out)",
        "row 3 a.png, in row 2",
        "row 5 b.png",
        "'é'",
        "row 6, 1 where",
    ):
        assert part in text
    plain = report.to_dict()
    assert plain["counts"][Problem.DUPLICATE] == 2 and len(plain["issues"]) == len(report.issues)


def test_long_lists_are_cut_but_counted(tmp_path: Path) -> None:
    table = "filename\ttext\n" + "".join(f"{i}.png\tx\n" for i in range(10))
    (sentence,) = read_labels(make(tmp_path, table)).report.sentences(named=2)
    assert "10 x image missing" in sentence and "0.png; row 3 1.png; and 8 more" in sentence


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("gone.png\tx", "row 3 (gone.png): image missing"),
        ("a.png\tx", "row 3 (a.png): filename used before"),
        ("b.png", "row 3 (b.png): wrong number of columns: 1 where the header has 2"),
        ("\tx", "row 3: filename empty"),
    ],
)
def test_strict_reading_names_the_first_bad_row(tmp_path: Path, row: str, words: str) -> None:
    folder = make(tmp_path, f"filename\ttext\na.png\tfine\n{row}\nc.png\tfine\n")
    with pytest.raises(DataInvalid) as caught:
        read_labels(folder, strict=True)
    assert words in str(caught.value) and TABLE in str(caught.value)


def test_strict_reading_takes_what_can_be_used(tmp_path: Path) -> None:
    labels = read_labels(make(tmp_path, "filename\ttext\na.png\té\nb.png\t\n"), strict=True)
    assert len(labels.rows) == 2 and len(labels.report.issues) == 2


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "no column 'filename'"),
        ("a.png\tx\n", "no column 'filename'"),
        ("filename,text\n", "no column 'filename'"),
        ("filename\tlabel\n", "no column 'text'"),
        ("filename\ttext\ttext\n", "'text' more than once"),
        (b"filename\ttext\na.png\tx\nb.png\t\xe5\n", "Row 3"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, table: str | bytes, words: str) -> None:
    with pytest.raises(DataInvalid, match=words):
        read_labels(make(tmp_path, table))


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=TABLE):
        read_labels(tmp_path / "nowhere")


def test_images_may_lie_in_subfolders(tmp_path: Path) -> None:
    (tmp_path / "images" / "x").mkdir(parents=True)
    (tmp_path / "images" / "x" / "a.png").write_bytes(b"")
    labels = read_labels(make(tmp_path, "filename\ttext\nx/a.png\ty\n"))
    assert labels.rows[0].image.is_file()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    folder = make(tmp_path, "", ("a.png", "b.png"))
    rows = [
        LabelRow("a.png", 'a "b" – A\u030a', folder / "images" / "a.png", 2, 0.25, "doc", 77, None),
        LabelRow("b.png", "", folder / "images" / "b.png", 3),
    ]
    path = write_labels(folder, rows)
    assert path.read_bytes().startswith(b'filename\ttext\tconfidence\tsource\twidth\na.png\ta "b"')
    back = read_labels(folder).rows
    assert back[0] == LabelRow("a.png", 'a "b" – Å', folder / "images" / "a.png", 2, 0.25, "doc", 77, None)
    assert back[1] == rows[1]
    assert sorted(p.name for p in folder.iterdir()) == ["images", TABLE]


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\r", "a\u2028b", "a\x0c"])
def test_a_tab_or_line_break_is_refused_and_leaves_the_old_table(tmp_path: Path, text: str) -> None:
    folder = make(tmp_path, "old")
    rows = [LabelRow("a.png", "fine", tmp_path, 2), LabelRow("b.png", text, tmp_path, 3)]
    with pytest.raises(DataInvalid, match=r"Row 3 \(b.png\).*text"):
        write_labels(folder, rows)
    assert (folder / TABLE).read_bytes() == b"old"


def test_a_filename_is_written_once(tmp_path: Path) -> None:
    row = LabelRow("a.png", "x", tmp_path, 2)
    with pytest.raises(DataInvalid, match=r"Row 3 .*'a.png'"):
        write_labels(tmp_path, [row, row])


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputUnwritable, match=r"labels\.tsv"):
        write_labels(tmp_path / "file", [])


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), max_size=12), max_size=5))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    import unicodedata

    folder = make(tmp_path_factory.mktemp("labels"), "", tuple(f"{i}.png" for i in range(len(texts))))
    write_labels(folder, [LabelRow(f"{i}.png", text, folder, 0) for i, text in enumerate(texts)])
    assert [row.text for row in read_labels(folder).rows] == [unicodedata.normalize("NFC", t) for t in texts]


def test_the_first_two_columns_are_the_contract() -> None:
    assert COLUMNS[:5] == ("filename", "text", "confidence", "source", "width")
