from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nordocr import files
from nordocr.errors import OutputUnwritable
from nordocr.files import read_regular, replacing, shown, whole_file, write_whole


def test_text_is_utf8_with_one_newline_whatever_the_system(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "new" / "folder" / "å.txt", "räksmörgås\n")
    assert path.read_bytes() == "räksmörgås\n".encode()
    with whole_file(path) as file:
        file.write("blåbær\n")
    assert path.read_bytes() == "blåbær\n".encode()
    assert write_whole(path, b"\x00\xff").read_bytes() == b"\x00\xff"


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "result.json", "old")
    with whole_file(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "result.json", "old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(str(1 // 0))
    with pytest.raises(ZeroDivisionError), replacing(path) as partial:
        partial.write_text(str(1 // 0), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_one_file_do_not_write_into_one_another(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    with whole_file(path) as first, whole_file(path) as second:
        first.write("first " * 1000)
        second.write("second " * 1000)
    assert path.read_text(encoding="utf-8") == "first " * 1000
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(OutputUnwritable, match=r"result\.txt cannot be written: .+\.$"):
        write_whole(tmp_path / "file" / "result.txt", "text")
    (tmp_path / "folder" / "result.txt").mkdir(parents=True)
    with pytest.raises(OutputUnwritable, match="cannot be written"):
        write_whole(tmp_path / "folder" / "result.txt", "text")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["result.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_others_may_read_a_result_as_any_file_that_the_user_makes(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert write_whole(tmp_path / "result.txt", "text").stat().st_mode & 0o777 == 0o644
        with replacing(tmp_path / "weights.safetensors") as partial:
            partial.unlink()
            os.close(os.open(partial, os.O_CREAT, 0o600))  # as safetensors makes its files
        assert (tmp_path / "weights.safetensors").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def part(process: int, machine: str | None = None) -> str:
    return f".{machine or files._machine()}-{process}-{'0' * 32}.part"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere only age tells")
def test_the_next_run_cleans_up_after_a_killed_one(tmp_path: Path) -> None:
    """Parts of this process, of another machine and of others' programs stay."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, mine, elsewhere = part(ended.pid), part(os.getpid()), part(ended.pid, "00000000")
    old, foreign = part(ended.pid, "11111111"), ".something.part"
    for name in (dead, mine, elsewhere, old, foreign):
        (tmp_path / name).write_text("half", encoding="utf-8")
    os.utime(tmp_path / old, (0, 0))
    write_whole(tmp_path / "result.txt", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {mine, elsewhere, foreign, "result.txt"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(20)
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"content")
    assert read_regular(tmp_path / "file") == b"content"


def test_halves_of_characters_can_be_shown() -> None:
    assert shown("a\ud800b") == r"a\ud800b"
