"""``nordocr process`` as a user runs it: a process of its own, its exit code, its streams and its files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from PIL import Image
from tests.pages.tiffs import tiff

from nordocr.results import json_schema


def nordocr(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command with warnings of a missing encoding made errors for our own modules."""
    environment = {**os.environ, "PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error::EncodingWarning:nordocr"}
    return subprocess.run(
        [sys.executable, "-m", "nordocr", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={**environment, "PYTHONIOENCODING": "latin-1"},
        timeout=120,
        **options,
    )


def sentences(run: subprocess.CompletedProcess[str]) -> list[str]:
    """The failures on stderr; warnings of third-party packages, and doubts about the small model's text, left out."""
    lines = [line for line in run.stderr.splitlines() if line.startswith("nordocr: ")]
    return [line for line in lines if " is doubtful: " not in line]


def quiet(run: subprocess.CompletedProcess[str]) -> bool:
    """Whether stderr holds failures' sentences only (cv2 itself opens a file without an encoding)."""
    lines = [line for line in run.stderr.splitlines() if "cv2" not in line and "with open(fpath)" not in line]
    return all(line.startswith("nordocr: ") for line in lines)


def test_text_goes_to_stdout_in_utf8_with_form_feeds(scan: Path, model: Path) -> None:
    run = nordocr("process", scan, "--recognizer", model)
    assert (run.returncode, sentences(run)) == (0, [])
    pages = run.stdout.split("\f")
    assert len(pages) == 3
    assert all(len(page.splitlines()) == 3 and set(page) <= {"x", "\n", " "} for page in pages)
    assert quiet(run)


def test_json_lines_of_selected_pages(scan: Path, model: Path) -> None:
    run = nordocr("process", scan, "--recognizer", model, "--format", "jsonl", "--pages", "1,3-")
    pages = [json.loads(line) for line in run.stdout.splitlines()]
    assert [page["page_index"] for page in pages] == [0, 2]
    assert all(len(page["lines"]) == 3 for page in pages)


def test_a_folder_is_searched_and_results_are_files_that_obey_the_schema(
    scan: Path, model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a.tif").write_bytes(scan.read_bytes())
    with Image.open(scan) as image:
        image.save(folder / "deeper" / "a.png")
        image.save(folder / "a.png")
    (folder / "notes.txt").write_text("not a page", encoding="utf-8")
    for spelling in (f"{folder}/", str(folder)):
        out = tmp_path / f"out{len(spelling)}"
        run = nordocr("process", spelling, "--recognizer", model, "--format", "json", "--output", f"{out}/")
        assert (run.returncode, run.stdout) == (0, "")
        written = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
        assert written == ["a.json", "a.tif.json", "deeper/a.json"]
        document = json.loads((out / "a.tif.json").read_text(encoding="utf-8"))
        jsonschema.validate(document, json_schema())
        assert len(document["pages"]) == 3
        assert document["engine"]["model"] == "dark.onnx"


def test_each_failure_has_its_sentence_and_code_and_the_rest_is_read(scan: Path, model: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.tif").write_text("Dear Sir", encoding="utf-8")
    (tmp_path / "zero.png").write_bytes(b"")
    cut = tmp_path / "cut.tif"
    cut.write_bytes(scan.read_bytes()[: scan.stat().st_size * 6 // 10])
    with Image.open(scan) as image:
        image.save(tmp_path / "good.png")
    inputs = [tmp_path / name for name in ("cut.tif", "letter.tif", "zero.png", "good.png")]
    run = nordocr("process", tmp_path / "away.tif", *inputs, "--recognizer", model, "--output", tmp_path / "out")
    assert run.returncode == 3
    said = sentences(run)
    assert all(part in line for part, line in zip(("away.tif", "cut.tif", "letter.tif", "zero.png"), said, strict=True))
    assert "truncated" in said[1]
    assert "neither an image nor a PDF" in said[2]
    assert "is empty" in said[3]
    # Of the file that is cut off, the pages before the cut are kept.
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["cut.txt", "good.txt"]
    assert (tmp_path / "out" / "cut.txt").read_text(encoding="utf-8").count("x") > 5
    assert quiet(run)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["SCAN", "--config", "CONFIG"], 7, "unknown key 'recogniser'; did you mean 'recognizer'?"),
        (["SCAN", "--config", "LIMITS"], 5, "1000 x 700 pixels, over the limit of 1000"),
        (["SCAN", "--recognizer", "nobody"], 8, "no model 'nobody'"),
        (["SCAN", "--recognizer", "SCAN"], 8, "is not a model"),
        (["SCAN", "--pages", "3-1"], 2, "does not count upwards"),
        (["SCAN", "--recognizer", "MODEL", "--pages", "4"], 4, "has 3 pages: there is no page 4"),
        (["SCAN", "--format", "word"], 2, "no format 'word'; the formats are text, layout, json, jsonl"),
        (["SCAN", "--log-level", "loud"], 2, "no log level 'loud'"),
        (["SCAN", "--threads", "-1"], 7, "The command line has -1 for 'threads'"),
        (["FOLDER"], 3, "contains no file to read"),
        (["SCAN", "--keep-layout", "--format", "json"], 2, "--keep-layout needs a text format"),
        (["SCAN", "--password-file", "FOLDER"], 3, "password file"),
    ],
)
def test_exit_codes(scan: Path, model: Path, tmp_path: Path, arguments: list[str], code: int, sentence: str) -> None:
    config, limits, folder = tmp_path / "c.yaml", tmp_path / "l.yaml", tmp_path / "folder"
    config.write_text("recogniser: nano\n", encoding="utf-8")
    limits.write_text(f"limits: {{max_pixels: 1000}}\nrecognizer: '{model}'\n", encoding="utf-8")
    folder.mkdir()
    names = {"SCAN": scan, "CONFIG": config, "LIMITS": limits, "FOLDER": folder, "MODEL": model}
    run = nordocr("process", *(names.get(a, a) for a in arguments))
    assert run.returncode == code
    assert len(sentences(run)) == 1
    assert sentence in run.stderr
    assert run.stdout == ""


def test_pictures_of_pages_and_text_in_its_layout(scan: Path, model: Path, tmp_path: Path) -> None:
    run = nordocr("process", scan, "--recognizer", model, "--keep-layout", "--visualize", tmp_path, "--pages", "2-")
    assert (run.returncode, sentences(run)) == (0, [])
    assert len(run.stdout.split("\f")) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scan.tif-0002.png", "scan.tif-0003.png"]
    with Image.open(tmp_path / "scan.tif-0002.png") as picture:
        assert picture.size[0] > 2 * 1000
        assert picture.mode == "RGB"


def test_boxes_of_characters_in_json(scan: Path, model: Path) -> None:
    run = nordocr("process", scan, "--recognizer", model, "--format", "jsonl", "--pages", "1", "--char-boxes")
    [page] = [json.loads(line) for line in run.stdout.splitlines()]
    jsonschema.validate(_document_of(page), json_schema())
    for line in page["lines"]:
        assert len(line["char_boxes"]) == len(line["text"])
        left, right = line["bbox"]["x"], line["bbox"]["x"] + line["bbox"]["width"]
        assert all(left <= b["x"] and b["x"] + b["width"] <= right for b in line["char_boxes"])


def _document_of(page: dict[str, object]) -> dict[str, object]:
    engine = {"name": "nordocr", "recognizer": "onnx", "detector": "morphology", "nordocr": "0"}
    return {"pages": [{key: value for key, value in page.items() if key != "source"}], "engine": engine}


def test_a_file_that_is_cut_off_gives_the_pages_before_and_says_so(scan: Path, model: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tif"
    cut.write_bytes(scan.read_bytes()[: scan.stat().st_size * 6 // 10])
    run = nordocr("process", cut, "--recognizer", model, "--format", "json")
    document = json.loads(run.stdout)
    jsonschema.validate(document, json_schema())
    assert run.returncode == 4
    assert len(document["pages"]) >= 1
    assert all(page["lines"] for page in document["pages"])
    assert sentences(run) == [f"nordocr: {document['error']}"]


def test_a_page_that_cannot_be_read_does_not_cost_the_others(scan: Path, model: Path, tmp_path: Path) -> None:
    pages, broken = [], tmp_path / "broken.tif"
    with Image.open(scan) as image:
        for index in range(3):
            image.seek(index)
            pages.append(image.convert("L"))
    pages[0].save(broken, save_all=True, append_images=pages[1:], compression="tiff_adobe_deflate")
    content = bytearray(broken.read_bytes())
    with Image.open(broken) as image:
        image.seek(1)
        start = image.tag_v2[273][0]
    content[start + 40 : start + 60] = b"\xff" * 20
    broken.write_bytes(content)
    out = tmp_path / "out"
    run = nordocr("process", broken, "--recognizer", model, "--format", "json", "--output", out)
    assert run.returncode == 4
    document = json.loads((out / "broken.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, json_schema())
    assert [len(page["lines"]) for page in document["pages"]] == [3, 0, 3]
    assert ["unreadable" in page.get("flags", []) for page in document["pages"]] == [False, True, False]
    assert "Page 2 of" in document["pages"][1]["error"]
    assert sentences(run) == [f"nordocr: {document['pages'][1]['error']}"]
    run = nordocr("process", broken, "--recognizer", model)
    assert [len(part.split()) > 0 for part in run.stdout.split("\f")] == [True, False, True]


def test_where_no_page_can_be_read_there_is_no_result(model: Path, tmp_path: Path) -> None:
    tags = {256: [400], 257: [300], 258: [8], 259: [8], 262: [1], 277: [1], 278: [300]}
    (tmp_path / "bad.tif").write_bytes(tiff((tags, [b"\xff" * 100]), (tags, [b"\xff" * 100])))
    run = nordocr("process", tmp_path / "bad.tif", "--recognizer", model, "--output", tmp_path / "out")
    assert run.returncode == 4
    assert len(sentences(run)) == 1
    assert not list((tmp_path / "out").iterdir())


def test_a_selection_beyond_the_end_reads_the_pages_that_there_are(scan: Path, model: Path, tmp_path: Path) -> None:
    run = nordocr("process", scan, "--recognizer", model, "--pages", "3-4", "--format", "json", "-o", tmp_path)
    assert run.returncode == 4
    assert "has 3 pages: there is no page 4" in run.stderr
    document = json.loads((tmp_path / "scan.json").read_text(encoding="utf-8"))
    assert [page["page_index"] for page in document["pages"]] == [2]


def test_a_reader_that_goes_away_is_no_error(scan: Path, model: Path) -> None:
    command = [sys.executable, "-m", "nordocr", "process", *[str(scan)] * 4, "--recognizer", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read().decode("utf-8")
        process.wait(60)
    assert "Traceback" not in complaint
    assert "BrokenPipe" not in complaint


def test_no_progress_bar_in_a_pipe(scan: Path, model: Path) -> None:
    run = nordocr("process", scan, "--recognizer", model, "--log-level", "info")
    assert "\x1b" not in run.stderr
    assert "3 pages, 9 lines" in run.stderr
    assert "reading" not in run.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_progress_bar_on_a_terminal(scan: Path, model: Path) -> None:
    import pty

    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "nordocr", "process", str(scan), str(scan), "--recognizer", str(model)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=environment) as process:
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(main, 4096):
                shown += chunk
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(main)
    assert process.returncode == 0
    assert "reading" in shown.decode("utf-8", "replace")
