"""The fuzz targets on their corpus and on changes of it: a share of ``make fuzz``, the same every time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import run
import targets

pytestmark = pytest.mark.filterwarnings("ignore")


def changed(data: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(data) + 1)
        data = data[:at] + dice.choice(run.TOKENS) + data[at + dice.choice((0, 1, 4, 30)) :]
    return data


SLOW = ("aside", "configuration", "weights")  # they start processes or import much


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in targets.TARGETS]
)
def test_no_input_is_a_defect(name: str) -> None:
    corpus = run.seeds(name)
    assert corpus != [b""], "a target without a corpus"
    call = targets.guarded(targets.TARGETS[name])
    dice = random.Random(name)
    for data in corpus:
        call(data)
    for number in range(6 if name in SLOW else 40):
        call(changed(corpus[number % len(corpus)], dice))


def test_a_defect_is_found_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness must be able to fail."""

    def broken(data: bytes) -> None:
        if b"9" in data:
            raise ZeroDivisionError

    monkeypatch.setitem(targets.TARGETS, "selection", broken)
    monkeypatch.setattr(run, "OUT", tmp_path)
    with pytest.raises(ZeroDivisionError):
        run.with_hypothesis("selection", 60)
    [kept] = tmp_path.iterdir()
    assert b"9" in kept.read_bytes()
    targets.guarded(targets.TARGETS["tiff"])(b"II*\0")
