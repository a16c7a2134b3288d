"""OpenVINO on the real bundled architecture: a small random network whose weights do not matter, only agreement."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nordocr.errors import EngineUnavailable, ModelInvalid, ModelMissing
from nordocr.linespec import LineSpec
from nordocr.recognize.onnx import OnnxRecognizer

pytest.importorskip("openvino")

from nordocr.recognize.openvino import OpenVinoRecognizer
from nordocr.recognize.openvino_core import shared_core


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported micro model with random weights, LineSpec in its metadata."""
    torch = pytest.importorskip("torch")
    onnx = pytest.importorskip("onnx")
    from nordocr.export.source import trace
    from nordocr.model.network import build_model

    torch.manual_seed(4)
    proto = trace(build_model("micro").eval())
    onnx.helper.set_model_props(proto, {"linespec": LineSpec().to_json(), "precision": "fp32"})
    path = tmp_path_factory.mktemp("network") / "micro.onnx"
    onnx.save(proto, str(path))
    return path


def crops(count: int = 24) -> list[np.ndarray]:
    """Strokes at random places, crops of many widths and heights."""
    rng = np.random.default_rng(8)
    made = []
    for _ in range(count):
        image = np.full((int(rng.integers(24, 60)), int(rng.integers(40, 700))), 255, np.uint8)
        for left in rng.integers(0, image.shape[1] - 4, 30):
            image[6:-6, left : left + 3] = rng.integers(0, 120)
        made.append(image)
    return made


def scores_of(engine: OnnxRecognizer | OpenVinoRecognizer, width: int, lines: int = 3) -> np.ndarray:
    batch = np.random.default_rng(width).uniform(-1, 1, (lines, 3, 32, width)).astype(np.float32)
    return np.array(engine.scores(batch))


@pytest.mark.parametrize("shapes", ["dynamic", "rungs"])
def test_float32_scores_are_onnx_runtimes(network: Path, shapes: str) -> None:
    ours, theirs = OpenVinoRecognizer(network, threads=1, shapes=shapes), OnnxRecognizer(network, threads=1)
    for width in (64, 192):
        assert np.abs(scores_of(ours, width) - scores_of(theirs, width)).max() < 1e-4
    ours.close()


@pytest.mark.parametrize("shapes", ["dynamic", "rungs"])
def test_texts_are_onnx_runtimes_alone_in_batches_and_side_by_side(network: Path, shapes: str) -> None:
    lines = crops()
    expected = [line.text for line in OnnxRecognizer(network, threads=1).read(lines)]
    assert any(expected)
    for threads, area in ((1, 1), (3, 4096)):
        engine = OpenVinoRecognizer(network, threads=threads, batch_area=area, shapes=shapes, max_input_width=768)
        assert [line.text for line in engine.read(lines)] == expected
        assert [line.text for line in engine.read(lines)] == expected
        engine.close()


def test_a_closed_engine_does_not_read(network: Path) -> None:
    engine = OpenVinoRecognizer(network, threads=1)
    engine.close()
    engine.close()
    with pytest.raises(RuntimeError, match="closed"):
        engine.read(crops(1))


def test_bfloat16_is_used_or_refused(network: Path) -> None:
    if "BF16" not in shared_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        with pytest.raises(EngineUnavailable, match="has no bf16"):
            OpenVinoRecognizer(network, threads=1, precision="bf16")
        return
    half, full = OpenVinoRecognizer(network, threads=1, precision="bf16"), OpenVinoRecognizer(network, threads=1)
    difference = np.abs(scores_of(half, 128) - scores_of(full, 128)).max()
    assert 1e-5 < difference < 0.5  # another arithmetic, and nearly the same answer


def test_a_precision_that_would_not_be_used_is_refused(network: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"micro\.onnx runs in f32 under OpenVINO, not in int8"):
        OpenVinoRecognizer(network, threads=1, precision="int8")
    with pytest.raises(EngineUnavailable, match=r"computes in fp32 under ONNX Runtime, not in bf16"):
        OnnxRecognizer(network, threads=1, precision="bf16")
    assert OnnxRecognizer(network, threads=1, precision="f32").provider == "cpu"


def test_warming_up_runs_every_rung_up_to_the_ceiling(network: Path) -> None:
    engine = OpenVinoRecognizer(network, threads=1, max_input_width=120, shapes="rungs")
    assert list(engine.warm_up()) == [32, 64, 128]
    assert sorted(engine._compiled) == [32, 64, 128]


def test_an_ir_with_its_linespec_reads_and_damage_is_a_sentence(network: Path, tmp_path: Path) -> None:
    import openvino

    model = shared_core().read_model(str(network))
    model.set_rt_info(LineSpec(max_width=768).to_json(), ["nordocr", "linespec"])
    openvino.save_model(model, str(tmp_path / "micro.xml"), compress_to_fp16=False)
    assert OpenVinoRecognizer(tmp_path / "micro.xml", threads=1).spec.max_width == 768
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(network.read_bytes()[:-4000])
    with pytest.raises(ModelInvalid, match=r"cut\.onnx is not a model that OpenVINO can open") as caught:
        OpenVinoRecognizer(cut)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelMissing, match=r"no model file .*away\.xml"):
        OpenVinoRecognizer(tmp_path / "away.xml")


SIGNALLED = """
import gc, os, signal, sys
from pathlib import Path
from nordocr.recognize.openvino import OpenVinoRecognizer
signal.signal(signal.SIGUSR1, lambda *_: print("heard"))
first, second = (OpenVinoRecognizer(Path(sys.argv[1]), threads=1) for _ in range(2))
for engine in (first, second):
    engine.close()
del first, second, engine
gc.collect()
os.kill(os.getpid(), signal.SIGUSR1)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGUSR1")
def test_signals_are_heard_after_engines_were_closed_in_any_order(network: Path) -> None:
    """Two of OpenVINO's cores that go in the order of their coming leave the thread a freed stack for signals."""
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, str(network)], capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr
