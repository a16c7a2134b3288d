"""What `pip install .` brings: reading, and neither torch nor anything of the lab."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]
LAB = (
    "torch",
    "torchvision",
    "nordocr.model",
    "nordocr.synth",
    "nordocr.data",
    "nordocr.train",
    "nordocr.evaluate",
    "nordocr.export",
)
READING = ("pages", "detect", "lm", "recognize", "formats", "pipeline", "api", "fields")
CONTRACTS = ("charset", "linespec", "batching", "ctc", "results", "config", "errors")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonical(name): version for name, version in pairs}


def brought_by(requirements: list[str]) -> set[str]:
    """Names of everything that the requirements bring along, followed through what is installed here."""
    seen: set[str] = set()
    waiting = [Requirement(r) for r in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        if name in seen:
            continue
        seen.add(name)
        try:
            further = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for text in further:
            child = Requirement(text)
            extras = requirement.extras or {""}
            if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(child)
    return seen


def test_a_plain_install_brings_no_torch(project: dict[str, Any]) -> None:
    brought = brought_by(project["dependencies"])
    assert "onnxruntime" in brought
    assert not {name for name in brought if name.startswith(("torch", "nvidia", "triton"))}


def test_torch_is_a_matter_of_training_and_torchvision_of_nobody(project: dict[str, Any]) -> None:
    extras = project["optional-dependencies"]
    assert "torch>=2.10" in extras["train"]
    assert project["requires-python"] == ">=3.11"
    everything = [*project["dependencies"], *(r for group in extras.values() for r in group)]
    assert "torchvision" not in {canonical(Requirement(r).name) for r in everything}


def test_the_constraints_pin_everything_that_is_asked_for(project: dict[str, Any], pins: dict[str, str]) -> None:
    assert pins["torch"] == "2.13.0"
    assert "torchvision" not in pins
    extras = project["optional-dependencies"]
    asked = [Requirement(r) for r in project["dependencies"]]
    asked += [
        Requirement(r)
        for name in ("train", "eval", "openvino", "tesseract", "pdf", "docs", "dev")
        for r in extras[name]
    ]
    for requirement in asked:
        if requirement.name == "nordocr":
            continue
        name = canonical(requirement.name)
        assert name in pins, f"constraints.txt does not pin {name}"
        assert pins[name] in requirement.specifier, f"constraints.txt pins {name} outside {requirement.specifier}"


def test_every_module_has_a_layer() -> None:
    """A package that no contract names could import anything."""
    with (REPOSITORY / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["nordocr"])
    named = {name.strip() for layer in layers for name in layer.split("|")}
    source = REPOSITORY / "src" / "nordocr"
    modules = {path.stem for path in source.glob("*.py") if not path.stem.startswith("__")}
    packages = {path.parent.name for path in source.glob("*/__init__.py")}
    assert named == modules | packages


def run_python(code: str) -> str:
    """Output of a fresh interpreter: what another test imported must not count."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_contracts_import_neither_half() -> None:
    names = ", ".join(f"nordocr.{name}" for name in CONTRACTS)
    halves = tuple(f"nordocr.{name}" for name in READING)
    found = run_python(
        f"import sys, {names}\n"
        f"print([m for m in sys.modules if m in {LAB + halves} or m.startswith('torch.') or m == 'onnxruntime'])"
    )
    assert found == "[]"


def test_every_module_of_the_reading_half_imports_without_torch_and_the_lab() -> None:
    found = run_python(
        "import importlib, pkgutil, sys, nordocr\n"
        f"for name in {READING}:\n"
        "    module = importlib.import_module(f'nordocr.{name}')\n"
        "    for inner in pkgutil.walk_packages(getattr(module, '__path__', []), f'{module.__name__}.'):\n"
        "        importlib.import_module(inner.name)\n"
        f"print([m for m in sys.modules if m in {LAB} or m.startswith('torch.')])"
    )
    assert found == "[]"


def test_the_command_line_starts_without_torch_and_onnx_runtime() -> None:
    found = run_python(
        "import sys, nordocr.cli\n"
        f"print([m for m in sys.modules if m in {LAB} or m in ('onnxruntime', 'cv2', 'openvino', 'tesserocr')])"
    )
    assert found == "[]"
