"""``nordocr convert``, and several formats of ``nordocr process`` at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.testing
from PIL import Image

from nordocr.cli.convert import convert
from nordocr.cli.formats import format_names
from nordocr.cli.process_jobs import plan
from nordocr.errors import InputUnreadable, UsageError
from nordocr.results import BBox, Document, Engine, Line, Page

BOX = BBox(x=1, y=2, width=30, height=9)
LINES = [Line(text="Årets resultat", confidence=1, bbox=BOX)]
DOCUMENT = Document(
    source="scan å.tif",
    pages=[Page(page_index=index, width=99, height=99, text="Årets resultat", lines=LINES) for index in range(2)],
    engine=Engine(name="nordocr", recognizer="onnx", detector="morphology", nordocr="0"),
)


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "scan.json"
    path.write_text(DOCUMENT.model_dump_json(), encoding="utf-8")
    return path


def run(*arguments: object) -> typer.testing.Result:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(convert)
    return typer.testing.CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_one_result_in_several_formats(result: Path, tmp_path: Path) -> None:
    done = run(result, "--format", "hocr,alto, page,tsv,md,json,text", "-o", tmp_path / "out", "--language", "sv")
    assert (done.exit_code, done.output) == (0, "")
    names = ["alto.xml", "hocr", "json", "md", "tsv", "txt"]
    expected = [*(f"scan.{name}" for name in names), "scan-0001.page.xml", "scan-0002.page.xml"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(expected)
    written = (tmp_path / "out" / "scan.json").read_text(encoding="utf-8")
    assert Document.model_validate_json(written) == DOCUMENT
    for name in ("scan.hocr", "scan.alto.xml", "scan-0002.page.xml"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        assert "scan å.tif" in text
        assert '"sv"' in text or '"Swedish"' in text


def test_one_format_goes_to_stdout(result: Path) -> None:
    assert run(result).stdout == "Årets resultat\n\fÅrets resultat\n"


def test_what_is_no_result_is_named_and_the_rest_is_converted(result: Path, tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text('{"pages": [{}]}', encoding="utf-8")
    done = run(tmp_path / "no.json", tmp_path / "away.json", result, "-o", tmp_path / "out")
    assert done.exit_code == InputUnreadable.exit_code
    said = done.stderr.splitlines()
    assert "no.json is not a result of nordocr process: pages.0.page_index: field required" in said[0]
    assert "no file" in said[1]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["scan.txt"]


@pytest.mark.parametrize(
    ("given", "to_stdout", "sentence"),
    [
        ("json,word", False, "no format 'word'"),
        ("text,layout", False, "text and layout would be written to the same files"),
        ("json,alto", True, "Several formats go to files: say --output DIR"),
        ("page", True, "The format page goes to files"),
    ],
)
def test_formats_that_do_not_fit_together(given: str, to_stdout: bool, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        format_names(given, to_stdout=to_stdout)


def test_two_results_never_go_to_one_file(result: Path, tmp_path: Path) -> None:
    done = run(result, result, "-o", tmp_path / "out")
    assert isinstance(done.exception, UsageError)


def test_files_of_several_formats_are_called_alike(tmp_path: Path) -> None:
    inputs = [tmp_path / name for name in ("a.tif", "a.png", "b.c.tif")]
    for path in inputs:
        path.touch()
    jobs, failures = plan(inputs, tmp_path, [".json", ".alto.xml"])
    assert failures == []
    assert [[path.name for path in job.targets] for job in jobs] == [
        ["a.json", "a.alto.xml"],
        ["a.png.json", "a.png.alto.xml"],
        ["b.c.json", "b.c.alto.xml"],
    ]


def test_fields_are_found_later_too(tmp_path: Path) -> None:
    line = Line(text="Bankgiro 5050-1055", confidence=0.5, bbox=BOX)
    page = DOCUMENT.pages[0].model_copy(update={"lines": [line]})
    file = tmp_path / "b.json"
    file.write_text(DOCUMENT.model_copy(update={"pages": [page]}).model_dump_json(), encoding="utf-8")
    done = run(file, "--format", "fields")
    assert done.exit_code == 0, done.output
    head, row = done.output.splitlines()
    assert head.startswith("page\tline\tkind\tvalue\tvalid")
    assert row == "1\t1\tse-bankgiro\t5050-1055\tyes\t\t5050-1055\t50.00\t1\t2\t30\t9"
    with_fields = Document.model_validate_json(run(file, "--format", "json", "--fields").output)
    assert [field.value for field in with_fields.pages[0].fields] == ["5050-1055"]
    assert '"fields"' not in run(file, "--format", "json").output
    refused = run(file, "--fields", "--format", "hocr")
    assert isinstance(refused.exception, UsageError)
    assert "--fields needs one of the formats fields, json, jsonl" in str(refused.exception)


def test_choices_about_pdf_reach_the_file(result: Path, tmp_path: Path) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    Image.new("1", (99, 99), 1).save(tmp_path / "scan.pdf")
    done = run(result, "-f", "pdf", "--pdfa", "-o", tmp_path / "once", "--source", tmp_path / "scan.pdf")
    assert done.exit_code == InputUnreadable.exit_code and "no page 2" in done.stderr
    one = tmp_path / "one.json"
    one.write_text(DOCUMENT.model_copy(update={"pages": DOCUMENT.pages[:1]}).model_dump_json(), encoding="utf-8")
    assert run(one, "-f", "pdf", "--pdfa", "-o", tmp_path, "--source", tmp_path / "scan.pdf").exit_code == 0
    for way in ("skip", "redo", "force"):
        out = tmp_path / way
        given = ("-f", "pdf", "--existing-text", way, "-o", out, "--source", tmp_path / "one.pdf")
        assert run(one, *given).exit_code == 0
        with pikepdf.Pdf.open(out / "one.pdf") as pdf, pikepdf.Pdf.open(tmp_path / "one.pdf") as before:
            assert before.open_metadata().pdfa_status == "2B"
            contents = [b" ".join(part.read_bytes() for part in one.pages[0].Contents) for one in (before, pdf)]
            assert contents[1].count(b"Tj") == 3  # a word, a space, a word: never both texts
            assert (contents[0] == contents[1]) is (way == "skip")


@pytest.mark.parametrize("option", [("--pdfa",), ("--existing-text", "redo")])
def test_choices_about_pdf_need_pdf(option: tuple[str, ...], result: Path, tmp_path: Path) -> None:
    done = run(result, *option, "-f", "json", "-o", tmp_path / "out")
    assert isinstance(done.exception, UsageError) and f"{option[0]} needs the format pdf" in str(done.exception)
