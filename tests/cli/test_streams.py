"""Standard input as a document, and standard streams that are closed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nordocr.cli.standard_input import inputs_as_paths
from nordocr.errors import InputTooLarge, UsageError


def read(data: bytes, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "ignore::EncodingWarning", "-m", "nordocr", "process", *map(str, arguments)]
    return subprocess.run(command, input=data, capture_output=True, timeout=120, check=False)


def test_standard_input_is_read_like_the_file(scan: Path, model: Path, tmp_path: Path) -> None:
    options = ("--recognizer", model, "--format", "json", "--no-timing")
    file, piped = read(b"", scan, *options), read(scan.read_bytes(), "-", *options)
    assert (file.returncode, piped.returncode) == (0, 0), piped.stderr
    assert all(b" is doubtful: " in line for line in piped.stderr.splitlines())  # the small model's text is
    assert {**json.loads(file.stdout), "source": "-"} == json.loads(piped.stdout)
    assert read(scan.read_bytes(), "-", *options, "-o", tmp_path).returncode == 0
    assert (tmp_path / "stdin.json").read_bytes() == piped.stdout


@pytest.mark.parametrize("data", [b"no page", b""])
def test_what_is_wrong_with_standard_input_is_said_of_it(model: Path, data: bytes) -> None:
    run = read(data, "-", "--recognizer", model)
    assert run.returncode == 4
    assert run.stderr.decode().startswith("nordocr: - is ")


def test_a_broken_page_from_standard_input_is_named_so_in_the_result(scan: Path, model: Path) -> None:
    run = read(scan.read_bytes()[:-600], "-", "--recognizer", model, "--format", "json")
    held = json.loads(run.stdout) if run.stdout else {"error": ""}
    assert run.returncode == 4 and b"nordocr: Page" in run.stderr
    assert b"/stdin" not in run.stderr and "/stdin" not in json.dumps(held)


def test_standard_input_has_the_limit_of_a_file_and_is_read_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "in").write_bytes(bytes(5000))
    with (tmp_path / "in").open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        with pytest.raises(InputTooLarge, match="more than 4999 bytes"), inputs_as_paths(["-"], 4999):
            pass
    with pytest.raises(UsageError, match="once"), inputs_as_paths(["-", "-"], 10):
        pass


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors as a shell's >&- does")
@pytest.mark.parametrize(("closed", "code"), [("1", 14), ("2", 0), ("0 1 2", 14)])
def test_closed_streams(scan: Path, model: Path, tmp_path: Path, closed: str, code: int) -> None:
    """Whatever is opened first would be standard output, and results or messages would be written into it."""
    page = tmp_path / "page.tif"
    page.write_bytes(scan.read_bytes())
    redirections = " ".join(f"{number}>&-" for number in closed.split())
    command = f'exec "$0" -m nordocr process "$1" --recognizer "$2" {redirections}'
    run = subprocess.run(
        ["sh", "-c", command, sys.executable, page, model], capture_output=True, timeout=120, check=False
    )
    assert run.returncode == code
    assert b"Traceback" not in run.stderr and page.read_bytes() == scan.read_bytes()
    assert (b"nordocr: Standard output cannot be written: Bad file descriptor." in run.stderr) == (closed == "1")
