from __future__ import annotations

import errno
import os
import threading
import time
from pathlib import Path

import pytest
from tests.batch.doubles import DEADLY, page, settings

from nordocr.batch.tasks import Outcome
from nordocr.batch.watch import Watch, WatchOptions, move
from nordocr.errors import InputMissing


def test_files_are_read_when_they_are_complete_and_then_put_away(tmp_path: Path) -> None:
    inbox, output = tmp_path / "in", tmp_path / "in" / "out"
    page(inbox / "first.png")
    page(inbox / "sub" / "deadly.png", DEADLY)
    (inbox / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    (inbox / ".hidden.png").write_bytes(b"")
    (inbox / "notes.txt").write_bytes(b"not for us")
    whole = page(tmp_path / "whole.png", 300).read_bytes()
    ended: dict[str, Outcome] = {}
    options = WatchOptions(formats=("json", "text"), settle=0.6, poll=0.05)
    watch = Watch(inbox, output, settings(), options, lambda path, outcome: ended.update({path.name: outcome}))
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        with (inbox / "slow.png").open("wb") as file:  # a scanner that writes for longer than a file takes to settle
            for start in range(0, len(whole), 1 + len(whole) // 6):
                file.write(whole[start : start + 1 + len(whole) // 6])
                file.flush()
                time.sleep(0.3)
        until = time.monotonic() + 60
        while len(ended) < 4 and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        watch.drain()
        thread.join(60)
    assert {name: outcome.error_class for name, outcome in ended.items()} == {
        "first.png": "",
        "slow.png": "",
        "broken.png": "InputUnreadable",
        "deadly.png": "WorkerKilled",
    }
    found = sorted(p.relative_to(output).as_posix() for p in output.rglob("*") if p.is_file() and p.name[0] != ".")
    (month,) = {name.split("/")[0] for name in found}
    short = [name.removeprefix(f"{month}/").rsplit("-", 1)[0] + "".join(Path(name).suffixes) for name in found]
    assert short == sorted([
        "failed/broken.error.txt", "failed/broken.png", "failed/deadly.error.txt", "failed/deadly.png",
        "first.json", "first.txt", "originals/first.png", "originals/slow.png", "slow.json", "slow.txt",
    ])  # fmt: skip
    assert sorted(p.name for p in inbox.iterdir()) == [".hidden.png", "notes.txt", "out", "sub"]


def test_a_file_whose_results_were_written_before_a_crash_has_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page(tmp_path / "in" / "a.png")
    options = WatchOptions(settle=0, poll=0.05, once=True)

    def crash(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing, pytest.raises(KeyboardInterrupt):
        crashing.setattr("nordocr.batch.watch.move", crash)
        Watch(tmp_path / "in", tmp_path / "out", settings(), options).run()
    assert (tmp_path / "in" / "a.png").exists()
    Watch(tmp_path / "in", tmp_path / "out", settings(), options).run()
    assert not list((tmp_path / "in").iterdir())
    assert len(list((tmp_path / "out").rglob("*.json"))) == 1
    assert len(list((tmp_path / "out").rglob("*.png"))) == 1


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        Watch(tmp_path / "nothing", tmp_path, settings(), WatchOptions())


def test_files_move_to_another_file_system_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "a", tmp_path / "b" / "a"
    source.write_bytes(b"content")
    replace = os.replace

    def across(one: Path, other: Path) -> None:
        if one == source:
            raise OSError(errno.EXDEV, "another file system")
        replace(one, other)

    monkeypatch.setattr(os, "replace", across)
    move(source, target)
    assert target.read_bytes() == b"content"
    assert not source.exists()
    assert [p.name for p in target.parent.iterdir()] == ["a"]
