"""The verbs' table: complete, light, and honest about mistakes."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from nordocr import __version__
from nordocr.charset import NORDIC_126
from nordocr.cli import app


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "nordocr", *arguments], capture_output=True, encoding="utf-8")


def test_help_lists_every_verb_and_imports_none() -> None:
    code = (
        "import sys\nfrom nordocr.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'numpy', 'onnxruntime', 'torch', 'typer', 'pydantic', 'PIL', 'cv2', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    for verb, (_, _, line) in app.available_verbs().items():
        assert f"  {verb} " in result.stdout
        assert line in result.stdout
    assert {"process", "dict"} <= set(app.available_verbs())


def test_a_verb_is_imported_without_collections_and_without_yaml() -> None:
    """Looking for what is no longer used while modules are made takes a tenth of a start, and YAML a twentieth."""
    code = (
        "import gc, sys\nfrom nordocr.cli import main\n"
        "passes = lambda: sum(one['collections'] for one in gc.get_stats())\n"
        "def told(): print(passes() - before, gc.isenabled(), gc.get_freeze_count() > 10_000, 'yaml' in sys.modules)\n"
        "import typer\n"
        "class Stop(typer.Typer):\n"
        "    def __call__(self, *a, **k): told()\n"
        "typer.Typer = Stop\n"
        "before = passes()\n"
        "main(['process'])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    passes, enabled, frozen, yaml = result.stdout.split()
    assert int(passes) <= 5, result.stderr
    assert (enabled, frozen, yaml) == ("True", "True", "False")


def fastest(*arguments: str) -> float:
    """Seconds of the fastest of three starts of Python."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        times.append(time.perf_counter() - started)
    return min(times)


def test_help_is_there_before_a_verbs_libraries_would_be() -> None:
    assert fastest("-m", "nordocr", "--help") < fastest("-c", "import numpy, typer")


def test_version_and_dictionary() -> None:
    assert run("--version").stdout.strip() == f"nordocr {__version__}"
    assert run("dict").stdout == NORDIC_126.to_dict_text()


def test_a_mistyped_verb_gets_a_suggestion() -> None:
    result = run("proces")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.strip() == "nordocr: There is no verb 'proces'; did you mean 'process'?"


def test_no_verb_and_a_wrong_option_are_usage_errors() -> None:
    assert run().returncode == 2
    wrong = run("dict", "--loud")
    assert wrong.returncode == 2
    assert "--loud" in wrong.stderr
    assert "nordocr dict" in wrong.stderr


@pytest.mark.parametrize("verb", ["process", "dict"])
def test_a_verb_explains_itself(verb: str) -> None:
    result = run(verb, "--help")
    assert result.returncode == 0
    assert f"nordocr {verb}" in result.stdout


def test_a_verb_whose_module_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.VERBS, "brew", ("nordocr.cli.brew", "brew", "Make coffee."))
    assert "brew" not in app.available_verbs()
    assert "Make coffee." not in app.help_text()
