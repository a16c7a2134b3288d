"""The hooks and `make lint` run the project's own tools, and a commit's subject stays short."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hooks() -> list[dict[str, Any]]:
    config = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"], "no tool in a second version"
    return list(config["repos"][0]["hooks"])


def test_every_hook_runs_a_tool_of_the_environment(hooks: list[dict[str, Any]]) -> None:
    assert {hook["language"] for hook in hooks} == {"system"}
    assert [hook["id"] for hook in hooks if not hook["entry"].startswith(".venv/bin/")] == []
    entries = " ".join(hook["entry"] for hook in hooks)
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports", ".ci/commit-message"):
        assert tool in entries


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_lint_runs_all_four_checks() -> None:
    command = ["make", "--dry-run", "lint"]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, encoding="utf-8", check=True).stdout
    for tool in ("ruff check", "ruff format --quiet --check", "python -m mypy", "lint-imports"):
        assert tool in shown


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (
            "Read 12-bit TIFFs\n\nThe body may be as long as it likes, even far longer than 72 characters.\n",
            "",
        ),
        ("å" * 71 + "\n", ""),
        ("å" * 72 + "\n", "the subject has 72 characters"),
        ("Subject\nand no empty line\n", "leave the line after the subject empty"),
        ("# only what git writes\n", "the subject is empty"),
        ("Merge branch 'a-very-long-name-of-a-branch' into 'another-very-long-name-of-a-branch'\n", ""),
    ],
)
def test_commit_messages_are_checked(message: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(message, encoding="utf-8")
    command = [sys.executable, str(REPOSITORY / ".ci" / "commit-message"), str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert bool(done.returncode) is bool(complaint)
    assert re.search(complaint, done.stderr)
