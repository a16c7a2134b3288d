"""The commands' reference as Markdown, generated from the parser: ``python -m nordocr.cli.reference`` prints it."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final, get_args, get_origin

import typer

from nordocr.cli.app import available_verbs

_HEAD: Final = """\
# Commands

Generated from the parser. `nordocr VERB --help` prints the same.

| verb | what it does |
|---|---|
"""


_TYPES: Final = {"int": "INTEGER", "float": "NUMBER", "Path": "PATH"}


def markdown() -> str:
    """Return the page: a table of the verbs, then a section for each with its arguments and options."""
    verbs = available_verbs()
    rows = "".join(f"| [`{verb}`](#nordocr-{verb}) | {about} |\n" for verb, (_, _, about) in verbs.items())
    sections = [section for verb, entry in verbs.items() for section in _sections(verb, *entry[:2])]
    return "\n".join([_HEAD + rows, *sections])


def _sections(verb: str, module: str, attribute: str) -> list[str]:
    target = getattr(importlib.import_module(module), attribute)
    app = target
    if not isinstance(target, typer.Typer):
        app = typer.Typer(add_completion=False)
        app.command()(target)
    return _described(f"nordocr {verb}", 2, typer.main.get_command(app))


def _described(name: str, level: int, command: Any) -> list[str]:
    """Return the sections of a command, or of a group and its commands."""
    parts = getattr(command, "commands", None)
    if parts is None:
        return [_section(name, level, command)]
    head = f"{'#' * level} {name}\n\n{_plain(command.help)}".rstrip() + "\n"
    inner = [section for part, one in parts.items() for section in _described(f"{name} {part}", level + 1, one)]
    return [head, *inner]


def _section(name: str, level: int, command: Any) -> str:
    usage = [name]
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        shown = _metavar(parameter)
        if parameter.param_type_name == "argument":
            usage.append(shown if parameter.required else f"[{shown}]")
            rows.append(f"| `{shown}` | {_cell(getattr(parameter, 'help', None))} |")
            continue
        names = ", ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
        value = "" if parameter.is_flag else f" `{shown}`"
        rows.append(f"| {names}{value} | {_cell(parameter.help)}{_default(parameter)} |")
    usage.append("[OPTIONS]")
    table = "\n".join(["| | |", "|---|---|", *rows]) + "\n" if rows else ""
    return f"{'#' * level} {name}\n\n```\n{' '.join(usage)}\n```\n\n{_plain(command.help)}\n\n{table}"


def _metavar(parameter: Any) -> str:
    if parameter.metavar:
        return str(parameter.metavar)
    many = "..." if parameter.nargs != 1 or getattr(parameter, "multiple", False) else ""
    return f"{parameter.name.upper() if parameter.param_type_name == 'argument' else _type_name(parameter)}{many}"


def _type_name(parameter: Any) -> str:
    """Return what an option takes, which older typers tell by a type of click's."""
    described = getattr(parameter, "type_descriptor", None)
    if described is None:
        return str(parameter.type.name).upper()
    kind = described.annotation
    if get_origin(kind) in {list, tuple}:
        kind = get_args(kind)[0]
    return _TYPES.get(getattr(kind, "__name__", ""), "TEXT")


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return " Required."
    if parameter.is_flag or value in (None, "", ()) or callable(value) or "default:" in (parameter.help or ""):
        return ""
    return f" Default: `{value}`."


def _plain(text: str | None) -> str:
    """Return a docstring's first paragraphs, up to the parts that are for programmers."""
    return (text or "").split("\nArgs:")[0].replace("\b\n", "").strip()


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(markdown())
