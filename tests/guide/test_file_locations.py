"""File locations: the guide's own, written by ``dict``, ``export`` and ``retrain``, listed by ``models layout``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from tests.recognize.test_onnx import Toy, write_toy

from nordocr.charset import NORDIC_126
from nordocr.cli.app import main
from nordocr.export.layout import engine_place, is_root, layout, onnx_place
from nordocr.linespec import LineSpec


def nordocr(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


def test_the_places_are_the_guides() -> None:
    assert onnx_place(1024).as_posix() == "models/svtrv2-1024/recognize_svtrv2.onnx"
    assert engine_place(1024, "8.6").as_posix() == "models/recognize_svtrv2_1024_sm86.engine"
    assert engine_place(1024, "12.0").as_posix() == "models/recognize_svtrv2_1024_sm120.engine"
    assert onnx_place(768).as_posix() == "models/svtrv2-768/recognize_svtrv2.onnx"


def test_the_dictionary_is_utf8_on_every_system(tmp_path: Path) -> None:
    place = tmp_path / "training" / "recognize" / "nordic_dict.txt"
    # ASCII stands for whatever a system's console writes: PowerShell's > is UTF-16.
    command = [sys.executable, "-m", "nordocr", "dict", "--output", str(place)]
    subprocess.run(command, check=True, env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(sys.path), "PATH": ""})
    assert place.read_bytes() == "".join(f"{c}\n" for c in NORDIC_126.characters).encode("utf-8")


def test_layout_lists_every_file_and_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NORDOCR_MODELS", raising=False)
    nordocr(["dict", "--output", "training/recognize/nordic_dict.txt"])
    nordocr(["models", "layout"])
    rows = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [
        ["training/recognize/nordic_dict.txt", "here"],
        ["models/svtrv2-1024/recognize_svtrv2.onnx", "missing"],
        ["models/svtrv2-1024/recognize_svtrv2_meta.yaml", "missing"],
        ["models/recognize_svtrv2_1024_sm86.engine", "missing"],
        ["models/recognize_svtrv2_1024_sm120.engine", "missing"],
    ]
    assert rows[1][2] == "nordocr export onnx --checkpoint runs/base-1024/best.safetensors"


def test_a_folder_or_nothing_as_output_means_the_guides_names(tmp_path: Path) -> None:
    assert is_root(tmp_path) and is_root(tmp_path / "models") and not is_root(tmp_path / "m.onnx")
    assert layout(768, tmp_path)[1][0] == tmp_path / "svtrv2-768" / "recognize_svtrv2.onnx"


def test_export_writes_to_the_guides_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    from nordocr.export import onnx as export
    from nordocr.export.parity import Parity

    monkeypatch.chdir(tmp_path)
    write_toy(tmp_path / "toy.onnx", Toy(spec=LineSpec(max_width=1024).to_json()))
    written: list[Path] = []

    def write(source: object, output: Path, **_: object) -> list[tuple[Path, Parity | str]]:
        written.append(output)
        return [(output, "fine")]

    monkeypatch.setattr(export, "write_fp32", write)
    nordocr(["export", "onnx", "--onnx", "toy.onnx"])
    nordocr(["export", "onnx", "--onnx", "toy.onnx", "--output", "elsewhere"])
    assert [path.as_posix() for path in written] == [
        "models/svtrv2-1024/recognize_svtrv2.onnx",
        "elsewhere/svtrv2-1024/recognize_svtrv2.onnx",
    ]
    capsys.readouterr()
    for preset, name in (("sm_86", "sm86"), ("sm_120", "sm120")):
        nordocr(["export", "tensorrt", "--onnx", "toy.onnx", "--preset", preset, "--print-trtexec", "11.0"])
        assert f"--saveEngine=models/recognize_svtrv2_1024_{name}.engine " in capsys.readouterr().out


def test_the_onnx_files_axes_have_the_guides_names(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from nordocr.model.network import build_model
    from nordocr.model.weights import save_weights

    save_weights(tmp_path / "w.safetensors", build_model("micro", 126), LineSpec(max_width=1024), {})
    from nordocr.export.source import from_checkpoint

    proto: onnx.ModelProto = from_checkpoint(tmp_path / "w.safetensors").proto
    names = [
        [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in (proto.graph.input[0], proto.graph.output[0])
    ]
    assert names == [["batch", 3, 32, "width"], ["batch", "seq_len", 126]]
