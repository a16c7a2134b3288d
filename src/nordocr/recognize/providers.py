"""ONNX Runtime's execution providers: their options, and proof that the one which was asked for does the work.

ONNX Runtime falls back to the CPU, saying so only in its log, where a provider cannot start or lacks an operator. A run
that was meant for a GPU would then be fifty times slower and nobody would know why; so here it is an error.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime

from nordocr.errors import EngineUnavailable
from nordocr.recognize.contract import INPUT, OUTPUT

PROVIDERS: Final[Mapping[str, str]] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
"""Our names of the providers and ONNX Runtime's."""

PACKAGES: Final[Mapping[str, str]] = {
    "cuda": "onnxruntime-gpu",
    "tensorrt": "onnxruntime-gpu and TensorRT",
    "openvino": "onnxruntime-openvino",
}
"""What brings a provider, in place of the package onnxruntime."""

CONV_SEARCHES: Final = ("EXHAUSTIVE", "HEURISTIC", "DEFAULT")
"""How cuDNN may choose its convolutions: ``cudnn_conv_algo_search`` of the CUDA provider."""

_HEAVY: Final = ("Conv", "MatMul", "Gemm", "Attention")


def require_built(provider: str) -> str:
    """Return ONNX Runtime's name of a provider; :class:`EngineUnavailable` if this build does not have it."""
    name = PROVIDERS[provider]
    if name not in onnxruntime.get_available_providers():
        package = PACKAGES.get(provider, "onnxruntime")
        raise EngineUnavailable(f"This ONNX Runtime has no {name}, which {provider!r} needs: install {package}.")
    return name


def require_started(session: Any, provider: str) -> None:
    """Raise :class:`EngineUnavailable` if the session left the provider out because it could not start."""
    if PROVIDERS[provider] not in session.get_providers():
        raise EngineUnavailable(
            f"ONNX Runtime has {PROVIDERS[provider]} but could not start it (a driver or library is missing); "
            f"the model would run on the CPU."
        )


def options_of(
    provider: str, *, conv_search: str, height: int, most_lines: int, widths: Sequence[int]
) -> dict[str, str]:
    """Return the provider's options for batches of up to ``most_lines`` lines of the ``widths`` (pixels, rising)."""
    if provider == "cuda":
        return {"cudnn_conv_algo_search": conv_search, "cudnn_conv_use_max_workspace": "1"}
    if provider == "tensorrt":
        middle = widths[len(widths) // 2]
        return {
            "trt_profile_min_shapes": f"{INPUT}:1x3x{height}x{widths[0]}",
            "trt_profile_opt_shapes": f"{INPUT}:{max(1, most_lines // 2)}x3x{height}x{middle}",
            "trt_profile_max_shapes": f"{INPUT}:{most_lines}x3x{height}x{widths[-1]}",
            "trt_timing_cache_enable": "True",
        }
    return {"device_type": "CPU"} if provider == "openvino" else {}


def work_elsewhere(open_session: Callable[[Any], Any], provider: str, shape: tuple[int, int, int, int]) -> set[str]:
    """Find the heavy operators that do not run on ``provider``, by a profiled run.

    Args:
        open_session: Opens a session with the options that it is given.
        provider: One of :data:`PROVIDERS`.
        shape: The input's shape.

    Returns:
        The kinds of operators; shape arithmetic, which is meant to stay on the CPU, does not count.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(folder) / "run")
        session = open_session(options)
        session.run([OUTPUT], {INPUT: np.ones(shape, np.float32)})
        events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    wanted = PROVIDERS[provider]
    nodes = [event["args"] for event in events if event.get("cat") == "Node" and "provider" in event.get("args", {})]
    return {
        node["op_name"]
        for node in nodes
        if node["provider"] != wanted and any(kind in node["op_name"] for kind in _HEAVY)
    }


def require_used(open_session: Callable[[Any], Any], provider: str, shape: tuple[int, int, int, int]) -> None:
    """Raise :class:`EngineUnavailable` if matrix products or convolutions do not run on ``provider``."""
    elsewhere = work_elsewhere(open_session, provider, shape)
    if elsewhere:
        kinds = ", ".join(sorted(elsewhere))
        raise EngineUnavailable(
            f"ONNX Runtime would run {kinds} of this model elsewhere than on {PROVIDERS[provider]}."
        )


def fastest_conv_search(
    run_with: Callable[[str], Callable[[tuple[int, int]], object]],
    shapes: Sequence[tuple[int, int]],
    clock: Callable[[], float] = time.perf_counter,
) -> str:
    """Find the convolution search with which batches take the least time.

    The first run of a shape, in which cuDNN searches, does not count; of the next three the best does.

    Args:
        run_with: Opens the model with a search and returns a function that runs one batch.
        shapes: Number of lines and width in pixels of each batch.
        clock: Seconds, for tests.

    Returns:
        One of :data:`CONV_SEARCHES`.
    """
    seconds = {}
    for search in CONV_SEARCHES:
        run = run_with(search)
        seconds[search] = 0.0
        for shape in shapes:
            run(shape)
            times = []
            for _ in range(3):
                started = clock()
                run(shape)
                times.append(clock() - started)
            seconds[search] += min(times)
    return min(seconds, key=lambda search: seconds[search])
