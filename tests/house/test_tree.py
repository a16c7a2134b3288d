"""What is in the repository: small enough to clone, and free of one machine's paths and hosts."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MOST_BYTES = 48 * 1024 * 1024
MOST_BYTES_OF_THE_MODEL = 6_000_000

# Put together here so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(?:" + "|".join(["work", "root"]) + r")/|[A-Z]:\\Users\\")
HOSTS = re.compile("|".join(re.escape(".".join(parts)) for parts in [
    ("pypi", "org"), ("pythonhosted", "org"), ("download", "pytorch", "org"), ("deb", "debian", "org"),
    ("registry", "npmjs", "org"), ("archive", "ubuntu", "com"),
]))  # fmt: skip


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file that git tracks."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"not a git checkout, or git cannot read it: {error}")
    paths = [REPOSITORY / name for name in listed.decode("utf-8").split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_the_tree_is_small(tracked: list[Path]) -> None:
    sizes = {path: path.stat().st_size for path in tracked}
    largest = sorted(sizes, key=lambda path: -sizes[path])[:3]
    assert sum(sizes.values()) < MOST_BYTES, [(p.name, sizes[p]) for p in largest]


def test_models_are_small_and_nothing_of_the_build_is_tracked(tracked: list[Path]) -> None:
    models = [path for path in tracked if path.suffix == ".onnx"]
    assert all(path.stat().st_size < MOST_BYTES_OF_THE_MODEL for path in models)
    made = {".pt", ".pth", ".pyc", ".whl", ".ttf", ".otf", ".engine", ".plan"}
    assert not [path.name for path in tracked if path.suffix in made]


def test_no_machine_paths_and_no_registry_hosts(tracked: list[Path]) -> None:
    found = []
    for path in tracked:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if MACHINE_PATHS.search(line) or HOSTS.search(line):
                found.append(f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:80]}")
    assert not found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("open('/" + "work/x')", True),
        ("cd /" + "root/.cache", True),
        ("see ../" + "work/x and src/" + "work/y", False),
        ("C:" + "\\Users\\me", True),
        ("a /network/share", False),
    ],
)
def test_the_search_for_machine_paths_finds_them(text: str, found: bool) -> None:
    assert bool(MACHINE_PATHS.search(text)) is found


def test_the_licence_is_apache_2() -> None:
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert "The nordocr authors" in text


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "constraints.txt", "docs/log.md"]
)
def test_a_newcomer_finds(name: str) -> None:
    assert (REPOSITORY / name).stat().st_size > 200


@pytest.mark.skipif(os.name != "posix", reason="the scripts are for make on a POSIX system")
def test_the_scripts_can_be_run() -> None:
    for name in ("run", "environment", "system-packages"):
        assert os.access(REPOSITORY / ".ci" / name, os.X_OK), name
    assert "make --no-print-directory test" in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")
