"""Commands shown in Markdown: find them, run them, compare their output, or write the new output into the file.

    python -m tests.house.shown README.md docs/command-line.md

runs every command of these files and rewrites what is shown under it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ELLIPSIS = "..."
BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>[^>]+?) -->\n)?```console\n(?P<body>.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Command:
    """A command of a console block.

    Attributes:
        line: What is typed.
        shown: The output under it, without a closing ``...``.
        cut: Whether ``...`` ends the output, so that more may follow.
    """

    line: str
    shown: list[str]
    cut: bool

    def agrees(self, output: str) -> bool:
        """Decide whether the shown output is that of the command; blank lines and spaces at line ends do not count."""
        found = meaningful(output)
        return (found[: len(self.shown)] if self.cut else found) == self.shown


@dataclass(frozen=True)
class Block:
    """A console block: why it is not run, None where it is, and its commands."""

    reason: str | None
    commands: list[Command]


def meaningful(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def commands_of(body: str) -> list[Command]:
    """Split a block's text into commands, each line that begins with ``$`` being one."""
    found = []
    for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
        line, _, rest = part.partition("\n")
        shown = meaningful(rest)
        cut = bool(shown) and shown[-1] == ELLIPSIS
        found.append(Command(line.strip(), shown[:-1] if cut else shown, cut))
    return found


def blocks_of(markdown: str) -> list[Block]:
    """Return the console blocks of a Markdown text in their order."""
    return [Block(match["reason"], commands_of(match["body"])) for match in BLOCK.finditer(markdown)]


def is_run(command: Command) -> bool:
    """Decide whether a command of a block that is run is run itself: `make` builds environments and is not."""
    return not command.line.startswith("make ")


def prepare(folder: Path) -> dict[str, str]:
    """Put the bundled scan and a ``nordocr`` command into an empty folder; return the environment to run in."""
    shutil.copytree(REPOSITORY / "src" / "nordocr" / "demo", folder / "src" / "nordocr" / "demo")
    programs = folder / ".bin"
    programs.mkdir()
    for name, arguments in {"nordocr": "-m nordocr", "python3": ""}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    # Without the warnings that the tests turn on: they are not part of a command's output.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONWARN")}
    return kept | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120", "LC_ALL": "C.UTF-8"}


def run(command: Command, folder: Path, variables: dict[str, str]) -> str:
    """Run a command in a prepared folder; return standard output and standard error together."""
    done = subprocess.run(
        ["bash", "-c", command.line],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    return done.stdout


def rewritten(markdown: str) -> str:
    """Return the Markdown text with the output of its commands as it is now, cut where it was cut."""
    with tempfile.TemporaryDirectory() as name:
        variables = prepare(Path(name))

        def renew(match: re.Match[str]) -> str:
            whole: str = match[0]
            if match["reason"] is not None:
                return whole
            parts = []
            for command in commands_of(match["body"]):
                lines = command.shown
                if is_run(command):
                    output = meaningful(run(command, Path(name), variables))
                    lines = output[: len(lines)] if command.cut else output
                parts += [f"$ {command.line}", *lines, *[ELLIPSIS] * command.cut]
            return whole.replace(match["body"], "\n".join(parts) + "\n")

        return BLOCK.sub(renew, markdown)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        file = Path(argument)
        file.write_text(rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")
