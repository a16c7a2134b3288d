"""Engines: the guide's shapes for sm_86 and sm_120, and ``trtexec`` without the ``--fp16`` that TensorRT 11 removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.recognize.test_onnx import Toy, write_toy

from nordocr.cli.app import main
from nordocr.linespec import LineSpec


@pytest.mark.parametrize(
    ("preset", "opt", "most"), [("sm_86", "32x3x32x768", "64x3x32x1792"), ("sm_120", "64x3x32x768", "128x3x32x1792")]
)
def test_the_profile_is_the_guides(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    preset: str,
    opt: str,
    most: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_toy(tmp_path / "recognize_svtrv2.onnx", Toy(spec=LineSpec(max_width=1024).to_json()))
    asked = ["--preset", preset, "--output", "x.engine", "--print-trtexec", "11.0"]
    with pytest.raises(SystemExit) as ended:
        main(["export", "tensorrt", "--onnx", "recognize_svtrv2.onnx", *asked])
    assert ended.value.code == 0
    first, command = capsys.readouterr().out.strip().splitlines()
    assert first == "nordocr export fp16 --onnx recognize_svtrv2.onnx --output recognize_svtrv2_fp16.onnx"
    said = dict(word.split("=", 1) for word in command.split() if "=" in word)
    assert (said["--minShapes"], said["--optShapes"], said["--maxShapes"]) == (
        "input:1x3x32x32",
        f"input:{opt}",
        f"input:{most}",
    )
    assert said["--onnx"] == "recognize_svtrv2_fp16.onnx" and "--fp16" not in command
