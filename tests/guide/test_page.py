"""The pages that lead through a retraining and a comparison: what they name is there."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from pathlib import Path

import click
import pytest
import typer

from nordocr.cli.app import VERBS

PAGES = ["retraining-1024.md", "comparison.md"]


def commands(text: str) -> list[list[str]]:
    """The nordocr commands of a page's fenced blocks, continued lines joined, comments taken off."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if re.match(r"nordocr [a-z]+ [^:]", line)]


def command_of(verb: str) -> click.Command:
    module, attribute, _ = VERBS[verb]
    target = getattr(importlib.import_module(module), attribute)
    if not isinstance(target, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command()(target)
        target = app
    return typer.main.get_command(target)


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_exist(repository: Path, page: str) -> None:
    pytest.importorskip("torch")
    found = commands((repository / "docs" / page).read_text(encoding="utf-8"))
    assert len(found) >= 4
    for verb, *words in found:
        command = command_of(verb)
        nested = getattr(command, "commands", {})
        if nested:
            command = nested[words[0]]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for word in words:
            assert not word.startswith("-") or word in known, f"nordocr {verb} has no {word}"


def test_every_lesson_has_its_test(repository: Path) -> None:
    text = (repository / "docs" / "retraining-1024.md").read_text(encoding="utf-8")
    lessons = text.partition("## 9. ")[2].partition("Further ones")[0]
    assert len([row for row in lessons.splitlines() if row.startswith("| ")]) == 1 + 9
    items = text.partition("## 10. ")[2].partition("## All of it")[0]
    rows = [row for row in items.splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 20
    assert not [row.split("|")[1].strip() for row in rows if "`tests/" not in row]
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(named) >= 8
    for file, name in named:
        tree = ast.parse((repository / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, f"{file}::{name}"
