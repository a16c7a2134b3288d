"""The script behind `make demo` and `make test` says in one sentence what is wrong with the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(os.name != "posix" or BASH is None, reason="needs bash on a POSIX system")


def environment(argument: str, python: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script, in a folder of its own, so that nothing of this checkout can be touched."""
    (folder / ".ci").mkdir()
    script = shutil.copy2(REPOSITORY / ".ci" / "environment", folder / ".ci")
    variables = os.environ | {"PYTHON": python}
    return subprocess.run(
        [str(BASH), str(script), argument], env=variables, capture_output=True, encoding="utf-8", check=False
    )


def stand_in(path: Path, lines: str) -> str:
    path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_an_old_python_is_named(tmp_path: Path) -> None:
    old = stand_in(tmp_path / "python3.9", 'case "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac')
    done = environment("test", old, tmp_path)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "is Python 3.9" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    done = environment("demo", "python-that-is-not-there", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "error: there is no 'python-that-is-not-there'; install Python 3.11 or newer, or set PYTHON to one.\n"
    )


def test_a_python_without_venv_leaves_nothing_behind(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    lines = 'case "$*" in *print*) echo 3.12 ;; *venv*) mkdir .venv; exit 1 ;; *) exit 0 ;; esac'
    done = environment("test", stand_in(tmp_path / "python3", lines), tmp_path)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_another_word_is_refused(tmp_path: Path) -> None:
    done = environment("everything", "python3", tmp_path)
    assert (done.returncode, done.stderr) == (1, "error: usage: .ci/environment demo|test\n")


def system_packages(folder: Path, user: int, apt: str) -> subprocess.CompletedProcess[str]:
    """Run the script where no package is installed and ``apt-get`` is the given line of shell, never the real one."""
    stand_in(folder / "dpkg-query", "exit 1")
    stand_in(folder / "id", f"echo {user}")
    stand_in(folder / "apt-get", apt)
    variables = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [str(BASH), str(REPOSITORY / ".ci" / "system-packages")],
        env=variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_root_the_missing_packages_are_named_and_work_goes_on(tmp_path: Path) -> None:
    done = system_packages(tmp_path, 1000, f"touch '{tmp_path}/called'")
    assert done.returncode == 0
    assert "Not root" in done.stdout
    assert "apt-get install tesseract-ocr tesseract-ocr-swe" in done.stdout
    assert not (tmp_path / "called").exists()


def test_a_failing_apt_get_is_shown_and_work_goes_on(tmp_path: Path) -> None:
    done = system_packages(tmp_path, 0, "echo 'E: no network' >&2; exit 100")
    assert done.returncode == 0
    assert "E: no network" in done.stdout
    assert "apt-get failed" in done.stdout


def test_as_root_the_missing_packages_are_installed(tmp_path: Path) -> None:
    done = system_packages(tmp_path, 0, f'echo "$@" >>"{tmp_path}/calls"')
    assert done.returncode == 0
    assert "failed" not in done.stdout
    update, install = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert update.endswith("update")
    for language in ("swe", "nor", "dan", "fin", "isl"):
        assert f"tesseract-ocr-{language}" in install.split()
