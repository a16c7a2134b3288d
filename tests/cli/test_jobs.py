"""What is read and where results go: names kept apart, inputs never overwritten, what cannot be read said."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from nordocr.cli.process_jobs import plan
from nordocr.errors import InputMissing, InputUnreadable, UsageError


def made(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.as_posix().encode("utf-8"))
    return paths


def names(inputs: list[Path], tmp_path: Path, suffix: str = ".txt") -> list[str]:
    jobs, failures = plan(inputs, tmp_path / "out", [suffix])
    assert failures == []
    return [job.targets[0].relative_to(tmp_path / "out").as_posix() for job in jobs]


def test_files_of_one_name_keep_their_folders(tmp_path: Path) -> None:
    inputs = made(tmp_path, "a/x.png", "b/x.png", "c/y.png")
    assert names(inputs, tmp_path) == ["a/x.txt", "b/x.txt", "y.txt"]
    deeper = made(tmp_path, "p/in/x.png", "q/in/x.png")
    assert names(deeper, tmp_path) == ["p/in/x.txt", "q/in/x.txt"]
    assert names([tmp_path / "a", tmp_path / "b"], tmp_path) == ["a/x.txt", "b/x.txt"]


def test_files_of_one_stem_keep_their_suffix(tmp_path: Path) -> None:
    assert names(made(tmp_path, "x.png", "x.tif"), tmp_path) == ["x.txt", "x.tif.txt"]


def test_one_file_twice_is_refused(tmp_path: Path) -> None:
    [path] = made(tmp_path, "a/x.png")
    with pytest.raises(UsageError, match=r"x\.png is given twice"):
        plan([path, tmp_path / "a"], tmp_path / "out", [".txt"])
    assert len(plan([path, path], None, [".txt"])[0]) == 2


@pytest.mark.parametrize(("name", "suffix"), [("scan.txt", ".txt"), ("scan.json", ".json")])
def test_a_result_never_overwrites_its_input(tmp_path: Path, name: str, suffix: str) -> None:
    [path] = made(tmp_path, name)
    with pytest.raises(UsageError, match=rf"would overwrite .*{name}, which is an input"):
        plan([path], tmp_path, [".hocr", suffix])
    assert path.exists()


def test_a_result_never_overwrites_another_input_by_whatever_name(tmp_path: Path) -> None:
    first, second = made(tmp_path, "scan.png", "other.tif")
    (tmp_path / "out").mkdir()
    os.link(second, tmp_path / "out" / "scan.txt")
    with pytest.raises(UsageError, match=r"The result of .*scan\.png would overwrite .*scan\.txt"):
        plan([first, second], tmp_path / "out", [".txt"])
    assert len(plan([first], tmp_path / "out", [".txt"])[0]) == 1


def test_a_picture_never_overwrites_an_input(tmp_path: Path) -> None:
    first, second = made(tmp_path, "scan.png", "scan.png-0001.png")
    with pytest.raises(UsageError, match=r"A picture of .*scan\.png would overwrite .*scan\.png-0001\.png"):
        plan([first, second], None, [".txt"], tmp_path)
    assert len(plan([first, second], None, [".txt"], tmp_path / "pictures")[0]) == 2


def test_what_is_missing_or_has_too_long_a_name_is_a_failure_and_the_rest_is_planned(tmp_path: Path) -> None:
    [path] = made(tmp_path, "x.png")
    jobs, failures = plan([tmp_path / "away.png", tmp_path / ("n" * 300), path], None, [".txt"])
    assert [job.source for job in jobs] == [path]
    assert [type(failure) for failure in failures] == [InputMissing, InputUnreadable]
    assert "too long" in str(failures[1])


def test_a_folder_that_may_not_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "in/a.png", "in/closed/b.png", "in/open/c.png")
    listed = os.scandir

    def refused(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refused)
    jobs, failures = plan([tmp_path / "in"], None, [".txt"])
    assert [job.source.name for job in jobs] == ["a.png", "c.png"]
    assert str(failures[0]) == f"{tmp_path / 'in' / 'closed'} cannot be read: Permission denied."


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    made(tmp_path, "in/closed/b.png")
    (tmp_path / "in" / "closed").chmod(0)
    try:
        _, [failure] = plan([tmp_path / "in"], None, [".txt"])
    finally:
        (tmp_path / "in" / "closed").chmod(stat.S_IRWXU)
    assert isinstance(failure, InputUnreadable)
