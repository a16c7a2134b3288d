"""Hostile files through the whole reader, in a process with limits: a result or an error of ours, nothing else.

A small share of ``benchmarks/hostile.py``, which reads thousands.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from hostile import FINE, Child, Verdict, run
from inputs.hostile_files import KINDS, crafted, mutated, sound
from nordocr.recognize.bundled import bundled_names

SLOW = {"bomb-in-limit.png", "bomb-flate.pdf", "bomb-forms.pdf", "bomb-image-in-limit.pdf", "bomb-text.png"}
SLOW |= {"bomb-profile.png", "wide-60000.tif", "tall-60000.tif", "large-60000.tif", "bomb-60000-square.png"}
SLOW |= {name for name in crafted() if name.startswith(("noise", "checker", "all-", "upside", "on-its", "tall-"))}

pytestmark = pytest.mark.skipif(not bundled_names(), reason="this source tree has no bundled model")


def verdicts(named: list[tuple[str, bytes]], folder: Path) -> list[Verdict]:
    return list(run(iter(named), folder, seconds=60, memory_gb=4))


def test_mutations_are_the_same_every_time() -> None:
    for kind in KINDS:
        assert mutated(kind, 7) == mutated(kind, 7)
        assert mutated(kind, 7) != mutated(kind, 8)
        assert len({mutated(kind, i) for i in range(40)} - set(sound(kind))) > 35


@pytest.mark.slow
def test_mutated_and_crafted_files_give_a_result_or_an_error_of_ours(tmp_path: Path) -> None:
    named = [(name, make()) for name, make in crafted().items() if name not in SLOW]
    named += [(f"{number}.{kind}", mutated(kind, number)) for number in range(12) for kind in KINDS]
    found = verdicts(named, tmp_path)
    assert len(found) == len(named)
    assert [v for v in found if v.verdict != FINE] == []
    outcomes = {v.name: v.outcome for v in found}
    assert outcomes["bomb-60000-square.tif"].startswith("InputTooLarge")
    assert outcomes["bomb-frame.jpg"].startswith("InputTooLarge")
    assert outcomes["one-pixel.png"] == "1 pages, 0 lines"
    assert any("lines" in v.outcome and not v.outcome.endswith(" 0 lines") for v in found)


@pytest.mark.slow
def test_a_crash_and_a_hang_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness itself must be able to fail."""
    child = Child(4.0)
    child._command = [child._command[0], "-c", "print('ready', flush=True); input()"]
    assert child.read(tmp_path / "a", 60).verdict == "crash"
    monkeypatch.setattr("benchmarks.hostile._PATIENCE", 1)
    child._command[2] = "import time; print('ready', flush=True); input(); time.sleep(60)"
    assert child.read(tmp_path / "b", 1).verdict == "hang"
    child.close()
