"""How the code is kept: short files, short functions, no drawers, every public name explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "src" / "nordocr"
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 80
DRAWERS = {"util", "utils", "tool", "tools", "lib", "libs", "misc"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def public_definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """Public classes and functions of a module or class; what is inside a function is nobody else's business."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body)


def is_explained_elsewhere(node: Definition) -> bool:
    """A setter belongs to its property, an overload to its implementation, an override to what it overrides."""
    marks = {ast.unparse(mark).rsplit(".", 1)[-1] for mark in node.decorator_list}
    return bool(marks & {"setter", "deleter", "overload", "override"})


def test_there_is_code_to_look_at() -> None:
    assert len(FILES) > 10


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES_OF_A_FILE, f"{name_of(path)} has {lines} lines"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_LINES_OF_A_FUNCTION, f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_public_name_has_a_docstring(path: Path) -> None:
    tree = tree_of(path)
    without = [] if ast.get_docstring(tree) else [f"{name_of(path)} itself"]
    for node in public_definitions(tree.body):
        if not (ast.get_docstring(node) or is_explained_elsewhere(node)):
            without.append(f"{name_of(path)}:{node.lineno} {node.name}")
    assert not without


def test_there_are_no_drawers() -> None:
    everything = [p for folder in ("src", "tests", "benchmarks") for p in (REPOSITORY / folder).rglob("*")]
    drawers = [name_of(p) for p in everything if p.stem.lower() in DRAWERS and "egg-info" not in str(p)]
    assert not drawers, "name a folder or module by what is in it"


def test_nobody_edits_the_import_path() -> None:
    edits = re.compile(r"\bsys\.path(\.(insert|append|extend)\b|\s*(\+=|=[^=]))")
    files = [p for folder in ("src", "tests", "benchmarks") for p in (REPOSITORY / folder).rglob("*.py")]
    assert not [name_of(p) for p in files if edits.search(p.read_text(encoding="utf-8"))]
