"""How the code is kept: short files and functions, small folders, every public name explained, tidy logging."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = REPOSITORY / "src" / "nordocr"
FILES = sorted(SOURCE.rglob("*.py"))
EVERY_FILE = sorted(p for folder in ("src", "tests", "benchmarks") for p in (REPOSITORY / folder).rglob("*.py"))
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 80
MEDIAN_LINES_OF_A_FILE = 120
MOST_MODULES_OF_A_FOLDER = 20

# More modules than allowed until some move into folders of their own. An entry that is no longer needed is an error.
CROWDED = {"src/nordocr/train"}
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


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_files_are_short() -> None:
    too_long = {name_of(path): lines_of(path) for path in EVERY_FILE if lines_of(path) > MOST_LINES_OF_A_FILE}
    assert too_long == {}


def test_the_median_file_is_short() -> None:
    modules = [lines_of(path) for path in FILES if path.name != "__init__.py"]
    assert statistics.median(modules) <= MEDIAN_LINES_OF_A_FILE


def test_folders_hold_few_modules() -> None:
    modules = [path for path in EVERY_FILE if path.name != "__init__.py"]
    counts = {name_of(folder): sum(p.parent == folder for p in modules) for folder in {p.parent for p in modules}}
    del counts["src/nordocr/cli"]  # one module for each command
    crowded = {folder: count for folder, count in counts.items() if count > MOST_MODULES_OF_A_FOLDER}
    assert {folder: count for folder, count in crowded.items() if folder not in CROWDED} == {}
    assert not CROWDED - crowded.keys(), "these hold few enough now: take them off the list"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
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


def logging_mistakes(source: str) -> list[str]:
    """Say what is wrong with a module's logging: an unused logger, one of another name, or none at all."""
    tree = ast.parse(source)
    loggers: dict[str, str] = {}
    mistakes = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("logging.getLogger("):
            loggers[ast.unparse(node.targets[0])] = ast.unparse(node.value)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    for name, made in loggers.items():
        if name not in used:
            mistakes.append(f"{name} is never used")
        if made != "logging.getLogger(__name__)":
            mistakes.append(f"{name} is not named after its module: {made}")
    levels = {f"logging.{level}" for level in ("debug", "info", "warning", "error", "critical", "exception", "log")}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return mistakes + [f"logs on the root logger: {ast.unparse(c)}" for c in calls if ast.unparse(c.func) in levels]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_has_a_logger_where_it_logs(path: Path) -> None:
    assert logging_mistakes(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "mistakes"),
    [
        ("_log = logging.getLogger(__name__)\n_log.info('x')", 0),
        ("_log = logging.getLogger(__name__)", 1),
        ("_log = logging.getLogger('nordocr')\n_log.info('x')", 1),
        ("logging.warning('x')", 1),
        ("logging.getLogger('fontTools').setLevel(logging.ERROR)", 0),
    ],
)
def test_the_search_for_logging_mistakes_finds_them(source: str, mistakes: int) -> None:
    assert len(logging_mistakes(source)) == mistakes


def test_there_are_no_drawers() -> None:
    everything = [p for folder in ("src", "tests", "benchmarks") for p in (REPOSITORY / folder).rglob("*")]
    drawers = [name_of(p) for p in everything if p.stem.lower() in DRAWERS and "egg-info" not in str(p)]
    assert not drawers, "name a folder or module by what is in it"


def test_nobody_edits_the_import_path() -> None:
    edits = re.compile(r"\bsys\.path(\.(insert|append|extend)\b|\s*(\+=|=[^=]))")
    files = [p for folder in ("src", "tests", "benchmarks") for p in (REPOSITORY / folder).rglob("*.py")]
    assert not [name_of(p) for p in files if edits.search(p.read_text(encoding="utf-8"))]
