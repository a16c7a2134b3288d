"""``nordocr export``: what its options say and refuse."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.recognize.test_onnx import banded, write_toy

from nordocr.cli.app import main
from nordocr.export import publish
from nordocr.export.parity import Tolerance
from nordocr.export.parity_run import ParityLine
from nordocr.recognize.onnx import OnnxRecognizer


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main(["export", *map(str, words)])
    return int(left.value.code or 0)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "m.onnx")


def test_an_onnx_file_with_a_card(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(publish, "parity_lines", lambda *_: [ParityLine(banded(t), t) for t in ("Åre", "x", "12")])
    # The toy's scores go to 16,000, so their roundings are large and bands between two levels are ties.
    monkeypatch.setattr("nordocr.export.onnx.FP32", Tolerance(3, 3, identical=0.9, others=0.9, cer=0.0, cer_high=1.0))
    card, output = toy.with_name("card.md"), toy.parent / "new" / "recognize_svtrv2.onnx"
    card.write_text("# Åsa\n", encoding="utf-8")
    assert run("onnx", "--onnx", toy, "--output", output, "--card", card) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{output}: ")
    assert "texts identical" in said
    reader = OnnxRecognizer(output, threads=1)
    assert reader.read([banded("Øl")])[0].text == "Øl"


def test_one_source_is_wanted(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fp16", "--output", toy.with_name("x.onnx")) == 2
    assert run("fp16", "--onnx", toy, "--checkpoint", toy, "--output", toy.with_name("x.onnx")) == 2
    assert capsys.readouterr().err.count("Say either --checkpoint or --onnx.") == 2
    assert run("openvino", "--onnx", toy, "--output", toy.with_name("x.onnx")) == 2
    assert "must end in .xml" in capsys.readouterr().err
    assert run("onnx", "--onnx", toy, "--output", toy.with_name("x.onnx"), "--card", toy.with_name("no.md")) == 3


def test_the_trtexec_command_needs_no_tensorrt(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = toy.with_name("m.engine")
    assert run("tensorrt", "--onnx", toy, "--output", engine, "--preset", "sm_120", "--print-trtexec", "10.13") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"nordocr export fp16 --onnx {toy} --output {toy.with_name('m_fp16.onnx')}"
    assert second.startswith(f"trtexec --onnx={toy.with_name('m_fp16.onnx')} --saveEngine={engine} --stronglyTyped ")
    assert "--optShapes=input:64x3x32x768 --maxShapes=input:128x3x32x1792" in second
    assert run("tensorrt", "--onnx", toy, "--output", engine, "--profiles", "rungs", "--print-trtexec", "11.4") == 2
    assert run("tensorrt", "--onnx", toy, "--output", engine, "--preset", "sm_1", "--print-trtexec", "11.4") == 2


def test_the_trtexec_command_is_for_the_precision_that_is_asked_for(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = toy.with_name("m.engine")
    words = ["tensorrt", "--onnx", toy, "--output", engine, "--print-trtexec", "11.4"]
    assert run(*words, "--precision", "fp32") == 0
    [only] = capsys.readouterr().out.splitlines()
    assert only.startswith(f"trtexec --onnx={toy} --saveEngine={engine} ")


def test_options_that_would_not_be_obeyed_are_refused(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = toy.with_name("x.onnx")
    for option in (["--max-width", "768"], ["--dict", toy], ["--dict-space"], ["--charset", "nordic-126"]):
        assert run("onnx", "--onnx", toy, "--output", output, *option) == 2
        assert f"{option[0]} is for --checkpoint" in capsys.readouterr().err
    assert run("onnx", "--checkpoint", toy, "--output", output, "--linespec", toy) == 2
    assert "--linespec is for --onnx" in capsys.readouterr().err


def test_without_tensorrt_it_says_so(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    monkeypatch.delenv("TENSORRT_LIB_DIR", raising=False)
    assert run("tensorrt", "--onnx", toy, "--output", toy.with_name("m.engine")) == 10
    assert 'pip install "nordocr[tensorrt]"' in capsys.readouterr().err
