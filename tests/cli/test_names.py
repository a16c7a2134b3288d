"""Names, streams and signals as they come: nothing ends in a traceback, nothing is left half written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.test_process import nordocr, sentences

from nordocr.cli.console import printable
from nordocr.pages import open_pages


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are any bytes on Linux only")
def test_a_name_that_is_not_utf8_is_read_and_shown(scan: Path, model: Path, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xe5rsbok.tif"
    Path(os.fsdecode(odd)).write_bytes(scan.read_bytes())
    (tmp_path / "plain.tif").write_bytes(scan.read_bytes())
    run = nordocr("process", os.fsdecode(odd), tmp_path / "plain.tif", "--recognizer", model, "--format", "jsonl")
    assert (run.returncode, sentences(run)) == (0, [])
    sources = {json.loads(line)["source"] for line in run.stdout.splitlines()}
    assert sources == {rf"{tmp_path}/\xe5rsbok.tif", f"{tmp_path}/plain.tif"}
    run = nordocr("process", os.fsdecode(odd), "--recognizer", model, "--format", "json", "-o", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    [result] = (tmp_path / "out").iterdir()
    assert os.fsencode(result).endswith(b"/\xe5rsbok.json")
    assert json.loads(result.read_text(encoding="utf-8"))["source"] == rf"{tmp_path}/\xe5rsbok.tif"
    Path(os.fsdecode(odd)).write_bytes(b"no page")
    run = nordocr("process", os.fsdecode(odd), "--recognizer", model)
    assert run.returncode == 4
    assert r"\xe5rsbok.tif is neither" in sentences(run)[0]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("what", ["text", "json", "dict"])
def test_a_full_standard_output_is_exit_code_14(scan: Path, model: Path, what: str) -> None:
    arguments = ["dict"] if what == "dict" else ["process", str(scan), "--recognizer", str(model), "--format", what]
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "nordocr", *arguments]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=120)
    assert run.returncode == 14, run.stderr
    assert "Traceback" not in run.stderr
    assert "nordocr: Standard output cannot be written: No space left on device." in run.stderr


def test_without_timing_the_same_input_gives_the_same_bytes(scan: Path, model: Path, tmp_path: Path) -> None:
    told = nordocr("process", scan, "--recognizer", model, "--format", "json", "-o", tmp_path / "told")
    assert told.returncode == 0
    assert json.loads((tmp_path / "told" / "scan.json").read_text(encoding="utf-8"))["timing"]["total"] > 0
    runs = []
    for number in range(2):
        out = tmp_path / str(number)
        assert nordocr("process", scan, "--recognizer", model, "--no-timing", "-f", "json", "-o", out).returncode == 0
        runs.append((out / "scan.json").read_bytes())
    assert runs[0] == runs[1]
    assert json.loads(runs[0])["timing"] == {}


def test_an_empty_input_is_not_the_working_folder(model: Path) -> None:
    run = nordocr("process", "", "--recognizer", model)
    assert (run.returncode, run.stdout) == (2, "")
    assert "An input is empty" in run.stderr


def test_control_characters_of_names_are_escaped() -> None:
    assert printable("There is no \x1b[31mfile\x07\n a\x00\u202eb.") == r"There is no \x1b[31mfile\x07 a\x00\u202eb."
    assert printable("Årets résultat – 5 €") == "Årets résultat – 5 €"


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_leaves_no_part_of_a_result(scan: Path, model: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    # A test run under nohup hands its ignored SIGHUP down.
    code = (
        "import signal, sys, time\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from nordocr.cli import main\nfrom nordocr.formats.jsonfile import JsonFormat\n"
        "before = JsonFormat.page\n"
        "def slow(self, *given):\n    print('begun', flush=True)\n    time.sleep(60)\n    return before(self, *given)\n"
        "JsonFormat.page = slow\nmain(sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, "process", str(scan), "--recognizer", str(model)]
    with subprocess.Popen([*command, "--format", "json", "--output", str(out)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        assert [path.suffix for path in out.iterdir()] == [".part"]
        process.send_signal(getattr(signal, name))
        process.wait(50)  # below the 60 s that it would sleep
    assert process.returncode == 128 + getattr(signal, name)
    assert list(out.iterdir()) == []


def test_an_image_with_a_pdf_in_its_comment_is_an_image(tmp_path: Path) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    comment = PngInfo()
    comment.add_text("Comment", "%PDF-1.7")
    Image.new("L", (40, 30), 200).save(tmp_path / "a.png", pnginfo=comment)
    Image.new("L", (40, 30), 200).save(tmp_path / "a.jpg", comment=b"%PDF-1.7")
    for name in ("a.png", "a.jpg"):
        [page] = open_pages(tmp_path / name)
        assert page.image.shape == (30, 40)
