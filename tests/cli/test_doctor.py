"""``nordocr doctor`` on a model made here: engines are tried, and what does not work says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest


def doctor(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nordocr", "doctor", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240, check=False)


@pytest.mark.slow
def test_engines_are_tried_on_a_model_and_failures_say_why(model: Path) -> None:
    run = doctor("--json", "--model", model)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    found = {entry["name"]: entry for entry in report["engines"]}
    assert found["onnx"]["works"]
    assert "reads a first line" in found["onnx"]["says"]
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        assert not found["onnx, provider cuda"]["works"]
        assert "onnxruntime-gpu" in found["onnx, provider cuda"]["says"]
    assert report["processor"]["usable"] >= 1
    assert report["packages"]["onnxruntime"] == onnxruntime.__version__
    assert all("\n" not in entry["says"] for entry in report["engines"] + report["models"])


@pytest.mark.slow
def test_a_model_that_nothing_opens_is_exit_code_10(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    run = doctor("--model", broken)
    assert run.returncode == 10
    assert "no     onnx" in run.stdout
    assert "broken.onnx is not an ONNX model" in run.stdout
    assert doctor("--model", tmp_path / "away.onnx").returncode == 8
