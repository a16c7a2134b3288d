"""How much arithmetic a line needs, and how much the machine can do in a second."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime


def flops(model: Path, width: int) -> float:
    """Multiplications and additions of all convolutions and matrix products for one line of ``width`` pixels.

    The shapes are those of a real run in which every operand is an output too.
    """
    proto = onnx.load(str(model))
    weights = {tensor.name: tuple(tensor.dims) for tensor in proto.graph.initializer}
    heavy = [node for node in proto.graph.node if node.op_type in {"Conv", "MatMul", "Gemm"}]
    known = {output.name for output in proto.graph.output} | {i.name for i in proto.graph.input} | set(weights)
    wanted = {name for node in heavy for name in (*node.input[:2], node.output[0])} - known
    proto.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in sorted(wanted))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    line = np.ones((1, 3, 32, width), np.float32)
    shapes = {"input": line.shape} | weights
    shapes |= {n: v.shape for n, v in zip(names, session.run(names, {"input": line}), strict=True)}
    total = 0.0
    for node in heavy:
        made, second = shapes[node.output[0]], shapes[node.input[1]]
        # A convolution's weights are [out, in / groups, kh, kw]; a product sums over the first operand's last axis.
        depth = int(np.prod(second[1:])) if node.op_type == "Conv" else shapes[node.input[0]][-1]
        total += 2.0 * float(np.prod(made)) * depth
    return total


def peak(kind: str, threads: int) -> float:
    """GFLOP/s of the best of ten products of two 2048 x 2048 matrices by PyTorch."""
    import torch

    torch.set_num_threads(threads)
    dtype = getattr(torch, kind)
    size, best = 2048, float("inf")
    a, b = torch.rand(size, size).to(dtype), torch.rand(size, size).to(dtype)
    for _ in range(11):
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best / 1e9


def shares(row: dict[str, Any], work: dict[int, float], peaks: dict[str, float]) -> dict[str, Any]:
    """The arithmetic of a rung's line, the rate that it was done at, and the share of the peak of its precision."""
    peak_of = {"peak_f32": f"{peaks['float32']:.0f}", "peak_bf16": f"{peaks['bfloat16']:.0f}"}
    if row["what"] != "rung":
        return peak_of
    needed = work[row["width"]] / 1e9
    rate = needed * float(row["lines_per_s"])
    reachable = peaks["bfloat16" if "bf16" in row["engine"] else "float32"]
    return peak_of | {
        "gflop_per_line": f"{needed:.3f}",
        "gflops": f"{rate:.1f}",
        "share_of_peak": f"{rate / reachable:.3f}",
    }
