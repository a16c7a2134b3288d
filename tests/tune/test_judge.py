"""Better or not, how far to go, and what is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from nordocr.cli.app import main
from nordocr.config import ReadingConfig
from nordocr.errors import UsageError
from nordocr.evaluate.scoring.table import Pair, ScoredTable
from nordocr.export.store import read_index, verify
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.weights import save_weights
from nordocr.recognize.bundled import bundled_model
from nordocr.recognize.registry import open_recognizer
from nordocr.tune.blend import blended
from nordocr.tune.install import install, require_name
from nordocr.tune.judge import HELD_OUT, Verdict, verdict

TRUTH = "Årets resultat uppgick till 12 345 kronor"


def table(right: int, wrong: int) -> ScoredTable:
    """Lines that were read right, and lines in which two letters are wrong."""
    read = [TRUTH] * right + [TRUTH.replace("kronor", "krenar")] * wrong
    return ScoredTable([Pair(TRUTH, text, source=f"d{number}") for number, text in enumerate(read)])


def judged(held: tuple[int, int], clean: tuple[int, int]) -> Verdict:
    """The verdict where so many of 40 held-out and of 100 clean lines were right before and after."""
    before = {HELD_OUT: table(held[0], 40 - held[0]), "clean": table(clean[0], 100 - clean[0])}
    after = {HELD_OUT: table(held[1], 40 - held[1]), "clean": table(clean[1], 100 - clean[1])}
    return verdict(before, after, "nano", {"lines": 160, "steps": 100}, [])


def test_surely_better_and_nothing_surely_worse_is_better() -> None:
    found = judged((10, 30), (95, 95))
    assert (found.better, found.reasons) == (True, [])
    said = found.words()
    assert "exact    25.0 % ->   75.0 %  +50.0 points (95 % interval" in said
    assert said.endswith("The tuned model is better than nano.\n")


@pytest.mark.parametrize(
    ("held", "clean", "reason"),
    [
        ((20, 21), (95, 95), "their difference could be noise"),
        ((30, 10), (95, 95), "surely worse"),
        ((10, 30), (95, 80), "On clean lines: Exact lines surely worse"),
    ],
)
def test_what_is_not_better_says_why(held: tuple[int, int], clean: tuple[int, int], reason: str) -> None:
    found = judged(held, clean)
    assert not found.better
    assert any(reason in sentence for sentence in found.reasons)
    assert f"- {found.reasons[0]}" in found.words()


def test_more_of_a_kind_of_error_refuses_only_where_it_is_sure() -> None:
    def read(texts: list[str]) -> dict[str, ScoredTable]:
        return {HELD_OUT: ScoredTable([Pair(TRUTH, text, source=f"d{n}") for n, text in enumerate(texts)])}

    def held(leading: int) -> Verdict:
        after = [TRUTH] * (40 - leading) + [f"qwz {TRUTH}"] * leading
        return verdict(read([f"x{TRUTH[:9]}y"] * 40), read(after), "nano", {"lines": 160, "steps": 100}, [])

    two, many = held(2), held(20)
    [garbage] = [check for check in two.sets[HELD_OUT].checks if check.name == "leading_garbage"]
    assert garbage.standing == "looks worse", "two of forty lines are more than the gate tolerates"
    assert (two.better, two.reasons) == (True, [])
    assert not many.better and any("Leading garbage surely worse" in reason for reason in many.reasons)


def test_a_difference_of_the_guard_that_may_be_chance_refuses_nothing() -> None:
    assert judged((10, 30), (95, 94)).better


def test_weights_between_two(tmp_path: Path) -> None:
    first, second = build_model("micro"), build_model("micro")
    save_weights(tmp_path / "a.safetensors", first, LineSpec(), {})
    save_weights(tmp_path / "b.safetensors", second, LineSpec(), {"step": 7})
    for share in (0.0, 0.25, 1.0):
        model, held = blended(tmp_path / "a.safetensors", tmp_path / "b.safetensors", share)
        assert held.history == {"step": 7}
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                wanted = (1 - share) * first.state_dict()[name] + share * second.state_dict()[name]
                assert torch.allclose(tensor, wanted, atol=1e-6)


def test_an_installed_model_is_listed_verified_and_read_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NORDOCR_MODELS", str(tmp_path / "models"))
    save_weights(tmp_path / "w.safetensors", build_model("micro"), LineSpec(), {})
    shutil.copy(bundled_model("nano"), tmp_path / "model.onnx")
    path = install("letters-1920", tmp_path / "model.onnx", tmp_path / "w.safetensors", judged((10, 30), (95, 95)))
    folder = tmp_path / "models"
    assert path == folder / "letters-1920.onnx"
    assert [model.card for model in read_index(folder)] == ["letters-1920.md"]
    assert [problem for _, problem in verify(folder)] == [""]
    assert "better than nano" in (folder / "letters-1920.md").read_text(encoding="utf-8")
    # Not older than its weights, which would have it built again from them.
    assert path.stat().st_mtime_ns >= (folder / "letters-1920.safetensors").stat().st_mtime_ns
    open_recognizer("letters-1920", ReadingConfig(threads=1)).close()
    with pytest.raises(UsageError, match="installed already"):
        require_name("letters-1920")
    require_name("letters-1920", replace=True)
    with pytest.raises(SystemExit, match="0"):
        main(["models", "list"])
    assert "letters-1920" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nano", "tesseract", "a/b", "..", "", "letters.onnx", "x" * 65])
def test_names_that_no_model_may_have(name: str) -> None:
    with pytest.raises(UsageError):
        require_name(name)
