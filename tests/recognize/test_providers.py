"""Execution providers: what is not there is named, what would fall back is refused, the fastest search is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from nordocr.errors import EngineUnavailable
from nordocr.recognize import providers


@pytest.fixture(scope="module")
def convolution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One convolution from ``input`` to ``output``, and a shape beside it."""
    weights = np.ones((2, 3, 3, 3), np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["input", "weights"], ["output"], pads=[1, 1, 1, 1]),
            helper.make_node("Shape", ["input"], ["shape"]),
        ],
        "convolution",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["b", 3, 32, "w"])],
        [
            helper.make_tensor_value_info("output", TensorProto.FLOAT, ["b", 2, 32, "w"]),
            helper.make_tensor_value_info("shape", TensorProto.INT64, [4]),
        ],
        [numpy_helper.from_array(weights, "weights")],
    )
    path = tmp_path_factory.mktemp("convolution") / "convolution.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return path


def on_the_cpu(path: Path) -> Callable[[Any], Any]:
    return lambda options: onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def test_heavy_work_on_another_provider_is_found_out(convolution: Path) -> None:
    shape = (1, 3, 32, 64)
    assert providers.work_elsewhere(on_the_cpu(convolution), "cpu", shape) == set()
    found = providers.work_elsewhere(on_the_cpu(convolution), "cuda", shape)
    assert any("Conv" in kind for kind in found)
    assert not any("Shape" in kind for kind in found)
    with pytest.raises(EngineUnavailable, match="elsewhere than on CUDAExecutionProvider"):
        providers.require_used(on_the_cpu(convolution), "cuda", shape)


def test_a_provider_that_was_left_out_is_refused(convolution: Path) -> None:
    session = on_the_cpu(convolution)(onnxruntime.SessionOptions())
    providers.require_started(session, "cpu")
    with pytest.raises(EngineUnavailable, match="could not start it"):
        providers.require_started(session, "cuda")


@pytest.mark.parametrize("provider", ["cuda", "tensorrt", "openvino"])
def test_a_provider_that_is_not_built_in_is_named_with_its_package(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(
        EngineUnavailable, match=f"has no {providers.PROVIDERS[provider]}.*{providers.PACKAGES[provider]}"
    ):
        providers.require_built(provider)


def test_the_fastest_search_is_measured_and_the_searching_run_does_not_count() -> None:
    costs = {"EXHAUSTIVE": [90.0, 1.0], "HEURISTIC": [0.0, 3.0], "DEFAULT": [0.0, 2.0]}
    now = 0.0
    runs: list[tuple[str, tuple[int, int]]] = []

    def run_with(search: str) -> Callable[[tuple[int, int]], object]:
        seen: set[tuple[int, int]] = set()

        def run(shape: tuple[int, int]) -> None:
            nonlocal now
            first, later = costs[search]
            now += later if shape in seen else first
            seen.add(shape)
            runs.append((search, shape))

        return run

    def ticks() -> Iterator[float]:
        while True:
            yield now

    clock = ticks()
    assert providers.fastest_conv_search(run_with, [(32, 128), (4, 1024)], lambda: next(clock)) == "EXHAUSTIVE"
    assert len(runs) == 3 * 2 * 4


def test_options_say_the_shapes_that_may_come() -> None:
    widths = (32, 128, 1792)
    own = providers.options_of("tensorrt", conv_search="DEFAULT", height=32, most_lines=64, widths=widths)
    assert own["trt_profile_min_shapes"] == "input:1x3x32x32"
    assert own["trt_profile_opt_shapes"] == "input:32x3x32x128"
    assert own["trt_profile_max_shapes"] == "input:64x3x32x1792"
    cuda = providers.options_of("cuda", conv_search="HEURISTIC", height=32, most_lines=64, widths=widths)
    assert cuda["cudnn_conv_algo_search"] == "HEURISTIC"
    assert providers.options_of("cpu", conv_search="", height=32, most_lines=64, widths=widths) == {}
