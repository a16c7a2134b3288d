"""What README and docs show is true: commands give the output under them, links lead somewhere, nothing is left out."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from tests.house.shown import Command, blocks_of, is_run, prepare, run

from nordocr.errors import NordocrError

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDES = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
RUN = [path for path in GUIDES if any(block.reason is None for block in blocks_of(path.read_text(encoding="utf-8")))]
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_readme_shows_commands_that_are_run() -> None:
    assert {"README.md", "docs/command-line.md"} <= {name_of(path) for path in RUN}
    assert "```\n$ " not in (REPOSITORY / "README.md").read_text(encoding="utf-8"), "commands stand in console blocks"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="the commands are for a POSIX shell")
@pytest.mark.parametrize("path", RUN, ids=name_of)
def test_shown_commands_give_the_output_under_them(path: Path, tmp_path: Path) -> None:
    variables = prepare(tmp_path)
    for block in blocks_of(path.read_text(encoding="utf-8")):
        for command in block.commands if block.reason is None else []:
            if is_run(command):
                output = run(command, tmp_path, variables)
                assert command.agrees(output), f"$ {command.line}\n{output[:1500]}"


@pytest.mark.parametrize(
    ("shown", "cut", "output", "agrees"),
    [
        (["one", "two"], False, "one\n\ntwo  \n", True),
        (["one"], False, "one\ntwo\n", False),
        (["one"], True, "one\ntwo\n", True),
        (["one", "three"], True, "one\ntwo\n", False),
        (["one"], False, "", False),
    ],
)
def test_another_output_is_noticed(shown: list[str], cut: bool, output: str, agrees: bool) -> None:
    assert Command("command", shown, cut).agrees(output) is agrees


def test_blocks_are_split_into_commands() -> None:
    text = "```console\n$ a\n1\n...\n$ b\n```\n<!-- not run: no data -->\n```console\n$ c\n```\n```\n$ d\n```\n"
    first, second = blocks_of(text)
    assert first.reason is None
    assert first.commands == [Command("a", ["1"], True), Command("b", [], False)]
    assert (second.reason, [command.line for command in second.commands]) == ("no data", ["c"])


@pytest.mark.parametrize("path", GUIDES, ids=name_of)
def test_links_lead_to_files(path: Path) -> None:
    targets = [target for target in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_index_lists_every_document() -> None:
    docs = REPOSITORY / "docs"
    listed = {(docs / target).resolve() for target in LINK.findall((docs / "index.md").read_text(encoding="utf-8"))}
    assert [name_of(path) for path in docs.rglob("*.md") if path.name != "index.md" and path not in listed] == []


def test_the_places_that_contributing_names_exist() -> None:
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    places = re.findall(r"`((?:src|docs|tests|benchmarks|\.ci)/[\w./-]+)`", text)
    assert len(places) > 30
    assert [place for place in places if not (REPOSITORY / place).exists()] == []


def test_every_exit_code_is_documented() -> None:
    def codes(kind: type[NordocrError]) -> set[int]:
        return {kind.exit_code}.union(*(codes(child) for child in kind.__subclasses__()))

    text = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
    rows = {int(number) for number in re.findall(r"^\| (\d+) \|", text, re.M)}
    assert codes(NordocrError) <= rows
